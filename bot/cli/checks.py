"""The checks of `bot doctor`. Each yields findings; none changes anything."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import requests
from sqlalchemy import func, make_url, select

from bot.channels.twilio import INBOUND_PATH
from bot.cli.findings import Finding
from bot.flow.library import load_library
from bot.insight import readiness
from bot.jobs.wiring import flow_texts, make_translator
from bot.language.catalog import CatalogError, Catalogs
from bot.settings import HOME, Settings
from bot.store import keys as key_files
from bot.store.columns import VaultError
from bot.store.database import Database
from bot.store.people import Guardian
from bot.store.tables import sealed_columns
from bot.store.talk import Inbox

RETRY_FRAGMENT = "#rc=3&rp=ct,rt,5xx"
"""Appended to a webhook's address, it makes Twilio try again when an answer is late or a 5xx. Without it, no retry."""

_SAMPLED = 50
_SKEW = timedelta(seconds=30)
_GIGABYTE = 1 << 30


def keys(settings: Settings) -> Iterator[Finding]:
    """Are there keys, whose are they, and do they open what is stored?"""
    file = settings.path(settings.var) / key_files.FILE
    if not (settings.data_keys or settings.index_key or settings.secret_key or file.exists()):
        yield Finding("keys", True, "none yet: made on the first start, for a trial")
        return
    held = key_files.keys_of(settings)
    held.vault()
    path = held.from_file
    if path is None:
        yield Finding("keys", True, "from the environment")
    elif path.stat().st_mode & 0o077:
        yield Finding("keys", False, f"{path.name} may be read by others", f"chmod 600 {path}")
    elif not settings.sample_school:
        yield Finding(
            "keys",
            False,
            f"made on first start, in {path.name} of {settings.var}, beside the data they protect",
            "Move DATA_KEYS, INDEX_KEY and SECRET_KEY into the environment; keep a copy where the data is not.",
        )
    else:
        yield Finding("keys", True, f"made for the trial, in {path.name} of {settings.var}")


