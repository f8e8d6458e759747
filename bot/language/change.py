"""When a family is asked whether it would rather read another language: after evidence, never after a word.

Detection never changes a setting. It only brings up the question, which is put in both languages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.language import codes


@dataclass(frozen=True, slots=True)
class Heard:
    """One text of a family, as detected: what `propose_change` weighs."""

    language: str
    confidence: float
    words: int


_CHOICES = ({"fa", "prs"}, {"zh", "yue"}, {"hmn", "mww", "hnj"}, {"am", "ti"}, {"ru", "uk"}, {"id", "ms"})
"""Languages no detection may move a family between: the family chooses. (Ukrainian families write Russian too.)"""


def propose_change(current: str, heard: Sequence[Heard]) -> str | None:
    """The language to *ask* a family about, given its setting and its latest texts (oldest first), or None.

    Asked after one sure text of eight words or more, or two sure texts of at least three words out of the last four,
    all in one other language and none of them in the current one. One-word replies count for nothing, either way.
    """
    own = codes.primary(current)
    weighed = [text for text in list(heard)[-4:] if text.words >= 3 and text.confidence >= 0.8]
    weighed = [text for text in weighed if text.language != codes.UNDETERMINED]
    if not weighed or weighed[-1].language == own:
        return None
    candidate = weighed[-1].language
    if any({own, candidate} <= pair for pair in _CHOICES) or codes.find(candidate) is None:
        return None
    streak = _latest_run(weighed, candidate)
    if len(streak) >= 2 or (streak[-1].words >= 8 and streak[-1].confidence >= 0.95):
        return codes.normalise(candidate)
    return None


def _latest_run(weighed: Iterable[Heard], language: str) -> list[Heard]:
    run: list[Heard] = []
    for text in weighed:
        run = [*run, text] if text.language == language else []
    return run
