"""Every setting of the product, in one place, with its meaning.

Settings come from the environment or from a `.env` file beside the README (the environment wins). A wrong value
stops the start with one sentence that names the setting; a misspelt name in `.env` does too, because a setting
that silently does nothing is worse than none. `.env.example` is printed from this file (`bot settings --example`)
and a test keeps the two the same.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

HOME = Path(__file__).resolve().parent.parent
"""The checkout: flows/, locales/ and migrations/ lie here."""


class SettingsError(Exception):
    """A setting is wrong. The message is one sentence that names it and says what to do."""


class Settings(BaseSettings):
    """What an installation can decide. Field order is the order of `.env.example`."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore", frozen=True)

    database_url: str = Field(
        default="sqlite:///var/puente.db",
        description="Where the data lives. sqlite:///var/puente.db (one machine) or "
        "postgresql://user:password@host/database (one machine or many).",
    )
    var: Path = Field(
        default=Path("var"), description="Folder for the embedded database, keys and pid files."
    )
    host: str = Field(default="127.0.0.1", description="Address the web server listens on.")
    port: int = Field(default=8000, ge=1, le=65535, description="Port the web server listens on.")
    public_url: str = Field(
        default="",
        description="The https:// address families' carriers and staff reach this server by, without a path. "
        "Needed before Twilio can deliver texts. Empty: http://HOST:PORT.",
    )
    trusted_proxies: int = Field(
        default=0,
        ge=0,
        le=5,
        description="How many reverse proxies in front of the web server set X-Forwarded-For and -Proto.",
    )
    secret_key: str = Field(
        default="", description="Signs staff sessions. Empty: made on first start and kept in VAR/keys.env."
    )
    data_keys: str = Field(
        default="",
        description="Keys that encrypt phone numbers and texts, newest first: id:base64,id:base64 (32 bytes each). "
        "Empty: made on first start and kept in VAR/keys.env. `bot keys new` prints one; `bot keys rotate` re-seals.",
    )
    index_key: str = Field(
        default="",
        description="Key of the blind index by which a phone number is looked up (base64, 32 bytes). Empty: as above.",
    )
    sample_school: bool = Field(
        default=True,
        description="Seed the invented sample school and open its doors (sign in without a password, the phone "
        "simulator) to browsers on this machine. Set to false before real families are entered.",
    )
    school_time_zone: str = Field(
        default="America/New_York",
        description="Time zone of a family until its school or its own choice says otherwise.",
    )
    oidc_issuer: str = Field(
        default="",
        description="Sign-in through an OpenID Connect provider: its issuer, exactly as its "
        "/.well-known/openid-configuration names it. Only people already invited get in, by the address the provider "
        "has verified. The redirect URI to register is PUBLIC_URL/sign-in/with/oidc/back.",
    )
    oidc_client_id: str = Field(default="", description="Client id at that provider.")
    oidc_client_secret: str = Field(default="", repr=False, description="Client secret at that provider.")
    oidc_name: str = Field(
        default="", description="What the button says: the provider's name. Empty: the issuer's host."
    )
    google_client_id: str = Field(
        default="",
        description="Sign-in with Google: client id. Redirect URI: PUBLIC_URL/sign-in/with/google/back.",
    )
    google_client_secret: str = Field(default="", repr=False, description="Client secret at Google.")
    microsoft_tenant: str = Field(
        default="",
        description="Sign-in with Microsoft: your directory's (tenant) id; never common or organizations, whose e-mail "
        "addresses anybody can set. Add the optional claims email and xms_edov to the ID token. Redirect URI: "
        "PUBLIC_URL/sign-in/with/microsoft/back.",
    )
    microsoft_client_id: str = Field(default="", description="Client (application) id at Microsoft.")
    microsoft_client_secret: str = Field(default="", repr=False, description="Client secret at Microsoft.")
    quiet_from: time = Field(
        default=time(20, 0), description="Start of quiet hours, recipient's local time (HH:MM)."
    )
    quiet_until: time = Field(
        default=time(8, 0), description="End of quiet hours, recipient's local time (HH:MM)."
    )
    text_retention_days: int = Field(
        default=1095, ge=1, description="Days after which texts are erased (their row stays, empty)."
    )
    left_retention_days: int = Field(
        default=365,
        ge=1,
        description="Days after which guardians and students who left the roster are erased, with everything of theirs.",
    )
    stranger_retention_days: int = Field(
        default=180,
        ge=1,
        description="Days of silence after which conversations with numbers that belong to nobody are erased.",
    )
    receipt_retention_days: int = Field(
        default=400, ge=1, description="Days after which delivery receipts are erased."
    )
    audit_retention_days: int = Field(
        default=2190, ge=1, description="Days after which lines of the audit log are erased."
    )
    simulator_number: str = Field(
        default="+15555550100",
        description="The number a family texts in the phone simulator. Never a real one.",
    )
    twilio_account_sid: str = Field(default="", description="Twilio account (AC...). Empty: no Twilio.")
    twilio_auth_token: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Twilio auth token; two, comma-separated, while rotating (the first one sends).",
    )
    twilio_messaging_service_sid: str = Field(
        default="",
        description="Twilio Messaging Service (MG...) to send from; or leave empty and set TWILIO_SENDERS.",
    )
    twilio_senders: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Numbers to send from, E.164, comma-separated; whatsapp:+1... for WhatsApp."
    )
    twilio_sender_rate: float = Field(
        default=1.0,
        gt=0,
        description="Segments a second a sender may send (long code 1, toll-free 3, short code 10+).",
    )
    twilio_sender_burst: int = Field(
        default=4, ge=1, description="Segments a sender may send at once before the rate above holds it back."
    )
    twilio_api_base: str = Field(
        default="https://api.twilio.com", description="Where Twilio's API is; tests and proxies change it."
    )
    provider_timeout_seconds: float = Field(
        default=10.0, gt=0, le=60, description="Longest wait for one answer of the provider, seconds."
    )
    provider_list_lag_seconds: float = Field(
        default=60.0,
        ge=0,
        description="A message that Twilio does not list this long after an unclear send was not accepted: only then "
        "is it sent again.",
    )
    page_minutes: Annotated[tuple[int, ...], NoDecode] = Field(
        default=(5, 5, 10, 15),
        description="Minutes between the calls to staff about an urgent text, comma-separated; the last one repeats "
        "until somebody has seen it.",
    )
    smtp_host: str = Field(
        default="", description="Your mail server, for calls to staff about urgent texts. Empty: no mail."
    )
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Its port.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="How the connection is protected; none only on this machine."
    )
    smtp_user: str = Field(default="", description="Who signs in there. Empty: nobody.")
    smtp_password: str = Field(default="", description="Their password.")
    smtp_from: str = Field(default="", description="The address such mail comes from.")
    turn_lease_seconds: float = Field(
        default=20.0, gt=0, description="A worker that takes longer for one text is taken for dead, seconds."
    )
    send_lease_seconds: float = Field(
        default=90.0,
        gt=0,
        description="A sender that takes longer for one batch is taken for dead, seconds; at least 3 x "
        "PROVIDER_TIMEOUT_SECONDS.",
    )
    models_dir: Path = Field(
        default=Path("var/models"), description="Folder of translation models added by `bot models`."
    )
    models_memory_mb: int = Field(
        default=1500,
        ge=100,
        description="Memory that loaded translation models may use, MB, per worker process.",
    )
    models_mirror: str = Field(
        default="",
        description="A web folder with a copy of the models that your district keeps. Empty: the models' own hosts, and "
        "only when you call `bot models`.",
    )
    translation_engines: str = Field(
        default="",
        description="Engine for a pair where measured quality should not decide: en-es=argos,pt-en=bergamot.",
    )
    remote_translation_url: str = Field(
        default="",
        description="A LibreTranslate-compatible server of your own. Empty (the default): nothing leaves.",
    )
    remote_translation_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Hosts the URL above may name, comma-separated. Nothing else is ever contacted.",
    )
    summary_model_url: str = Field(
        default="",
        description="An OpenAI-compatible language model of your own (https://host/v1) that may phrase summaries; every sentence "
        "must rest on texts or is dropped. Empty (the default): nothing leaves.",
    )
    summary_model_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Hosts the URL above may name, comma-separated. Nothing else is ever contacted.",
    )
    summary_model: str = Field(default="", description="The name of that model, as its server knows it.")
    summary_model_seconds: float = Field(
        default=20.0, gt=0, le=120, description="Longest wait for that model's answer, seconds."
    )
    workers: int = Field(
        default=1, ge=1, le=64, description="Worker threads that take families' turns in one worker process."
    )
    web_threads: int = Field(
        default=16, ge=1, le=256, description="Requests one web process handles at once."
    )
    metrics_dir: str = Field(
        default="",
        description="Folder shared by the processes of one machine for /metrics. Empty: VAR/metrics.",
    )
    metrics_token: str = Field(
        default="",
        description="If set, /metrics wants `Authorization: Bearer <token>`; else it answers this machine only.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="How much is logged."
    )
    log_format: Literal["auto", "console", "json"] = Field(
        default="auto", description="console for people, json for machines, auto: console on a terminal."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load` hands over: it names the line of a wrong `.env`, and tests need no environment."""
        return (init_settings,)

    @field_validator(
        "twilio_auth_token",
        "twilio_senders",
        "remote_translation_hosts",
        "summary_model_hosts",
        mode="before",
    )
    @classmethod
    def _split_commas(cls, value: object) -> object:
        return (
            tuple(part.strip() for part in value.split(",") if part.strip())
            if isinstance(value, str)
            else value
        )

    @field_validator("page_minutes", mode="before")
    @classmethod
    def _minutes(cls, value: object) -> object:
        parts = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
        if isinstance(parts, list):
            if not parts or not all(
                part.isascii() and part.isdigit() and 0 < int(part) < 1440 for part in parts
            ):
                raise ValueError("write minutes like 5,5,10,15")
            return tuple(int(part) for part in parts)
        return value

    @field_validator("school_time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{value!r} is no time zone; write one like America/Chicago") from error
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value.startswith("postgres://"):  # what hosting platforms hand out
            value = "postgresql://" + value.removeprefix("postgres://")
        if value.startswith("postgresql://"):
            return "postgresql+psycopg://" + value.removeprefix("postgresql://")
        if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("it must begin with sqlite:/// or postgresql://")
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _an_issuer(cls, value: str) -> str:
        where = urlsplit(value)
        if value and not (
            (where.scheme == "https" and where.hostname)
            or (where.scheme == "http" and where.hostname in ("127.0.0.1", "localhost"))
        ):
            raise ValueError("it must begin with https://")
        return value

    @field_validator("microsoft_tenant")
    @classmethod
    def _one_tenant(cls, value: str) -> str:
        if value and not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value, re.IGNORECASE):
            raise ValueError(
                "write the directory's id, like 8a7b…-…: common and organizations are not one school's"
            )
        return value.lower()

    @field_validator("public_url", "twilio_api_base", "remote_translation_url", "models_mirror")
    @classmethod
    def _a_base_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("it must begin with https:// (or http:// on this machine)")
        return value.rstrip("/")

    @field_validator("simulator_number")
    @classmethod
    def _e164(cls, value: str) -> str:
        if not (value.startswith("+") and value[1:].isascii() and value[1:].isdigit()):
            raise ValueError("write it as +15555550100")
        return value

    @model_validator(mode="after")
    def _providers_are_whole(self) -> Settings:
        for name, given in (
            ("OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET",
             (self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret)),
            ("GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET", (self.google_client_id, self.google_client_secret)),
            ("MICROSOFT_TENANT, MICROSOFT_CLIENT_ID and MICROSOFT_CLIENT_SECRET",
             (self.microsoft_tenant, self.microsoft_client_id, self.microsoft_client_secret)),
        ):  # fmt: skip
            if any(given) and not all(given):
                raise ValueError(f"{name} belong together: set all of them, or none")
        return self

    @model_validator(mode="after")
    def _families_sleep(self) -> Settings:
        """47 CFR 64.1200(c)(1): 8 am to 9 pm of the recipient's time. A provider on this very machine texts nobody."""
        local = urlsplit(self.twilio_api_base).hostname in ("127.0.0.1", "localhost")
        lawful = time(8) <= self.quiet_until < self.quiet_from <= time(21)
        if self.twilio_account_sid and not local and not lawful:
            raise ValueError(
                "QUIET_FROM must be 21:00 or earlier and QUIET_UNTIL 08:00 or later: families are texted between 8 "
                "and 21 h only, by law (emergencies have their own way)"
            )
        return self

    @model_validator(mode="after")
    def _twilio_is_whole(self) -> Settings:
        if self.twilio_account_sid and not self.twilio_auth_token:
            raise ValueError("TWILIO_ACCOUNT_SID is set, so TWILIO_AUTH_TOKEN must be set too")
        if self.twilio_account_sid and not (self.twilio_messaging_service_sid or self.twilio_senders):
            raise ValueError(
                "TWILIO_ACCOUNT_SID is set, so TWILIO_MESSAGING_SERVICE_SID or TWILIO_SENDERS must name a sender"
            )
        if self.smtp_host and "@" not in self.smtp_from:
            raise ValueError("SMTP_HOST is set, so SMTP_FROM must be the address the mail comes from")
        if self.send_lease_seconds < 3 * self.provider_timeout_seconds:
            raise ValueError("SEND_LEASE_SECONDS must be at least three times PROVIDER_TIMEOUT_SECONDS")
        return self

    @property
    def base_url(self) -> str:
        """The address this server is known by, without a trailing slash."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    def path(self, value: Path) -> Path:
        """A folder or file of the installation: absolute as it is, relative below the checkout."""
        return value if value.is_absolute() else HOME / value

    @property
    def sqlalchemy_url(self) -> str:
        """`database_url` with a relative SQLite file resolved below the checkout, whatever the working folder."""
        name = self.database_url.removeprefix("sqlite:///")
        if self.is_sqlite and name and not name.startswith("/"):
            return f"sqlite:///{HOME / name}"
        return self.database_url


def load(environment: Mapping[str, str], env_file: Path | None = HOME / ".env") -> Settings:
    """The settings of `environment` over those of `env_file`.

    Raises `SettingsError` with one sentence: the setting's name, what is wrong with it, what to write.
    """
    values: dict[str, Any] = {}
    if env_file is not None and env_file.exists():
        values.update(_read_env_file(env_file))
    values.update(
        {name.lower(): text for name, text in environment.items() if name.lower() in Settings.model_fields}
    )
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper() if first["loc"] else "The settings"
        said = str(first["msg"]).removeprefix("Value error, ")
        verb = "is wrong" if first["loc"] else "do not fit together"
        raise SettingsError(f"{name} {verb}: {said}.") from None


def _read_env_file(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, line in enumerate(path.read_text("utf-8-sig").splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.removeprefix("export ").partition("=")
        key = name.strip().lower()
        if not equals:
            raise SettingsError(f"{path.name} line {number} is no setting: write NAME=value.")
        if key not in Settings.model_fields:
            near = difflib.get_close_matches(key, Settings.model_fields, n=1)
            hint = f" Did you mean {near[0].upper()}?" if near else " See .env.example for the list."
            raise SettingsError(f"{name.strip()} ({path.name} line {number}) is not a setting.{hint}")
        value = value.strip()
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        found[key] = value
    return found


def example() -> str:
    """The text of `.env.example`: every setting with its meaning and its default, commented out."""
    lines = [
        "# Every setting of Puente. Copy to .env and uncomment what you change; the environment wins over the file.",
        "# Printed by `bot settings --example`; a test keeps it true.",
        "",
    ]
    for name, field in Settings.model_fields.items():
        default = field.default
        if isinstance(default, tuple):
            default = ",".join(map(str, default))
        elif isinstance(default, bool):
            default = str(default).lower()
        elif isinstance(default, time):
            default = default.strftime("%H:%M")
        lines += [f"# {field.description}", f"#{name.upper()}={default}", ""]
    return "\n".join(lines)
