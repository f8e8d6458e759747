"""The library of conversations: YAML texts in, compiled scripts and findings out.

`compile_library` is pure; `load_library` reads a folder for it. Texts that a file does not carry inline come from
`catalogs`, which other rooms read from locales/: language → {(key, English text): (text, reviewed)}.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bot.flow.compiling import Catalogs, compile_conversation, line_of
from bot.flow.findings import Finding
from bot.flow.lines import Kind
from bot.flow.script import Call, Conversation, Script
from bot.flow.written import WrittenConversation, WrittenVocabulary
from bot.flow.yaml_places import Placed, read_yaml

VOCABULARY = "vocabulary.yaml"
_Model = TypeVar("_Model", bound=BaseModel)


class NoSuchConversation(LookupError):
    """The library has no usable conversation of that name; the message says what it has."""


@dataclass(frozen=True)
class Library:
    """Everything one folder holds. `scripts` are the conversations without faults; `findings` tell about the others."""

    scripts: dict[str, Script]
    findings: tuple[Finding, ...] = ()
    written: dict[str, WrittenConversation] = field(default_factory=dict)
    places: dict[str, Placed] = field(default_factory=dict)
    vocabulary: WrittenVocabulary = field(default_factory=WrittenVocabulary)

    def script(self, name: str) -> Script:
        """Raises `NoSuchConversation`."""
        try:
            return self.scripts[name]
        except KeyError:
            known = ", ".join(sorted(self.scripts)) or "none"
            raise NoSuchConversation(
                f"There is no conversation “{name}” that can be used. These can: {known}. "
                "Run `bot flows check` to see what is wrong with the others."
            ) from None

    def keywords(self) -> Iterator[tuple[str, str, str]]:
        """(language, words, conversation) for every keyword that begins a conversation."""
        for name, written in sorted(self.written.items()):
            if written.start is not None:
                for language, all_words in written.start.keyword.items():
                    for words in all_words:
                        yield language, words, name


def load_library(folder: FilePath, catalogs: Catalogs | None = None) -> Library:
    """Read every conversation in `folder` (*.yaml). Raises FileNotFoundError when there is no such folder."""
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {folder} with conversations.")
    sources = {
        path.name: path.read_text(encoding="utf-8-sig", errors="replace")
        for path in sorted(folder.glob("*.yaml"))
    }
    return compile_library(sources, catalogs)


def compile_library(sources: Mapping[str, str], catalogs: Catalogs | None = None) -> Library:
    """Compile files (name → YAML text). Never raises because of what a file says."""
    findings: list[Finding] = []
    places: dict[str, Placed] = {}
    written: dict[str, WrittenConversation] = {}
    vocabulary = WrittenVocabulary()
    for file, text in sorted(sources.items()):
        placed = read_yaml(file, text)
        findings.extend(placed.findings)
        if file == VOCABULARY:
            vocabulary = _read(WrittenVocabulary, placed, findings) or vocabulary
            continue
        found = _read(WrittenConversation, placed, findings)
        if found is None:
            continue
        findings.extend(_name_findings(found, placed, places))
        if found.conversation not in written:
            written[found.conversation] = found
            places[found.conversation] = placed
    compiled: dict[str, Conversation] = {}
    for name, conversation in written.items():
        result = compile_conversation(conversation, places[name], vocabulary, written, catalogs or {})
        findings.extend(result.findings)
        if result.conversation is not None:
            compiled[name] = result.conversation
    loops = list(_recursions(compiled, places))
    findings.extend(finding for _, finding in loops)
    looping = {name for name, _ in loops}
    scripts: dict[str, Script] = {}
    for name in compiled:
        needed = _called_by(name, compiled)
        if needed is None or needed & looping:
            continue
        scripts[name] = Script(
            name=name,
            title=line_of(written[name].title, f"{name}.title", written[name], vocabulary, catalogs or {}),
            conversations={other: compiled[other] for other in sorted(needed)},
            fields=_fields(vocabulary),
            audience=written[name].audience,
        )
    return Library(scripts, tuple(sorted(findings)), written, places, vocabulary)


def _fields(vocabulary: WrittenVocabulary) -> dict[str, Kind]:
    return {name: entry.type for name, entry in sorted(vocabulary.fields.items())}


def _read(model: type[_Model], placed: Placed, findings: list[Finding]) -> _Model | None:
    if placed.findings and any(finding.code == "yaml" for finding in placed.findings):
        return None
    if not isinstance(placed.data, dict):
        findings.append(
            Finding(
                placed.file,
                1,
                "format",
                "this file holds no conversation",
                "begin with “conversation: its_name”",
            )
        )
        return None
    try:
        return model.model_validate(placed.data)
    except ValidationError as error:
        findings.extend(_format_findings(error, placed))
        return None


def _format_findings(error: ValidationError, placed: Placed) -> Iterator[Finding]:
    seen: set[tuple[int, str]] = set()
    for problem in error.errors():
        path = _known_path(problem["loc"], placed)
        says, do = _explained(problem, path)
        line = placed.line(path)
        if (line, says) not in seen:
            seen.add((line, says))
            yield Finding(placed.file, line, "format", says, do)


def _known_path(loc: tuple[int | str, ...], placed: Placed) -> tuple[int | str, ...]:
    """`loc` without the names of alternatives that pydantic puts between."""
    path: tuple[int | str, ...] = ()
    for part in loc:
        if (*path, part) in placed.lines:
            path = (*path, part)
    return path


def _explained(problem: Any, path: tuple[int | str, ...]) -> tuple[str, str]:
    where = ".".join(str(part) for part in path) or "the file"
    last = str(problem["loc"][-1]) if problem["loc"] else ""
    match problem["type"]:
        case "missing":
            return f"{where} lacks “{last}”", f"add {last}:"
        case "extra_forbidden":
            return (
                f"“{last}” is not a word of this format",
                "correct it or take it out; docs/flows.md lists the words",
            )
        case "string_pattern_mismatch":
            return (
                f"{where} is not written the expected way",
                f"write it like {problem['ctx']['pattern']} (names: small letters, digits and _; times: 20h, 3d)",
            )
        case "value_error":
            return f"{where}: {problem['ctx']['error']}", "see docs/flows.md for what a step can do"
        case _:
            return f"{where}: {problem['msg']}", "see docs/flows.md for what belongs here"


def _name_findings(
    found: WrittenConversation, placed: Placed, places: Mapping[str, Placed]
) -> Iterator[Finding]:
    line = placed.line(("conversation",))
    if found.conversation in places:
        yield Finding(
            placed.file,
            line,
            "duplicate-conversation",
            f"“{found.conversation}” is also in {places[found.conversation].file}",
            "give one of them another name",
        )
    elif placed.file.rsplit("/", 1)[-1] != f"{found.conversation}.yaml":
        yield Finding(
            placed.file,
            line,
            "file-name",
            f"the conversation is called “{found.conversation}”",
            f"call the file {found.conversation}.yaml",
        )


def _called_by(name: str, compiled: Mapping[str, Conversation]) -> set[str] | None:
    """`name` and everything it calls, however deep; None when something of it could not be compiled."""
    needed: set[str] = set()
    todo = [name]
    while todo:
        current = todo.pop()
        if current in needed:
            continue
        if current not in compiled:
            return None
        needed.add(current)
        todo.extend(step.conversation for step in compiled[current].steps.values() if isinstance(step, Call))
    return needed


def _recursions(
    compiled: Mapping[str, Conversation], places: Mapping[str, Placed]
) -> Iterator[tuple[str, Finding]]:
    """Conversations that call themselves, at once or through others."""
    for name, conversation in compiled.items():
        for step in conversation.steps.values():
            if not isinstance(step, Call):
                continue
            needed = _called_by(step.conversation, compiled)
            if needed is not None and name in needed:
                placed = places[name]
                numbers = [number for number, _ in enumerate(placed.data["steps"])]
                at = next(n for n in numbers if placed.data["steps"][n].get("id") == step.id)
                yield (
                    name,
                    Finding(
                        placed.file,
                        placed.line(("steps", at, "call")),
                        "recursion",
                        f"step “{step.id}” calls “{step.conversation}”, which comes back to “{name}”",
                        "let the caller decide: return with end, and branch after the call",
                    ),
                )
