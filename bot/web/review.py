"""The reviewer's desk: one text after the other, from the keyboard; and our own catalogs' drafts."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Final

from babel.messages.pofile import write_po
from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.conversation.reply import CannotReply
from bot.conversation.review import read_for, say_for, send_back
from bot.conversation.wording import OWN
from bot.language import codes
from bot.language.catalog import CatalogError, Entry, placeholders, po_path, read_catalog
from bot.language.checks import digits_changed
from bot.language.glossary import LONGEST_TERM, GlossaryBook
from bot.language.memory import NotKept, TranslationMemory
from bot.language.spans import find_spans
from bot.records import audit, review, review_talk
from bot.records.colleagues import NotPossible
from bot.web.here import me, now, world
from bot.web.words import translate as _

room = Blueprint("review", __name__, url_prefix="/staff/review")

LONGEST: Final = 1600
BY_FAMILY: Final = "a family, by text"
"""Who said so, in the glossary, when a family's own text corrected us."""
_SIGN = re.compile(r"⟨\d+⟩|\{\w+\}")
_DOMAINS: Final = ("bot", "flows", "web")


@room.get("")
def desk() -> str:
    """What waits, and the first of it."""
    items = review.queue(world().db, me(), _languages(), now())
    return render_template(
        "review.html",
        groups=review.grouped(items),
        states=review_talk.states(world().db, me(), items),
        languages=_languages(),
        counts=_draft_counts(),
    )


@room.get("/<any(reply, text, correction, machine):kind>/<row_id:item_id>")
def one(kind: str, item_id: int) -> ResponseReturnValue:
    """One text, its translation to be written, and what helps: glossary, similar ones, a back-translation."""
    found = review.item(world().db, me(), _languages(), now(), kind, item_id)
    if found is None:
        flash(_("This one has been done already."), "success")
        return redirect(url_for(".desk"), code=303)
    audit.record(world().db, now(), me().id, "reviewed_look", kind, item_id)
    return _page(found, found.wording)


@room.post("/<any(reply, text, correction, machine):kind>/<row_id:item_id>")
def decide(kind: str, item_id: int) -> ResponseReturnValue:
    """Approve, approve in other words, look again, or leave it as it is."""
    found = review.item(world().db, me(), _languages(), now(), kind, item_id)
    if found is None:
        flash(_("This one has been done already."), "success")
        return redirect(url_for(".desk"), code=303)
    wording = request.form.get("wording", "").replace("\0", "").replace("\r\n", "\n").strip()[:LONGEST]
    match request.form.get("do"):
        case "approve":
            return _approve(found, wording)
        case "decline" if kind == "correction":
            GlossaryBook(world().db, world().clock).settle(item_id, staff=me().id, accepted=False)
            audit.record(world().db, now(), me().id, "declined", kind, item_id)
            flash(_("Left as it is."), "success")
            return _next()
        case "reject":
            return _reject(found, wording)
        case "ask":
            try:
                review_talk.ask(world().db, me(), found, _remark("question"), now())
            except NotPossible as error:
                flash(_(str(error)), "danger")
                return _page(found, wording), 422
            audit.record(world().db, now(), me().id, "asked_author", kind, item_id)
            flash(_("Your question is on its way. The answer will stand here."), "success")
            return _next(found)
        case _look:
            return _page(found, wording)


@room.get("/catalogs/<language>/<any(bot, flows, web):domain>")
def catalog(language: str, domain: str) -> str:
    """Our own sentences in a language that no speaker has approved yet."""
    _must_review(language)
    start = request.args.get("start", 0, type=int)
    waiting = _drafts(language, domain)
    page = waiting[max(0, start) : max(0, start) + 10]
    return render_template(
        "review_catalog.html",
        language=language,
        domain=domain,
        entries=page,
        waiting=len(waiting),
        start=max(0, start),
        next=start + 10 if start + 10 < len(waiting) else None,
    )


