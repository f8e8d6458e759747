"""The safety queue on the pages: for few eyes, every look written down, nothing told to teachers or the family."""

from __future__ import annotations

import re

from sqlalchemy import event, select

from bot.store.columns import new_id
from bot.store.people import School, Staff
from bot.store.safety import SafetyAlert
from tests.web.conftest import Site, text_of

DANGER = "I found her with cuts all over her arms"


def alert_of(site: Site) -> int:
    with site.town.world.db.reading() as session:
        return session.scalars(select(SafetyAlert.id).order_by(SafetyAlert.id.desc())).first() or 0


def test_a_coordinator_reads_why_sees_it_and_closes_it_with_a_reason(any_site: Site) -> None:
    any_site.town.guardian("Juliana").texts(DANGER)
    dana = any_site.enter("coordinator")
    assert "Urgent: now" in text_of(dana.get("/staff/safety"))
    path = f"/staff/safety/{alert_of(any_site)}"
    page = text_of(dana.get(path))
    assert re.search(
        r"In the text itself, “[^”]*cuts[^”]*” is one of our wordings \(English\) for: harming", page
    )
    assert len(any_site.audit("saw_safety_alert")) == len(any_site.audit("saw_safety_queue")) == 1
    assert "nobody is called again" in text_of(
        dana.post(path, {"do": "acknowledge"}, page=path, follow_redirects=True)
    )
    assert "why" in text_of(dana.post(path, {"do": "false_alarm"}, page=path, follow_redirects=True))
    done = {"do": "false_alarm", "words": "She fell off her <b>bike</b>"}
    page = dana.post(path, done, page=path, follow_redirects=True).text
    assert "&lt;b&gt;bike" in page
    assert "Nothing waits here." in text_of(dana.get("/staff/safety"))
    assert "false alarm" in text_of(dana.get("/staff/safety?show=settled"))


def test_a_teacher_reads_the_family_s_thread_and_is_not_told_of_an_alert(site: Site) -> None:
    juliana = site.town.guardian("Juliana")
    juliana.texts(DANGER)
    teacher = site.enter()
    page = text_of(teacher.get(f"/staff/families/{juliana.conversation}"))
    assert "cuts all over" in page
    assert not re.search("safety|alert|coordinator was told", page, re.IGNORECASE)
    assert teacher.get(f"/staff/safety/{alert_of(site)}").status_code == 403


def test_another_school_s_coordinator_finds_nothing(site: Site) -> None:
    site.town.guardian("Juliana").texts(DANGER)
    with site.town.world.db.writing() as session:
        school = School(id=new_id(), name="South", time_zone="America/Denver", sample=True)
        session.add(school)
        session.flush()
        other = Staff(
            id=new_id(), school_id=school.id, name="Sam South", email="sam@south.invalid", role="coordinator"
        )
        session.add(other)
    sam = site.visitor().enters_as(other)
    assert "Nothing waits here." in text_of(sam.get("/staff/safety"))
    path = f"/staff/safety/{alert_of(site)}"
    assert sam.get(path).status_code == 404
    sam.post(path, {"do": "handled", "words": "x"}, page="/staff")
    with site.town.world.db.reading() as session:
        assert session.get_one(SafetyAlert, alert_of(site)).settled_at is None


def test_the_queue_is_cut_into_pages_and_costs_the_same_however_long(any_site: Site) -> None:
    for name in ("Juliana", "Rami"):
        for _text in range(18):
            any_site.town.guardian(name).texts(DANGER, turn=False)
    any_site.town.guardian("Mirlande").texts("we have nothing to eat")
    dana = any_site.enter("coordinator")
    asked: list[str] = []

    def count(_c: object, _k: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(any_site.town.world.db.engine, "before_cursor_execute", count)
    page = dana.get("/staff/safety").text
    event.remove(any_site.town.world.db.engine, "before_cursor_execute", count)
    assert len([one for one in asked if one.lstrip().upper().startswith("SELECT")]) <= 8
    more = re.search(r'href="([^"]+after=[^"]+)"', page)
    assert more
    rest = dana.get(more.group(1).replace("&amp;", "&")).text
    seen = re.findall(r"/staff/safety/(\d+)", page) + re.findall(r"/staff/safety/(\d+)", rest)
    assert len(seen) == len(set(seen)) == 37
    assert "Need: this week" in text_of(rest)


def test_an_administrator_says_who_is_on_call(site: Site) -> None:
    admin, dana = site.enter("administrator"), site.staff("coordinator")
    path = "/staff/safety/on-call"
    wrong = admin.post(path, {"staff": str(dana.id), "on_call": "yes", "phone": "call me"}, page=path)
    assert wrong.status_code == 422
    admin.post(path, {"staff": str(dana.id), "on_call": "yes", "phone": "(555) 555-0142"}, page=path)
    assert "+15555550142" in admin.get(path).text
    assert admin.post(path, {"staff": str(site.staff("teacher").id)}, page=path).status_code == 422
    admin.post(path, {"staff": str(dana.id)}, page=path)
    assert "Nobody is on call yet" in text_of(admin.get(path))


def test_today_says_so_on_top_to_those_who_may_see_the_queue_and_to_nobody_else(site: Site) -> None:
    site.town.guardian("Juliana").texts("mi hijo dice que se quiere morir")
    today = site.enter("coordinator").get("/staff").text
    assert "1 text may mean danger: open Safety" in text_of(today)
    assert 'class="count"' in today
    teacher = site.enter().get("/staff").text
    assert "may mean danger" not in teacher
    assert 'class="count"' not in teacher
