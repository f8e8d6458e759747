"""What a turn works with. Built once per process; everything that is not a rule comes in from here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.conversation.snapshot import Scripts
from bot.conversation.wording import Wording
from bot.delivery.pacing import QuietHours
from bot.flow.meaning import Meaning
from bot.flow.script import Script
from bot.language.translator import Translator
from bot.store.database import Database
from bot.store.wake import Wake


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts a turn is made of."""

    db: Database
    translator: Translator
    wording: Wording
    library: dict[str, Script]
    """The conversations that can be begun today, by name."""
    wake: Wake
    clock: Callable[[], datetime]
    quiet: QuietHours
    default_zone: str
    lease: timedelta = timedelta(seconds=20)
    """How long a turn may take before another worker may begin it again (the first one then writes nothing)."""
    scripts: Scripts = field(default_factory=Scripts)

    starts: dict[str, str] = field(default_factory=dict)
    """Words with which a family begins a conversation by itself (`bot.flow.text.bare`), and the conversation's name."""

    meaning: Meaning | None = None
    """A model of meaning that may propose an answer where words fail; None without the extra `meaning`."""

    welcome: str = "welcome"
    """The conversation a family hears first: it listens before anything is asked."""
