"""`bot segments`, `bot keywords`, `bot screen`: what a text costs, what it asks for, whether it needs a person at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from bot.cli.batch import answer, lines_of, one_text, takes_texts


def _run(
    text: str | None,
    batch: Path | None,
    as_json: bool,
    judge: Callable[[dict[str, Any]], dict[str, Any]],
    say: Callable[[dict[str, Any]], str],
    **given: Any,
) -> None:
    """Answer one text in words or JSON, or a whole batch; keys of a batch line win over what the command line gave."""
    if batch is not None:
        for item in lines_of(batch):
            answer(item, judge({**given, **{key: value for key, value in item.items() if value is not None}}))
        return
    found = judge({**given, "text": one_text(text)})
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else say(found))


@click.command()
@takes_texts
def segments(text: str | None, batch: Path | None, as_json: bool) -> None:
    """How many SMS segments is TEXT, in which encoding, what forced UCS-2, and what would be cheaper?"""
    from bot.channels.segments import cheaper, measure

    def judge(item: dict[str, Any]) -> dict[str, Any]:
        told = measure(item["text"])
        hint = cheaper(item["text"])
        return {
            "encoding": told.encoding,
            "segments": told.segments,
            "units": told.units,
            "forced_by": list(told.forced_by),
            "cheaper": hint
            and {
                "swaps": [list(pair) for pair in hint.swaps],
                "pictures": list(hint.pictures),
                "letters": list(hint.letters),
                "then": hint.then.segments if hint.then else None,
                "spare": hint.spare,
            },
        }

    _run(text, batch, as_json, judge, _cost)


def _cost(found: dict[str, Any]) -> str:
    parts = "1 segment" if found["segments"] == 1 else f"{found['segments']} segments"
    said = [f"{found['encoding']}, {parts}, {found['units']} units."]
    if found["forced_by"]:
        said.append(f"UCS-2 because of: {' '.join(found['forced_by'])}")
    hint = found["cheaper"]
    if hint:
        if hint["swaps"]:
            said.append(
                "Same words, plainer signs: " + ", ".join(f"{a} → {b or 'nothing'}" for a, b in hint["swaps"])
            )
        if hint["pictures"]:
            said.append(f"It could do without: {' '.join(hint['pictures'])}")
        if hint["then"]:
            said.append(f"Then it would be {hint['then']}.")
        if hint["letters"]:
            said.append(f"The language needs these letters: {' '.join(hint['letters'])}")
        said.append(f"{hint['spare']} units less would save a segment.")
    return "\n".join(said)


@click.command()
@takes_texts
@click.option(
    "--language", help="The language the family is set to; every language's words count whatever it is."
)
def keywords(text: str | None, batch: Path | None, as_json: bool, language: str | None) -> None:
    """Does TEXT ask for something at any time: STOP, START, HELP, PAUSE, LESS, MORE, LANGUAGE, WHY, WHO …?"""
    from bot.conversation.keywords import decide

    def judge(item: dict[str, Any]) -> dict[str, Any]:
        told = decide(item["text"], item.get("language"))
        return {
            "action": told.action.value,
            "matched": told.matched,
            "language": told.language,
            "ambiguous": told.ambiguous,
            "wanted_language": told.wanted_language,
            "also": [action.value for action in told.also],
        }

    _run(text, batch, as_json, judge, _asked, language=language)


def _asked(found: dict[str, Any]) -> str:
    said = str(found["action"])
    if found["matched"]:
        said += f" (“{found['matched']}”{', ' + found['language'] if found['language'] else ''})"
    if found["ambiguous"]:
        said += "; an everyday word: while a question is open that it answers, it is the answer"
    return said


@click.command()
@takes_texts
@click.option("--language", help="What the text is written in; detected when it is not given.")
@click.option("--english", help="Its English translation, when there is one: it is looked at as well.")
def screen(
    text: str | None, batch: Path | None, as_json: bool, language: str | None, english: str | None
) -> None:
    """Does TEXT need a person: at once (urgent), today (concern), this week (need)? Idioms do not count."""
    from bot.conversation.safety import screen as screened
    from bot.language.detect import detect

    def judge(item: dict[str, Any]) -> dict[str, Any]:
        spoken = item.get("language") or detect(item["text"]).language
        told = screened(item["text"], item.get("english"), spoken)
        return {
            "tier": told.tier.value,
            "kinds": list(told.kinds),
            "rules": [str(rule) for rule in told.rules],
            "languages_covered": told.languages_covered,
        }

    _run(text, batch, as_json, judge, _raised, language=language, english=english)


def _raised(found: dict[str, Any]) -> str:
    said = [found["tier"] + (f": {', '.join(found['kinds'])}" if found["kinds"] else "")]
    said += [f"  {rule}" for rule in found["rules"]]
    if not found["languages_covered"]:
        said.append(
            "  This language has no wordings of its own and there was no translation: nothing found means nothing."
        )
    return "\n".join(said)
