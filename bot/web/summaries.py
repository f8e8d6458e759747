"""Conversation summaries: what families told us, asked and gave, and what we promised and did, with every claim's texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import structlog
from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from bot.flow.script import Ask
from bot.insight import summary_edits
from bot.insight.phrasing import Phrased, Phraser, PhrasingFailed
from bot.insight.reckoning import SUMMARY, Question, summary_counts
from bot.insight.scope import Period, Whose
from bot.insight.summary import Summary, csv_rows
from bot.insight.summary_edits import Edited, apply_edits, claims_of, edits_of
from bot.insight.summary_material import corrections, evidence, summary
from bot.insight.summary_sources import Sources, conversations_of, place_of, quotes_of, sources
from bot.insight.themes import METHOD, Quote
from bot.records import audit, threads
from bot.records.staff import sections_of
from bot.web import numbers
from bot.web.here import me, now, world
from bot.web.words import translate as _
from bot.web.words import ui_language

log = structlog.get_logger()

room = Blueprint("summaries", __name__, url_prefix="/staff")

PERIODS: Final = (7, 28, 84, 365)
LONGEST_WORDING: Final = 500
MOST_CLAIMS: Final = 500
"""Characters of a claim's key; longer ones are none of ours."""

KINDS: Final = ("hide", "show", "edit")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which summary: how far back, of which section (None: all that are this person's), or of which family."""

    days: int
    section: int | None
    conversation: int | None
    sections: tuple[tuple[int, str], ...]

    @property
    def whose(self) -> Whose:
        """The families it is about. A teacher's are those of her sections, whatever an address asks for."""
        who = me()
        conversations = None if self.conversation is None else (self.conversation,)
        if self.section is not None:
            return Whose((who.school_id,), (self.section,), conversations)
        if who.sees_whole_school:
            return Whose((who.school_id,), None, conversations)
        return Whose((who.school_id,), tuple(row_id for row_id, _name in self.sections), conversations)

    @property
    def period(self) -> Period:
        """Until now."""
        return Period.last(self.days, now())

    @property
    def question(self) -> Question:
        """The question whose counts may be known already."""
        who = me()
        whom = str(who.school_id)
        if self.conversation is not None:
            whom = f"family {self.conversation}"
        elif self.section is not None:
            whom = f"section {self.section}"
        elif not who.sees_whole_school:
            whom = f"sections of {who.id}"
        return Question(SUMMARY, whom, self.days)

    @property
    def link(self) -> dict[str, Any]:
        """What an address says to ask the same again."""
        found: dict[str, Any] = {"days": self.days}
        if self.section is not None:
            found["section"] = self.section
        if self.conversation is not None:
            found["conversation_id"] = self.conversation
        return found

    @property
    def endpoint(self) -> str:
        """The page that shows it."""
        return "summaries.page" if self.conversation is None else "summaries.family"


def asked(conversation: int | None = None) -> Asked:
    """What an address asks for. A family or a section that is not this person's answers 404."""
    given = request.values.get("days", "")
    days = int(given) if given in map(str, PERIODS) else PERIODS[1]
    sections = tuple(sections_of(world().db, me()))
    wish = request.values.get("section", "")
    section = int(wish) if wish.isdecimal() and len(wish) < 19 else None
    if section is not None and section not in {row_id for row_id, _name in sections}:
        abort(404)
    if conversation is not None and not threads.can_see(world().db, me(), conversation):
        abort(404)
    return Asked(days, section, conversation, sections)


def _conversation() -> int | None:
    wish = request.values.get("conversation_id", "")
    return int(wish) if wish.isdecimal() and len(wish) < 19 else None


@room.get("/summaries")
def page() -> str:
    """The summary of a section or of all one's families."""
    return _page(asked())


@room.get("/families/<row_id:conversation_id>/summary")
def family(conversation_id: int) -> str:
    """The summary of one family."""
    return _page(asked(conversation_id))


@room.get("/summaries/summary.csv")
def file() -> Response:
    """The whole summary as a file, as people have left it."""
    wanted = asked(_conversation())
    period = wanted.period
    counts, _at = summary_counts(world().db, wanted.whose, period, wanted.question, now())
    edited = _edited(summary(world().db, wanted.whose, period, counts), wanted)
    _note("downloaded_summary", wanted, edited.summary)
    return numbers.download("summary", *csv_rows(edited.summary))


@room.get("/summaries/answers")
def answers() -> str:
    """Every text behind one counted answer, newest first, a page at a time."""
    wanted = asked(_conversation())
    field, choice = (request.args.get(name, "").replace("\0", "")[:200] for name in ("field", "choice"))
    wish = request.args.get("after", "")
    after = int(wish) if wish.isdecimal() and len(wish) < 19 else None
    quotes, following = evidence(world().db, wanted.whose, wanted.period, field, choice, after)
    talks = sorted({quote.conversation_id for quote in quotes})
    audit.record(world().db, now(), me().id, "read_summary", *_subject(wanted), conversations=talks)
    return render_template(
        "summary_answers.html",
        asked=wanted,
        question=question_of(field) or field,
        choice=choice_name(choice),
        field=field,
        choice_code=choice,
        quotes=quotes,
        sources=_sources(quotes),
        following=following,
    )


@room.get("/families/<row_id:conversation_id>/texts/<any(in, out):way>/<row_id:text_id>")
def source(conversation_id: int, way: str, text_id: int) -> ResponseReturnValue:
    """The text a claim rests on, in its thread."""
    if not threads.can_see(world().db, me(), conversation_id):
        abort(404)
    place = place_of(world().db, conversation_id, way == "in", text_id)
    if place is None:
        abort(404)
    before, anchor = f"{place[0]}.{place[1]}", f"text-{way}-{text_id}"
    target = url_for("thread.family", conversation_id=conversation_id, before=before, _anchor=anchor)
    return redirect(target, code=303)


@room.post("/summaries/claims")
def change() -> ResponseReturnValue:
    """Hide a claim, show it again, or say it in other words."""
    wanted = asked(_conversation())
    claim, kind = (request.form.get(name, "").replace("\0", "") for name in ("claim", "kind"))
    words = request.form.get("words", "").replace("\0", "").strip()[:LONGEST_WORDING]
    if not claim or len(claim) > MOST_CLAIMS or kind not in KINDS:
        abort(404)
    if kind == "edit" and not words:
        flash(_("Please write the new words first."), "danger")
    else:
        summary_edits.edit(
            world().db,
            me().school_id,
            claim,
            kind,
            now(),
            words=words if kind == "edit" else None,
            staff_id=me().id,
        )
        audit.record(world().db, now(), me().id, "changed_summary", *_subject(wanted), claim=claim, kind=kind)
        flash(_("Saved."), "success")
    return redirect(url_for(wanted.endpoint, **wanted.link), code=303)


@room.post("/summaries/phrase")
def phrase() -> str:
    """Have the district's own model put the summary into sentences, when there is one. Nothing of it is kept."""
    settings, wanted = world().settings, asked(_conversation())
    if not settings.summary_model_url:
        abort(404)
    edited = _edited(summary(world().db, wanted.whose, wanted.period), wanted)
    _note("phrased_summary", wanted, edited.summary)
    try:
        phraser = Phraser(
            settings.summary_model_url,
            settings.summary_model_hosts,
            settings.summary_model,
            settings.summary_model_seconds,
        )
        return _page(wanted, phraser.phrase(edited.summary))
    except (PhrasingFailed, ValueError) as error:
        log.warning("phrasing_failed", error=type(error).__name__)
        flash(_("The model gave nothing that can be used. The summary below is made without it."), "danger")
        return _page(wanted)


def _page(wanted: Asked, phrased: Phrased | None = None) -> str:
    period = wanted.period
    counts, counted_at = summary_counts(world().db, wanted.whose, period, wanted.question, now())
    made = summary(world().db, wanted.whose, period, counts)
    edited = _edited(made, wanted)
    _note("read_summary", wanted, edited.summary)
    found, corrected = edited.summary, corrections(world().db, wanted.whose, wanted.period)
    name = None
    if wanted.conversation is not None:
        name = sources(world().db, [wanted.conversation], []).names.get(wanted.conversation)
    return render_template(
        "summary.html",
        asked=wanted,
        periods=PERIODS,
        edited=edited,
        summary=found,
        hidden=_hidden(made, edited),
        sources=_sources(
            [*quotes_of(found), *corrected],
            conversations_of(found) | {one.conversation_id for one in corrected},
        ),
        corrected=corrected,
        counted_at=counted_at if counted_at != now() else None,
        name=name,
        about_family=f"family:{wanted.conversation}",
        method=_(METHOD),
        may_change=me().sees_whole_school,
        phrased=phrased,
        may_phrase=bool(world().settings.summary_model_url),
        longest=LONGEST_WORDING,
        numbers=numbers,
        question_of=question_of,
        choice_name=choice_name,
        deed_kind=deed_kind,
        step_name=step_name,
    )


def _edited(made: Summary, wanted: Asked) -> Edited:
    claims = claims_of(made)
    if wanted.conversation is not None:
        claims.append(f"family:{wanted.conversation}")
    return apply_edits(made, edits_of(world().db, me().school_id, claims))


def _hidden(made: Summary, edited: Edited) -> list[tuple[str, str]]:
    """What staff have hidden: the claim and its words, for who may show it again."""
    said: dict[str, str] = {f"theme:{one.key}": ", ".join(one.words) for one in made.themes}
    said |= {one.key: str(question_of(one.field) or one.field) for one in made.tallies}
    said |= {one.key: one.quote.read for one in made.asked} | {one.key: one.quote.read for one in made.gifts}
    said |= {one.key: one.words for one in made.deeds}
    said |= {one.key: one.goal for one in made.goals}
    return [(claim, said[claim]) for claim in sorted(edited.hidden) if claim in said]


def _sources(quotes: list[Quote], talks: set[int] | None = None) -> Sources:
    known = talks if talks is not None else {quote.conversation_id for quote in quotes}
    texts = {quote.inbox_id for quote in quotes if quote.inbox_id is not None}
    return sources(world().db, known, texts)


def _note(action: str, wanted: Asked, found: Summary) -> None:
    talks = sorted(conversations_of(found))
    audit.record(world().db, now(), me().id, action, *_subject(wanted), conversations=talks, days=wanted.days)


def _subject(wanted: Asked) -> tuple[str, int]:
    if wanted.conversation is not None:
        return "conversation", wanted.conversation
    return ("section", wanted.section) if wanted.section is not None else ("school", me().school_id)


def question_of(field: str) -> str | None:
    """The question whose answers are kept in a field, in the page's language; None when no conversation asks it (any
    more)."""
    for script in world().desk.library.values():
        for conversation in script.conversations.values():
            for step in conversation.steps.values():
                if isinstance(step, Ask) and step.save == field:
                    return step.line.texts.get(ui_language(), step.line.original)
    return None


def choice_name(choice: str) -> str:
    """An answer's category, as words: they are written by whoever wrote the conversation, in English."""
    return choice.removeprefix("family.").replace("_", " ")


def deed_kind(kind: str) -> Markup:
    """What a sentence of the school's is."""
    return _("promised") if kind == "promised" else _("told that it was done")


def step_name(did: str) -> Markup:
    """A step towards a goal."""
    match did:
        case "tried":
            return _("tried it")
        case "practised":
            return _("practised")
        case "reached":
            return _("reached it")
        case other:
            return Markup("{}").format(other.replace("_", " "))
