"""What is wrong with a conversation file, where, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One finding: `says` what is the matter, `do` is the way out. A fault must be mended before the conversation
    can be used; advice may be weighed."""

    file: str
    line: int
    code: str
    says: str
    do: str
    level: Literal["fault", "advice"] = "fault"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.code}: {self.says} → {self.do}"
