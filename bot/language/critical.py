"""Critical content: what a machine must never say to a family alone.

Special education, discipline, enrolment, report cards, grievances, permissions and health decide about a child's rights
and safety; a translation of them needs a qualified person's eyes first (US Departments of Justice and Education, "Dear
Colleague" letter of 7 January 2015 on English learners and limited English proficient parents).

The words here are what staff write in English. They are a net under the author's own label, not a replacement for it:
they rather catch one text too many.
"""

from __future__ import annotations

import re

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


def topic_of(text: str) -> str | None:
    """The critical topic that English `text` touches, or None. The first of `TOPICS` when it touches several."""
    plain = text.replace("’", "'")
    return next((topic for topic, words in _FIND.items() if words.search(plain)), None)
