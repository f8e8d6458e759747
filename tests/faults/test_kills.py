"""Processes die at any line, the provider has a bad evening, and every family is answered once and in order.

Short in CI, long with `make faults`. The undisturbed run of the same texts is the yardstick: what each family was
told must be the same, text for text. Other families say nothing, and get prompts meanwhile: each begins once.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.channels.base import Incoming, Medium
from bot.jobs import work
from bot.jobs.wiring import World
from bot.settings import load
from bot.store.columns import new_id
from bot.store.outreach import PromptRecipient
from bot.store.talk import Conversation, FlowSession, Inbox, Outbox
from tests.fake_twilio.plan import Mischief
from tests.faults.site import OUR_NUMBER, SILENT, enroll, killing, say, settings_for, site

pytestmark = [pytest.mark.faults, pytest.mark.model]

TEXTS = [
    "Oi! Ela vai ter aula na sexta-feira?",
    "Quero que ela aprenda a ler e seja feliz",
    "Muito obrigada!",
    "Ela leu 3 páginas ontem com a avó",
    "👍",
    "Até amanhã",
]


def bad_evening() -> Mischief:
    """Two requests in five meet a fault, and two of three receipts never come: only asking settles the rest."""
    return Mischief(0.4, seed=4, callbacks=("absent", "absent", "doubled"))


Told = dict[str, list[tuple[str | None, str | None]]]


def told(world: World, numbers: list[str]) -> Told:
    """What each of these families was told, in order: (line, language)."""
    vault, found = world.db.vault, {}
    with world.db.reading() as session:
        for conversation in session.scalars(select(Conversation)):
            rows = session.scalars(
                select(Outbox).where(Outbox.conversation_id == conversation.id).order_by(Outbox.seq)
            )
            number = vault.open(Conversation.address, conversation.id, conversation.address)
            if number in numbers:
                found[number] = [(row.line, row.language) for row in rows]
    return found


def not_asked_once(world: World, prompts: list[int], families: int) -> list[str]:
    """Prompts that did not begin exactly one conversation with each of the silent families, in words."""
    with world.db.reading() as session:
        begun = session.execute(
            select(FlowSession.cause, func.count(), func.count(FlowSession.conversation_id.distinct()))
            .where(FlowSession.cause.in_([f"prompt.{prompt}" for prompt in prompts]))
            .group_by(FlowSession.cause)
        ).all()
        left = session.execute(
            select(PromptRecipient.prompt_id, PromptRecipient.state, PromptRecipient.why).where(
                PromptRecipient.state != "fired"
            )
        ).all()
    wrong = [
        f"{cause}: {count} with {reached}"
        for cause, count, reached in begun
        if (count, reached) != (families,) * 2
    ]
    missing = {f"prompt.{prompt}" for prompt in prompts} - {cause for cause, _, _ in begun}
    return (
        wrong
        + [f"{cause}: nobody" for cause in sorted(missing)]
        + [f"prompt.{row[0]}: {row[1]}, {row[2]}" for row in left]
    )


def undisturbed(url: str, folder: Path, families: int) -> Told:
    """The same texts on a quiet day."""
    world = World.build(load(settings_for(url, folder), None))
    try:
        numbers = enroll(world, families)
        for number in numbers:
            for body in TEXTS:
                incoming = Incoming(f"quiet{new_id()}", Medium.SMS, OUR_NUMBER, number, body)
                work.take_turns(world, work.receive(world, incoming).conversation_id)
        return told(world, numbers)
    finally:
        world.close()


@pytest.fixture
def quiet_day(tmp_path: Path, sqlite_template: Path) -> str:
    copy = tmp_path / "quiet.db"
    copy.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{copy}"


def in_order(first: Inbox, second: Inbox) -> bool:
    """Two neighbours of one family: numbered one after the other, and handled so."""
    return (
        second.seq == first.seq + 1
        and first.handled_at is not None
        and second.handled_at is not None
        and first.handled_at <= second.handled_at
    )


def overtaken(sent: Sequence[Outbox], accepted: list[str]) -> list[str]:
    """Texts that the provider took before one that was written to the same family earlier. `sent` comes by family, in
    order; `accepted` are the refs as the provider took them."""
    place = {ref: at for at, ref in reversed(list(enumerate(accepted)))}
    return [
        later.ref
        for first, later in itertools.pairwise(row for row in sent if row.ref in place)
        if first.conversation_id == later.conversation_id and place[later.ref] < place[first.ref]
    ]


def test_nobody_is_lost_doubled_or_answered_out_of_order(
    database_url: str, quiet_day: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    long = bool(request.config.getoption("--long"))
    families, kills = (24, int(request.config.getoption("--kills"))) if long else (8, 8)
    chance = random.Random(20260304)
    kind = "SQLite" if database_url.startswith("sqlite") else "PostgreSQL"
    folder = tmp_path / "site"
    folder.mkdir()
    with site(database_url, folder, families, bad_evening()) as (here, numbers):
        rounds = max(1, kills // 25) if long else 1
        enroll(here.world, families, SILENT)
        prompts: list[int] = []
        began = time.monotonic()
        for _round in range(rounds):
            prompts.append(here.ask_the_silent())
            threads = here.pour(numbers, TEXTS, pause=0.3)
            killing(here, chance, kills // rounds, (0.3, 1.2))
            for thread in threads:
                thread.join()
            if long:
                done = sum(here.kills.values())
                say(f"  {kind}: {done} of {kills} kills, {time.monotonic() - began:.0f} s")
        here.wait_for_rest(300 if long else 120)
        with here.world.db.reading() as session:
            texts = session.scalars(select(Inbox).order_by(Inbox.conversation_id, Inbox.seq)).all()
            sent = session.scalars(select(Outbox).order_by(Outbox.conversation_id, Outbox.seq)).all()
        vault = here.world.db.vault
        expected = len(numbers) * len(TEXTS) * rounds
        unhandled = [text.id for text in texts if text.state != "done"]
        astray = [
            str(second.id)
            for first, second in itertools.pairwise(texts)
            if first.conversation_id == second.conversation_id and not in_order(first, second)
        ]
        astray += overtaken(sent, [entry["ref"] for entry in here.twilio.ledger.entries("accepted")])
        twice = {row.ref: n for row in sent if (n := here.twilio.times_accepted(row.ref)) > 1}
        lost = [row.ref for row in sent if row.state != "failed" and here.twilio.times_accepted(row.ref) == 0]
        missing = expected - len(texts)
        astray_prompts = not_asked_once(here.world, prompts, families)
        say(
            f"  {kind}: {sum(here.kills.values())} kills, {len(texts)} texts, {len(sent)} answers: {missing + len(lost)} "
            f"lost, {len(unhandled)} unhandled, {len(astray)} out of order, {len(twice)} sent twice; {len(prompts)} "
            f"prompts to {families} silent families, {len(astray_prompts)} not begun exactly once; "
            f"{time.monotonic() - began:.0f} s"
        )
        assert missing == 0, "every acknowledged text is stored once"
        assert unhandled == []
        assert astray == [], "a family's texts are handled, and answered, in order"
        bodies = [vault.open_or(Inbox.body, text.id, text.body) for text in texts]
        assert bodies == TEXTS * (len(numbers) * rounds)
        assert twice == {}, "nothing is sent twice through a provider that can be asked"
        assert lost == [], "nothing that counts as sent was never accepted"
        assert astray_prompts == [], "each prompt begins once with each family"
        if rounds == 1:
            assert told(here.world, numbers) == undisturbed(quiet_day, tmp_path, families)
        assert sum(here.kills.values()) == (kills // rounds) * rounds
