"""A conversation as a picture: SVG, no script, readable when printed, with its words as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from bot.flow.script import (
    END,
    Alarm,
    Ask,
    Branch,
    Call,
    ChoiceWanted,
    Conversation,
    End,
    HandOver,
    Note,
    Progress,
    Remember,
    Say,
    Script,
    Step,
    Wait,
    ways_on,
)

WIDE = 250
LINE = 15
GAP_X = 46
GAP_Y = 58
MARGIN = 28

_COLOURS = {
    "say": ("#eef6ff", "#2b6cb0"),
    "ask": ("#fff8e1", "#b7791f"),
    "hand_off": ("#fdeeee", "#c53030"),
    "alert": ("#fdeeee", "#c53030"),
    "wait": ("#f3f0ff", "#6b46c1"),
    "end": ("#edf7ed", "#2f855a"),
}
_PLAIN = ("#f7f7f7", "#4a5568")


@dataclass(frozen=True, slots=True)
class _Box:
    """One step on the sheet."""

    id: str
    x: float
    y: float
    high: float
    heading: str
    lines: tuple[str, ...]
    do: str


def draw(script: Script, language: str = "en") -> str:
    """`script`'s own conversation as an SVG document, with its texts in `language` where it has them."""
    conversation = script.conversations[script.name]
    boxes = _placed(conversation, language)
    wide = max(box.x for box in boxes.values()) + WIDE + MARGIN
    high = max(box.y + box.high for box in boxes.values()) + MARGIN
    title = script.title.texts.get(language, script.title.original)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.0f} {high:.0f}" width="{wide:.0f}" '
        f'height="{high:.0f}" role="img" aria-labelledby="title desc" font-family="system-ui, sans-serif" '
        'font-size="12">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">The conversation {escape(script.name)}: {len(conversation.steps)} steps, '
        f"beginning with {escape(conversation.first)}.</desc>",
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
        'orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="#4a5568"/></marker></defs>',
        f'<rect width="{wide:.0f}" height="{high:.0f}" fill="#ffffff"/>',
    ]
    parts.extend(_arrows(conversation, boxes))
    parts.extend(_drawn(box) for box in boxes.values())
    parts.append("</svg>\n")
    return "\n".join(parts)


def _layers(conversation: Conversation) -> dict[str, int]:
    """How many steps each step is from the beginning, along the longest way that never turns back."""
    layer: dict[str, int] = {}
    order: list[str] = []
    state: dict[str, int] = {}
    back: set[tuple[str, str]] = set()

    todo: list[tuple[str, Iterator[str]]] = [
        (conversation.first, iter(_ways(conversation, conversation.first)))
    ]
    state[conversation.first] = 1
    while todo:
        here, ways = todo[-1]
        way = next(ways, None)
        if way is None:
            state[here] = 2
            order.append(here)
            todo.pop()
        elif state.get(way) == 1:
            back.add((here, way))
        elif way not in state:
            state[way] = 1
            todo.append((way, iter(_ways(conversation, way))))
    for step in reversed(order):
        layer.setdefault(step, 0)
        for way in _ways(conversation, step):
            if (step, way) not in back:
                layer[way] = max(layer.get(way, 0), layer[step] + 1)
    for step in conversation.steps:
        layer.setdefault(step, 0)
    layer[END] = max([*layer.values(), 0]) if END in layer else max(layer.values()) + 1
    return layer


def _ways(conversation: Conversation, step: str) -> tuple[str, ...]:
    if step == END:
        return ()
    return ways_on(conversation.steps[step]) or (END,)


def _placed(conversation: Conversation, language: str) -> dict[str, _Box]:
    layers = _layers(conversation)
    rows: dict[int, list[str]] = {}
    for step in [*conversation.steps, END]:
        rows.setdefault(layers[step], []).append(step)
    boxes: dict[str, _Box] = {}
    y = float(MARGIN)
    for number in sorted(rows):
        tallest = 0.0
        for column, step in enumerate(rows[number]):
            heading, told, do = _told(conversation, step, language)
            lines = tuple(line for part in told for line in textwrap.wrap(part, 40))[:7]
            high = 26 + LINE * len(lines) + (8 if lines else 0)
            boxes[step] = _Box(step, MARGIN + column * (WIDE + GAP_X), y, high, heading, lines, do)
            tallest = max(tallest, high)
        y += tallest + GAP_Y
    return boxes


