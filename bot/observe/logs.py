"""What a process says about itself: coloured lines for people, JSON lines for machines, and no family in either.

Our own rooms log events with ids (`log.info("turn taken", conversation=id, ms=12)`). Everybody else's loggers stay at
WARNING whatever LOG_LEVEL says: Twilio's client logs whole requests at INFO, argostranslate whole sentences at
DEBUG, SQLAlchemy its parameters. Every line passes `bot.observe.privacy`, library lines and tracebacks too.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, MutableMapping
from types import TracebackType
from typing import Any, Literal, TextIO, cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.observe import privacy

Format = Literal["auto", "console", "json"]

_OURS = ("bot", "gunicorn.error", "py.warnings")
_TALKATIVE = (
    "alembic",
    "apscheduler",
    "argostranslate",
    "asyncio",
    "authlib",
    "concurrent",
    "httpx",
    "procrastinate",
    "requests",
    "sqlalchemy",
    "stanza",
    "twilio",
    "twilio.http_client",
    "urllib3",
    "werkzeug",
)


def set_up(
    level: str = "info", style: Format = "auto", *, process: str = "", stream: TextIO | None = None
) -> None:
    """Configure logging of this process. `process` (web, worker, scheduler) stands on every line.

    Lines go to `stream` (standard error): standard output belongs to results. May be called again.
    """
    out = sys.stderr if stream is None else stream
    as_json = style == "json" or (style == "auto" and not out.isatty() and not os.environ.get("FORCE_COLOR"))
    colours = not os.environ.get("NO_COLOR") and (out.isatty() or bool(os.environ.get("FORCE_COLOR")))
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _describe_arguments,
        structlog.stdlib.PositionalArgumentsFormatter(),
        _name_process(process),
        _traceback_to_text,
        mask_event,
        structlog.processors.TimeStamper(fmt="iso", utc=True),  # after the mask: a time is no phone
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *before,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=_masked_repr)
                if as_json
                else _console(colours),
            ],
            use_get_message=False,
            pass_foreign_args=True,
        )
    )
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    ours = logging.getLevelNamesMapping()[level.upper()]
    root.setLevel(max(ours, logging.WARNING))
    for name in _OURS:
        logging.getLogger(name).setLevel(ours)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(ours, logging.WARNING))
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # a line that cannot be written must not print its arguments instead
    sys.excepthook = _log_uncaught
    threading.excepthook = lambda args: _log_uncaught(
        args.exc_type, args.exc_value, args.exc_traceback, args.thread.name if args.thread else None
    )


def mask_event(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Processor: every value of the event without phone numbers and bytes."""
    kept = {
        key: event[key]
        for key in ("level", "logger", "process", "_record", "_from_structlog")
        if key in event
    }
    masked = cast(MutableMapping[str, Any], privacy.mask({k: v for k, v in event.items() if k not in kept}))
    masked.update(kept)
    return masked


def _traceback_to_text(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Processor: exc_info becomes text without locals and without messages that could quote a family."""
    info = event.pop("exc_info", None)
    record = event.get("_record")
    if not info and record is not None and record.exc_info:
        info = record.exc_info
    if record is not None:
        # The standard formatter would append its own traceback, with every message in it.
        record.exc_info = record.exc_text = record.stack_info = None
    if info is True:
        info = sys.exc_info()
    error = info if isinstance(info, BaseException) else info[1] if isinstance(info, tuple) else None
    if error is not None:
        event["exception"] = "".join(privacy.describe(error)).rstrip()
    event.pop("stack_info", None)
    return event


def _describe_arguments(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Processor: an exception that is the message, or an argument of it, is described, not quoted."""
    given = event.get("positional_args")
    if isinstance(given, tuple):  # a lone mapping belongs to "%(name)s" placeholders and stays as it is
        event["positional_args"] = tuple(
            privacy.mask(one) if isinstance(one, BaseException | bytes) else one for one in given
        )
    if not given:
        event.pop("positional_args", None)
    record = event.get("_record")
    said = event["event"] if record is None else record.msg
    if isinstance(said, BaseException):
        event["event"] = privacy.mask(said)
    return event


def _name_process(process: str) -> Processor:
    def add(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
        if process:
            event["process"] = process
        return event

    return add


def _console(colours: bool) -> Processor:
    return structlog.dev.ConsoleRenderer(
        colors=colours, exception_formatter=structlog.dev.plain_traceback, pad_event_to=28
    )


def _masked_repr(value: object) -> str:
    return privacy.mask_text(repr(value))


def _log_uncaught(
    kind: type[BaseException],
    error: BaseException | None,
    trace: TracebackType | None,
    thread: str | None = None,
) -> None:
    """The interpreter's own traceback would quote messages: this one does not."""
    if error is None or issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    structlog.get_logger("bot").error("uncaught exception", exc_info=error, thread=thread)


Logger = structlog.stdlib.BoundLogger
get: Callable[[str], Logger] = structlog.get_logger
"""`log = logs.get(__name__)`: the logger of a module."""
