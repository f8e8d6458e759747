"""The catalogs: what the bot, its pages and its conversations say, written by people, in every catalog language.

One gettext file a language and domain, `locales/<tag>/LC_MESSAGES/<domain>.po`:

- `bot`: what the bot says to families, `web`: the staff pages and the simulator, `flows`: the texts of conversations
  (`msgctxt` is the text's key: conversation, step and place).
- `msgid` is the English. When the English changes, the entry no longer matches and is *missing*, never stale.
- Placeholders are `{child}`; nothing but a plain name is allowed in the braces.
- An entry carries the flag `draft` until somebody who speaks the language has approved it (`#, draft`).

Files are read by Babel on first use of a language (about 20 ms per 400 entries) and kept; editing a file is seen
by the next process. Missing entries come back as None: the caller decides, never another language in silence.
"""

from __future__ import annotations

import gettext
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from bot.language.codes import ENGLISH, LANGUAGES

DRAFT = "draft"
DOMAINS = ("bot", "web", "flows")
_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Origin(StrEnum):
    """Where a text in a family's language came from, in the order we trust it."""

    CATALOG = "catalog"
    REVIEWED = "reviewed"
    MACHINE = "machine"
    NONE = "none"


class CatalogError(ValueError):
    """A catalog file that cannot be read, or a text used with the wrong values. Says which file, line or name."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text, filled in, ready to send or show."""

    text: str
    language: str
    origin: Origin
    reviewed: bool
    """Whether a speaker approved the wording. English, the source, counts as reviewed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One translated entry. `forms` has one text, or one for each plural form of the language."""

    msgid: str
    plural: str | None
    context: str | None
    forms: tuple[str, ...]
    reviewed: bool
    line: int | None = None


@dataclass(frozen=True)
class _LanguageCatalog:
    entries: Mapping[tuple[str | None, str], Entry]
    plural_form: Callable[[int], int]


def placeholders(text: str) -> frozenset[str]:
    """The names in braces: {"child", "teacher"}."""
    return frozenset(_PLACEHOLDER.findall(text))


def fill(text: str, values: Mapping[str, object]) -> str:
    """`text` with its placeholders replaced. Raises `CatalogError` naming a placeholder that has no value.

    Values are put in as they are and never looked into: a guardian who is called "{teacher}" stays so.
    """

    def value_of(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in values:
            raise CatalogError(f"The text “{text[:60]}” needs a value for {{{name}}}.")
        return str(values[name])

    return _PLACEHOLDER.sub(value_of, text)


def po_path(folder: Path, language: str, domain: str) -> Path:
    """Where a language's catalog of a domain lies."""
    return folder / language / "LC_MESSAGES" / f"{domain}.po"


def read_catalog(path: Path, language: str) -> Catalog:
    """One .po file as Babel's Catalog. Raises `CatalogError` with the line when it is malformed."""
    try:
        with path.open("rb") as file:
            return read_po(file, locale=babel_locale(language), abort_invalid=True)
    except (PoFileError, ValueError, UnicodeDecodeError) as error:
        raise CatalogError(f"{path}: {error}. Mend the line, or take the file out.") from error


def babel_locale(language: str) -> str | None:
    """The CLDR locale whose plural rules a catalog of this language follows."""
    known = LANGUAGES.get(language)
    return known.babel if known else None


def _entry(message: Message) -> Entry | None:
    msgid, plural = (message.id, None) if isinstance(message.id, str) else (message.id[0], message.id[1])
    given = (message.string,) if isinstance(message.string, str) else message.string or ()
    forms = tuple(str(form) for form in given if form)
    if not msgid or not forms or len(forms) != len(given):
        return None
    reviewed = not ({DRAFT, "fuzzy"} & set(message.flags))
    return Entry(str(msgid), plural, message.context, forms, reviewed, message.lineno)


class Catalogs:
    """All languages of one domain. Safe to share between threads; a language is read when first asked for."""

    def __init__(self, folder: Path, domain: str) -> None:
        self.folder = folder
        self.domain = domain
        self._loaded: dict[str, _LanguageCatalog] = {}
        self._lock = threading.Lock()

    @classmethod
    def load(cls, folder: Path, domain: str) -> Catalogs:
        """The catalogs under `folder`. Raises `CatalogError` when there is no such folder."""
        if not folder.is_dir():
            raise CatalogError(
                f"{folder} is no folder of catalogs. LOCALES_DIR should name the one with es/, pt/, …"
            )
        return cls(folder, domain)

    def languages(self) -> tuple[str, ...]:
        """The languages that have a file for this domain, English first."""
        found = (path.parent.parent.name for path in self.folder.glob(f"*/LC_MESSAGES/{self.domain}.po"))
        return (ENGLISH, *sorted(tag for tag in found if tag != ENGLISH))

    def entries(self, language: str) -> Iterator[Entry]:
        """Every complete entry of a language, in the file's order."""
        yield from self._language(language).entries.values()

    def entry(self, msgid: str, language: str, context: str | None = None) -> Entry | None:
        """The entry itself, unfilled, or None when the language lacks it."""
        return self._language(language).entries.get((context, msgid))

    def text(
        self,
        msgid: str,
        language: str,
        *,
        context: str | None = None,
        plural: str | None = None,
        n: int | None = None,
        **values: object,
    ) -> Text | None:
        """`msgid` in `language`, filled with `values`; None when the language lacks the entry.

        For counts give the English `plural` and `n`; `{n}` is then filled too. English itself needs no entry.
        Raises `CatalogError` when a placeholder has no value.
        """
        if n is not None:
            values = {"n": n, **values}
        if language == ENGLISH:
            chosen = plural if plural is not None and n is not None and n != 1 else msgid
            return Text(fill(chosen, values), ENGLISH, Origin.CATALOG, True)
        catalog = self._language(language)
        entry = catalog.entries.get((context, msgid))
        if entry is None:
            return None
        form = catalog.plural_form(n) if n is not None and len(entry.forms) > 1 else 0
        return Text(
            fill(entry.forms[min(form, len(entry.forms) - 1)], values),
            language,
            Origin.CATALOG,
            entry.reviewed,
        )

    def _language(self, language: str) -> _LanguageCatalog:
        loaded = self._loaded.get(language)
        if loaded is None:
            with self._lock:
                loaded = self._loaded.get(language) or self._read(language)
                self._loaded[language] = loaded
        return loaded

    def _read(self, language: str) -> _LanguageCatalog:
        path = po_path(self.folder, language, self.domain)
        if language not in LANGUAGES or not path.is_file():
            return _LanguageCatalog({}, lambda n: 0)
        catalog = read_catalog(path, language)
        entries: dict[tuple[str | None, str], Entry] = {}
        for message in catalog:
            entry = _entry(message)
            if entry is not None:
                entries[(entry.context, entry.msgid)] = entry
        return _LanguageCatalog(entries, gettext.c2py(catalog.plural_expr))


def compile_catalogs(folder: Path) -> list[Path]:
    """Write a .mo beside every .po that is newer than it, for tools that want gettext's own format; returns those
    written. The product reads the .po files (a .mo forgets which entries are drafts). Raises `CatalogError`."""
    written = []
    for path in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        compiled = path.with_suffix(".mo")
        if compiled.is_file() and compiled.stat().st_mtime >= path.stat().st_mtime:
            continue
        catalog = read_catalog(path, path.parent.parent.name)
        with compiled.open("wb") as file:
            write_mo(file, catalog)
        written.append(compiled)
    return written
