"""Are the catalogs complete, and would each entry read right? One finding a fault, with file, line and the way out.

What an entry must have is decided by the template `locales/<domain>.pot`, or, where a domain has none, by every entry
that any language has.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message

from bot.channels.segments import measure
from bot.language.catalog import DRAFT, CatalogError, placeholders, po_path, read_catalog
from bot.language.codes import CATALOG_LANGUAGES

DOMAINS = ("bot", "flows", "papers", "phrases", "web")
MOST_SEGMENTS = 3
"""SMS parts from which a text to families is too long in a language; pages (domain `web`) have no such limit."""
_INLINE = frozenset({"flows"})
"""Domains whose texts may stand in the conversation's own file instead; `bot flows check` finds what is in neither."""
_BY_CHOICE = frozenset({"web"})
"""Domains that a language has or has not: staff read English, Arabic or Spanish. A file that is there must be whole."""
_HEARD = "heard"
"""Context of phrases that are only understood, in one language: nothing is missing where another lacks them."""

Key = tuple[str | None, str]


@dataclass(frozen=True, slots=True)
class CatalogFinding:
    """One fault of one entry, as `bot locales check` prints it."""

    file: str
    line: int
    code: str
    says: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.code}: {self.says}"


@dataclass(frozen=True, slots=True)
class CatalogStatus:
    """How far one language's catalog of one domain is."""

    language: str
    domain: str
    wanted: int
    translated: int
    reviewed: int

    @property
    def complete(self) -> bool:
        return self.translated >= self.wanted


def _key(message: Message) -> Key:
    return message.context, message.id if isinstance(message.id, str) else str(message.id[0])


def _messages(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def _forms(message: Message) -> tuple[str, ...]:
    given = (message.string,) if isinstance(message.string, str) else message.string or ()
    return tuple(str(form or "") for form in given)


def _english(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(str(part) for part in message.id)


def wanted(folder: Path, domain: str) -> dict[Key, tuple[str, ...]]:
    """Every entry the domain must have: key → its English, one text or singular and plural."""
    template = folder / f"{domain}.pot"
    sources = [template] if template.is_file() else sorted(folder.glob(f"*/LC_MESSAGES/{domain}.po"))
    found: dict[Key, tuple[str, ...]] = {}
    for path in sources:
        language = "en" if path == template else path.parent.parent.name
        for message in _messages(read_catalog(path, language)):
            if message.context != _HEARD:
                found.setdefault(_key(message), _english(message))
    return found


def status(folder: Path) -> list[CatalogStatus]:
    """Every catalog language and domain: how much is there, and how much of it a speaker has approved."""
    rows = []
    for domain in DOMAINS:
        needed = wanted(folder, domain)
        for language in CATALOG_LANGUAGES if needed else ():
            translated = reviewed = 0
            path = po_path(folder, language, domain)
            for message in _messages(read_catalog(path, language)) if path.is_file() else ():
                if _key(message) in needed and all(_forms(message)):
                    translated += 1
                    reviewed += DRAFT not in message.flags and "fuzzy" not in message.flags
            rows.append(CatalogStatus(language, domain, len(needed), translated, reviewed))
    return rows


def register(folder: Path, language: str) -> str:
    """How a language's catalog speaks to families ("usted, warm and short"): the note on top of it; "" without one."""
    path = po_path(folder, language, "bot")
    if not path.is_file():
        return ""
    told = " ".join(line.lstrip("# ") for line in read_catalog(path, language).header_comment.splitlines())
    found = re.search(r"Register: (.*?)[.;](?:\s|$)", told)
    return found.group(1) if found else ""


def check(folder: Path) -> Iterator[CatalogFinding]:
    """Every fault of every catalog under `folder`, language by language."""
    for domain in DOMAINS:
        needed = wanted(folder, domain)
        for language in CATALOG_LANGUAGES if needed else ():
            path = po_path(folder, language, domain)
            name = str(path.relative_to(folder))
            if not path.is_file() and domain in _INLINE | _BY_CHOICE:
                continue
            if not path.is_file():
                yield CatalogFinding(
                    name, 1, "missing-file", f"{language} has no catalog {domain}: make one from {domain}.pot"
                )
                continue
            try:
                catalog = read_catalog(path, language)
            except CatalogError as error:
                yield CatalogFinding(name, 1, "unreadable", str(error))
                continue
            yield from _check_catalog(name, catalog, needed, domain)


def _check_catalog(
    name: str, catalog: Catalog, needed: dict[Key, tuple[str, ...]], domain: str
) -> Iterator[CatalogFinding]:
    there = {_key(message): message for message in _messages(catalog)}
    for key, english in needed.items():
        if key not in there and domain not in _INLINE:
            yield CatalogFinding(
                name, 1, "missing", f"no entry for “{_short(english[0])}”: add it, as a draft"
            )
    for key, message in there.items():
        if key not in needed and message.context != _HEARD:
            yield CatalogFinding(
                name,
                message.lineno or 1,
                "left-over",
                f"“{_short(key[1])}” is no longer asked for: take it out",
            )
            continue
        yield from _check_entry(name, message, catalog, domain)


def _check_entry(name: str, message: Message, catalog: Catalog, domain: str) -> Iterator[CatalogFinding]:
    line, english, forms = message.lineno or 1, _english(message), _forms(message)
    plural_form = gettext.c2py(catalog.plural_expr)
    if not forms or not all(form.strip() for form in forms):
        yield CatalogFinding(name, line, "empty", f"“{_short(english[0])}” has no translation yet")
        return
    if len(english) > 1 and len(forms) != catalog.num_plurals:
        says = f"“{_short(english[0])}” has {len(forms)} forms; this language needs {catalog.num_plurals}"
        yield CatalogFinding(name, line, "plural", says)
    for number, form in enumerate(forms):
        need, have = placeholders(english[-1]), placeholders(form)
        counted = [n for n in range(200) if len(forms) > 1 and plural_form(n) == number]
        if len(counted) == 1:  # "one day" may say its number in a word
            need, have = need - {"n"}, have - {"n"}
        if need != have:
            differ = ", ".join(f"{{{p}}}" for p in sorted(need ^ have))
            yield CatalogFinding(
                name, line, "placeholder", f"“{_short(form)}”: {differ} must be in both or in neither"
            )
        stray = _runs(english[0]) & _runs(form)
        if stray:
            yield CatalogFinding(name, line, "english", f"“{' '.join(min(stray))}” is left in English")
        if domain != "web" and measure(form).segments > max(MOST_SEGMENTS, measure(english[-1]).segments):
            says = f"“{_short(form)}” takes {measure(form).segments} SMS parts: say it shorter"
            yield CatalogFinding(name, line, "long", says)


def _short(text: str) -> str:
    return text if len(text) <= 48 else f"{text[:47]}…"


def _runs(text: str) -> set[tuple[str, ...]]:
    """Every three words in a row in plain Latin letters; names in braces, commands in `backticks`
    and other signs stand between."""
    found: set[tuple[str, ...]] = set()
    for stretch in re.split(r"`[^`]*`|\{\w+\}|[^A-Za-z' ]", text.lower()):
        words = stretch.split()
        found |= {(a, b, c) for a, b, c in zip(words, words[1:], words[2:], strict=False)}
    return found
