"""Everything a process needs, put together once: settings in, a World out. Build it after a fork, never before."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from bot.channels.base import Channel, Medium
from bot.channels.media import MediaSource
from bot.channels.simulator import Simulator
from bot.channels.twilio import TwilioChannel, TwilioConfig
from bot.channels.twilio_media import TwilioMedia
from bot.conversation.desk import Desk
from bot.conversation.wording import Wording
from bot.delivery.pacing import QuietHours
from bot.delivery.senders import ensure_senders as ensure_senders  # every start wants it beside its World
from bot.flow.library import Library, load_library
from bot.flow.meaning import installed_meaning
from bot.flow.text import bare
from bot.jobs.cluster import ProcrastinateWake
from bot.language.catalog import Catalogs
from bot.language.codes import ENGLISH
from bot.language.critical import CriticalContent
from bot.language.engines.router import router_of_settings
from bot.language.glossary import GlossaryBook
from bot.language.memory import TranslationMemory
from bot.language.phrasebook import CatalogPhrasebook
from bot.language.translation import Memory
from bot.language.translator import Translator
from bot.settings import HOME, Settings
from bot.store.database import Database
from bot.store.keys import keys_of
from bot.store.wake import NoWake, Wake


def system_clock() -> datetime:
    """The present instant, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class World:
    """One process's parts."""

    settings: Settings
    db: Database
    desk: Desk
    channels: Mapping[str, Channel]
    catalogs: Mapping[str, Catalogs]
    """By domain: bot, web, flows."""
    library: Library
    clock: Callable[[], datetime]
    media_sources: Mapping[str, MediaSource]
    """By medium: where the pictures that families send can be fetched."""
    jitter: Callable[[], float] = random.random

    @property
    def translator(self) -> Translator:
        return self.desk.translator

    @property
    def wake(self) -> Wake:
        return self.desk.wake

    @classmethod
    def build(cls, settings: Settings, clock: Callable[[], datetime] = system_clock) -> World:
        """Put the parts together. Loads no model and opens no connection.

        Raises `VaultError` for wrong keys and `CatalogError` for a catalog that cannot be read.
        """
        db = Database(settings.sqlalchemy_url, keys_of(settings).vault())
        catalogs, library = _shelf()
        translator = make_translator(settings, TranslationMemory(db, clock))
        wake: Wake = NoWake() if db.is_sqlite else ProcrastinateWake()
        desk = Desk(
            db=db,
            translator=translator,
            wording=Wording(catalogs["bot"], translator, GlossaryBook(db, clock), CriticalContent(db)),
            library=dict(library.scripts),
            wake=wake,
            clock=clock,
            quiet=QuietHours(settings.quiet_from, settings.quiet_until),
            default_zone=settings.school_time_zone,
            meaning=installed_meaning(),
            lease=timedelta(seconds=settings.turn_lease_seconds),
            starts={bare(words): name for _, words, name in library.keywords() if name in library.scripts},
        )
        return cls(
            settings, db, desk, channels_of(settings), catalogs, library, clock, media_sources_of(settings)
        )

    def get_ready_to_send(self) -> None:
        """Load what the first text to Twilio would load; a worker does this before it claims any."""
        if isinstance(channel := self.channels.get(Medium.SMS), TwilioChannel):
            channel.get_ready()

    def close(self) -> None:
        """Give back connections, threads and models."""
        self.translator.router.close()
        self.db.dispose()


@cache
def _shelf() -> tuple[Mapping[str, Catalogs], Library]:
    """What this checkout says, by domain, and its conversations: files that do not change under a running process, so a
    process that makes several Worlds reads them once."""
    catalogs = {domain: Catalogs.load(HOME / "locales", domain) for domain in ("bot", "web", "flows")}
    return catalogs, load_library(HOME / "flows", flow_texts(catalogs["flows"]))


def make_translator(settings: Settings, memory: Memory | None = None) -> Translator:
    """The translator of these settings: models, a district's own server if one is set, the phrasebook, the memory."""
    router = router_of_settings(
        settings.path(settings.models_dir),
        settings.translation_engines,
        settings.models_memory_mb,
        settings.remote_translation_url,
        settings.remote_translation_hosts,
    )
    return Translator(router, memory, CatalogPhrasebook(HOME / "locales"))


def flow_texts(catalogs: Catalogs) -> dict[str, dict[tuple[str, str], tuple[str, bool]]]:
    """What the `flows` catalogs say, as scripts take it: language → (key, English) → (text, reviewed)."""
    return {
        language: {
            (entry.context or "", entry.msgid): (entry.forms[0], entry.reviewed)
            for entry in catalogs.entries(language)
        }
        for language in catalogs.languages()
        if language != ENGLISH
    }


def channels_of(settings: Settings) -> dict[str, Channel]:
    """The channels by medium: the simulator in the sample school, Twilio where an account is set."""
    channels: dict[str, Channel] = {}
    if settings.sample_school:
        channels[Medium.SIMULATOR] = Simulator()
    if settings.twilio_account_sid:
        twilio = TwilioChannel(_twilio(settings))
        channels[Medium.SMS] = channels[Medium.WHATSAPP] = twilio
    return channels


def media_sources_of(settings: Settings) -> dict[str, MediaSource]:
    """Where media come from, by medium: Twilio where an account is set; the simulator has none."""
    if not settings.twilio_account_sid:
        return {}
    source = TwilioMedia(_twilio(settings))
    return {Medium.SMS: source, Medium.WHATSAPP: source}


def _twilio(settings: Settings) -> TwilioConfig:
    return TwilioConfig(
        account_sid=settings.twilio_account_sid,
        auth_tokens=settings.twilio_auth_token,
        public_url=settings.public_url or None,
        messaging_service_sid=settings.twilio_messaging_service_sid or None,
        api_base=settings.twilio_api_base,
        timeout_seconds=settings.provider_timeout_seconds,
    )
