"""Critical content: what a machine must never say to a family alone.

Special education, discipline, enrolment, report cards, grievances, permissions and health decide about a child's rights
and safety; a translation of them needs a qualified person's eyes first (US Departments of Justice and Education, "Dear
Colleague" letter of 7 January 2015 on English learners and limited English proficient parents).

The words here are what staff write in English. They are a net under the author's own label, not a replacement for it:
they rather catch one text too many. A school adds words of its own and lets go of topics (`bot school critical`).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.store.database import Database
from bot.store.people import School

TOPICS: dict[str, str] = {
    "special_education": "special education",
    "discipline": "discipline",
    "enrollment": "enrolment",
    "report_cards": "report cards",
    "grievances": "complaints and grievances",
    "permissions": "permissions",
    "health": "health",
}
"""Code → how staff call it."""

_WORDS: dict[str, str] = {
    "special_education": r"special ed(?:ucation)?|i\.?e\.?p\.?s?(?= |$|[.,:;!?)])|504 (?:plan|meeting)|"
    r"individuali[sz]ed education|due process|special needs|"
    r"(?:psychological|speech|special) (?:evaluation|assessment|services|therapy)",
    "discipline": r"suspen(?:ded|sion)|expel(?:led)?|expulsion|detention|disciplin(?:e|ed|ary)|misconduct|"
    r"truan(?:t|cy)|bullying|restrain(?:ed|t)",
    "enrollment": r"enrol(?:l|led|ling|lment|ment)?|re-?register|registration (?:form|deadline|packet)|"
    r"register (?:your|for)|proof of (?:address|residen\w+)|school choice|transfer request|withdraw(?:al)?",
    "report_cards": r"report cards?|transcripts?|progress reports?|(?:retained|held back|repeat) (?:in|the)? ?grade|"
    r"failing|not on track to graduate",
    "grievances": r"grievances?|complaints?|appeals?|hearing|civil rights|discriminat\w+|harass\w+|title ix",
    "permissions": r"permission|consent form|sign and return|waiver|opt[- ]out form|photo release|field trip form",
    "health": r"nurse|medic(?:ine|ines|ation|ations|al)|vaccin\w+|immuni[sz]ation\w*|allerg\w+|epi-?pen|asthma|inhaler|"
    r"fever|injur(?:y|ed|ies)|lice|concussion|contagious|covid|measles|flu shot|symptoms?|doctor'?s? note|"
    r"hospital|mental health",
}
_FIND = {topic: re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE) for topic, words in _WORDS.items()}


OWN_WORDS = "own_words"
"""The topic of what a school named itself."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What one school holds back: every topic but `let_go`, and its own `words`, in whatever language they are."""

    let_go: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()


EVERYTHING = Rules()


def topic_of(text: str, rules: Rules = EVERYTHING) -> str | None:
    """The critical topic that `text` touches (topics: English words; the school's own words: any language), or None.
    The first of `TOPICS` when it touches several."""
    plain = text.replace("’", "'")
    found = (topic for topic, words in _FIND.items() if topic not in rules.let_go and words.search(plain))
    topic = next(found, None)
    if topic is None and any(_holds(plain, word) for word in rules.words):
        return OWN_WORDS
    return topic


def _holds(text: str, word: str) -> bool:
    """Whether `word` stands in `text` by itself; inside others too where words are not set apart (Chinese, Thai)."""
    wanted = re.escape(" ".join(word.casefold().split())).replace(r"\ ", r"\s+")
    edges = word.isascii() or any(c.isalpha() and ord(c) < _UNSPACED for c in word)
    return re.search(rf"(?<!\w){wanted}(?!\w)" if edges else wanted, text.casefold()) is not None


_UNSPACED = 0x0E00
"""Scripts from Thai on in Unicode's order are written without spaces between words, or glue words together."""


class CriticalContent:
    """Every school's own rules, read when they are asked for: a change counts at once."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def rules(self, school: int | None) -> Rules:
        """A school's rules; everything is held back where there is no school."""
        if school is None:
            return EVERYTHING
        with self._db.reading() as session:
            return rules_of(session, school)

    def topic_of(self, text: str, school: int | None) -> str | None:
        """The critical topic `text` touches at this school, or None."""
        return topic_of(text, self.rules(school))

    def set(self, school: int, let_go: Collection[str], words: Collection[str]) -> Rules:
        """Exchange a school's rules. Raises ValueError for a topic that is none, and for words too short to mean much."""
        strange = sorted(set(let_go) - set(TOPICS))
        if strange:
            raise ValueError(f"{strange[0]!r} is no critical topic; these are: {', '.join(TOPICS)}.")
        tidy = tuple(dict.fromkeys(" ".join(word.split()) for word in words if word.strip()))
        short = [word for word in tidy if len(word) < 2]
        if short:
            raise ValueError(f"“{short[0]}” is too short: every other text would wait for a reviewer.")
        with self._db.writing() as session:
            session.execute(
                update(School)
                .where(School.id == school)
                .values(uncritical_topics=sorted(set(let_go)), critical_words=list(tidy))
            )
        return Rules(frozenset(let_go), tidy)


def rules_of(session: Session, school: int) -> Rules:
    """A school's rules, in the caller's transaction."""
    row = session.execute(
        select(School.uncritical_topics, School.critical_words).where(School.id == school)
    ).one_or_none()
    return EVERYTHING if row is None else Rules(frozenset(row[0]), tuple(row[1]))
