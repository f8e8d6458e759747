"""The pages in the reader's language."""

from __future__ import annotations

import pytest

from bot.language.catalog import placeholders
from tests.web.conftest import Site, text_of
from tests.web.msgids import POT, msgids, pot


@pytest.mark.parametrize("language", ["ar"])
def test_every_sentence_of_the_pages_is_in_the_catalog_with_its_placeholders(
    site: Site, language: str
) -> None:
    catalog = site.town.world.catalogs["web"]
    for msgid in msgids():
        entry = catalog.entry(msgid, language)
        assert entry is not None, f"{language} lacks: {msgid}"
        for form in entry.forms:
            assert placeholders(form) <= placeholders(msgid) | {"n"}, form
            assert placeholders(msgid) - {"n"} <= placeholders(form), form


def test_the_language_is_chosen_once_and_kept(site: Site) -> None:
    visitor = site.visitor()
    page = visitor.get("/?lang=ar").text
    assert '<html lang="ar" dir="rtl">' in page
    assert "bootstrap.rtl.min.css" in page
    assert '<html lang="ar" dir="rtl">' in visitor.get("/sign-in").text
    assert '<html lang="en" dir="ltr">' in visitor.get("/sign-in?lang=en").text


@pytest.mark.parametrize("wish", ["xx", "", "../../etc", "AR<script>", "ar\x00"])
def test_a_language_that_is_none_changes_nothing(site: Site, wish: str) -> None:
    answer = site.visitor().get("/", query_string={"lang": wish})
    assert '<html lang="en" dir="ltr">' in answer.text
    assert "lang=" not in "".join(answer.headers.getlist("Set-Cookie"))


def test_the_browser_s_own_wish_is_heard(site: Site) -> None:
    assert (
        '<html lang="ar"'
        in site.visitor().get("/", headers={"Accept-Language": "ar-EG,ar;q=0.9,en;q=0.5"}).text
    )


def test_names_in_sentences_are_escaped(site: Site) -> None:
    with site.app.test_request_context("/"):
        from bot.web.words import translate

        assert str(translate("{name}’s phone", name="<b>")) == "&lt;b&gt;’s phone"
        assert str(translate("A picture", "{n} pictures", n=3)) == "3 pictures"


def test_arabic_counts_in_six_ways(site: Site) -> None:
    with site.app.test_request_context("/?lang=ar"):
        from bot.web.words import translate

        forms = {str(translate("A picture", "{n} pictures", n=number)) for number in (1, 2, 3, 11)}
        assert len(forms) == 4


def test_errors_speak_the_reader_s_language_too(site: Site) -> None:
    visitor = site.visitor()
    visitor.get("/?lang=ar")
    answer = visitor.get("/no-such-page")
    assert answer.status_code == 404
    assert "لا توجد صفحة كهذه" in text_of(answer)


def test_the_template_of_the_catalogs_is_what_the_pages_say() -> None:
    assert POT.read_text("utf-8") == pot(), "run `python -m tests.web.msgids`"
