"""A teacher's four minutes: who waits, what was said, an answer."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event, select, update

from bot.store.columns import new_id
from bot.store.people import Enrollment, Guardian, Guardianship, Section, Student
from bot.store.talk import Conversation, Inbox, Outbox
from tests.web.conftest import Site, text_of


def thread_of(site: Site, name: str) -> str:
    return f"/staff/families/{site.town.guardian(name).conversation}"


def test_who_wrote_and_waits_longest_first_in_english(any_site: Site) -> None:
    town = any_site.town
    town.guardian("Juliana").texts("O Lucas está doente hoje, o que faço?")
    town.clock.forward(hours=2)
    town.guardian("James").texts("When is the trip?")
    page = text_of(any_site.enter().get("/staff"))
    assert page.index("Juliana Ferreira") < page.index("James Carter") < page.index("Everyone else")
    assert "waiting for 2 hours" in page
    assert re.search(r"Lucas is (sick|ill)", page)
    assert any_site.audit("saw_today")[-1].detail["conversations"] == [
        town.guardian("Juliana").conversation,
        town.guardian("James").conversation,
    ]


def test_a_teacher_sees_the_families_of_her_own_sections_only(site: Site) -> None:
    site.town.guardian("Juliana").texts("Oi")
    site.town.guardian("Paulo").texts("Oi")  # his granddaughter is in Mr. Osei's section
    visitor = site.enter()
    page = text_of(visitor.get("/staff"))
    assert "Juliana Ferreira" in page
    assert "Paulo Andrade" not in page
    assert visitor.get(thread_of(site, "Juliana")).status_code == 200
    for path in ("", "/news"):
        assert visitor.get(thread_of(site, "Paulo") + path).status_code == 404
    for path in ("/reply", "/take-over", "/hand-back", "/texts/7/retry"):
        assert visitor.post(thread_of(site, "Paulo") + path, {"text": "Hi"}, page="/staff").status_code == 404
    assert visitor.get("/staff?q=Paulo").status_code == 200
    assert "Paulo Andrade" not in text_of(visitor.get("/staff?q=Paulo"))


def test_a_child_who_left_the_section_takes_its_family_along(site: Site) -> None:
    site.town.guardian("Juliana").texts("Oi")
    visitor = site.enter()
    with site.town.world.db.writing() as session:
        session.execute(update(Enrollment).values(active=False))
    assert visitor.get(thread_of(site, "Juliana")).status_code == 404


def test_every_look_at_a_thread_is_written_down(any_site: Site) -> None:
    any_site.town.guardian("Juliana").texts("Oi")
    any_site.enter().get(thread_of(any_site, "Juliana"))
    [look] = any_site.audit("read_thread")
    assert (look.staff_id, look.subject, look.subject_id) == (
        any_site.staff("teacher").id,
        "conversation",
        any_site.town.guardian("Juliana").conversation,
    )


def test_the_thread_shows_both_sides_with_language_direction_and_trust(site: Site) -> None:
    site.town.guardian("Juliana").texts("O Lucas leu três livros!")
    page = site.enter().get(thread_of(site, "Juliana")).text
    assert re.search(r'lang="pt" dir="ltr">O Lucas leu três livros!', page)
    assert re.search(r'lang="en" dir="ltr">Lucas read three books', page)
    words = text_of(page)
    assert "machine, unreviewed" in words
    assert "not yet approved by a speaker" in words
    assert "delivered" in words


def test_a_reply_in_english_reaches_the_mother_in_portuguese(any_site: Site) -> None:
    mother = any_site.town.guardian("Juliana")
    mother.texts("Ele pode levar um lanche na sexta-feira?")
    visitor, thread = any_site.enter(), thread_of(any_site, "Juliana")
    assert "Waiting for your answer" in text_of(visitor.get(thread))
    answer = visitor.post(f"{thread}/reply", {"text": "Yes, he may.", "do": "send", "once": "a"}, page=thread)
    assert answer.status_code == 303
    page = text_of(visitor.get(thread))
    assert "on its way" in page
    assert "Sim, ele pode" in page
    assert "Waiting for your answer" not in page
    any_site.town.settle()
    assert mother.last.body.startswith("Sim, ele pode")
    assert any_site.audit("replied")


def test_a_button_pressed_twice_answers_once(site: Site) -> None:
    site.town.guardian("Juliana").texts("Oi")
    visitor, thread = site.enter(), thread_of(site, "Juliana")
    for _press in range(2):
        visitor.post(f"{thread}/reply", {"text": "Good morning!", "do": "send", "once": "same"}, page=thread)
    with site.town.world.db.reading() as session:
        assert len(session.scalars(select(Outbox).where(Outbox.kind == "staff")).all()) == 1


def test_she_looks_at_the_family_s_version_before_it_goes(site: Site) -> None:
    site.town.guardian("Juliana").texts("Oi")
    visitor, thread = site.enter(), thread_of(site, "Juliana")
    answer = visitor.post(
        f"{thread}/reply", {"text": "See you on March 4 at 5:30 pm.", "do": "preview"}, page=thread
    )
    page = text_of(answer)
    assert "What the family will read" in page
    assert "Translated back" in page
    assert "See you on March 4 at 5:30 pm." in answer.text  # her own words are still in the field
    with site.town.world.db.reading() as session:
        assert session.scalars(select(Outbox).where(Outbox.kind == "staff")).all() == []


@pytest.mark.parametrize("text", ["", "   \n", "x" * 1001])
def test_nothing_and_too_much_are_not_sent(site: Site, text: str) -> None:
    site.town.guardian("Juliana").texts("Oi")
    visitor, thread = site.enter(), thread_of(site, "Juliana")
    assert visitor.post(f"{thread}/reply", {"text": text, "do": "send"}, page=thread).status_code == 422


def test_a_language_nobody_here_can_translate_is_said_plainly(site: Site) -> None:
    site.town.guardian("Mirlande").texts("Bonjou, kouman ou ye?")
    visitor, thread = site.enter(), thread_of(site, "Mirlande")
    assert "not translated" in text_of(visitor.get(thread))
    visitor.post(f"{thread}/reply", {"text": "The bus leaves early on Friday.", "do": "send"}, page=thread)
    page = text_of(visitor.get(thread))
    assert "kept and not sent" in page
    assert "held back" in page


def test_a_family_that_said_stop_is_not_written_to(site: Site) -> None:
    site.town.guardian("Juliana").texts("PARAR")
    visitor, thread = site.enter(), thread_of(site, "Juliana")
    page = visitor.get(thread)
    assert "asked us to stop texting" in text_of(page)
    assert 'name="text"' not in page.text
    assert visitor.post(f"{thread}/reply", {"text": "Hello", "do": "send"}, page=thread).status_code == 422


def test_a_text_that_failed_is_sent_again_once(site: Site) -> None:
    mother = site.town.guardian("Juliana")
    mother.texts("Oi")
    with site.town.world.db.writing() as session:
        row = session.scalars(select(Outbox).order_by(Outbox.seq).limit(1)).one()
        row.state, row.reason = (
            "undelivered",
            "The phone could not be reached; it may be off or out of range.",
        )
        failed = row.id
    visitor, thread = site.enter(), thread_of(site, "Juliana")
    page = text_of(visitor.get(thread))
    assert "did not arrive: The phone could not be reached" in page
    assert "Send again" in page
    before = len(mother.shows())
    for _press in range(2):
        visitor.post(f"{thread}/texts/{failed}/retry", page=thread)
    site.town.settle()
    assert len(mother.shows()) == before + 1
    assert "has been sent again already" in text_of(visitor.get(thread))


def test_taking_over_and_handing_back(site: Site) -> None:
    site.town.guardian("Juliana").texts("Oi")
    visitor, thread = site.enter(), thread_of(site, "Juliana")
    visitor.post(f"{thread}/take-over", page=thread)
    assert site.town.guardian("Juliana").row().staff_took_over_at
    assert "silent since" in text_of(visitor.get(thread))
    visitor.post(f"{thread}/hand-back", page=thread)
    assert site.town.guardian("Juliana").row().staff_took_over_at is None
    assert [event.action for event in (*site.audit("took_over"), *site.audit("handed_back"))] == [
        "took_over",
        "handed_back",
    ]


def test_what_the_family_hopes_stands_beside_the_thread(site: Site) -> None:
    mother = site.town.guardian("Juliana")
    mother.texts("Oi")
    mother.texts("Espero que o Lucas goste de ler e faça amigos")
    page = text_of(site.enter().get(thread_of(site, "Juliana")))
    hopes = page[page.index("Hopes they shared") :]
    assert "Espero que o Lucas goste de ler" in hopes
    assert "likes to read" in hopes or "enjoys reading" in hopes
    assert "Mother of Lucas Ferreira" in page


def test_unknown_senders_are_for_those_who_see_the_whole_school(any_site: Site) -> None:
    any_site.town.phone("+15555550199").texts("Hello, this is Emma's new uncle")
    stranger = f"/staff/families/{any_site.town.phone('+15555550199').conversation}"
    teacher, coordinator = any_site.enter(), any_site.enter("coordinator")
    assert "ending in 0199" not in text_of(teacher.get("/staff"))
    assert teacher.get(stranger).status_code == 404
    assert teacher.get("/staff/unknown-numbers").status_code == 403
    assert "ending in 0199" in text_of(coordinator.get("/staff"))
    assert "ending in 0199" in text_of(coordinator.get("/staff/unknown-numbers"))
    page = text_of(coordinator.get(stranger))
    assert "belongs to no family yet" in page
    assert "+15555550199" not in page


def test_a_leader_sees_numbers_and_no_names(site: Site) -> None:
    site.town.guardian("Juliana").texts("Oi, uma pergunta?")
    page = text_of(site.enter("leader").get("/staff"))
    assert (
        "families waiting for an answer 1" in page
        or "1 families waiting" in page
        or re.search(r"waiting for an answer\s+1", page)
    )
    assert "Juliana" not in page
    assert "Ferreira" not in page


def test_searching_finds_families_and_children(any_site: Site) -> None:
    visitor = any_site.enter("coordinator")
    assert "Carmen Morales" in text_of(visitor.get("/staff?q=diego"))
    assert "Carmen Morales" in text_of(visitor.get("/staff?q=CARMEN"))
    for odd in ("%25", "_", "%00%25", "'", "%F0%9F%98%80"):
        assert "No family or child" in text_of(visitor.get(f"/staff?q={odd}")), odd


def many_families(site: Site, number: int) -> None:
    with site.town.world.db.writing() as session:
        section = session.scalars(select(Section).where(Section.name.contains("Room 12"))).one()
        for index in range(number):
            student, guardian = new_id(), new_id()
            session.add(
                Student(id=student, school_id=section.school_id, given_name="Kid", family_name=f"No {index}")
            )
            session.add(Guardian(id=guardian, school_id=section.school_id, name=f"Parent {index:03}"))
            session.flush()
            session.add(Enrollment(student_id=student, section_id=section.id))
            session.add(Guardianship(guardian_id=guardian, student_id=student))


def test_a_long_list_comes_in_pages_that_lose_nobody(any_site: Site) -> None:
    many_families(any_site, 75)
    visitor, path, seen = any_site.enter(), "/staff", []
    for _page in range(10):
        page = visitor.get(path).text
        seen += re.findall(r'class="name"><bdi>(Parent \d{3})', page)
        more = re.search(r'href="([^"]+)">More families', page)
        if not more:
            break
        path = more.group(1).replace("&amp;", "&")
    assert seen == [f"Parent {index:03}" for index in range(75)]


def test_pages_cost_the_same_number_of_queries_however_many_families_there_are(site: Site) -> None:
    def queries(path: str) -> int:
        asked = []
        event.listen(site.town.world.db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
        assert visitor.get(path).status_code == 200
        return len([one for one in asked if not one.startswith(("BEGIN", "COMMIT"))])

    site.town.guardian("Juliana").texts("Oi")
    visitor, thread = site.enter(), thread_of(site, "Juliana")
    few = queries("/staff"), queries(thread)
    many_families(site, 60)
    for number in range(10):
        site.town.guardian("Juliana").texts(f"Oi {number}", turn=False)
    assert queries("/staff") <= few[0] * 3 <= 45  # each call adds one more listener: at most three of them
    assert few[1] <= 40


def test_a_long_thread_comes_in_pages_that_lose_no_text(any_site: Site) -> None:
    mother = any_site.town.guardian("Juliana")
    for number in range(95):
        mother.texts(f"texto número {number:03}", turn=False)
        any_site.town.clock.forward(seconds=1)
    visitor, path, seen = any_site.enter(), thread_of(any_site, "Juliana"), []
    for _page in range(10):
        page = visitor.get(path).text
        talk = page[page.index('class="talk"') :]
        seen += re.findall(r"texto número (\d{3})", talk[: talk.index("<aside")])
        more = re.search(r'href="([^"]+)">Older texts', page)
        if not more:
            break
        path = more.group(1)
    assert seen == [f"{number:03}" for number in reversed(range(95))]


def test_the_script_s_looks_are_written_down_only_when_there_is_something_new(site: Site) -> None:
    site.town.guardian("Juliana").texts("Oi")
    visitor, thread = site.enter(), thread_of(site, "Juliana")
    newest = re.search(r'data-newest="(\d+)"', visitor.get(thread).text)
    assert newest
    visitor.get(f"{thread}/news?seen={newest.group(1)}")
    assert len(site.audit("read_thread")) == 1
    site.town.guardian("Juliana").texts("Mais uma coisa")
    assert "Mais uma coisa" in visitor.get(f"{thread}/news?seen={newest.group(1)}").text
    assert len(site.audit("read_thread")) == 2


def test_an_erased_text_says_so(site: Site) -> None:
    site.town.guardian("Juliana").texts("Oi")
    with site.town.world.db.writing() as session:
        session.execute(update(Inbox).values(body=None, body_en=None))
    assert "This text was erased." in text_of(site.enter().get(thread_of(site, "Juliana")))


def test_a_page_address_that_somebody_made_up_is_the_first_page(any_site: Site) -> None:
    visitor = any_site.enter()
    for query in (
        "after=x",
        "after=~",
        "waits=2026~9",
        "waits=x~1",
        "after=a~99999999999999999999",
        "waits=2026-01-01~1",
    ):
        assert visitor.get(f"/staff?{query}").status_code == 200, query


def test_ids_beyond_the_database_are_no_pages(any_site: Site) -> None:
    visitor = any_site.enter()
    for number in ("9223372036854775808", "0", "-1", "99999999999999999999999", "1.5"):
        assert visitor.get(f"/staff/families/{number}").status_code == 404
    assert visitor.get(f"/staff/families/{2**63 - 1}").status_code == 404


def test_a_thread_of_another_school_is_not_there(site: Site) -> None:
    site.town.guardian("Juliana").texts("Oi")
    coordinator = site.staff("coordinator")
    visitor = site.enter("coordinator")
    from bot.store.people import School, Staff

    with site.town.world.db.writing() as session:
        other = School(id=new_id(), name="Elsewhere", time_zone="America/Chicago")
        session.add(other)
        session.flush()
        session.get_one(Staff, coordinator.id).school_id = other.id
    assert visitor.get(thread_of(site, "Juliana")).status_code == 404
    assert "Juliana" not in text_of(visitor.get("/staff"))
    with site.town.world.db.reading() as session:
        assert session.scalars(select(Conversation)).all()


def test_a_question_is_not_hidden_by_what_followed_it(site: Site) -> None:
    mother = site.town.guardian("Juliana")
    mother.texts("O Lucas vai ter prova na sexta?")
    mother.texts("Obrigada!")
    mother.texts("Beijos")
    today = site.enter().get("/staff")
    first = text_of(today).split("Waiting for you")[1].split("Everyone else")[0]
    assert "Friday" in first
    assert "and 2 more texts" in first
    answered = site.enter()
    form = re.search(r'action="(/staff/families/\d+/reply)"', today.text)
    assert form
    assert answered.post(form[1], {"text": "Yes, he has.", "do": "send"}, page="/staff").status_code == 303
    site.town.settle()
    assert mother.last.body.startswith("Sim")


def test_today_says_when_nothing_here_could_translate(site: Site) -> None:
    site.town.guardian("Mirlande").texts("Pitit mwen an malad jodi a")
    assert "not translated" in text_of(site.enter().get("/staff"))


def test_beside_the_thread_stands_where_the_conversation_is(site: Site) -> None:
    site.town.guardian("Juliana").texts("Oi")
    page = text_of(site.enter().get(thread_of(site, "Juliana")))
    assert re.search(r"Talking about now Welcome .*We asked last .*hopes and dreams for Lucas", page)
