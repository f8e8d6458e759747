"""A picture on a teacher's page: seen by those who may read the family, never run, every look in the log."""

from __future__ import annotations

import base64
import re

from sqlalchemy import select

from bot.channels.base import Media, TryLater
from bot.channels.media import Fetched, MediaRefused
from bot.delivery.pictures import MAX_ATTEMPTS, expect, fetch_media
from bot.records.privacy import everything, find
from bot.records.retention import Keep, retain
from bot.store.carriage import MediaRow
from tests.web.conftest import Site, text_of
from tests.web.test_staff import thread_of

DRAWING = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAEElEQVR4nGM4UWEDQQxwFgBcbAjp75nRIAAAAABJRU5ErkJggg=="
)
SENT = (
    Media("https://api.twilio.com/1", "image/png"), Media("https://api.twilio.com/2", "application/pdf"),
    Media("https://api.twilio.com/3", "text/html"), Media("https://api.twilio.com/4", "image/png"),
)  # fmt: skip


class Mailbox:
    """What the provider hands out for the four."""

    def fetch(self, media: Media, number: int) -> Fetched:
        match number:
            case 0:
                return Fetched("image/png", DRAWING)
            case 1:
                return Fetched("application/pdf", b"%PDF-1.4 a permission slip")
            case 2:
                raise MediaRefused("This kind of file is not kept.")
            case _:
                raise TryLater(503, "Twilio did not hand the picture out.")


def expect_pictures(site: Site) -> None:
    """The simulator has no pictures to fetch; a carrier's texts do this on arrival."""
    sent = site.town.guardian("Juliana").texts("O desenho do Lucas", media=SENT)
    with site.town.world.db.connection() as tx:
        expect(tx, sent, len(SENT), site.town.clock())


def send_pictures(site: Site) -> None:
    world = site.town.world
    expect_pictures(site)
    fetch_media(world.db, {"simulator": Mailbox()}, world.clock)


def test_a_teacher_sees_the_drawing_and_what_could_not_be_kept(any_site: Site) -> None:
    send_pictures(any_site)
    visitor = any_site.enter()
    page = visitor.get(thread_of(any_site, "Juliana"))
    addresses = re.findall(r'<img src="(/staff/pictures/\d+)"', page.text)
    assert len(set(addresses)) == 1
    words = text_of(page)
    for said in ("This kind of file is not kept.", "did not hand the picture out", "It is tried again."):
        assert said in words
    seen = visitor.get(addresses[0])
    assert (seen.status_code, seen.data, seen.mimetype) == (200, DRAWING, "image/png")
    assert seen.headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert seen.headers["X-Content-Type-Options"] == "nosniff"
    assert seen.headers["Content-Disposition"].startswith("inline")
    assert seen.headers["Cache-Control"] == "no-store"
    [slip] = set(re.findall(r'class="photo" href="(/staff/pictures/\d+)"', page.text))
    assert visitor.get(slip).headers["Content-Disposition"].startswith("attachment")
    assert [event.detail["media"] for event in any_site.audit("saw_picture")] == [
        int(address.rpartition("/")[2]) for address in (addresses[0], slip)
    ]


class ClosedMailbox:
    """The provider has a bad day."""

    def fetch(self, media: Media, number: int) -> Fetched:
        raise TryLater(503, "Twilio did not hand the picture out.")


def test_what_was_given_up_is_fetched_when_a_teacher_asks_for_it(any_site: Site) -> None:
    world = any_site.town.world
    expect_pictures(any_site)
    for _ in range(MAX_ATTEMPTS):
        fetch_media(world.db, {"simulator": ClosedMailbox()}, world.clock)
        any_site.town.clock.forward(hours=2)
    visitor, thread = any_site.enter(), thread_of(any_site, "Juliana")
    asking = re.findall(r'action="(/staff/pictures/\d+/again)"', visitor.get(thread).text)
    assert len(set(asking)) == len(SENT)
    stranger = any_site.visitor().enters_as(any_site.town.teacher("Osei"))
    assert stranger.post(asking[0]).status_code == 404
    assert "It is being fetched again." in text_of(visitor.post(asking[0], follow_redirects=True))
    fetch_media(world.db, {"simulator": Mailbox()}, world.clock)
    page = visitor.get(thread)
    assert len(set(re.findall(r'<img src="(/staff/pictures/\d+)"', page.text))) == 1
    assert "There is nothing to fetch any more." in text_of(visitor.post(asking[0], follow_redirects=True))
    assert len(any_site.audit("asked_for_picture")) == 1


def test_nobody_else_sees_it(site: Site) -> None:
    send_pictures(site)
    address = re.search(r'<img src="([^"]+)"', site.enter().get(thread_of(site, "Juliana")).text)
    assert address
    assert site.visitor().get(address.group(1)).status_code == 303
    assert site.enter("leader").get(address.group(1)).status_code == 403
    assert site.visitor().enters_as(site.town.teacher("Osei")).get(address.group(1)).status_code == 404
    assert len(site.audit("saw_picture")) == 0


def test_my_data_holds_the_pictures_and_age_erases_them(any_site: Site) -> None:
    send_pictures(any_site)
    db, town = any_site.town.world.db, any_site.town
    held = everything(db, find(db, town.guardian("Juliana").number), town.clock())
    assert [row["state"] for row in held.rows["media"]] == ["kept", "kept", "refused", "waiting"]
    assert held.rows["media"][0]["content"].startswith("iVBOR")
    town.clock.forward(days=400 + 10)
    for _ in range(3):
        retain(db, town.clock(), Keep(texts=1, receipts=1, strangers=9999, left=9999, audit=9999))
    with db.reading() as session:
        rows = session.scalars(select(MediaRow)).all()
    assert {(row.state, row.content) for row in rows} == {("erased", None)}