@room.post("/catalogs/<language>/<any(bot, flows, web):domain>")
def approve_entry(language: str, domain: str) -> ResponseReturnValue:
    """Approve one of them, as it is or reworded."""
    _must_review(language)
    context, msgid = request.form.get("context", ""), request.form.get("msgid", "").replace("\r\n", "\n")
    entry = next(
        (one for one in _drafts(language, domain) if ((one.context or ""), one.msgid) == (context, msgid)),
        None,
    )
    if entry is None:
        flash(_("This one has been done already."), "success")
        return redirect(url_for(".catalog", language=language, domain=domain), code=303)
    forms = [form.replace("\0", "").replace("\r\n", "\n").strip() for form in request.form.getlist("form")]
    if len(forms) != len(entry.forms) or not all(forms):
        flash(_("Please fill in every form."), "danger")
    elif any(placeholders(form) - placeholders(f"{entry.msgid} {entry.plural or ''}") for form in forms) or (
        len(forms) == 1 and placeholders(forms[0]) != placeholders(entry.msgid)
    ):
        flash(_("The words in braces must stay as they are."), "danger")
    else:
        review.approve_entry(world().db, me(), domain, language, context, msgid, forms, now())
        audit.record(
            world().db, now(), me().id, "approved_entry", "catalog", None, domain=domain, language=language
        )
        flash(_("Approved."), "success")
    start = request.form.get("start", "0")
    start = start if start.isdecimal() and len(start) < 6 else "0"
    return redirect(url_for(".catalog", language=language, domain=domain, start=start), code=303)


@room.get("/catalogs/<language>/<any(bot, flows, web):domain>.po")
def export(language: str, domain: str) -> Response:
    """The catalog with every approval in it, as a .po file to replace the one in locales/."""
    _must_review(language)
    path = po_path(world().catalogs[domain].folder, language, domain)
    if not path.is_file():
        abort(404)
    found = read_catalog(path, language)
    for approval in review.approvals(world().db, language).values():
        message = found.get(approval.msgid, approval.context or None)
        if approval.domain == domain and message is not None:
            message.flags.discard("draft")
            message.string = approval.forms[0] if len(approval.forms) == 1 else approval.forms
    out = BytesIO()
    write_po(out, found, width=0)
    name = f"{domain}.po"
    return Response(
        out.getvalue(),
        mimetype="text/x-gettext-translation",
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )


def _approve(item: review.Item, wording: str) -> ResponseReturnValue:
    """Approve it; where the reviewer wants it, those that say exactly the same too."""
    done = 0
    for one in _with_the_same(item):
        try:
            _approve_one(one, wording)
        except (CannotReply, NotKept) as error:
            if one is item:
                flash(_(str(error)), "danger")
                return _page(item, wording), 422
            continue  # one of the others, whose family wants no texts by now: it stays on the desk
        audit.record(world().db, now(), me().id, "approved", one.kind, one.id)
        done += 1
    flash(_("Approved.") if done == 1 else _("{n} approved.", "{n} approved.", n=done), "success")
    return _next()


def _approve_one(item: review.Item, wording: str) -> None:
    """Raises `CannotReply` or `NotKept`."""
    here, who = world(), me()
    if item.kind == "reply":
        say_for(here.desk, item.id, wording, who.id)
        return
    if item.kind == "text":
        read_for(here.desk, item.id, wording)
        return
    called = _called(item)
    kept_for = None if placeholders(item.text) else item.conversation
    TranslationMemory(here.db, here.clock).approve(
        item.text, wording, item.source, item.target, who.school_id, who.id, kept_for
    )
    _keep_for_catalog(item, wording)
    book = GlossaryBook(here.db, here.clock)
    if called is not None:
        said_by = BY_FAMILY if item.by_family else who.name
        book.say(*called, item.source, item.target, school=who.school_id, said_by=said_by, staff=who.id)
    if item.kind == "correction":
        book.settle(item.id, staff=who.id, accepted=True)


def _reject(item: review.Item, wording: str) -> ResponseReturnValue:
    """Off the desk without a wording, for a reason that its author reads."""
    here = world()
    try:
        for one in _with_the_same(item):
            review_talk.reject(here.db, me(), one, _remark("why"), now())
            match item.kind:
                case "reply":
                    send_back(here.desk, one.id)
                case "machine":
                    TranslationMemory(here.db, here.clock).reject(one.id)
                case "correction":
                    GlossaryBook(here.db, here.clock).settle(one.id, staff=me().id, accepted=False)
            audit.record(here.db, now(), me().id, "rejected", one.kind, one.id)
    except (CannotReply, NotPossible) as error:
        flash(_(str(error)), "danger")
        return _page(item, wording), 422
    flash(_("Taken off the desk. Whoever wrote it can read why."), "success")
    return _next()


def _remark(name: str) -> str:
    return request.form.get(name, "").replace("\0", "").replace("\r\n", "\n")[: review_talk.LONGEST]


