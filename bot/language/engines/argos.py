"""Argos Translate packages (`.argosmodel`), run by the real `argostranslate` library.

Works with `argos-translate-lt` (the build without torch) and with `argostranslate` itself; both import as
`argostranslate`. What had to be worked around, each seen on the real library:

- unset, its threads take 157 ms a text instead of 6: one thread a translation, one process a core;
- its sentence splitter downloads a model at first use: replaced by ours, on the translation object;
- `get_installed_packages` trips over a stray folder: the folder is read here, whole packages only;
- CachedTranslation splits lines and caches by paragraph: the PackageTranslation below it is asked directly;
- decoding turns "_" into a space: links never reach it (`bot.language.protect`).

Settings are read from the environment when the library is imported, so `ARGOS_PACKAGES_DIR` and the rest are set here
first; nothing in this module touches the network.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.language import codes
from bot.language.engines.base import EngineFailed, Model, Pair

_THEIRS = {"zh": "zh-Hans", "zt": "zh-Hant", "pb": "pt", "nb": "no"}


class _OneSentence:
    """Takes the place of argostranslate's splitter: texts come here already cut into sentences."""

    def split_sentences(self, text: str) -> list[str]:
        return [text] if text.strip() else []


def tag_of(code: str) -> str | None:
    """Our tag for a code of Argos's ("pb" is Brazil's Portuguese, "zt" traditional Chinese); None when unknown."""
    language = codes.find(_THEIRS.get(code, code))
    return language.tag if language else None


def _library() -> tuple[Any, Any]:
    """argostranslate's `translate` and `package` modules, imported on first use with one thread a translation."""
    os.environ.setdefault("ARGOS_INTRA_THREADS", "1")
    os.environ.setdefault("ARGOS_CHUNK_TYPE", "MINISBD")
    try:
        from argostranslate import package, translate
    except ImportError as error:
        raise EngineFailed("argostranslate is not installed: pip install argos-translate-lt.") from error
    return translate, package


def package_metadata(folder: Path) -> dict[str, Any]:
    """The metadata of an unpacked package. Raises `EngineFailed` that says what is missing."""
    try:
        metadata = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EngineFailed(f"{folder} is no Argos package: metadata.json is missing or broken.") from error
    if not isinstance(metadata, dict) or not (folder / "model" / "model.bin").is_file():
        raise EngineFailed(f"{folder} is no whole Argos package: model/model.bin is missing.")
    if not metadata.get("from_code") or not metadata.get("to_code"):
        raise EngineFailed(f"{folder}: metadata.json names no pair of languages.")
    return metadata


class ArgosEngine:
    """Every whole Argos package in `folder`. Where Brazil's and another Portuguese are there, Brazil's wins."""

    name = "argos"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._found: dict[Pair, tuple[Path, dict[str, Any], Model]] = {}
        self._translations: dict[Pair, Any] = {}
        self._lock = threading.Lock()
        self.broken: list[str] = []
        """Folders that are no whole package, in words."""
        for place in sorted(folder.iterdir()) if folder.is_dir() else []:
            if place.is_dir() and not place.name.startswith("."):
                self._add(place)

    def _add(self, place: Path) -> None:
        try:
            metadata = package_metadata(place)
        except EngineFailed as problem:
            self.broken.append(str(problem))
            return
        source, target = (tag_of(str(metadata[key])) for key in ("from_code", "to_code"))
        if source is None or target is None:
            return
        if (source, target) not in self._found or "pb" in (metadata["from_code"], metadata["to_code"]):
            self._found[(source, target)] = (
                place,
                metadata,
                self._describe(place, metadata, (source, target)),
            )

    def models(self) -> list[Model]:
        return [model for _, _, model in self._found.values()]

    def _describe(self, place: Path, metadata: dict[str, Any], pair: Pair) -> Model:
        size = sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
        code = metadata.get("code") or f"translate-{metadata['from_code']}_{metadata['to_code']}"
        name = f"{code}-{metadata.get('package_version', '0')}"
        return Model(self.name, name, *pair, megabytes=max(1, round(size / 1e6)), where=str(place))

    def loaded(self) -> list[Model]:
        return [self._found[pair][2] for pair in list(self._translations)]

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        pair = (source, target)
        if pair not in self._found:
            raise EngineFailed(f"argos has no package for {source} → {target}.")
        with self._lock:
            translation = self._translations.pop(pair, None)
            if translation is None:
                translation = self._load(pair)
            self._translations[pair] = translation
            name = self._found[pair][0].name
            try:
                return self._batch(translation, list(texts))
            except (RuntimeError, ValueError, OSError) as error:
                raise EngineFailed(
                    f"The Argos package {name} failed; remove it and install it again."
                ) from error

    @staticmethod
    def _batch(translation: Any, texts: list[str]) -> list[str]:
        """What argostranslate's `apply_packaged_translation` does for one text, for a batch, with greedy-enough beams.

        The first text goes through the library itself, which loads the model the library's way; the rest are asked
        of that model together.
        """
        results: list[str] = []
        if translation.translator is None and texts:
            results.append(translation.hypotheses(texts[0].replace("\n", " "), 1)[0].value)
        rest = texts[len(results) :]
        if not rest:
            return results
        package = translation.pkg
        prefix = package.target_prefix or ""
        batches = translation.translator.translate_batch(
            [package.tokenizer.encode(text.replace("\n", " ")) for text in rest],
            target_prefix=[[prefix]] * len(rest) if prefix else None,
            replace_unknowns=True,
            max_batch_size=1024,
            batch_type="tokens",
            beam_size=4,
            num_hypotheses=1,
            length_penalty=0.2,
        )
        for batch in batches:
            value = package.tokenizer.decode(batch.hypotheses[0])
            results.append(value.removeprefix(prefix).removeprefix(" "))
        return results

    def _load(self, pair: Pair) -> Any:
        translate, package = _library()
        place, metadata, _ = self._found[pair]
        try:
            found = package.Package(place)
            ours = translate.Language(metadata["from_code"], metadata.get("from_name", ""))
            theirs = translate.Language(metadata["to_code"], metadata.get("to_name", ""))
            translation = translate.PackageTranslation(ours, theirs, found)
        except (FileNotFoundError, KeyError, ValueError, RuntimeError, NotImplementedError) as error:
            raise EngineFailed(
                f"The Argos package {place.name} cannot be loaded; remove it and install it again."
            ) from error
        translation.sentencizer = _OneSentence()
        return translation

    def unload(self, source: str, target: str) -> None:
        with self._lock:
            self._translations.pop((source, target), None)

    def close(self) -> None:
        with self._lock:
            self._translations.clear()
