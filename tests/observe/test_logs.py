"""Nothing a family wrote, and no number it wrote from, ever stands in a log line."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.observe import privacy

WRITTEN_NUMBERS = [
    "+15555550123",
    "+1 (415) 555-2345",
    "(415) 555-2345",
    "415.555.2345",
    "4155552345",
    "whatsapp:+5511912345678",
    "%2B15555550123",
    "tel:+52-55-1234-5678",
    "+٩٦٦٥٥٥٥٥٥٥٥٥",
    "\u200e+1 415 555 2345",
    "555-2345",
    "mom's cell 415 555 2345 ext 3",
    "4155552345.0",
]


@pytest.mark.parametrize("number", WRITTEN_NUMBERS)
def test_a_number_is_masked_however_it_is_written(number: str) -> None:
    masked = privacy.mask_text(f"sending to {number}, try 2")
    assert privacy.MASK in masked
    assert sum(character.isdigit() for character in masked) <= 4, masked


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-04 15:00:00.123456",
        "2026-03-04T15:00:00Z",
        "listening on 192.168.100.200:8000",
        "conversation 247839283742983741",
        "SM0123456789abcdef0123456789abcdef",
        "6f9619ff-8b86-4011-b42d-00c04fc964ff",
        "took 0.123456789 s",
        "error 21610, 3 of 160 segments, port 8000",
    ],
)
def test_what_finds_a_fault_stays_readable(text: str) -> None:
    assert privacy.mask_text(text) == text


@given(
    prefix=st.text(max_size=20),
    digits=st.text("0123456789", min_size=7, max_size=14),
    gaps=st.lists(st.sampled_from(["", "", "", " ", "-", ".", " ("]), min_size=14, max_size=14),
    suffix=st.text(st.characters(exclude_categories=["Nd"]), max_size=20),
)
def test_an_international_number_never_survives(
    prefix: str, digits: str, gaps: list[str], suffix: str
) -> None:
    number = "+1" + "".join(gap + digit for gap, digit in zip(gaps, digits, strict=False))
    assert number not in privacy.mask_text(f"{prefix} {number} {suffix}")


def test_values_of_every_shape_are_masked() -> None:
    masked = privacy.mask(
        {
            "to": ["+15555550123"],
            "n": 4155552345,
            "excel": 4155552345.0,
            "+15555550123": 1,
            "body": b"hi",
            "ok": 7,
        }
    )
    assert masked == {
        "to": [privacy.MASK],
        "n": privacy.MASK,
        "excel": privacy.MASK,
        privacy.MASK: 1,
        "body": "<2 bytes>",
        "ok": 7,
    }


def log_lines(code: str, style: str = "json", level: str = "debug") -> list[str]:
    """What a real process that runs `code` writes to standard error."""
    program = (
        f"import logging, structlog\nfrom bot.observe import logs\nlogs.set_up({level!r}, {style!r}, process='worker')\n"
        "log = logs.get('bot.tests')\n" + textwrap.dedent(code)
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_an_event_is_one_json_line_that_names_its_process() -> None:
    (line,) = log_lines("log.info('turn taken', conversation=247839283742983741, ms=12)")
    event = json.loads(line)
    assert event["event"] == "turn taken"
    assert event["process"] == "worker"
    assert event["conversation"] == 247839283742983741
    assert event["logger"] == "bot.tests"
    assert event["timestamp"].startswith("20")


def test_the_console_is_for_people_and_says_the_same() -> None:
    (line,) = log_lines("log.warning('no sender', phone='+15555550123')", style="console")
    assert "no sender" in line
    assert "5555550123" not in line


@pytest.mark.parametrize("style", ["json", "console"])
def test_a_fault_tells_its_place_but_not_what_the_family_wrote(style: str) -> None:
    lines = "\n".join(
        log_lines(
            """
            def read(text):
                secret_local = text
                return int(text)
            try:
                try:
                    read("SENTINEL mi hija está enferma +15555550123")
                except ValueError as error:
                    raise RuntimeError("SENTINEL again") from error
            except RuntimeError:
                log.exception("turn failed", conversation=1)
            """,
            style,
        )
    )
    assert "turn failed" in lines
    assert "ValueError" in lines
    assert "in read" in lines
    assert "SENTINEL" not in lines
    assert "5555550123" not in lines


def test_an_uncaught_exception_in_the_process_or_a_thread_is_not_quoted_either() -> None:
    lines = "\n".join(
        log_lines(
            """
            import threading
            def fall(): raise ValueError("SENTINEL in a thread")
            thread = threading.Thread(target=fall); thread.start(); thread.join()
            raise ValueError("SENTINEL at the end")
            """
        )
    )
    assert lines.count("uncaught exception") == 2
    assert "SENTINEL" not in lines


def test_exceptions_given_as_values_or_arguments_are_described_not_quoted() -> None:
    lines = "\n".join(
        log_lines(
            """
            error = ValueError("SENTINEL")
            log.error("refused", error=error)
            log.error("refused %s", error)
            logging.getLogger("urllib3").warning("retrying after %r", error)
            logging.getLogger("urllib3").error(error)
            """
        )
    )
    assert lines.count("ValueError") == 4
    assert "SENTINEL" not in lines


def test_our_own_exceptions_keep_their_sentence() -> None:
    (line,) = log_lines(
        """
        from bot.store.columns import VaultError
        try:
            raise VaultError("inbox.body.7 was sealed with key 'ab', which DATA_KEYS does not have.")
        except VaultError:
            log.exception("turn failed")
        """
    )
    assert "which DATA_KEYS does not have" in line


def test_libraries_that_print_what_they_carry_are_held_back_even_when_we_debug() -> None:
    lines = log_lines(
        """
        for name in ("twilio.http_client", "urllib3.connectionpool", "sqlalchemy.engine.Engine",
                     "argostranslate.utils", "procrastinate.worker", "somebody.else"):
            logging.getLogger(name).info("POST Body=%s", "SENTINEL")
            logging.getLogger(name).debug("SENTINEL")
        log.debug("ours")
        """
    )
    assert len(lines) == 1
    assert "ours" in lines[0]


def test_a_database_error_shows_its_code_but_no_value() -> None:
    (line,) = log_lines(
        """
        import sqlite3
        from sqlalchemy import create_engine, text
        engine = create_engine("sqlite://", hide_parameters=True)
        with engine.connect() as connection:
            connection.execute(text("CREATE TABLE t (a TEXT UNIQUE)"))
            connection.execute(text("INSERT INTO t VALUES (:a)"), {"a": "SENTINEL"})
            try:
                connection.execute(text("INSERT INTO t VALUES (:a)"), {"a": "SENTINEL"})
            except Exception:
                log.exception("not stored")
        """
    )
    assert "UNIQUE constraint failed: t.a" in line
    assert "IntegrityError" in line
    assert "SENTINEL" not in line
