"""One phone, many threads: which open question does a reply answer?

By content first, then by recency; and when neither decides, the bot asks one short question with the children's
names. The text is kept by the caller meanwhile: nothing is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.flow.engine import claims
from bot.flow.happenings import Text
from bot.flow.script import Script
from bot.flow.session import Session
from bot.flow.text import content, tokens_of
from bot.flow.typing_mistakes import one_mistake_apart

CLEAR_LEAD = 0.25
"""How much more one question must claim a reply than the next one to win by content."""
RECENT_LEAD = timedelta(hours=12)
"""How much later one question must have been asked than the next one to win by recency."""


@dataclass(frozen=True, slots=True)
class Thread:
    """One open session of a guardian. `id` is the caller's; `about` tells threads apart for the family: the child's
    name, or what the thread is about."""

    id: str
    script: Script
    session: Session
    about: str


@dataclass(frozen=True, slots=True)
class Routed:
    """The reply belongs to this thread. `by`: "only", "name", "content" or "recency"."""

    thread: Thread
    by: str


@dataclass(frozen=True, slots=True)
class AskWhich:
    """It may answer any of these: ask which, and keep the reply until they say (see `pick`)."""

    threads: tuple[Thread, ...]


@dataclass(frozen=True, slots=True)
class NoThread:
    """Nothing is open: the text is for the teacher."""


def route(threads: Sequence[Thread], heard: Text, now: datetime) -> Routed | AskWhich | NoThread:
    """Decide which of `threads` a text answers. Pure; order of `threads` does not matter."""
    open_threads = [thread for thread in threads if claims(thread.script, thread.session, heard, now) > 0]
    if not open_threads:
        return NoThread()
    if len(open_threads) == 1:
        return Routed(open_threads[0], "only")
    named = pick(open_threads, heard.original)
    if named is not None:
        return Routed(named, "name")
    claimed = sorted(
        ((claims(thread.script, thread.session, heard, now), thread) for thread in open_threads),
        key=lambda pair: (-pair[0], pair[1].id),
    )
    best = claimed[0][0]
    close = [thread for claim, thread in claimed if claim > best - CLEAR_LEAD]
    if len(close) == 1:
        return Routed(close[0], "content")
    latest = sorted(close, key=lambda thread: (thread.session.asked_at or "", thread.id), reverse=True)
    if _asked(latest[0]) - _asked(latest[1]) >= RECENT_LEAD:
        return Routed(latest[0], "recency")
    if len({thread.about for thread in close}) == 1:
        # Two questions about the same child cannot be told apart by a name: the last one asked is being answered.
        return Routed(latest[0], "recency")
    return AskWhich(tuple(sorted(close, key=lambda thread: thread.id)))


def pick(threads: Sequence[Thread], text: str) -> Thread | None:
    """The one thread whose `about` stands in `text` ("Ana", "es para luis"), small typing mistakes forgiven; the
    place in the list works too ("2"). None when no thread or more than one is named."""
    said = [token.plain for token in content(tokens_of(text))]
    named = [thread for thread in threads if _names(thread.about, said)]
    if len(named) == 1:
        return named[0]
    if not named and len(said) == 1 and said[0].isdecimal() and 1 <= int(said[0]) <= len(threads):
        return sorted(threads, key=lambda thread: thread.id)[int(said[0]) - 1]
    return None


def _names(about: str, said: Sequence[str]) -> bool:
    first = next((token.plain for token in content(tokens_of(about))), None)
    if first is None:
        return False
    return any(
        word == first or (len(first) >= 5 and word[:1] == first[:1] and one_mistake_apart(word, first))
        for word in said
    )


def _asked(thread: Thread) -> datetime:
    return datetime.fromisoformat(thread.session.asked_at or "1970-01-01T00:00:00+00:00")
