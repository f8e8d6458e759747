"""Laws that hold for any conversation and anything a family does."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flow.engine import advance, claims, new_session, open_question
from bot.flow.happenings import (
    Began,
    CancelTimers,
    Entered,
    Event,
    Finished,
    HandedBack,
    Heard,
    SetTimer,
    TakenOver,
    Text,
    TimerRang,
)
from bot.flow.library import compile_library
from bot.flow.script import Ask, Script, Wait
from bot.flow.session import Session

IDS = ("a", "b", "c", "d", "e")
ZONES = ("America/Chicago", "Asia/Kathmandu", "Pacific/Auckland", "UTC")
WORDS = ("yes", "no", "a little", "3", "später", "¿qué?", "👍", "", "tomorrow", "x" * 1600, "\ud800", "\x00")


@st.composite
def written_steps(draw: st.DrawFn) -> list[dict[str, object]]:
    """The steps of a random conversation: any steps in any order, loops included."""
    ways = st.sampled_from((*IDS, "end"))
    steps: list[dict[str, object]] = []
    for step in IDS[: draw(st.integers(1, len(IDS)))]:
        doing = draw(
            st.sampled_from(
                (
                    "say",
                    "ask",
                    "ask",
                    "ask",
                    "ask",
                    "number",
                    "words",
                    "date",
                    "branch",
                    "remember",
                    "wait",
                    "hand_off",
                    "end",
                    "call",
                )
            )
        )
        entry: dict[str, object] = {"id": step}
        match doing:
            case "say":
                entry |= {"say": "Hello {guardian}", "next": draw(ways)}
            case "ask":
                entry |= {
                    "ask": "Well?",
                    "answers": {
                        "good": {"means": "yes", "next": draw(ways)},
                        "bad": {"means": "no", "next": draw(ways)},
                    },
                    "save": "family.answer",
                    "unclear": {"tries": draw(st.integers(1, 3)), "next": draw(ways)},
                    "reminders": [{"after": "5h", "say": "Still there?"}],
                    "silent": {"after": draw(st.sampled_from(("1h", "30h", "3d"))), "next": draw(ways)},
                }
            case "number":
                entry |= {
                    "ask": "How many?",
                    "number": {"min": 0, "max": 7, "next": draw(ways)},
                    "save": "family.count",
                }
            case "words":
                entry |= {"ask": "Tell us", "free_text": {"next": draw(ways)}, "save": "family.words"}
            case "date":
                entry |= {"ask": "When?", "date": {"next": draw(ways)}, "save": "family.day"}
            case "branch":
                entry |= {
                    "branch": {
                        "on": "family.count",
                        "cases": {"1..3": draw(ways), "known": draw(ways)},
                        "otherwise": draw(ways),
                    }
                }
            case "remember":
                entry |= {"remember": {"field": "family.count", "value": 2}, "next": draw(ways)}
            case "wait":
                until = {
                    "day": draw(st.sampled_from(("mon", "sun"))),
                    "at": draw(st.sampled_from(("02:30", "17:30", "23:00"))),
                }
                entry |= {
                    "wait": draw(st.sampled_from(({"for": "2d"}, {"until": until}))),
                    "next": draw(ways),
                }
            case "hand_off":
                entry |= {"hand_off": {"to": "teacher", "note": "Please"}, "next": draw(ways)}
            case "call":
                entry |= {"call": "other", "next": draw(ways)}
            case _:
                entry |= {"end": "over"}
        steps.append(entry)
    known = {str(step["id"]) for step in steps} | {"end"}
    return [_pointed(step, known) for step in steps]


def _pointed(value: object, known: set[str]) -> object:
    """Every way that leads to a step that is not there leads to the end instead."""
    if isinstance(value, dict):
        return {
            key: (
                "end"
                if key in ("next", "otherwise", "1..3", "known") and part not in known
                else _pointed(part, known)
            )
            for key, part in value.items()
        }
    return [_pointed(part, known) for part in value] if isinstance(value, list) else value


VOCABULARY = json.dumps(
    {
        "fields": {
            name: {"type": kind, "about": "x"}
            for name, kind in (
                ("family.answer", "choice"),
                ("family.count", "number"),
                ("family.words", "text"),
                ("family.day", "date"),
            )
        }
    }
)
OTHER = json.dumps(
    {
        "conversation": "other",
        "title": "other",
        "steps": [
            {"id": "q", "ask": "Yes or no?", "answers": {"y": {"means": "yes"}}, "unclear": {"tries": 1}}
        ],
    }
)


def compiled(steps: list[dict[str, object]]) -> Script:
    main = json.dumps({"conversation": "main", "title": "main", "steps": steps})
    library = compile_library({"vocabulary.yaml": VOCABULARY, "other.yaml": OTHER, "main.yaml": main})
    assert [finding for finding in library.findings if finding.level == "fault"] == []
    return library.script("main")


SCRIPTS = written_steps().map(compiled)  # type: ignore[arg-type]  # plain data
HEARD: st.SearchStrategy[Heard] = st.one_of(
    st.builds(Text, st.sampled_from(("yes", "no", "3", "banana"))),
    st.builds(Text, st.sampled_from(("yes", "no", "3", "banana"))),
    st.builds(Text, st.one_of(st.sampled_from(WORDS), st.text(max_size=40)), has_media=st.booleans()),
    st.builds(
        TimerRang,
        st.sampled_from(("remind:1", "remind:9", "silent", "wait", "give_up", "", ":")),
        st.integers(0, 6),
    ),
    st.just(TakenOver()),
    st.just(HandedBack()),
    st.just(Began()),
)


def saved_and_read(session: Session) -> Session:
    return Session.from_json(json.loads(json.dumps(session.to_json())))


@settings(deadline=None)
@given(SCRIPTS, st.lists(HEARD, max_size=8), st.sampled_from(ZONES), st.integers(0, 200_000_000))
def test_every_step_ends_in_a_wait_or_an_end_and_never_raises(
    script: Script, heard: list[Heard], zone: str, seconds: int
) -> None:
    now = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    local = now.astimezone(ZoneInfo(zone))
    session = new_session(script)
    for happening in (Began({"guardian": "Rosa"}, ("es",)), *heard):
        before = saved_and_read(session)
        session, events = advance(script, before, happening, local)

        assert len([event for event in events if isinstance(event, Entered)]) <= 100
        if isinstance(happening, Text):
            _no_old_timer_is_left(before, session, events)
        assert session.status in ("waiting", "handed_off", "ended")
        assert saved_and_read(session) == session
        if session.status == "waiting":
            top = session.stack[-1]
            assert isinstance(script.step(top.conversation, top.step), Ask | Wait)
        if any(isinstance(event, Finished) for event in events):
            assert session.status == "ended"
            assert session.stack == ()
        _timers_are_right(events, session, now)
        again = advance(script, before, happening, local)
        assert again == (session, events), "the same input gives the same output"
        local += timedelta(hours=7)
        now = local.astimezone(UTC)


def _no_old_timer_is_left(before: Session, after: Session, events: tuple[Event, ...]) -> None:
    """Whoever was answered is not reminded: what was set for the question is called off before anything new is set."""
    if before.status == "waiting" and (after.visit, after.status) != (before.visit, before.status):
        first = next((event for event in events if isinstance(event, CancelTimers | SetTimer)), None)
        assert isinstance(first, CancelTimers)


def _timers_are_right(events: tuple[Event, ...], session: Session, now: datetime) -> None:
    timers = [event for event in events if isinstance(event, SetTimer)]
    for timer in timers:
        assert timer.at.tzinfo is UTC
        assert timer.at > now
        assert timer.visit <= session.visit
    if session.status == "ended" and timers:
        last = max(number for number, event in enumerate(events) if isinstance(event, SetTimer))
        assert any(isinstance(event, CancelTimers) for event in events[last:])


@settings(deadline=None)
@given(SCRIPTS)
def test_a_script_is_stored_and_read_back_as_itself(script: Script) -> None:
    again = Script.from_canonical(script.canonical())

    assert (again, again.sha256, again.canonical()) == (script, script.sha256, script.canonical())


@settings(deadline=None)
@given(SCRIPTS, st.text(max_size=60))
def test_what_a_question_claims_is_a_share(script: Script, text: str) -> None:
    now = datetime(2026, 3, 4, 17, 30, tzinfo=UTC)
    session, _ = advance(script, new_session(script), Began(), now)

    claim = claims(script, session, Text(text), now)

    assert 0.0 <= claim <= 1.0
    assert (claim > 0) == (open_question(script, session) is not None)


@settings(deadline=None)
@given(SCRIPTS, st.sampled_from(WORDS))
def test_no_text_is_lost(script: Script, text: str) -> None:
    """What a family writes is saved, kept for a person, asked again about, or moves the conversation on."""
    now = datetime(2026, 3, 4, 17, 30, tzinfo=UTC)
    session, _ = advance(script, new_session(script), Began(), now)

    _, events = advance(script, session, Text(text), now)

    assert events