def _told(conversation: Conversation, step_id: str, language: str) -> tuple[str, list[str], str]:
    if step_id == END:
        return "end", [], "end"
    step = conversation.steps[step_id]
    heading = f"{step.id} · {step.do.replace('_', ' ')}"
    match step:
        case Say(line=line) | Ask(line=line):
            told = [line.texts.get(language, line.original)]
        case HandOver(to=to, note=note):
            told = [f"to {to}: {note.original}"]
        case Alarm(kind=kind, note=note):
            told = [f"{kind}: {note.original}"]
        case Branch(on=on):
            told = [f"on {on}"]
        case Call(conversation=name):
            told = [name]
        case Wait(seconds=seconds, day=day, at=at):
            told = [f"{seconds // 3600} h" if seconds is not None else f"until {day or 'the next day'} {at}"]
        case Remember(field=name, value=value, source=source):
            told = [f"{name} = {value if value is not None else source}"]
        case Progress(did=did, amount=amount):
            told = [did + (f", {amount}" if amount else "")]
        case Note(kind=kind, source=source):
            told = [f"{kind} from {source}"]
        case End(outcome=outcome):
            told = [outcome]
    return heading, told, step.do


def _labels(step: Step) -> Iterator[tuple[str, str]]:
    """(where to, why) for every way on."""
    match step:
        case Ask(wants=wants, unclear=unclear, silent=silent):
            for answer in wants.answers:
                yield answer.next, answer.name
            if not isinstance(wants, ChoiceWanted):
                yield wants.next, wants.kind
            yield unclear.next, "unclear"
            if silent is not None:
                yield silent.next, "silent"
        case Branch(cases=cases, otherwise=otherwise):
            for case in cases:
                yield case.next, case.when
            yield otherwise, "otherwise"
        case End():
            yield END, ""
        case _:
            yield step.next, ""


def _arrows(conversation: Conversation, boxes: dict[str, _Box]) -> Iterator[str]:
    for step in conversation.steps.values():
        by_way: dict[str, list[str]] = {}
        for way, why in _labels(step):
            by_way.setdefault(way, []).append(why)
        total = len(by_way)
        for number, (way, whys) in enumerate(by_way.items(), start=1):
            begin, end = boxes[step.id], boxes[way]
            x1 = begin.x + WIDE * number / (total + 1)
            y1 = begin.y + begin.high
            x2, y2 = end.x + WIDE / 2, end.y
            if y2 <= y1:
                # Back up the sheet: around the right side, so that the line does not cross its own box.
                side = max(begin.x, end.x) + WIDE + GAP_X / 2
                path = (
                    f"M{begin.x + WIDE:.0f} {begin.y + begin.high / 2:.0f} "
                    f"C{side:.0f} {begin.y:.0f} {side:.0f} {end.y + end.high:.0f} "
                    f"{end.x + WIDE:.0f} {end.y + end.high / 2:.0f}"
                )
            else:
                middle = (y1 + y2) / 2
                path = f"M{x1:.0f} {y1:.0f} C{x1:.0f} {middle:.0f} {x2:.0f} {middle:.0f} {x2:.0f} {y2:.0f}"
            yield f'<path d="{path}" fill="none" stroke="#4a5568" marker-end="url(#arrow)"/>'
            label = ", ".join(why for why in whys if why)
            if label:
                yield (
                    f'<text x="{x1:.0f}" y="{y1 + 14 + 13 * ((number - 1) % 3):.0f}" text-anchor="middle" '
                    f'fill="#1a202c" stroke="#ffffff" stroke-width="3" paint-order="stroke">{escape(label)}</text>'
                )


def _drawn(box: _Box) -> str:
    fill, line = _COLOURS.get(box.do, _PLAIN)
    words = [
        f'<rect x="{box.x:.0f}" y="{box.y:.0f}" width="{WIDE}" height="{box.high:.0f}" rx="7" fill="{fill}" '
        f'stroke="{line}"/>',
        f'<text x="{box.x + 10:.0f}" y="{box.y + 18:.0f}" font-weight="bold" fill="{line}">'
        f"{escape(box.heading)}</text>",
    ]
    words.extend(
        f'<text x="{box.x + 10:.0f}" y="{box.y + 36 + LINE * number:.0f}" fill="#1a202c">{escape(text)}</text>'
        for number, text in enumerate(box.lines)
    )
    return "<g>" + "".join(words) + "</g>"
