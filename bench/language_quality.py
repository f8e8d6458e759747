"""How well translations read beside the raw engine (chrF), and how much of what matters they keep.

FLORES dev sentences are read from ../shared/data/flores-dev (CC BY-SA 4.0, not part of this project); our own school
messages from bench/data/. Every pair that can be run here is measured.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.figures import Figure
from bot.language.agreement import BETA, ORDER, _grams
from bot.language.checks import digit_runs
from bot.language.codes import primary
from bot.language.engines.router import open_router
from bot.language.phrasebook import CatalogPhrasebook
from bot.language.sentences import join, split
from bot.language.translator import Translator

HERE = Path(__file__).parent
FLORES = HERE.parents[1] / "shared" / "data" / "flores-dev"
MESSAGES = HERE / "data" / "school_en_pt.jsonl"

UNKNOWN_NAMES = (
    "Xochitl Oluwadamilola Nkechi Zbigniew Przemek Yevheniia Svitlana Saoirse Itzayana Quetzalli Tlaloc Kwabena Adwoa "
    "Thandiwe Sithembile Tadesse Mulugeta Hyejin Jiwoo Minseo Haruto Aarav Vihaan Ishaan Zaynab Abdulrahman Mbugua Wanjiru "
    "Otieno Farhiya Ifeoma Chukwuemeka Ysabel Yuleisy Dayana Kervens Wideline Rosemene Jeanty Llewellyn Saskia Darnell "
    "Lakisha DeShawn Xhesika Arbnora Gjergj Tsering Pasang Phurba Naw Htoo Moua Xiong Vang Lor Chue Yer Pao Nou"
)
TEMPLATES = {
    "en": (
        "{name} was absent today. Please call {phone}.",
        "Please pick up {name} at {time} in room {room}.",
        "{name} and {other} read {number} pages together.",
        "The form for {name} is here: {link}",
        "Ms. {name} would like to meet you at {time}.",
        "Write to {mail} or call {phone} before {time}.",
        "Bus {number} leaves at {time}. {name} should be in room {room}.",
        "We are proud of {name}: {number} books this month!",
        "Did {name} bring the {number} tickets?",
        "If {name} is sick, please tell {other} at {phone}.",
    ),
    "pt": (
        "{name} faltou hoje. Meu número é {phone}.",
        "Posso buscar {name} às {time}?",
        "{name} e {other} leram {number} páginas juntos.",
        "Preenchi o formulário em {link} para {name}.",
        "A senhora {name} pode me ligar às {time}?",
        "Escrevi para {mail}, mas ninguém respondeu. Meu telefone é {phone}.",
        "O ônibus {number} atrasou e {name} chegou às {time}.",
        "Hoje {name} leu {number} minutos com {other}.",
        "A sala de {name} é a {room} ou mudou?",
        "Se {name} passar mal, ligue para {other} no {phone}.",
    ),
}


def corpus_chrf(candidates: Sequence[str], references: Sequence[str]) -> float:
    """chrF of a whole test set, 0 to 100: counts are summed over the sentences first, as sacreBLEU does."""
    total = 0.0
    for size in range(1, ORDER + 1):
        shared = ours = theirs = 0
        for candidate, reference in zip(candidates, references, strict=True):
            a, b = _grams("".join(candidate.split()), size), _grams("".join(reference.split()), size)
            shared, ours, theirs = shared + (a & b).total(), ours + a.total(), theirs + b.total()
        if shared:
            precision, recall = shared / ours, shared / theirs
            total += (1 + BETA**2) * precision * recall / (BETA**2 * precision + recall)
    return 100 * total / ORDER


def keeps(text: str, part: str) -> bool:
    """Whether `part` is in `text`, as it stands."""
    return part.casefold() in text.casefold()


def _messages(source: str) -> list[dict[str, object]]:
    rows = [json.loads(line) for line in MESSAGES.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if row["source"] == source]


def raw_translate(translator: Translator, source: str, target: str) -> Callable[[list[str]], list[str]]:
    """The engine alone, sentence by sentence: what everything around it is compared with."""
    [route, *_] = translator.router.routes(source, target)

    def run(texts: list[str]) -> list[str]:
        whole = [split(text, source) for text in texts]
        flat = [piece.text for pieces in whole for piece in pieces]
        made = iter(translator.router.run(route, flat))
        return [join(pieces, [next(made) for _ in pieces]) for pieces in whole]

    return run


def _kept(texts: Sequence[str], rows: Sequence[dict[str, object]]) -> tuple[int, int, list[str]]:
    good = every = 0
    missed = []
    for text, row in zip(texts, rows, strict=True):
        found = digit_runs(text)
        parts = [str(part) for part in row["keep"]] if isinstance(row["keep"], list) else []
        for part in parts:
            every += 1
            if keeps(text, part):
                good += 1
            else:
                missed.append(f"{part} | {text}")
        for digits in row.get("digits") or []:
            every += 1
            good += found[str(digits)] > 0
            if not found[str(digits)]:
                missed.append(f"{digits} | {text}")
    return good, every, missed


def _digits_kept(source: Sequence[str], target: Sequence[str]) -> float:
    whole = kept = 0
    for a, b in zip(source, target, strict=True):
        need, have = digit_runs(a), digit_runs(b)
        whole += need.total()
        kept += (need & have).total()
    return kept / whole if whole else 1.0


def generated(source: str, count: int = 300) -> list[dict[str, object]]:
    """Messages made of templates and values that nothing here was tuned on: names that are on no list of ours, and
    random times, dates, amounts, phones, links and codes. Always the same ones."""
    chance = random.Random(11)
    names, templates = UNKNOWN_NAMES.split(), TEMPLATES[source]
    rows: list[dict[str, object]] = []
    while len(rows) < count:
        hour, minute = chance.randint(1, 11), chance.choice(["05", "15", "30", "45"])
        values = {
            "name": chance.choice(names),
            "other": chance.choice(names),
            "number": str(chance.randint(2, 98)),
            "phone": f"{chance.randint(201, 989)}-555-{chance.randint(100, 9999):04d}",
            "link": f"https://school{chance.randint(1, 99)}.org/{chance.choice('abcdefgh')}_{chance.randint(10, 999)}?v={chance.randint(1, 9)}",
            "mail": f"office{chance.randint(1, 99)}@district.k12.ma.us",
            "room": f"{chance.randint(1, 40)}{chance.choice('ABC')}",
            "time": f"{hour}:{minute} pm" if source == "en" else f"{hour + 12}h{minute}",
        }
        shown = values | {"time": f"{hour + 12}:{minute}" if source == "en" else f"{hour}:{minute} PM"}
        template = chance.choice(templates)
        slots = re.findall(r"\{(\w+)\}", template)
        rows.append({"text": template.format(**values), "keep": [shown[slot] for slot in slots]})
    return rows


def run() -> list[Figure]:
    """Prints and returns chrF and what is kept, raw and through the pipeline, for every pair that runs here."""
    router = open_router(None)
    translator = Translator(router, phrasebook=CatalogPhrasebook(HERE.parent / "locales"))
    figures: list[Figure] = []
    for source, target in (("en", "pt"), ("pt", "en")):
        raw = raw_translate(translator, source, target)
        pair = f"{source}→{target}"
        rows = _messages(source)
        texts, references = [str(r["text"]) for r in rows], [str(r["reference"]) for r in rows]
        bare, ours = raw(texts), [made.text for made in translator.translate(texts, source, target)]
        figures += _compare(f"{pair} school messages", bare, ours, references)
        for label, result, floor in (("raw engine", bare, None), ("pipeline", ours, 99.5)):
            good, every, missed = _kept(result, rows)
            figures.append(
                Figure(
                    f"{pair} school messages, kept of {every} names, digits, times, links, {label}",
                    100 * good / every,
                    "%",
                    floor,
                )
            )
            if label == "pipeline":
                print(*(f"  missed: {line}" for line in missed), sep="\n")
        rows = generated(source)
        texts = [str(r["text"]) for r in rows]
        for label, result, floor in (
            ("raw engine", raw(texts), None),
            ("pipeline", [made.text for made in translator.translate(texts, source, target)], 99.5),
        ):
            good, every, missed = _kept(result, rows)
            name = f"{pair} {len(texts)} generated messages, kept of {every} names, numbers, times, links, {label}"
            figures.append(Figure(name, 100 * good / every, "%", floor))
            if label == "pipeline":
                print(*(f"  missed: {line}" for line in missed), sep="\n")
        if not FLORES.is_dir():
            print(f"FLORES is not at {FLORES}: its figures are left out.")
            continue
        texts, references = (
            (FLORES / f"{primary(tag)}.txt").read_text(encoding="utf-8").splitlines()[:200]
            for tag in (source, target)
        )
        bare, ours = raw(texts), [made.text for made in translator.translate(texts, source, target)]
        figures += _compare(f"{pair} FLORES dev", bare, ours, references)
        figures.append(
            Figure(f"{pair} FLORES dev, digit runs kept, raw engine", 100 * _digits_kept(texts, bare), "%")
        )
        figures.append(
            Figure(f"{pair} FLORES dev, digit runs kept, pipeline", 100 * _digits_kept(texts, ours), "%")
        )
    router.close()
    return figures


def _compare(name: str, bare: list[str], ours: list[str], references: list[str]) -> list[Figure]:
    before, after = corpus_chrf(bare, references), corpus_chrf(ours, references)
    return [
        Figure(f"{name}, chrF, raw engine", before),
        Figure(f"{name}, chrF, pipeline", after),
        Figure(f"{name}, chrF that protection costs", before - after, "", at_most=0.5),
    ]


if __name__ == "__main__":
    for figure in run():
        print(figure.line())
