"""The last line of defence of every log line: no phone number and no family's words, whatever the caller did.

The first line is the callers' own habit: they log ids, never numbers or texts. This module assumes that somebody
forgot. Two rules, both on the side of hiding too much:

- Whatever looks like a phone number becomes `<phone>`: in messages, values, keys, tracebacks, in any script's digits.
- An exception's own message is shown only where it cannot carry data: our own exceptions (a house rule keeps numbers
  and texts out of them) and the few of Python's that speak of names and files. Of any other exception the type and
  the place are shown, which is what finds the fault; `ValueError: invalid literal: 'my son is ill'` is not.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType

MASK = "<phone>"

_NO_PHONE = r"""
    \d{4}-\d{2}-\d{2} (?: [T\ ] \d{2}:\d{2} (?: :\d{2} (?: [.,]\d+ )? )? )?   # a date, perhaps with a time
  | \d{1,3} (?: \.\d{1,3} ){3} (?! [\d.] )                                    # an IPv4 address
  | [0-9a-f]{8} (?: -[0-9a-f]{4} ){3} -[0-9a-f]{12}                           # a UUID
  | (?<! [0-9A-Za-z] ) [A-Z]{2,3} [0-9a-f]{32} (?! [0-9A-Za-z] )              # a provider's message id
  | (?<! [0-9A-Za-z] ) (?= [0-9]*[a-f] ) [0-9a-f]{24,} (?! [0-9A-Za-z] )      # a hash
  | (?<! \d ) \d{16,} (?! \d )                                                # a row id: E.164 ends at 15 digits
  | (?<! \d ) \d{1,4} \.\d{5,} (?! [\d.] )                                    # a duration in seconds
"""
_PHONE = r"""
    [+＋] [\s\-.()\u2010-\u2015\u2066-\u2069\u200e\u200f]* \d (?: [\s\-.()/\u2010-\u2015\u200e\u200f]{0,3} \d ){6,14}
  | (?<! \d ) \(? \d (?: [\s\-.()/\u2010-\u2015\u200e\u200f]{0,3} \d ){9,14} (?! \d )
  | (?<! [\d.:\-] ) \d{3} [\s\-.] \d{4} (?! [\d.:\-] )
"""
_LOOKING = re.compile(f"(?P<keep>{_NO_PHONE}) | (?:{_PHONE})", re.VERBOSE)


def mask_text(text: str) -> str:
    """`text` with everything that looks like a phone number masked. Dates, row ids and message ids stay."""
    return _LOOKING.sub(lambda found: found[0] if found["keep"] else MASK, text)


def mask(value: object) -> object:
    """Any log value, masked. A number of 10 to 15 digits is taken for a phone: row ids have 16 and more."""
    match value:
        case bool() | None:
            return value
        case str():
            return mask_text(value)
        case int() | float():
            whole = value == value and abs(value) != float("inf") and int(value) == value
            return MASK if whole and 10 <= len(str(abs(int(value)))) <= 15 else value
        case bytes() | bytearray() | memoryview():
            return f"<{len(value)} bytes>"  # a ciphertext at best, a body at worst
        case BaseException():
            return "".join(describe(value)).strip()
        case Mapping():
            return {mask_text(str(key)): mask(item) for key, item in value.items()}
        case Iterable():
            return [mask(item) for item in value]
        case _:
            return mask_text(repr(value))


_SPEAK_OF_NAMES = (AttributeError, ImportError, NameError, TypeError, RecursionError, MemoryError)


def _message(error: BaseException) -> str:
    kind = type(error)
    if kind.__module__.split(".")[0] == "bot" or isinstance(error, KeyboardInterrupt | SystemExit):
        return mask_text(str(error))
    if kind.__module__ == "builtins":
        if isinstance(error, OSError):
            return mask_text(f"[Errno {error.errno}] {error.strerror}")
        if isinstance(error, _SPEAK_OF_NAMES):
            return mask_text(str(error))
    if kind.__module__ == "sqlite3":
        return mask_text(str(error))  # SQLite names tables and columns, never values
    sqlstate = getattr(error, "sqlstate", None)
    if isinstance(sqlstate, str):  # psycopg: its words may quote the value; code and constraint do not
        constraint = getattr(getattr(error, "diag", None), "constraint_name", None)
        return f"SQLSTATE {sqlstate}" + (f", constraint {constraint}" if constraint else "")
    return "(message withheld)"


def describe(error: BaseException) -> Iterable[str]:
    """The lines of a traceback without locals and without messages that might quote a family."""
    seen: set[int] = set()
    chain: list[tuple[BaseException, str]] = []
    current: BaseException | None = error
    link = ""
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        chain.append((current, link))
        if current.__cause__ is not None:
            link, current = "\nThat caused:\n\n", current.__cause__
        elif current.__context__ is not None and not current.__suppress_context__:
            link, current = "\nWhile handling it:\n\n", current.__context__
        else:
            current = None
    for number in range(len(chain) - 1, -1, -1):
        one, link = chain[number]
        yield from _frames(one.__traceback__)
        message = _message(one)
        kind = type(one)
        name = (
            kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
        )
        yield f"{name}: {message}\n" if message else f"{name}\n"
        if isinstance(one, BaseExceptionGroup):
            for inner in one.exceptions:
                yield from ("  | " + line for line in describe(inner))
        yield link


def _frames(trace: TracebackType | None) -> Iterable[str]:
    if trace is None:
        return
    yield "Traceback (innermost last):\n"
    for frame in traceback.extract_tb(trace):
        # The source line is shown: it is code, not data. The folder is not: it names the machine's user.
        yield f"  {_short(frame.filename)}:{frame.lineno} in {frame.name}\n"
        if frame.line:
            yield f"    {mask_text(frame.line)}\n"


def _short(filename: str) -> str:
    parts = Path(filename).parts
    for root in ("site-packages", "bot", "tests", "bench"):
        if root in parts:
            return "/".join(parts[len(parts) - 1 - parts[::-1].index(root) :])
    return "/".join(parts[-2:])
