"""How families say which days are theirs, how they are called and what they speak; and what nobody should guess at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.days import days_named
from bot.conversation.snapshot import Family
from bot.conversation.wishes import NOTHING, UNCLEAR, Wish, name_in, wish_of


@pytest.mark.parametrize(
    ("words", "language", "days"),
    [
        ("los sábados no", "es", "sat"),
        ("lunes a miércoles", "es", "mon tue wed"),
        ("segunda-feira a sexta-feira", "pt", "mon tue wed thu fri"),
        ("sextas e domingos", "pt", "fri sun"),
        ("dimanch", "ht", "sun"),
        ("Mon jour de repos est dimanche", "fr", "sun"),
        ("الجمعة والسبت", "ar", "fri sat"),
        ("周五和周六", "zh-Hans", "fri sat"),
        ("星期日不要", "zh-Hant", "sun"),
        ("chủ nhật", "vi", "sun"),
        ("по пятницам", "ru", "fri"),
        ("у неділю", "uk", "sun"),
        ("월요일부터 수요일까지", "ko", "mon tue wed"),
        ("tuwing Linggo", "tl", "sun"),
        ("jimcaha", "so", "fri"),
        ("Ijumaa", "sw", "fri"),
        ("Fridays", "es", "fri"),
        ("weekends please", "en", "sat sun"),
        ("every day except Friday", "en", None),
        ("Ramadan", "en", None),
        ("money is tight", "en", None),
    ],
)
def test_days_in_every_catalog_language(words: str, language: str, days: str | None) -> None:
    assert days_named(words, (language,)) == (tuple(days.split()) if days else None)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Me llamo Doña Rosa", "Doña Rosa"),
        ("叫我小王", "小王"),
        ("меня зовут Ольга", "Ольга"),
        ("اسمي فاطمة", "فاطمة"),
        ("Imani!", "Imani"),
        ("I am the mother of Ana and of Diego and", None),
        ("call 415 555 0123", None),
        ("👍", None),
    ],
)
def test_a_name_is_kept_and_a_sentence_is_not(words: str, name: str | None) -> None:
    assert name_in(words) == name


def test_dates_that_stand_in_the_profile_outlive_an_answer_about_weekdays() -> None:
    family = Family(guardian_id=1, quiet_days=("fri", "2026-03-20"))
    assert wish_of("guardian.quiet_days", "lunes", "lunes", family, "es", bool) == Wish(
        {"quiet_days": ["mon", "2026-03-20"]}
    )
    assert wish_of("guardian.quiet_days", "none", None, family, "es", bool) == Wish(
        {"quiet_days": ["2026-03-20"]}
    )


def test_a_language_nothing_here_can_write_is_left_to_a_person() -> None:
    family = Family(guardian_id=1)
    assert wish_of("guardian.reads", "mam", "mam", family, "es", lambda _tag: False) == UNCLEAR
    assert wish_of("guardian.speaks", "mam", "mam", family, "es", bool) == Wish({"spoken_language": "mam"})
    assert wish_of("guardian.speaks", "mam y español", "mam y español", family, "es", bool) == UNCLEAR
    assert wish_of("family.hopes", "español", "español", family, "en", bool) == NOTHING


@given(
    st.text(max_size=80),
    st.sampled_from(["guardian.reads", "guardian.speaks", "guardian.address_as", "guardian.quiet_days"]),
)
def test_no_answer_is_too_odd(words: str, saved: str) -> None:
    wish = wish_of(saved, words, words, Family(guardian_id=1), "pt", lambda _tag: True)
    assert wish.unclear != bool(wish.columns)
