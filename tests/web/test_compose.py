"""A teacher writes a prompt: sees what every family will read, and who will not get it, before anything is planned."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, update

from bot.store.drafts import PromptDraft
from bot.store.learning import LearningGoal
from bot.store.outreach import Prompt
from bot.store.people import Guardian, Section
from bot.store.talk import Conversation
from tests.web.conftest import Site, Visitor, text_of

WHEN = {"day": "2026-03-05", "at": "17:30"}


def begin(visitor: Visitor) -> str:
    """The address of a new draft."""
    return str(visitor.post("/staff/prompts/new", page="/staff/prompts").headers["Location"])


def section(site: Site, room: str) -> str:
    with site.town.world.db.reading() as session:
        return str(session.scalars(select(Section.id).where(Section.name.contains(room))).one())


def goal(site: Site) -> str:
    with site.town.world.db.reading() as session:
        return str(
            session.scalars(select(LearningGoal.id).where(LearningGoal.code == "reading.daily_20min")).one()
        )


def a_prompt(site: Site, **fields: str) -> dict[str, str]:
    return {
        "title": "Reading", "script": "reading_checkin", "goal": goal(site), "section": section(site, "Room 12"),
    } | WHEN | fields  # fmt: skip


def test_she_sees_what_each_family_reads_then_plans_it(any_site: Site) -> None:
    visitor = any_site.enter()
    draft = begin(visitor)
    page = visitor.post(draft, a_prompt(any_site, do="look"), page=draft).text
    assert "7 families get it" in text_of(page)
    assert re.search(r'lang="pt" dir="ltr">[^<]*Lucas leu', page)
    assert re.search(r'lang="ar" dir="rtl">', page)
    assert "Translated back" in text_of(page)
    planned = visitor.post(draft, a_prompt(any_site, do="make"), page=draft)
    assert planned.status_code == 303
    assert "Juliana Ferreira" in text_of(visitor.get(planned.headers["Location"]))
    with any_site.town.world.db.reading() as session:
        kept = session.scalars(select(Prompt)).one()
        assert str(kept.goal_id) == goal(any_site)
        assert session.scalars(select(PromptDraft)).all() == []
    assert "Reading" in text_of(visitor.get("/staff/prompts"))


def test_who_will_not_get_it_and_why(site: Site) -> None:
    site.town.guardian("Juliana").texts("PARAR")
    with site.town.world.db.writing() as session:
        session.execute(
            update(Guardian).where(Guardian.name == "James Carter").values(phone=None, phone_index=None)
        )
    visitor = site.enter()
    draft = begin(visitor)
    page = text_of(visitor.post(draft, a_prompt(site, do="look"), page=draft))
    assert "2 families do not get it" in page
    assert "The family asked for no more texts." in page
    assert "There is no phone number." in page
    assert "James Carter" in page


def test_every_button_keeps_what_was_typed(site: Site) -> None:
    visitor = site.enter()
    draft = begin(visitor)
    visitor.post(draft, {"title": "Half <written>", "words": "Dear all", "do": "find"}, page=draft)
    again = site.enter()
    assert "Half &lt;written&gt;" in again.get(draft).text
    assert "Half <written>" in text_of(again.get("/staff/prompts"))
    assert "Half" not in text_of(site.enter("coordinator").get("/staff/prompts"))
    assert site.enter("coordinator").get(draft).status_code == 404


def test_what_is_missing_is_said_and_nothing_is_made(site: Site) -> None:
    visitor = site.enter()
    draft = begin(visitor)
    for fields, says in (
        ({"title": ""}, "title"),
        ({"day": ""}, "day"),
        ({"at": "25:99"}, "time"),
        ({"at": "03:00"}, "quiet hours"),
        ({"day": "2020-01-01"}, "over"),
        ({"section": "12345"}, "your sections"),
        ({"script": "no-such-script"}, "no conversation"),
    ):
        page = text_of(visitor.post(draft, a_prompt(site, do="make", **fields), page=draft))
        assert says in page, (fields, page)
    with site.town.world.db.reading() as session:
        assert session.scalars(select(Prompt)).all() == []


def test_a_teacher_writes_to_her_own_sections_only(site: Site) -> None:
    visitor = site.enter()
    draft = begin(visitor)
    for fields in ({"section": section(site, "Room 8")}, {"everyone": "on"}):
        answer = visitor.post(draft, a_prompt(site, do="make", **fields), page=draft)
        assert "your sections" in text_of(answer)
    coordinator = site.enter("coordinator")
    draft = begin(coordinator)
    fields = {
        name: value for name, value in a_prompt(site, do="make", everyone="on").items() if name != "section"
    }
    assert coordinator.post(draft, fields, page=draft).status_code == 303


def test_words_that_could_be_plainer_are_mended_with_one_click(site: Site) -> None:
    visitor = site.enter()
    draft = begin(visitor)
    words = "Prior to the assessment, {child} needs assistance. Your child is struggling."
    page = visitor.post(draft, {"words": words, "do": "look"}, page=draft)
    assert "say “before”" in text_of(page)
    assert "starts from what is lacking" in text_of(page)
    mended = visitor.post(draft, {"words": words, "do": "mend:Prior to"}, page=draft).text
    assert "Before the assessment, {child}" in mended


def test_critical_content_waits_for_a_person(site: Site) -> None:
    visitor = site.enter()
    draft = begin(visitor)
    fields = a_prompt(
        site, script="", words="{child} has a fever. Can you come?", reason="health", goal="", do="look"
    )
    page = text_of(visitor.post(draft, fields, page=draft))
    assert "Waits for a reviewer" in page
    assert "An announcement" in page


def test_calling_it_off(any_site: Site) -> None:
    visitor = any_site.enter()
    draft = begin(visitor)
    prompt = visitor.post(draft, a_prompt(any_site, do="make"), page=draft).headers["Location"]
    assert visitor.post(f"{prompt}/call-off", page=prompt).status_code == 303
    assert "called off" in text_of(visitor.get("/staff/prompts"))


def test_prompts_of_others_are_not_hers_to_read_or_call_off(site: Site) -> None:
    coordinator = site.enter("coordinator")
    draft = begin(coordinator)
    prompt = coordinator.post(draft, a_prompt(site, do="make"), page=draft).headers["Location"]
    teacher = site.enter()
    assert teacher.get(prompt).status_code == 404
    assert teacher.post(f"{prompt}/call-off", page="/staff").status_code == 404
    assert coordinator.get(prompt).status_code == 200


def test_what_goes_out_today_stands_on_the_first_page(site: Site) -> None:
    visitor = site.enter()
    draft = begin(visitor)
    visitor.post(draft, a_prompt(site, do="make", day="2026-03-04"), page=draft)
    page = text_of(visitor.get("/staff"))
    assert "Going out today Reading 17:30" in page


def test_one_suggestion_when_several_families_say_the_same(site: Site) -> None:
    for name in ("Juliana", "Carmen"):
        phone = site.town.guardian(name)
        phone.texts("Oi" if name == "Juliana" else "Hola")
        phone.texts("Que seja feliz" if name == "Juliana" else "Que sea feliz")
        visitor, thread = site.enter(), f"/staff/families/{phone.conversation}"
        visitor.post(f"{thread}/begin", {"script": "reading_checkin", "once": name}, page=thread)
        site.town.settle()
        phone.texts("Ainda não" if name == "Juliana" else "Todavía no")
    page = text_of(site.enter().get("/staff"))
    assert "2 families said “not yet” about “Reading together this week”" in page


def test_gifts_of_the_families_stand_beside_it(site: Site) -> None:
    mother = site.town.guardian("Juliana")
    mother.texts("Oi")
    mother.texts("Que ele goste de ler")
    visitor = site.enter()
    page = text_of(visitor.get(begin(visitor)))
    assert "Juliana Ferreira" in page[page.index("What these families gave us") :]


@pytest.mark.parametrize(
    "after", ["x~y", "2026-03-04~", "2026-99-99~3", "~", "2026-03-04~99999999999999999999"]
)
def test_a_page_address_somebody_made_up(site: Site, after: str) -> None:
    assert site.enter().get("/staff/prompts", query_string={"after": after}).status_code == 200


def test_a_list_that_is_long_comes_in_pages(any_site: Site) -> None:
    visitor = any_site.enter("coordinator")
    with any_site.town.world.db.writing() as session:
        from bot.store.columns import new_id

        school = session.scalars(select(Section.school_id).limit(1)).one()
        now = any_site.town.clock()
        for number in range(65):
            session.add(
                Prompt(
                    id=new_id(), school_id=school, kind="prompt", title=f"Prompt {number:02}", script="reading_checkin",
                    audience={}, day=now.date(), at=now.time(), opens_at=now, closes_at=now, created_at=now,
                    state="cancelled",
                )
            )  # fmt: skip
    seen, path = [], "/staff/prompts"
    for _page in range(5):
        page = visitor.get(path).text
        seen += re.findall(r"<bdi>(Prompt \d\d)</bdi>", page)
        more = re.search(r'href="([^"]+)">Older', page)
        if not more:
            break
        path = more.group(1)
    assert sorted(seen) == [f"Prompt {number:02}" for number in range(65)]
    with any_site.town.world.db.reading() as session:
        assert session.scalars(select(Conversation)).all() == []


def test_one_click_mends_the_whole_text(site: Site) -> None:
    teacher = site.enter()
    page = begin(teacher)
    seen = teacher.post(
        page, a_prompt(site, script="", goal="", words="No school on Friday", do="look"), page=page
    )
    assert "Add a sentence that invites an answer" in text_of(seen)
    mended = teacher.post(
        page, a_prompt(site, script="", goal="", words="No school on Friday", do="fix:no_answer"), page=page
    )
    assert "No school on Friday. Any questions? Just write back.</textarea>" in mended.text


def test_she_tries_it_on_her_own_phone_before_any_family_gets_it(any_site: Site) -> None:
    teacher, town = any_site.enter(), any_site.town
    page = begin(teacher)
    fields = a_prompt(any_site)
    assert "name a phone of your own" in text_of(teacher.post(page, fields | {"do": "look"}, page=page))
    refused = teacher.post(page, fields | {"do": "try:pt"}, page=page)
    assert "Name a phone of your own first" in text_of(refused)
    account = "/staff/account"
    teacher.post(f"{account}/phone", {"number": "+1 555 555 0177"}, page=account)
    town.settle()
    phone = town.phone("+15555550177")
    code = re.search(r"\d{6}", phone.last.body)
    assert code
    teacher.post(f"{account}/phone/confirm", {"code": code[0]}, page=account)
    assert "Text it to my phone" in text_of(teacher.post(page, fields | {"do": "look"}, page=page))
    for _click in range(2):
        tried = teacher.post(page, fields | {"do": "try:pt", "once": "this click"}, page=page)
        assert "No family gets it" in text_of(tried)
    town.settle()
    assert [shown.language for shown in phone.shows()] == ["en", "pt"]
    assert "Lucas" in phone.last.body
    assert len(any_site.audit("tried_on_own_phone")) == 2
