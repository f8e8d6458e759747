"""Who offers models: Argos's package index and Mozilla's model records, or a mirror of both that a district keeps.

A mirror (setting MODELS_MIRROR) is a plain folder on a web server:

    argos/index.json        Argos's index; packages are taken from argos/<the link's last part>
    bergamot/records.json   Mozilla's `translations-models-v2` records; files from bergamot/<attachment location>

Mozilla asks to download once and re-host rather than poll: the lists are fetched only by `bot models list --available`
and `bot models install`, never by a running server.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bot.language import codes
from bot.language.engines.argos import tag_of
from bot.language.models.errors import ModelError

ARGOS_INDEX = "https://raw.githubusercontent.com/argosopentech/argospm-index/main/index.json"
MOZILLA_RECORDS = (
    "https://firefox.settings.services.mozilla.com/v1/buckets/main/collections/translations-models-v2/records"
)
MOZILLA_FILES = "https://firefox-settings-attachments.cdn.mozilla.net/"
_KINDS = {"model", "lex", "vocab", "srcvocab", "trgvocab"}
_SIZES = {"base": 3, "base-memory": 2, "tiny": 1}

Fetch = Callable[[str], bytes]
"""URL → body; raises `HostUnreachable`."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file to fetch. `sha256` is of the file as it is kept (after decompression); None where nobody says it."""

    name: str
    url: str
    sha256: str | None
    compressed: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """One model somebody offers: one direction of a pair."""

    engine: str
    name: str
    source: str
    target: str
    version: str
    files: tuple[RemoteFile, ...]

    @property
    def host(self) -> str:
        return urlsplit(self.files[0].url).hostname or ""


def offers(fetch: Fetch, mirror: str = "") -> tuple[list[Offer], list[ModelError]]:
    """Everything offered, and what could not be asked: one silent host does not hide the other."""
    base = mirror.rstrip("/")
    argos_url, records_url = ARGOS_INDEX, MOZILLA_RECORDS
    if base:
        argos_url, records_url = f"{base}/argos/index.json", f"{base}/bergamot/records.json"
    found: list[Offer] = []
    problems: list[ModelError] = []
    for read, url, files in (
        (argos_offers, argos_url, f"{base}/argos/" if base else ""),
        (bergamot_offers, records_url, f"{base}/bergamot/" if base else MOZILLA_FILES),
    ):
        try:
            found += read(fetch(url), files)
        except ModelError as problem:
            problems.append(problem)
    return found, problems


def _json(body: bytes, what: str) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise ModelError(f"{what} is not JSON: the host or mirror answered something else.") from error


def argos_offers(body: bytes, mirror_files: str = "") -> list[Offer]:
    """The packages of an Argos index. A mirror's entries may carry `sha256`; Argos's own do not."""
    entries = _json(body, "Argos's index")
    if not isinstance(entries, list):
        raise ModelError("Argos's index is not a list of packages.")
    found = []
    for entry in entries:
        if not isinstance(entry, dict) or entry.get("type", "translate") != "translate":
            continue
        source, target = tag_of(str(entry.get("from_code"))), tag_of(str(entry.get("to_code")))
        links = [link for link in entry.get("links") or [] if str(link).startswith(("http://", "https://"))]
        if source is None or target is None or source == target or not links:
            continue
        last = str(links[0]).rsplit("/", 1)[-1]
        url = mirror_files + last if mirror_files else str(links[0])
        code = entry.get("code") or f"translate-{entry['from_code']}_{entry['to_code']}"
        version = str(entry.get("package_version", "0"))
        file = RemoteFile(last, url, entry.get("sha256"))
        found.append(Offer("argos", f"{code}-{version}", source, target, version, (file,)))
    return found


def bergamot_offers(body: bytes, files: str = MOZILLA_FILES) -> list[Offer]:
    """The newest released model of each pair in Mozilla's records; of one version, the larger and better one."""
    records = _json(body, "Mozilla's list of models").get("data")
    if not isinstance(records, list):
        raise ModelError("Mozilla's list of models has no “data”.")
    models: dict[tuple[str, str, str, str], list[dict[str, Any]]] = {}
    for record in records:
        if not isinstance(record, dict) or record.get("fileType") not in _KINDS:
            continue
        source_code, target_code, version, architecture = (
            str(record.get(name) or "")
            for name in ("sourceLanguage", "targetLanguage", "version", "architecture")
        )
        models.setdefault((source_code, target_code, version, architecture), []).append(record)
    best: dict[tuple[str, str], tuple[tuple[Any, ...], Offer]] = {}
    for (source_code, target_code, version, architecture), group in models.items():
        source, target = codes.find(source_code), codes.find(target_code)
        if source is None or target is None or re.search("[a-z]", version):  # 2.0a1 is a trial
            continue
        if not any(record["fileType"] == "model" for record in group):
            continue
        rank = (_numbers(version), _SIZES.get(architecture, 0))
        offer = Offer(
            "bergamot",
            f"{source.tag}-{target.tag}-{version}" + (f"-{architecture}" if architecture else ""),
            source.tag,
            target.tag,
            version,
            tuple(_record_file(record, files) for record in group),
        )
        if (offer.files and (source.tag, target.tag) not in best) or rank > best[(source.tag, target.tag)][0]:
            best[(source.tag, target.tag)] = (rank, offer)
    return [offer for _, offer in best.values()]


def _record_file(record: dict[str, Any], files: str) -> RemoteFile:
    attachment = record.get("attachment") or {}
    location = str(attachment.get("location") or record.get("location") or "")
    decompressed = record.get("decompressedHash")
    return RemoteFile(
        _plain_name(str(record.get("name"))),
        files + location,
        str(decompressed or attachment.get("hash") or record.get("hash") or "") or None,
        compressed=bool(decompressed),
    )


def _plain_name(name: str) -> str:
    if not re.fullmatch(r"[\w][\w.-]{0,120}", name):
        raise ModelError("Mozilla's list of models names a file in a way that is not safe to use.")
    return name.removesuffix(".zst")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def for_language(every: Iterable[Offer], language: str) -> list[Offer]:
    """What `bot models install es` takes: both directions with English, from every engine that has them."""
    pairs = {(language, codes.ENGLISH), (codes.ENGLISH, language)}
    return [offer for offer in every if (offer.source, offer.target) in pairs]
