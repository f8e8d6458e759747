"""What languages write together with a word: "the", "with", "my", "it was". Only the ways that are regular.

A word is looked up as it stands and without them: 엄마가 is 엄마 (mother), وأمها is ام, gaariga is gaari.
"""

from __future__ import annotations

from functools import lru_cache

_ARABIC_BEFORE = ("وال", "بال", "فال", "كال", "ال", "لل", "و", "ف", "ب", "ل", "ك")
_ARABIC_AFTER = ("هما", "هم", "نا", "ها", "ني", "كم", "ه", "ي", "ك")
_KOREAN_AFTER = (
    "이었어요", "이에요", "입니다", "였어요", "이라서", "이랑", "에서", "에게", "한테", "께서", "으로", "까지", "부터",
    "처럼", "마다", "이요", "예요", "라서", "하고", "에요", "은", "는", "이", "가", "을", "를", "에", "도", "만", "로",
    "랑", "와", "과", "요", "의",
)  # fmt: skip
_SOMALI_AFTER = ("kiisa", "teeda", "keeda", "tiisa", "kii", "tii", "gii", "dii", "ka", "ga", "ta", "da", "ha", "ku", "gu", "tu", "du", "hu")  # fmt: skip


@lru_cache(maxsize=16_384)
def forms_of(word: str) -> tuple[str, ...]:
    """`word` (plain) as it stands, then what is left of it without what is written together with it."""
    if not word:
        return (word,)
    first = word[0]
    if "\u0620" <= first <= "\u064a":
        return _arabic(word)
    if "\uac00" <= first <= "\ud7a3":
        return (word, *(bare for end in _KOREAN_AFTER if (bare := word.removesuffix(end)) != word and bare))
    return (word,)


def somali_forms(word: str) -> tuple[str, ...]:
    """Somali articles and possessives stand at the end: baska, gaariga, hooyadeed."""
    return tuple(
        word.removesuffix(end) for end in _SOMALI_AFTER if len(word) - len(end) >= 3 and word.endswith(end)
    )


def _arabic(word: str) -> tuple[str, ...]:
    forms = [word]
    for before in ("", *_ARABIC_BEFORE):
        if before and not (word.startswith(before) and len(word) - len(before) >= 3):
            continue
        bare = word[len(before) :]
        if before:
            forms.append(bare)
        for after in _ARABIC_AFTER:
            if len(bare) - len(after) >= 3 and bare.endswith(after):
                stem = bare[: -len(after)]
                forms.append(stem)
                if stem.endswith("ت"):
                    forms.append(stem[:-1] + "ه")
    return tuple(dict.fromkeys(forms))
