"""`bot demo`: one mother, one teacher, two weeks in half a minute, on the real parts.

A database of its own in a temporary folder, the real migrations, catalogs, conversations and translation model, and
a clock that the story moves. Every message travels the road of a carrier's webhook. Each scene is checked: a demo
that shows the wrong thing ends with status 1.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.align import Align
from rich.console import Console
from rich.panel import Panel
from rich.text import Text
from sqlalchemy import select

from bot.channels.base import Incoming, Medium
from bot.conversation.reply import send_reply
from bot.jobs import work
from bot.jobs.wiring import World, ensure_senders
from bot.outreach.prompts import begin
from bot.records.sample import seed
from bot.settings import load
from bot.store.learning import Answer, GoalProgress, LearningGoal
from bot.store.migrate import upgrade
from bot.store.people import Guardian, Guardianship, Staff, Student
from bot.store.talk import Conversation, Inbox, Outbox

MOTHER = "+15555550123"
START = datetime(2026, 3, 4, 22, 30, tzinfo=UTC)  # a Wednesday, half past five in New York


@dataclass
class Story:
    """The stage: a World whose clock the story moves, and what was shown so far."""

    world: World
    clock: StoryClock
    console: Console
    shown: int = 0
    texts: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def conversation(self) -> int:
        with self.world.db.reading() as session:
            return session.execute(select(Conversation.id)).scalar_one()

    def scene(self, title: str, later: timedelta = timedelta(0)) -> None:
        """A new scene, `later` than the last one; what is due by then happens first."""
        self.clock.at += later
        local = self.clock.at.astimezone(_zone(self.world))
        self.console.print()
        self.console.rule(Text(f"{local:%A %d %B, %H:%M} · {title}", style="bold"), align="left", style="dim")
        self.settle()

    def mother(self, words: str) -> None:
        """The mother texts; the worker takes her turn; what she gets is shown."""
        self.texts += 1
        incoming = Incoming(
            f"demo-{self.texts}", Medium.SIMULATOR, self.world.settings.simulator_number, MOTHER, words
        )
        received = work.receive(self.world, incoming)
        work.take_turns(self.world, received.conversation_id)
        with self.world.db.reading() as session:
            row = session.get_one(Inbox, received.inbox_id)
            vault = self.world.db.vault
            english = vault.open(Inbox.body_en, row.id, row.body_en) if row.body_en else "(not translated)"
            self._bubble(
                "Juliana",
                words,
                english,
                f"read as {row.language or '?'}, {row.origin or 'as it is'}",
                "green",
            )
            self.expect(row.state == "done", f"the text {words!r} was handled")
            self.expect(row.language in ("pt", None), f"{words!r} was taken for {row.language}")
        self.settle()

    def teacher(self, words: str) -> None:
        """The teacher answers in English."""
        with self.world.db.reading() as session:
            teacher = session.scalars(select(Staff).where(Staff.role == "teacher").order_by(Staff.id)).first()
            assert teacher is not None
        self._bubble(teacher.name, words, None, "writes in English", "magenta")
        self.texts += 1
        send_reply(self.world.desk, self.conversation, teacher.id, words, f"demo{self.texts}")
        self.settle()

    def settle(self) -> None:
        """Let timers ring and texts go out until nothing is left to do at this moment."""
        while work.fire_timers(self.world):
            pass
        for sender, medium in work.senders_waiting(self.world):
            while work.send(self.world, sender, medium).count:
                pass
        self._show_new()

    def _show_new(self) -> None:
        vault = self.world.db.vault
        with self.world.db.reading() as session:
            rows = session.scalars(
                select(Outbox)
                .where(Outbox.state == "delivered", Outbox.seq > self.shown)
                .order_by(Outbox.seq)
            ).all()
        for row in rows:
            self.shown = row.seq
            body = vault.open_or(Outbox.body, row.id, row.body)
            english = vault.open(Outbox.original, row.id, row.original) if row.original else None
            words = {"catalog": "written by people", "machine": "machine translation", "staff": "as written"}
            how = f"{words.get(row.origin, row.origin)}, {row.segments} segment{'s' * (row.segments != 1)}"
            self._bubble("Juliana's phone", body, english, how, "cyan", right=True)
            self.expect(row.language == "pt", f"her phone got a text in {row.language}")

    def _bubble(
        self, who: str, words: str, english: str | None, how: str, colour: str, right: bool = False
    ) -> None:
        content = Text(words)
        if english is not None and english != words:
            content.append(f"\n{english}", style="dim italic")
        panel = Panel(
            content, title=who, subtitle=how, title_align="left", subtitle_align="right", border_style=colour,
            width=min(72, self.console.width - 6),
        )  # fmt: skip
        self.console.print(Align.right(panel) if right else panel)

    def expect(self, true: bool, what: str) -> None:
        """The story only counts when this holds."""
        if not true:
            self.faults.append(what)


class StoryClock:
    """A clock that the story moves."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


