"""Every sentence of the pages, read from the sources: `python -m tests.web.msgids` writes locales/web.pot anew.

`_("…")` marks a sentence in templates and in bot/web. Rooms below hand theirs up as the text of an exception or as a
reason in a row; those places are listed here. A test keeps locales/web.pot the same as what is found, so that
`bot locales check` tells which catalog lacks what.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, nodes

from bot.channels.media import Refusal
from bot.channels.twilio_errors import ERRORS
from bot.insight.equity import tables
from bot.insight.gaps import PRACTICE
from bot.insight.partnership import WHY_NOT, table
from bot.insight.partnership_counts import Counts
from bot.insight.scope import Period
from bot.insight.themes import METHOD
from bot.language.checks import SAYS
from bot.outreach import reminding
from bot.outreach.emergencies import WHY_CALL
from bot.outreach.mending import FIXES
from bot.outreach.paging import AGAIN, PAGE, SUBJECT
from bot.outreach.plan import WHY
from bot.settings import HOME

POT = HOME / "locales" / "web.pot"
_RAISED = re.compile(
    r'\b(?:CannotReply|NotRetriable|NotPossible|CannotBegin|NotKept|WrongNumber|NotASender)\(\s*"([^"{}]+)"'
)
_FINDING = re.compile(r'\bFinding\([^)]*?"([A-Z][^"{}]+\.)"')
_TROUBLE = re.compile(r'\b(?:CannotPrompt|CannotSend|Preview|NoAudience)\(\s*"([^"{}]+\.)"\s*\)')
_ANSWERED = re.compile(r'\breturn "([A-Z][^"{}]+\.)"')
_HELD = re.compile(r'\b(?:SENT_BACK|SAID_BY_REVIEWER) = "([^"]+)"')
_REASON = re.compile(r'\breason="([^"{}]+)"|\b(?:NOT_SAID|CRITICAL) = "([^"]+)"|\bUnclear\("([^"]+)"')
_KEPT_FOR = re.compile(r'\b(?:[A-Z_]+ = (?:\(\s*)?|NotPossible\(\s*)"([A-Z][^"{}]+\.)"')
NO_COUNTS = Counts(0, *[(0, 0)] * 3, 0, 0, 0, (0, 0), 0, *[(0, 0)] * 6, 0, 0)
NO_EQUITY = tables([], [], Period.last(1, datetime.now(UTC)))
"""Of nobody: the table's sentences are the same."""

_LATER = re.compile(r'\bTryLater\([^"()]*"([^"{}]+)"\)')
_BELOW: dict[str, re.Pattern[str]] = {
    "bot/conversation/reply.py": _RAISED,
    "bot/conversation/review.py": _RAISED,
    "bot/language/memory.py": _RAISED,
    "bot/web/review.py": _RAISED,
    "bot/outreach/prompts.py": _RAISED,
    "bot/delivery/retry.py": _RAISED,
    "bot/outreach/wording.py": _FINDING,
    "bot/outreach/scheduling.py": _TROUBLE,
    "bot/outreach/audience.py": _TROUBLE,
    "bot/outreach/rounds.py": _TROUBLE,
    "bot/outreach/drafts.py": _TROUBLE,
    "bot/outreach/programmes.py": _TROUBLE,
    "bot/outreach/emergencies.py": _TROUBLE,
    "bot/outreach/preview.py": _TROUBLE,
    "bot/records/colleagues.py": _RAISED,
    "bot/records/safety_steps.py": _RAISED,
    "bot/records/school_settings.py": _RAISED,
    "bot/delivery/sender_health.py": _RAISED,
    "bot/web/office.py": _RAISED,
    "bot/web/safety.py": _RAISED,
    "bot/records/safety_contacts.py": _RAISED,
    "bot/web/signin.py": _RAISED,
    "bot/records/review_talk.py": _RAISED,
    "bot/records/second_step.py": _KEPT_FOR,
    "bot/records/identities.py": _KEPT_FOR,
    "bot/outreach/own_phone.py": _RAISED,
    "bot/records/passwords.py": _ANSWERED,
    "bot/delivery/consent.py": _REASON,
    "bot/delivery/outbox.py": _REASON,
    "bot/delivery/sweep.py": _REASON,
    "bot/conversation/step.py": _REASON,
    "bot/channels/twilio.py": _REASON,
    "bot/channels/twilio_media.py": _LATER,
    "bot/delivery/pictures.py": _REASON,
    "bot/delivery/ways.py": _REASON,
}


