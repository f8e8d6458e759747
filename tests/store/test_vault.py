"""What is sealed stays sealed: nobody who steals the database, or swaps rows in it, reads a family."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from bot.store.columns import KEY_BYTES, Key, Vault, VaultError, make_ids, new_id, parse_keys
from bot.store.database import Database
from bot.store.people import Guardian, School
from bot.store.talk import Conversation, Inbox, Outbox

INDEX = bytes(range(KEY_BYTES))


@given(words=st.text(st.characters(exclude_categories=())), row=st.integers(0, 2**63 - 1))
def test_any_text_comes_back_as_it_was(words: str, row: int) -> None:
    vault = Vault([Key("a", bytes(KEY_BYTES))], INDEX)
    assert vault.open(Inbox.body, row, vault.seal(Inbox.body, row, words)) == words


def test_a_text_moved_to_another_row_or_column_does_not_open() -> None:
    vault = Vault([Key.new()], INDEX)
    sealed = vault.seal(Inbox.body, 1, "Minha filha está doente")
    for column, row in ((Inbox.body, 2), (Inbox.body_en, 1), (Outbox.body, 1)):
        with pytest.raises(VaultError, match="does not open") as caught:
            vault.open(column, row, sealed)
        assert "filha" not in str(caught.value)


def test_a_changed_or_cut_ciphertext_does_not_open() -> None:
    vault = Vault([Key.new()], INDEX)
    sealed = vault.seal(Inbox.body, 1, "hola")
    for damaged in (sealed[:-1] + bytes([sealed[-1] ^ 1]), sealed[:3], b"", b"\x07" + sealed[1:]):
        with pytest.raises(VaultError):
            vault.open(Inbox.body, 1, damaged)


def test_after_a_rotation_old_texts_open_and_new_ones_use_the_new_key() -> None:
    old, new = Key.new(), Key.new()
    before = Vault([old], INDEX)
    after = Vault([new, old], INDEX)
    sealed = before.seal(Inbox.body, 1, "oi")
    assert after.open(Inbox.body, 1, sealed) == "oi"
    assert Vault.key_of(after.seal(Inbox.body, 1, "oi")) == new.id
    with pytest.raises(VaultError, match="DATA_KEYS does not have"):
        Vault([new], INDEX).open(Inbox.body, 1, sealed)
    assert before.index("+15555550123") == after.index("+15555550123")


@pytest.mark.parametrize(
    ("setting", "says"),
    [("short:YWJj", "entry 1 is wrong"), ("nocolon", "entry 1"), (Key("a", b"x" * 32).text() + "," + Key("a", b"y" * 32).text(), "twice")],
)  # fmt: skip
def test_a_malformed_key_setting_is_named(setting: str, says: str) -> None:
    with pytest.raises(VaultError, match=says):
        parse_keys(setting)


def test_plain_text_cannot_slip_into_a_sealed_column(db: Database) -> None:
    def store_it_plain() -> None:
        with db.writing() as session:
            session.add(School(id=1, name="Lincoln", time_zone="America/Chicago"))
            session.add(Guardian(id=2, school_id=1, name="Ana", phone="+15555550123", phone_index=b"x"))

    with pytest.raises(StatementError, match=r"takes only what Vault\.seal made") as caught:
        store_it_plain()
    assert "5555550123" not in str(caught.value)


def test_no_number_and_no_word_lies_readable_in_the_file(db: Database, vault: Vault) -> None:
    now, row = datetime(2026, 3, 4, tzinfo=UTC), new_id()
    with db.writing() as session:
        session.add(
            Conversation(
                id=row, medium="sms", sender="+15555550100", address=vault.seal(Conversation.address, row, "+15555550123"),
                address_index=vault.index("+15555550123"), created_at=now,
            )
        )  # fmt: skip
    with db.reading() as session:
        stored = session.execute(text("SELECT address FROM conversation")).scalar_one()
        assert b"5555550123" not in bytes(stored)
        found = session.get_one(Conversation, row)
        assert vault.open(Conversation.address, row, found.address) == "+15555550123"
        assert found.created_at == now


def test_ids_fit_64_bits_grow_with_time_and_last() -> None:
    early = make_ids(lambda: 1_790_000_000_000, lambda bits: 2**bits - 1)()
    late = make_ids(lambda: 1_790_000_000_001, lambda bits: 0)()
    end_of_the_century = make_ids(lambda: 3_900_000_000_000, lambda bits: 2**bits - 1)()
    assert 0 < early < late < end_of_the_century < 2**63


def test_a_process_never_gives_an_id_twice_in_a_busy_millisecond_or_when_the_clock_is_set_back() -> None:
    times = iter([1_790_000_000_000] * 500 + [1_789_000_000_000] * 500)
    make = make_ids(lambda: next(times), lambda bits: 7)
    ids = [make() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert ids == sorted(ids)


def test_one_damaged_text_on_a_page_does_not_hide_the_others() -> None:
    vault = Vault([Key.new()], INDEX)
    sealed = vault.seal(Inbox.body, 1, "hola")
    assert vault.show(Inbox.body, 1, sealed) == "hola"
    assert vault.show(Inbox.body, 2, sealed) == "\N{REPLACEMENT CHARACTER}"
    assert vault.show(Inbox.body, 1, None) == ""
