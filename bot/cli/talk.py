"""`bot chat`: write as a family in this terminal, through the same road as a carrier's webhook."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime

import click
import phonenumbers
from rich.console import Console
from sqlalchemy import select

from bot.channels.base import Incoming, Medium
from bot.cli.errors import Wrong
from bot.cli.prepare import prepare
from bot.cli.start import settings_of_this_process
from bot.jobs import work
from bot.jobs.wiring import World
from bot.store.columns import new_id
from bot.store.talk import Conversation, Outbox

PATIENCE_SECONDS = 20.0
"""How long an answer is waited for when another worker has the conversation."""


@click.command()
@click.option(
    "--from", "number", default="+15555550123", show_default=True, help="The number you write from."
)
def chat(number: str) -> None:
    """Write as a family; an empty line or Ctrl-D ends it.

    The text is stored, read, translated and answered exactly as if a carrier had brought it. Works beside a running
    `bot run`, and without one.
    """
    console = Console()
    address = "+" + "".join(char for char in number if char.isdigit())
    if not phonenumbers.is_possible_number(phonenumbers.parse(address)) or not number.strip().startswith("+"):
        raise Wrong(f"--from {number} is no phone number. Write one like +15555550123.")
    settings = settings_of_this_process("chat")
    if not settings.sample_school:
        raise Wrong("The simulator is only open in the sample school; SAMPLE_SCHOOL is false.")
    for _ in prepare(settings, datetime.now(UTC)):
        pass
    world = World.build(settings)
    try:
        _talk(console, world, address)
    finally:
        world.close()


def _talk(console: Console, world: World, address: str) -> None:
    shown = _already_shown(world, address)
    if sys.stdin.isatty():
        console.print(
            f"[dim]You are {address}, texting {world.settings.simulator_number}. Empty line: the end.[/dim]"
        )
    for line in iter(lambda: _read_line(console), ""):
        incoming = Incoming(
            f"chat-{new_id()}", Medium.SIMULATOR, world.settings.simulator_number, address, line
        )
        conversation_id = work.receive(world, incoming).conversation_id
        _handle(world, conversation_id)
        shown = _show(world, console, conversation_id, shown)


def _already_shown(world: World, address: str) -> int:
    """What this phone has got before is not shown again."""
    with world.db.reading() as session:
        return (
            session.scalar(
                select(Conversation.out_seq).where(
                    Conversation.address_index == world.db.vault.index(address),
                    Conversation.sender == world.settings.simulator_number,
                    Conversation.medium == Medium.SIMULATOR.value,
                )
            )
            or 0
        )


def _read_line(console: Console) -> str:
    try:
        return (
            console.input("[bold green]you[/] ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        )
    except EOFError:
        return ""


def _handle(world: World, conversation_id: int) -> None:
    """Take the turn here, unless a worker is at it already; then wait for that one."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        work.take_turns(world, conversation_id)
        for sender, medium in work.senders_waiting(world):
            if medium == Medium.SIMULATOR:
                work.send(world, sender, medium)
        if not _unfinished(world, conversation_id) or time.monotonic() > until:
            return
        time.sleep(0.05)


def _unfinished(world: World, conversation_id: int) -> bool:
    if conversation_id in work.conversations_waiting(world):
        return True
    with world.db.reading() as session:
        return (
            session.execute(
                select(Outbox.id)
                .where(
                    Outbox.conversation_id == conversation_id,
                    Outbox.state.in_(("ready", "sending")),
                    Outbox.not_before <= world.clock(),
                )
                .limit(1)
            ).first()
            is not None
        )


def _show(world: World, console: Console, conversation_id: int, shown: int) -> int:
    with world.db.reading() as session:
        rows = session.scalars(
            select(Outbox)
            .where(Outbox.conversation_id == conversation_id, Outbox.state == "delivered", Outbox.seq > shown)
            .order_by(Outbox.seq)
        ).all()
    for row in rows:
        shown = row.seq
        console.print(f"[bold cyan]{row.language or '?':>3}[/] ", end="")
        console.print(world.db.vault.open_or(Outbox.body, row.id, row.body), markup=False, highlight=False)
    return shown