def msgids() -> dict[str, str | None]:
    """Every msgid with its plural."""
    return {msgid: plural for msgid, (plural, _refs) in _found().items()}


def pot() -> str:
    """The template of the catalogs."""
    lines = [
        "# What is translated in the domain “web”. Made from the sources; not edited by hand.",
        'msgid ""',
        'msgstr ""',
        r'"Project-Id-Version: puente\n"',
        r'"MIME-Version: 1.0\n"',
        r'"Content-Type: text/plain; charset=utf-8\n"',
        r'"Content-Transfer-Encoding: 8bit\n"',
        "",
    ]
    for msgid, (plural, refs) in _found().items():
        lines += [f"#: {ref}" for ref in refs]
        lines.append(f"msgid {_quoted(msgid)}")
        if plural is None:
            lines += ['msgstr ""', ""]
        else:
            lines += [f"msgid_plural {_quoted(plural)}", 'msgstr[0] ""', 'msgstr[1] ""', ""]
    return "\n".join(lines)


def _found() -> dict[str, tuple[str | None, list[str]]]:
    found: dict[str, tuple[str | None, list[str]]] = {}
    for ref, msgid, plural in _all():
        before, refs = found.setdefault(msgid, (plural, []))
        found[msgid] = (before or plural, refs)
        if ref not in refs:
            refs.append(ref)
    return found


def _all() -> Iterator[tuple[str, str, str | None]]:
    for path in sorted((HOME / "bot/web/templates").glob("**/*.html")):
        for msgid, plural in _in_template(path):
            yield str(path.relative_to(HOME)), msgid, plural
    for path in sorted((HOME / "bot/web").glob("*.py")):
        for msgid, plural in _in_code(path):
            yield str(path.relative_to(HOME)), msgid, plural
    for name, pattern in (*_BELOW.items(), ("bot/conversation/review.py", _HELD)):
        for match in pattern.finditer((HOME / name).read_text("utf-8")):
            yield name, next(filter(None, match.groups())), None
    for why in WHY.values():
        yield "bot/outreach/plan.py", why, None
    for measure in table(NO_COUNTS, NO_COUNTS, NO_EQUITY, NO_EQUITY):
        yield "bot/insight/partnership.py", measure.asks, None
    yield "bot/insight/themes.py", METHOD, None
    for why in WHY_NOT:
        yield "bot/insight/partnership.py", why, None
    for said in PRACTICE.values():
        yield "bot/insight/gaps.py", said, None
    for text in (PAGE, AGAIN, SUBJECT):
        yield "bot/outreach/paging.py", text, None
    for text in (reminding.SUBJECT, reminding.BODY):
        yield "bot/outreach/reminding.py", text, None
    for why in WHY_CALL.values():
        yield "bot/outreach/emergencies.py", why, None
    for says in FIXES.values():
        yield "bot/outreach/mending.py", says, None
    for said in SAYS.values():
        yield "bot/language/checks.py", said, None
    for refusal in Refusal:
        yield "bot/channels/media.py", refusal.value, None
    for error in ERRORS.values():
        yield "bot/channels/twilio_errors.py", error.means, None
    yield "bot/channels/twilio_errors.py", "Twilio gave no reason.", None


def _in_template(path: Path) -> Iterator[tuple[str, str | None]]:
    for call in Environment(autoescape=True).parse(path.read_text("utf-8")).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "_":
            texts = [arg.value for arg in call.args if isinstance(arg, nodes.Const)]
            if texts:
                yield texts[0], texts[1] if len(texts) > 1 else None


def _in_code(path: Path) -> Iterator[tuple[str, str | None]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("_", "translate")
        ):
            texts = [
                arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
            ]
            if texts:
                yield texts[0], texts[1] if len(texts) > 1 else None


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


if __name__ == "__main__":
    POT.write_text(pot(), "utf-8")
