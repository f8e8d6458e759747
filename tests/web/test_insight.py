"""The pages of insight: numbers without small groups, gaps as the school's tasks, what families told us."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from bot.insight.pulse import CS
from bot.jobs import work
from bot.store.columns import new_id
from bot.store.people import School, Section
from bot.store.talk import FlowRevision
from tests.insight.families import NOW, Place
from tests.insight.test_phrasing import model, says
from tests.web.conftest import Site, text_of


def place_in(site: Site) -> Place:
    """The sample school, to be filled with families; its clock is the real one, as ids are."""
    site.town.clock.at = NOW + timedelta(minutes=1)
    found = object.__new__(Place)
    found.db, found.revision, found.texts = site.town.world.db, new_id(), 0
    with found.db.reading() as session:
        found.school = session.scalars(select(School.id)).one()
    found.teacher = site.staff("teacher").id
    found.add(FlowRevision, id=found.revision, name="reading", sha256="x", yaml="{}", created_at=NOW)
    return found


@contextmanager
def counted(site: Site) -> Iterator[list[str]]:
    """The questions that the pages ask the database meanwhile."""
    asked: list[str] = []

    def note(*args: object) -> None:
        if not str(args[2]).startswith(("BEGIN", "COMMIT")):
            asked.append(str(args[2]))

    event.listen(site.town.world.db.engine, "before_cursor_execute", note)
    yield asked
    event.remove(site.town.world.db.engine, "before_cursor_execute", note)


def two_languages(place: Place) -> None:
    """Fifteen families who read Spanish answer; of fifteen who read Somali, nobody does."""
    for _ in range(15):
        talk = place.family("es")
        place.gets(talk)
        place.writes(talk, "Sí")
        place.gets(place.family("so"))


# --- equity ---------------------------------------------------------------------------------------------------------


def test_a_gap_is_found_by_night_and_a_coordinator_says_what_the_school_does(any_site: Site) -> None:
    two_languages(place_in(any_site))
    while work.reckon(any_site.town.world):
        pass
    dana = any_site.enter("coordinator")
    page = text_of(dana.get("/staff/equity"))
    assert "Families who read Somali write back less (0%" in page
    assert "Look at what we send" in page
    assert text_of(dana.get("/staff/equity?by=channel")).count("text message (SMS)") == 7
    alert = dana.get("/staff/equity").text.partition("/staff/equity/alerts/")[2].partition('"')[0]
    path = f"/staff/equity/alerts/{alert}"
    empty = dana.post(path, {"outcome": " "}, page="/staff/equity", follow_redirects=True)
    assert "Please write what the school does" in empty.text
    done = dana.post(
        path, {"outcome": "Amina calls them on Thursday."}, page="/staff/equity", follow_redirects=True
    )
    assert "Noted" in done.text
    assert "write back less" not in done.text
    assert dana.post(path, {"outcome": "Again"}, page="/staff/equity").status_code == 404
    assert any_site.audit("settled_alert")


def test_a_leader_sees_numbers_without_names_from_one_kept_row(site: Site) -> None:
    place = place_in(site)
    two_languages(place)
    leader = site.enter("leader")
    first = leader.get("/staff/equity").text
    assert "Somali" in first
    assert "Ana Ruiz" not in first
    place.family("vi")
    with counted(site) as asked:
        assert leader.get("/staff/equity").status_code == 200
    assert len(asked) <= 4  # who asks, the numbers, the alerts
    leader.post(
        "/staff/equity/reckon", page="/staff/equity"
    )  # too soon: the numbers are a minute old at most
    site.town.clock.forward(minutes=5)
    assert leader.post("/staff/equity/reckon", page="/staff/equity").status_code == 303
    table = leader.get("/staff/equity/equity.csv")
    assert table.mimetype == "text/csv"
    assert "language,so,16,0.938,0.000" in table.text.replace("\r\n", "\n")


@pytest.mark.parametrize("address", ["?days=9999&by=names", "?days=28;drop&school=7", "?days=%00&by=%F0"])
def test_odd_addresses_show_the_usual_page(site: Site, address: str) -> None:
    assert site.enter("leader").get(f"/staff/equity{address}").status_code == 200


def test_the_district_office_looks_at_one_school_or_at_all_but_at_no_other(site: Site) -> None:
    place = place_in(site)
    two_languages(place)
    other = new_id()
    place.add(School, id=other, name="Lakeside", time_zone="America/New_York", sample=True)
    real = new_id()
    place.add(School, id=real, name="A real school", time_zone="America/New_York")
    office = site.enter("district")
    page = text_of(office.get("/staff/equity?by=school"))
    assert "All schools" in page
    assert "Lakeside" in page
    assert "A real school" not in page
    assert office.get(f"/staff/equity?school={place.school}").status_code == 200
    assert office.get(f"/staff/equity?school={real}").status_code == 404
    assert office.post("/staff/equity/alerts/7", page="/staff/equity").status_code == 403


# --- partnership and staff's own page -------------------------------------------------------------------------------


def test_the_conditions_stand_beside_what_both_sides_say_of_themselves(any_site: Site) -> None:
    place = place_in(any_site)
    two_languages(place)
    for _ in range(12):
        talk = place.family("es")
        for c in CS:
            place.answers(talk, f"family.pulse_{c}", number=4)
    teacher = any_site.enter("teacher")
    teacher.post("/staff/my-week/pulse", {"connection": "5", "capability": "9"}, page="/staff/my-week")
    leader = any_site.enter("leader")
    with counted(any_site) as asked:
        first = leader.get("/staff/partnership")
    page = text_of(first)
    assert "Reached families that wrote to us" in page.replace("reached", "Reached")
    assert "Connections: whom we know fewer than ten 4 (12)" in page
    assert (
        page.count("fewer than ten") >= 4 + 8
    )  # nobody's start; and one teacher's answer is nobody's to see
    with counted(any_site) as asked:
        assert leader.get("/staff/partnership").status_code == 200
    assert len(asked) <= 4
    assert "minutes of staff time" in leader.get("/staff/partnership/partnership.csv").text


def test_what_a_teacher_learned_is_hers_and_the_school_only_counts_it(any_site: Site) -> None:
    place_in(any_site)
    teacher, words = any_site.enter("teacher"), "Lucas counts in <b>two</b> languages with his grandmother"
    teacher.post(
        "/staff/my-week/thought", {"learned": words, "next_step": "Let him count"}, page="/staff/my-week"
    )
    assert "two&lt;/b&gt; languages" in teacher.get("/staff/my-week").text
    assert (
        "sentence is enough"
        in teacher.post(
            "/staff/my-week/thought", {"learned": " "}, page="/staff/my-week", follow_redirects=True
        ).text
    )
    teacher.post("/staff/my-week/pulse", {"connection": "2"}, page="/staff/my-week")
    assert re.search(r'name="connection" value="2" checked', teacher.get("/staff/my-week").text)
    any_site.town.clock.forward(minutes=5)
    coordinator = any_site.enter("coordinator")
    assert "Lucas counts" not in coordinator.get("/staff/my-week").text
    page = text_of(coordinator.get("/staff/partnership"))
    assert re.search(r"what a family taught them \d+% 1 of \d", page)
    assert "Lucas counts" not in page


# --- summaries ------------------------------------------------------------------------------------------------------


def a_term_of_talk(place: Place) -> tuple[int, int]:
    """Three families about fractions; a question nobody answers; a promise. Returns a conversation and its text."""
    ana, rosa, lan = (
        place.family(name="Ana Ruiz"),
        place.family(name="Rosa Paz"),
        place.family("vi", name="Lan Tran"),
    )
    text = place.answers(
        ana, "family.hard_part", "Las fracciones <b>cuestan</b>", english="Fractions <b>are</b> hard"
    )
    place.answers(
        rosa, "family.hard_part", "=HYPERLINK(1) la fracción", english="=HYPERLINK(1) the fraction homework"
    )
    place.answers(lan, "family.hard_part", "Phân số", language="vi", english="Fractions every evening")
    for talk in (ana, rosa):
        place.answers(talk, "family.last_reading", "sí", choice="read_well")
    place.writes(ana, "¿Cuándo es la feria?", "When is the fair?", notes=["question"])
    place.teacher_writes(rosa, "I will send the worksheet home on Friday. Thank you!")
    place.gives(lan, "strength", "Con biết nấu phở", "My child can cook phở")
    place.tries(rosa, "Fractions at home")
    return ana, text


def test_a_coordinator_reads_what_families_told_with_every_claims_texts(any_site: Site) -> None:
    place = place_in(any_site)
    ana, text = a_term_of_talk(place)
    dana = any_site.enter("coordinator")
    source = dana.get("/staff/summaries").text
    page = text_of(source)
    for said in (
        "fraction",
        "3 families",
        "Las fracciones <b>cuestan</b>",
        "Fractions <b>are</b> hard",
        "read well 2",
        "When is the fair?",
        "nobody has answered yet",
        "I will send the worksheet home on Friday.",
        "a strength",
        "My child can cook phở",
        "Fractions at home",
        "tried it: 1",
        "without a model: 7 texts",
    ):
        assert said in page, said
    assert "<b>cuestan" not in source
    assert 'lang="vi" dir="ltr">Phân số' in source
    link = f"/staff/families/{ana}/texts/in/{text}"
    assert link in source
    thread = dana.get(link, follow_redirects=True)
    assert f'id="text-in-{text}"' in thread.text
    assert dana.get(f"/staff/families/{ana}/texts/out/{text}").status_code == 404
    behind = text_of(dana.get("/staff/summaries/answers?field=family.last_reading&choice=read_well"))
    assert behind.count("sí") == 2
    assert "Ana Ruiz" in behind
    looked = any_site.audit("read_summary")
    assert all(ana in event.detail["conversations"] for event in looked)
    table = dana.get("/staff/summaries/summary.csv").text
    assert "'=HYPERLINK(1)" in table
    assert ",=HYPERLINK" not in table
    assert any_site.audit("downloaded_summary")


def test_claims_are_hidden_shown_again_and_said_in_other_words(site: Site) -> None:
    place = place_in(site)
    a_term_of_talk(place)
    dana, path = site.enter("coordinator"), "/staff/summaries/claims"
    assert (
        "Please write the new words"
        in dana.post(
            path, {"claim": "theme:fraction", "kind": "edit"}, page="/staff/summaries", follow_redirects=True
        ).text
    )
    words = {"claim": "theme:fraction", "kind": "edit", "words": "Fractions in the evening"}
    assert (
        "Fractions in the evening"
        in dana.post(path, words, page="/staff/summaries", follow_redirects=True).text
    )
    hide = {"claim": "answer:family.last_reading", "kind": "hide"}
    hidden = dana.post(path, hide, page="/staff/summaries", follow_redirects=True).text
    assert "read well" not in hidden.partition("Hidden by us")[0]
    assert "read well" not in text_of(site.enter("teacher").get("/staff/summaries"))
    shown = dana.post(path, hide | {"kind": "show"}, page="/staff/summaries", follow_redirects=True).text
    assert "read well" in shown
    assert dana.post(path, {"claim": "x", "kind": "correction"}, page="/staff/summaries").status_code == 404
    assert site.enter("teacher").post(path, hide, page="/staff").status_code == 403
    assert len(site.audit("changed_summary")) == 3


def test_a_teacher_reads_her_own_sections_and_no_others(site: Site) -> None:
    place = place_in(site)
    ana, _text = a_term_of_talk(place)
    teacher = site.enter("teacher")
    assert "Ana Ruiz" not in teacher.get("/staff/summaries").text  # in none of her sections
    assert teacher.get(f"/staff/families/{ana}/summary").status_code == 404
    section = new_id()
    place.add(Section, id=section, school_id=place.school, name="Grade 9")
    assert teacher.get(f"/staff/summaries?section={section}").status_code == 404
    assert teacher.get(f"/staff/summaries/summary.csv?conversation_id={ana}").status_code == 404
    mother = site.town.guardian("Juliana")
    mother.texts("O Lucas gosta de ler com a avó")
    page = text_of(teacher.get(f"/staff/families/{mother.conversation}/summary?days=365"))
    assert "What we understood from Juliana" in page
    with counted(site) as asked:
        assert teacher.get("/staff/summaries").status_code == 200
    assert len(asked) <= 25


# --- who has not been heard from ------------------------------------------------------------------------------------


def test_on_friday_every_quiet_family_is_on_the_list_once_with_a_next_step(any_site: Site) -> None:
    place = place_in(any_site)
    long_ago = NOW - timedelta(days=40)
    place.family(name="Talks Often", last_in_at=NOW - timedelta(days=2))
    place.family(name="Has Stopped", last_in_at=long_ago, opted_out_at=long_ago)
    place.family(name="Waits Still", last_in_at=long_ago, awaits_staff_since=long_ago)
    broken = place.family(name="Broken Number", last_in_at=long_ago)
    place.gets(broken, state="undelivered", at=NOW - timedelta(days=1))
    with place.db.connection() as tx:
        tx.exec_driver_sql("UPDATE guardian SET phone_index = CAST(CAST(id AS VARCHAR) AS BYTEA)"
                           if not place.db.is_sqlite else "UPDATE guardian SET phone_index = CAST(id AS BLOB)")  # fmt: skip
    for number in range(40):
        place.family(None, talks=False, name=f"Never Wrote {number:02}")
    dana, path, seen, pages = any_site.enter("coordinator"), "/staff/quiet?days=28", [], ""
    for _page in range(5):
        with counted(any_site) as asked:
            page = dana.get(path).text
        assert len(asked) <= 14
        pages += text_of(page)
        seen += re.findall(r"<bdi>((?:Never|Has|Waits|Broken|Talks) \w+(?: \d\d)?)</bdi>", page)
        more = re.search(r'href="([^"]+after=[^"]+)"', page)
        if more is None:
            break
        path = more.group(1).replace("&amp;", "&")
    wanted = [f"Never Wrote {number:02}" for number in range(40)] + [
        "Has Stopped",
        "Waits Still",
        "Broken Number",
    ]
    assert sorted(seen) == sorted(wanted)
    assert seen[-3:] == ["Has Stopped", "Waits Still", "Broken Number"]
    for said in (
        "They asked for no more texts.",
        "nobody has answered yet. Answer first.",
        "did not arrive. Check the number",
        "We have no number for texts.",
        "never heard",
    ):
        assert said in pages, said
    assert re.search(r"Of \d+ families, \d+ have never written to us; 3 more not in this time", pages)
    assert any_site.audit("saw_quiet")


def test_a_teachers_friday_is_about_her_own_families(site: Site) -> None:
    place_in(site).family(name="Somebody Elses")
    page = site.enter("teacher").get("/staff/quiet").text
    assert "Juliana Ferreira" in page
    assert "Somebody Elses" not in page
    assert "Nobody has written to them yet. Say hello." in page
    assert site.enter("teacher").get("/staff/quiet?section=7").status_code == 404


def test_a_districts_own_model_may_phrase_a_summary_and_invents_nothing(site: Site) -> None:
    a_term_of_talk(place_in(site))
    dana, path = site.enter("coordinator"), "/staff/summaries/phrase"
    assert "own model" not in dana.get("/staff/summaries").text
    assert dana.post(path, page="/staff/rounds").status_code == 404
    answer = "Three families find fractions hard [m1, m2]. They are all unhappy [m77]."
    with model(says(answer)) as (url, asked):
        more = {"summary_model_url": url, "summary_model_hosts": ("127.0.0.1",), "summary_model": "small"}
        settings = site.town.world.settings.model_copy(update=more)
        object.__setattr__(site.town.world, "settings", settings)
        page = dana.post(path, page="/staff/summaries").text
        assert "Three families find fractions hard." in page
        assert "unhappy" not in page
        assert "One sentence that rested on no text was dropped." in page
        assert len(asked) == 1
    gone = dana.post(path, page="/staff/summaries").text
    assert "The model gave nothing that can be used." in gone
    assert "read well" in gone
    assert len(site.audit("phrased_summary")) == 2


def test_a_mother_texts_what_we_understood_wrongly_and_it_stands_beside_the_summary(site: Site) -> None:
    mother = site.town.guardian("Juliana")
    mother.texts("Oi, sou a mãe do Lucas")
    mother.texts("Que ele goste de ler")
    mother.texts("Correção!")
    assert "O que entendemos errado?" in mother.last.body
    mother.texts("O Lucas não tem medo, ele é só calado")
    assert "ao lado do que escrevemos" in mother.last.body
    site.town.clock.forward(minutes=5)
    page = text_of(site.enter("coordinator").get("/staff/summaries"))
    beside = page.partition("What families say we understood wrongly")[2]
    assert "O Lucas não tem medo, ele é só calado" in beside
    assert page.count("O Lucas não tem medo") == 1
    dana = site.enter("coordinator")
    own = f"/staff/families/{mother.conversation}"
    assert "não tem medo" in dana.get(f"{own}/summary").text
    site.town.clock.forward(hours=1)
    asked = dana.post(
        f"{own}/begin", {"script": "correction", "once": "x"}, page=f"{own}/summary", follow_redirects=True
    )
    assert "It has begun." in asked.text