def _zone(world: World) -> ZoneInfo:
    return ZoneInfo(world.settings.school_time_zone)


def play(story: Story) -> None:
    """The story itself."""
    story.scene("Juliana writes to the school for the first time")
    story.mother("Oi, boa tarde! Sou a mãe do Lucas. Ele vai ter aula na sexta-feira?")
    story.expect(story.shown >= 2, "the first text was answered by the welcome")
    story.scene("She tells what she hopes for", timedelta(minutes=4))
    story.mother("Quero que ele goste de ler e que nunca tenha vergonha de perguntar")
    story.scene("The teacher has four minutes", timedelta(minutes=11))
    story.teacher(
        "Thank you for telling me, Juliana! Yes, there is class on Friday at 8:15 am. Lucas asks great questions."
    )
    story.scene("A week later: the reading goal", timedelta(days=7))
    _begin_checkin(story)
    story.scene("She works nights; one reminder is enough", timedelta(hours=21))
    story.mother("um pouco 😅")
    story.mother("sim, vou tentar no sábado")
    story.scene("Two days later the bot asks how it went", timedelta(days=2, minutes=5))
    story.mother("Foi bom! Ele leu 3 páginas pra avó")
    _check_memory(story)


def _begin_checkin(story: Story) -> None:
    with story.world.db.reading() as session:
        student = session.execute(
            select(Student.id)
            .join(Guardianship, Guardianship.student_id == Student.id)
            .join(Guardian, Guardian.id == Guardianship.guardian_id)
            .join(Conversation, Conversation.guardian_id == Guardian.id)
        ).scalar_one()
        goal = session.execute(
            select(LearningGoal.id).where(LearningGoal.code == "reading.daily_20min")
        ).scalar_one()
    begin(story.world.desk, story.conversation, "reading_checkin", "demo.week2", student, goal)
    story.settle()


def _check_memory(story: Story) -> None:
    """What the school knows afterwards: the answers, and a step towards the goal."""
    vault = story.world.db.vault
    with story.world.db.reading() as session:
        answers = {
            row.field: row.choice or vault.open_or(Answer.words, row.id, row.words)
            for row in session.scalars(select(Answer).order_by(Answer.at))
        }
        progress = session.scalars(select(GoalProgress)).all()
    story.console.print()
    story.console.rule(Text("What the school remembers", style="bold"), align="left", style="dim")
    for name, value in answers.items():
        story.console.print(f"  {name}: [bold]{value}[/bold]")
    for step in progress:
        story.console.print(f"  goal {step.goal}: [bold]{step.did}[/bold]")
    story.expect(answers.get("family.last_reading") == "a_bit", "“um pouco” was understood as a little")
    story.expect(answers.get("family.reading_try") == "went_well", "“Foi bom!” was understood")
    story.expect("vergonha" in str(answers.get("family.hopes")), "the hope was kept in her own words")
    story.expect(any(step.did == "tried" for step in progress), "the goal has a step")


@click.command()
def demo() -> None:
    """Play one whole conversation: a mother who reads Portuguese, a teacher who reads English."""
    console = Console()
    with tempfile.TemporaryDirectory(prefix="puente-demo-") as folder:
        problems = run(console, Path(folder))
    if problems:
        for problem in problems:
            console.print(f"[red]not as it should be:[/red] {problem}")
        raise SystemExit(1)
    console.print("\n[dim]Nobody here exists. `make run` opens the same in the browser.[/dim]")


def run(console: Console, folder: Path) -> list[str]:
    """Play the story in `folder`; returns what was not as it should be."""
    settings = load({"DATABASE_URL": f"sqlite:///{folder}/demo.db", "VAR": str(folder)}, None)
    clock = StoryClock(START)
    world = World.build(settings, clock)
    try:
        upgrade(world.db.engine)
        ensure_senders(world.db, settings)
        seed(world.db, clock())
        story = Story(world, clock, console)
        play(story)
        return story.faults
    finally:
        world.close()
