"""A grandmother sends a photo of the book: it is fetched after her text is safe, kept sealed, and given up honestly."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from bot.channels.base import Incoming, Media, Medium
from bot.channels.twilio import TwilioConfig
from bot.channels.twilio_media import TwilioMedia
from bot.conversation.receive import receive
from bot.delivery.pictures import MAX_ATTEMPTS, fetch_media
from bot.records.pictures import erase, kept
from bot.store.carriage import MediaRow
from bot.store.columns import Key, Vault
from bot.store.rotation import keys_in_use, reseal
from bot.store.wake import NoWake
from tests.delivery.conftest import OURS, PostOffice

GRANDMOTHER = "+15555550162"
PHOTO = b"\xff\xd8\xff\xe0 the very hungry caterpillar \x00\x80\xfe"


class Album:
    def __init__(self, office: PostOffice) -> None:
        self.office, self.count = office, 0
        twilio = office.twilio
        self.source = TwilioMedia(
            TwilioConfig(twilio.account_sid, (twilio.auth_token,), api_base=twilio.url, timeout_seconds=1)
        )

    def sends(self, *media: tuple[bytes, str], url: str | None = None) -> int:
        self.count += 1
        sent = tuple(Media(url or self.office.twilio.keep_media(*one), one[1]) for one in media)
        incoming = Incoming(f"M{self.count}", Medium.SMS, OURS, GRANDMOTHER, "Look!", sent)
        return receive(self.office.db, incoming, self.office.clock(), NoWake()).inbox_id

    def fetch(self) -> int:
        return fetch_media(self.office.db, {"sms": self.source}, self.office.clock)

    def rows(self, inbox_id: int) -> list[MediaRow]:
        with self.office.db.reading() as session:
            return list(
                session.scalars(
                    select(MediaRow).where(MediaRow.inbox_id == inbox_id).order_by(MediaRow.number)
                )
            )


@pytest.fixture
def album(office: PostOffice) -> Album:
    return Album(office)


def test_a_photo_is_kept_sealed_and_opens_only_in_its_own_place(album: Album) -> None:
    sent = album.sends((PHOTO, "image/jpeg"), (b"MZ", "application/x-msdownload"))
    assert [row.state for row in album.rows(sent)] == ["waiting", "waiting"], "nothing is fetched on arrival"
    assert album.fetch() == 2
    photo, program = album.rows(sent)
    assert (photo.state, photo.content_type, photo.size) == ("kept", "image/jpeg", len(PHOTO))
    assert (program.state, program.reason) == ("refused", "This kind of file is not kept.")
    found = kept(album.office.db, photo.id)
    assert found is not None
    assert found.content == PHOTO
    with album.office.db.reading() as session:
        stored = session.execute(text("SELECT content FROM media WHERE state = 'kept'")).scalar_one()
    assert b"caterpillar" not in bytes(stored)
    assert album.fetch() == 0


def test_the_same_text_delivered_twice_brings_one_photo(album: Album) -> None:
    sent = album.sends((PHOTO, "image/jpeg"))
    album.count -= 1
    assert album.sends((PHOTO, "image/jpeg")) == sent
    assert len(album.rows(sent)) == 1


def test_a_provider_that_is_away_is_asked_again_and_then_it_is_said(album: Album) -> None:
    sent = album.sends((PHOTO, "image/jpeg"), url=f"{album.office.twilio.url}/gone")
    album.fetch()
    assert album.rows(sent)[0].state == "waiting"
    assert album.fetch() == 0, "not at once"
    for _ in range(MAX_ATTEMPTS):
        album.office.clock.forward(hours=1)
        album.fetch()
    row = album.rows(sent)[0]
    assert (row.state, row.attempts, row.reason) == (
        "failed",
        MAX_ATTEMPTS,
        "Twilio did not hand the picture out.",
    )


def test_a_fetcher_that_died_is_replaced_when_its_lease_is_over(album: Album) -> None:
    album.sends((PHOTO, "image/jpeg"))
    with album.office.db.connection() as tx:  # what a fetcher commits before it calls the provider
        tx.execute(
            text("UPDATE media SET attempts = 1, next_at = :until"),
            {"until": (album.office.clock() + timedelta(minutes=3)).replace(tzinfo=None)}
            if album.office.db.is_sqlite
            else {"until": album.office.clock() + timedelta(minutes=3)},
        )
    assert album.fetch() == 0
    album.office.clock.forward(minutes=4)
    assert album.fetch() == 1


def test_what_is_erased_stays_erased(album: Album) -> None:
    sent = album.sends((PHOTO, "image/jpeg"))
    album.fetch()
    with album.office.db.connection() as tx:
        erase(tx, [sent])
    row = album.rows(sent)[0]
    assert (row.state, row.content) == ("erased", None)
    assert kept(album.office.db, row.id) is None


def test_photos_get_the_new_key_too(album: Album) -> None:
    sent = album.sends((PHOTO, "image/jpeg"))
    album.fetch()
    db = album.office.db
    old, new = db.vault, Key.new()
    db.vault = Vault([new], bytes(32))
    db.vault._ciphers = old._ciphers | db.vault._ciphers
    assert sum(reseal(db)) > 0
    assert set(keys_in_use(db)) == {new.id}
    found = kept(db, album.rows(sent)[0].id)
    assert found is not None
    assert found.content == PHOTO
