"""The folder of models: what is installed, adding, checking and removing.

    <models>/argos/translate-en_es-1_0/      as Argos packages unpack
    <models>/bergamot/en-es/                 model….bin, vocab….spm, lex….bin
    <models>/installed.json                  where each came from, and the sha256 of every file

A model arrives in a hidden folder and is renamed when it is whole, so a running server never sees half of one. Running
processes read the folder at their start: restart them to use a new model.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.language import codes
from bot.language.engines.argos import package_metadata
from bot.language.engines.base import EngineFailed, Model
from bot.language.engines.bergamot import read_folder
from bot.language.engines.router import Router, open_router
from bot.language.models.download import Progress, download, room_for, sha256_of
from bot.language.models.errors import ModelError
from bot.language.models.sources import Offer
from bot.language.models.unpack import unpack

KNOWN_SENTENCES = {
    "en": "Thank you for your message.",
    "es": "Gracias por su mensaje.",
    "pt": "Obrigada pela sua mensagem.",
    "fr": "Merci pour votre message.",
    "ar": "شكرا على رسالتك.",
    "zh-Hans": "谢谢你的留言。",
    "zh-Hant": "謝謝你的留言。",
    "vi": "Cảm ơn tin nhắn của bạn.",
    "ru": "Спасибо за ваше сообщение.",
    "uk": "Дякую за ваше повідомлення.",
    "ko": "메시지 감사합니다.",
    "tl": "Salamat sa iyong mensahe.",
}
"""A sentence each model is asked when it is checked; other languages are asked their own name for themselves."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What `check` says of one model."""

    model: str
    engine: str
    pair: str
    ok: bool
    says: str
    ms: float | None = None