def _with_the_same(item: review.Item) -> list[review.Item]:
    """This text, and where the reviewer wants it those that say exactly the same."""
    if not request.form.get("same"):
        return [item]
    items = review.queue(world().db, me(), _languages(), now())
    return [item, *(one for one in items if one.key == item.key and one.id != item.id)]


def _called(item: review.Item) -> tuple[str, str] | None:
    """A word and what this community calls it, when the reviewer filled both in. Raises `NotKept`."""
    term, called = (
        " ".join(request.form.get(name, "").replace("\0", "").split())[:LONGEST_TERM]
        for name in ("term", "called")
    )
    if not term and not called:
        return None
    if not term or not called:
        raise NotKept("For the glossary, write both: the word, and what families call it.")
    if term.casefold() not in item.text.casefold():
        raise NotKept("For the glossary, choose a word that stands in the original text.")
    return term, called


def _keep_for_catalog(item: review.Item, wording: str) -> None:
    """Where the text is an entry of our own catalogs, the wording is kept for its .po file as well."""
    if item.line is None:
        return
    domain = "bot" if item.line.startswith(OWN) else "flows"
    context = item.line.removeprefix(OWN)
    if world().catalogs[domain].entry(item.text, item.target, context) is not None:
        review.approve_entry(world().db, me(), domain, item.target, context, item.text, [wording], now())


def _next(after: review.Item | None = None) -> ResponseReturnValue:
    """On to the first that waits, or to the one behind `after`, which stays; or back to the desk."""
    items = review.queue(world().db, me(), _languages(), now())
    following = review.behind(items, after) if after else (items[0] if items else None)
    if following is None:
        return redirect(url_for(".desk"), code=303)
    return redirect(url_for(".one", kind=following.kind, item_id=following.id), code=303)


def _page(item: review.Item, wording: str) -> str:
    here, who = world(), me()
    back = None
    if wording and not codes.same_for_readers(item.target, "en"):
        again = here.translator.translate([wording], item.target, item.source)[0]
        back = None if again.missing else again.text
    terms = GlossaryBook(here.db, here.clock).terms(item.source, item.target, who.school_id)
    terms = {term: word for term, word in terms.items() if term.casefold() in item.text.casefold()}
    items = review.queue(here.db, who, _languages(), now())
    return render_template(
        "review_one.html",
        item=item,
        wording=wording,
        back=back,
        near=TranslationMemory(here.db, here.clock).near(item.text, item.source, item.target, who.school_id),
        terms=terms,
        unused=[word for word in terms.values() if wording and word.casefold() not in wording.casefold()],
        signs_differ=bool(wording) and sorted(_SIGN.findall(item.text)) != sorted(_SIGN.findall(wording)),
        same=sum(one.key == item.key for one in items) - 1,
        following=review.behind(items, item),
        questions=review_talk.about_item(here.db, item.kind, item.id),
        numbers_differ=bool(wording) and _numbers_differ(item, wording),
        longest=LONGEST,
        here=url_for(".one", kind=item.kind, item_id=item.id),
    )


def _numbers_differ(item: review.Item, wording: str) -> bool:
    """Whether a number is another one. What is written by the reader's clock (3:30 pm, 15:30) is the same."""
    spans = find_spans(item.text, item.source, item.target)
    return digits_changed(item.text, wording, (span for span in spans if span.original != span.kept))


def _languages() -> tuple[str, ...]:
    """The languages this person reviews; those who see the whole school see every language's queue."""
    who = me()
    if who.reviews:
        return who.reviews
    return tuple(codes.LANGUAGES) if who.sees_whole_school else ()


def _must_review(language: str) -> None:
    if language not in _languages() or codes.find(language) is None or language == codes.ENGLISH:
        abort(404)


def _drafts(language: str, domain: str) -> list[Entry]:
    """The entries that neither the file nor a speaker here calls approved."""
    approved = review.approvals(world().db, language)
    try:
        entries = list(world().catalogs[domain].entries(language))
    except CatalogError:
        return []
    return [
        one for one in entries if not one.reviewed and (domain, one.context or "", one.msgid) not in approved
    ]


def _draft_counts() -> list[tuple[str, str, int]]:
    """How many drafts wait, by language and domain: for the few languages of a reviewer."""
    if not me().reviews:
        return []
    found = [
        (language, domain, len(_drafts(language, domain))) for language in me().reviews for domain in _DOMAINS
    ]
    return [one for one in found if one[2]]
