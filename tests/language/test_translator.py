"""A teacher writes, a mother reads; the real model is between them and must not touch what matters."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.language.catalog import Origin
from bot.language.checks import Doubt
from bot.language.engines.bergamot import BergamotEngine
from bot.language.engines.router import Router
from bot.language.translation import Translation
from bot.language.translator import Translator

pytestmark = pytest.mark.model


def one(
    translator: Translator, text: str, source: str = "en", target: str = "pt", **more: object
) -> Translation:
    [made] = translator.translate([text], source, target, **more)
    return made


def test_a_mother_reads_when_and_where_by_her_own_clock(translator: Translator) -> None:
    made = one(translator, "Hello Mrs. Lopez, the meeting is on March 4 at 5:30 pm in room 204B.")
    assert "17:30" in made.text
    assert "4 de março" in made.text
    assert "Lopez" in made.text
    assert "204B" in made.text
    assert (made.origin, made.engine, made.doubts) == (Origin.MACHINE, "bergamot", ())
    assert made.model
    assert made.says() == "machine, unreviewed"


def test_links_phones_addresses_and_placeholders_come_through_as_they_were(translator: Translator) -> None:
    kept = ["https://school.org/a_b?x=1", "555-123-4567", "office@lincoln.org", "{guardian}"]
    made = one(translator, f"Hello {kept[3]}, see {kept[0]}, call {kept[1]} or write to {kept[2]}.")
    assert all(part in made.text for part in kept)
    assert set(kept) <= set(made.protected)


def test_line_breaks_lists_and_emoji_stay_where_they_were(translator: Translator) -> None:
    made = one(translator, "Please bring:\n- a pencil ✏️\n- a coat\n\nThank you! 😊")
    lines = made.text.split("\n")
    assert [line[:2] for line in lines[1:3]] == ["- ", "- "]
    assert lines[1].endswith("✏️")
    assert made.text.endswith("😊")


def test_what_is_no_language_never_reaches_the_model(translator: Translator) -> None:
    for text in ("😀😀", "123", "", "   ", "17:30", "https://school.org"):
        made = one(translator, text)
        assert (made.text, made.origin, made.missing) == (text, Origin.NONE, False)


def test_a_source_equal_to_its_target_comes_back_untouched(translator: Translator) -> None:
    made = one(translator, "Bom dia, tudo bem?", "pt-BR", "pt")
    assert (made.text, made.why, made.missing) == ("Bom dia, tudo bem?", "same_language", False)


def test_where_no_engine_serves_the_family_nothing_is_sent_in_another_language(
    translator: Translator,
) -> None:
    made = one(translator, "School is closed.", "en", "so")
    assert (made.text, made.origin, made.missing, made.why) == ("", Origin.NONE, True, "no_engine")
    assert made.says() == "not translated"


def test_the_language_is_found_when_nobody_says_it(translator: Translator) -> None:
    made = one(translator, "Ela leu 3 vezes com a avó às 17h30 👍", "auto", "en", prior="pt")
    assert made.source == "pt"
    assert "5:30 PM" in made.text
    assert "3" in made.text
    assert made.text.endswith("👍")


def test_a_glossary_word_is_this_communitys_word(translator: Translator) -> None:
    made = one(translator, "Report cards go home on Friday.", glossary={"report cards": "boletins"})
    assert made.text.startswith("Boletins")


def test_the_same_text_for_many_families_is_translated_once(translator: Translator) -> None:
    many = translator.translate(["School is closed on Friday."] * 1000, "en", "pt")
    assert len({id(made) for made in many}) == 1


def test_control_characters_and_lone_surrogates_do_no_harm(translator: Translator) -> None:
    made = one(translator, "School is\x00 closed\u202e on \ud800Friday.")
    assert "sexta" in made.text
    assert "\x00" not in made.text


def test_a_twenty_thousand_character_paste_is_cut_and_said(translator: Translator) -> None:
    from bot.language import units as module

    made = one(translator, "Yes. " * (module.MAX_TEXT // 5 + 10))
    assert Doubt.TOO_LONG in made.doubts


def test_a_truncated_model_falls_to_plainly_not_translated(tmp_path: Path) -> None:
    broken = tmp_path / "en-es"
    broken.mkdir()
    (broken / "model.enes.bin").write_bytes(b"not a model")
    (broken / "vocab.enes.spm").write_bytes(b"nor a vocabulary")
    engine = BergamotEngine([tmp_path])
    made = one(Translator(Router([engine])), "Hello there", "en", "es")
    engine.close()
    assert (made.text, made.why) == ("", "engine_failed")