class ModelFolder:
    """The models under one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._manifest = folder / "installed.json"

    def add(self, path: Path) -> str:
        """Install a `.argosmodel` file or a Bergamot folder from anywhere on this machine; returns the model's name.

        Raises `ModelError` when it is broken, unsafe, or would not fit on the disk; nothing is left behind then.
        """
        if not path.exists():
            raise ModelError(f"{path} is not there.")
        if path.is_dir() and (path / "metadata.json").is_file():
            return self._settle(path, "argos", origin=path.name)
        if path.is_dir():
            return self._settle(path, "bergamot", origin=path.name)
        with self._incoming() as place:
            return self._settle(unpack(path, place), "argos", origin=path.name, archive=sha256_of(path))

    def install(self, offer: Offer, progress: Progress | None = None) -> str:
        """Download an offer and install it. Raises `ModelError`; a broken-off download continues next time."""
        waiting = self.folder / ".downloads" / offer.engine / offer.name
        files = [download(file, waiting, progress) for file in offer.files]
        if offer.engine == "argos":
            with self._incoming() as place:
                name = self._settle(
                    unpack(files[0], place), "argos", origin=offer.files[0].url, archive=sha256_of(files[0])
                )
        else:
            with self._incoming() as place:
                pair = place / f"{offer.source}-{offer.target}"
                pair.mkdir()
                for file in files:
                    shutil.copyfile(file, pair / file.name)
                name = self._settle(pair, "bergamot", origin=offer.host, version=offer.version)
        shutil.rmtree(waiting)
        return name

    def remove(self, name: str) -> list[str]:
        """Remove the model of that name, or both directions of a language. Raises `ModelError` when there is none."""
        removed = []
        for model in self.installed():
            if name in (model.name, Path(model.where).name) or name in model.pair:
                shutil.rmtree(model.where)
                removed.append(model.name)
                self._note(f"{model.engine}/{Path(model.where).name}", None)
        if not removed:
            raise ModelError(f"No model called {name} is installed here. `bot models list` shows what is.")
        return removed

    def installed(self) -> list[Model]:
        """The models of this folder (those that come with packages are left out)."""
        router = open_router(self.folder)
        return [
            model for model in router.models() if Path(model.where).is_relative_to(self.folder.absolute())
        ]

    def check(self, router: Router, clock: Callable[[], float] = time.perf_counter) -> Iterator[Finding]:
        """Verify every installed model's files, load it, and translate a known sentence."""
        for broken in self._broken(router):
            yield Finding("?", "?", "?", False, broken)
        for model in router.models():
            pair = f"{model.source} → {model.target}"
            changed = self._changed_files(model)
            if changed:
                says = (
                    f"{changed[0]} is not the file that was installed. Remove the model and install it again."
                )
                yield Finding(model.name, model.engine, pair, False, says)
                continue
            started = clock()
            try:
                sentence = KNOWN_SENTENCES.get(model.source, KNOWN_SENTENCES["en"])
                [made] = router.engines[model.engine].translate([sentence], model.source, model.target)
            except EngineFailed as problem:
                yield Finding(model.name, model.engine, pair, False, str(problem))
                continue
            ok = bool(made.strip()) and made.strip() != sentence
            says = f"{sentence} → {made}" if ok else f"It answers nothing of use to “{sentence}”."
            yield Finding(model.name, model.engine, pair, ok, says, round((clock() - started) * 1000, 1))

    @staticmethod
    def _broken(router: Router) -> list[str]:
        return [words for engine in router.engines.values() for words in getattr(engine, "broken", [])]

    def _settle(
        self, place: Path, engine: str, origin: str, archive: str | None = None, version: str | None = None
    ) -> str:
        """Verify that `place` is a whole model, and move or copy it to where it belongs."""
        try:
            if engine == "argos":
                _must_know_the_languages(package_metadata(place), origin)
                name = place.name
            else:
                found = read_folder(place)
                name = f"{found.source}-{found.target}"
        except EngineFailed as problem:
            raise ModelError(str(problem).replace(str(place), origin)) from problem
        home = self.folder / engine
        size = sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
        room_for(home, size)
        arriving = home / f".{name}.arriving"
        shutil.rmtree(arriving, ignore_errors=True)
        shutil.copytree(place, arriving, symlinks=False)
        sums = {
            str(f.relative_to(arriving)): sha256_of(f) for f in sorted(arriving.rglob("*")) if f.is_file()
        }
        final = home / name
        if final.exists():
            shutil.rmtree(final)
        arriving.rename(final)
        self._note(
            f"{engine}/{name}", {"from": origin, "archive_sha256": archive, "version": version, "files": sums}
        )
        return name

    @contextmanager
    def _incoming(self) -> Iterator[Path]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".incoming-", dir=self.folder) as place:
            yield Path(place)

    def _notes(self) -> dict[str, dict[str, object]]:
        if not self._manifest.is_file():
            return {}
        found = json.loads(self._manifest.read_text(encoding="utf-8"))
        return found if isinstance(found, dict) else {}

    def _note(self, key: str, value: dict[str, object] | None) -> None:
        notes = self._notes()
        notes.pop(key, None)
        if value is not None:
            notes[key] = value
        waiting = self._manifest.with_suffix(".new")
        waiting.write_text(json.dumps(notes, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        waiting.replace(self._manifest)

    def _changed_files(self, model: Model) -> list[str]:
        where = Path(model.where)
        note = self._notes().get(f"{model.engine}/{where.name}", {})
        sums = note.get("files") if where.is_relative_to(self.folder.absolute()) else None
        if not isinstance(sums, dict):
            return []
        return [
            name
            for name, sum_ in sums.items()
            if not (where / name).is_file() or sha256_of(where / name) != sum_
        ]


def _must_know_the_languages(metadata: dict[str, Any], origin: str) -> None:
    for name in ("from_code", "to_code"):
        if not isinstance(metadata[name], str) or codes.find(metadata[name]) is None:
            raise ModelError(
                f"{origin} translates a language this product does not know ({name}). It was left out."
            )