def database(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Is it there, in shape, worked on, and can its texts be opened? Does it know what time it is?"""
    if settings.is_sqlite and not Path(make_url(settings.sqlalchemy_url).database or "").exists():
        yield Finding("database", False, "there is none yet", "`make run` makes it, or `bot migrate`.")
        return
    db = Database(settings.sqlalchemy_url, key_files.keys_of(settings).vault(), pool_size=2)
    try:
        healthy = True
        for check in readiness.checks(db, now):
            healthy = healthy and check.ok
            says, _, do = check.says.partition(": ")
            yield Finding(check.name, check.ok, says if not check.ok else check.says, "" if check.ok else do)
        in_shape = current_is_newest(db) if healthy else False
        if in_shape:
            yield _sealed_values(db)
            yield _clock(db, now)
            yield _languages(db, settings)
    finally:
        db.dispose()


def current_is_newest(db: Database) -> bool:
    """Whether the tables can be read at all by this version."""
    from bot.store.migrate import current, newest

    return current(db.engine) == newest()


def _sealed_values(db: Database) -> Finding:
    """The newest and the oldest values of every sealed column open with the keys at hand."""
    opened = 0
    try:
        with db.reading() as session:
            for column in sealed_columns():
                row_id = column.class_.__table__.c.id
                for order in (row_id, row_id.desc()):
                    for key, sealed in session.execute(
                        select(row_id, column).where(column.is_not(None)).order_by(order).limit(_SAMPLED)
                    ):
                        db.vault.open(column, key, sealed)
                        opened += 1
    except VaultError as error:
        return Finding(
            "sealed",
            False,
            str(error),
            "Put the missing key back into DATA_KEYS (`bot keys show` lists ids).",
        )
    return Finding("sealed", True, f"the newest and oldest values open ({opened} tried)")


def _clock(db: Database, now: datetime) -> Finding:
    with db.reading() as session:
        newest = session.scalar(select(func.max(Inbox.received_at)))
        there = now if db.is_sqlite else session.scalar(select(func.clock_timestamp()))
    if there is not None and abs(there - now) > _SKEW:
        return Finding(
            "clock",
            False,
            f"this machine and the database disagree by {abs(there - now).total_seconds():.0f} s",
            "Let both machines keep time by NTP.",
        )
    if newest is not None and newest - now > _SKEW:
        return Finding(
            "clock",
            False,
            "a text was received in what is now the future: the clock was set back",
            "Set the clock right (NTP) and restart.",
        )
    return Finding("clock", True, f"{now:%Y-%m-%d %H:%M:%S} UTC")


def _languages(db: Database, settings: Settings) -> Finding:
    """Which languages do families read that no engine here serves?"""
    with db.reading() as session:
        read = set(session.scalars(select(Guardian.language).where(Guardian.active).distinct()))
    translator = make_translator(settings)  # asked, not loaded
    without = sorted(
        language
        for language in read
        if language
        and language != "en"
        and not (translator.can("en", language) and translator.can(language, "en"))
    )
    if not without:
        return Finding("languages", True, "an engine serves every language that families read")
    return Finding(
        "languages",
        True,
        f"no engine serves {', '.join(without)}: there, catalogs, reviewed translations and people do the work",
        "`bot models list` shows what can be installed.",
    )


def models(settings: Settings) -> Iterator[Finding]:
    """A real sentence through a real model, both ways."""
    translator = make_translator(settings)
    try:
        for text, source, target in (
            ("The class starts at nine.", "en", "pt"),
            ("A aula começa às nove.", "pt", "en"),
        ):
            if not translator.can(source, target):
                yield Finding(
                    "models", False, f"no model for {source} → {target}", "Install again: make setup"
                )
                return
            (found,) = translator.translate([text], source, target)
            if found.missing or found.text.casefold() == text.casefold():
                yield Finding(
                    "models", False, f"{source} → {target} gives no translation", "Install again: make setup"
                )
                return
        pairs = sorted({f"{model.source}→{model.target}" for model in translator.router.models()})
        yield Finding("models", True, f"translated a sentence both ways; pairs here: {', '.join(pairs)}")
    finally:
        translator.router.close()


def catalogs() -> Iterator[Finding]:
    """Can every catalog be read, and how much of it has a speaker approved?"""
    for domain in ("bot", "web", "flows"):
        try:
            found = Catalogs.load(HOME / "locales", domain)
            drafts = [
                language
                for language in found.languages()
                if language != "en" and any(not entry.reviewed for entry in found.entries(language))
            ]
        except CatalogError as error:
            yield Finding(
                "catalogs", False, str(error), "Mend that file; `bot locales check` shows every fault."
            )
            continue
        says = f"{domain}: {len(found.languages())} languages"
        if drafts:
            says += f", {len(drafts)} with drafts that no speaker has approved"
        yield Finding("catalogs", True, says)


def flows() -> Iterator[Finding]:
    """Can every conversation be read?"""
    library = load_library(HOME / "flows", flow_texts(Catalogs.load(HOME / "locales", "flows")))
    yield Finding(
        "flows",
        bool(library.scripts),
        f"{len(library.scripts)} conversations",
        "" if library.scripts else "flows/ is empty: restore it.",
    )


def provider(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Does the provider answer, know us, and agree about the time?"""
    if not settings.twilio_account_sid:
        yield Finding("provider", True, "no Twilio account is set: texts go to the phone simulator only")
        return
    address = f"{settings.twilio_api_base}/2010-04-01/Accounts/{settings.twilio_account_sid}.json"
    try:
        answer = requests.get(
            address,
            auth=(settings.twilio_account_sid, settings.twilio_auth_token[0]),
            timeout=settings.provider_timeout_seconds,
        )
    except requests.RequestException as error:
        yield Finding(
            "provider",
            False,
            f"Twilio cannot be reached ({type(error).__name__})",
            "Look at this machine's way out (firewall, DNS, proxy) and at TWILIO_API_BASE.",
        )
        return
    if answer.status_code in (401, 403, 404):
        yield Finding(
            "provider",
            False,
            f"Twilio does not accept the account or token (HTTP {answer.status_code})",
            "Compare TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN with Twilio's console.",
        )
    elif not answer.ok:
        yield Finding("provider", False, f"Twilio answers HTTP {answer.status_code}", "Try again later.")
    else:
        yield Finding("provider", True, "Twilio answers and accepts the account")
    told = answer.headers.get("Date")
    if told and abs(parsedate_to_datetime(told) - now) > _SKEW:
        yield Finding("clock", False, "this machine and Twilio disagree about the time", "Keep time by NTP.")


def address(settings: Settings) -> Iterator[Finding]:
    """Can carriers and staff reach us safely?"""
    if not settings.twilio_account_sid:
        yield Finding("address", True, f"{settings.base_url}/")
        return
    hook = f"{settings.public_url or 'https://YOUR.HOST'}{INBOUND_PATH}{RETRY_FRAGMENT}"
    if not settings.public_url.startswith("https://"):
        yield Finding(
            "address", False, "Twilio needs an https:// address to deliver texts", "Set PUBLIC_URL."
        )
    elif settings.sample_school:
        yield Finding(
            "address",
            False,
            "real texts can leave while the sample school's doors are open",
            "Set SAMPLE_SCHOOL=false before real families are entered.",
        )
    else:
        yield Finding("address", True, settings.public_url, f"At Twilio, incoming messages go to {hook}")


def disk(settings: Settings) -> Iterator[Finding]:
    """Is there room for a year, and for a backup? A full disk stores nothing: texts come back as 5xx."""
    folder = settings.path(settings.var)
    size = 0
    if settings.is_sqlite:
        file = Path(make_url(settings.sqlalchemy_url).database or "")
        folder = file.parent
        size = sum(path.stat().st_size for path in folder.glob(f"{file.name}*") if path.is_file())
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    wanted = max(_GIGABYTE, 2 * size)
    says = f"{free / _GIGABYTE:.1f} GB free" + (f", the database takes {size / 1e6:.1f} MB" if size else "")
    if free < wanted:
        yield Finding("disk", False, says, f"Make room: at least {wanted / _GIGABYTE:.1f} GB should be free.")
    else:
        yield Finding("disk", True, says)
