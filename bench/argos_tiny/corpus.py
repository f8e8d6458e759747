"""School messages in English and Spanish, made from templates. For training a test model; never sent to a family.

Deterministic: the same seed gives the same lines in the same order. `python -m bench.argos_tiny.corpus FOLDER` writes
train.en, train.es, test.en and test.es.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

Pair = tuple[str, str]

DAYS: list[Pair] = [
    ("Monday", "lunes"),
    ("Tuesday", "martes"),
    ("Wednesday", "miércoles"),
    ("Thursday", "jueves"),
    ("Friday", "viernes"),
    ("Saturday", "sábado"),
    ("Sunday", "domingo"),
]
MONTHS: list[Pair] = [
    ("January", "enero"),
    ("February", "febrero"),
    ("March", "marzo"),
    ("April", "abril"),
    ("May", "mayo"),
    ("June", "junio"),
    ("August", "agosto"),
    ("September", "septiembre"),
    ("October", "octubre"),
    ("November", "noviembre"),
    ("December", "diciembre"),
]
SUBJECTS: list[Pair] = [
    ("math", "matemáticas"),
    ("reading", "lectura"),
    ("science", "ciencias"),
    ("writing", "escritura"),
    ("music", "música"),
    ("art", "arte"),
]
PLACES: list[Pair] = [
    ("the library", "la biblioteca"),
    ("the office", "la oficina"),
    ("the cafeteria", "la cafetería"),
    ("the gym", "el gimnasio"),
    ("the classroom", "el salón"),
    ("the school", "la escuela"),
    ("the park", "el parque"),
]
THINGS: list[Pair] = [
    ("a book", "un libro"),
    ("a pencil", "un lápiz"),
    ("a warm coat", "un abrigo"),
    ("the form", "el formulario"),
    ("the homework", "la tarea"),
    ("a snack", "una merienda"),
    ("a notebook", "un cuaderno"),
    ("a drawing", "un dibujo"),
]
EVENTS: list[Pair] = [
    ("the meeting", "la reunión"),
    ("the concert", "el concierto"),
    ("the trip", "el paseo"),
    ("family night", "la noche familiar"),
    ("the book fair", "la feria del libro"),
    ("the workshop", "el taller"),
]
CHILDREN: list[Pair] = [
    ("your child", "su hijo"),
    ("your son", "su hijo"),
    ("your daughter", "su hija"),
]
NAMES = [
    "Ana",
    "Luis",
    "Sofía",
    "Mateo",
    "Lucía",
    "Omar",
    "Amina",
    "Linh",
    "Wei",
    "Diego",
    "Camila",
    "Nadia",
    "Rosa",
    "Elena",
    "Tomás",
    "Grace",
    "Jean",
    "Yusuf",
]
REASONS: list[Pair] = [
    ("snow", "la nieve"),
    ("rain", "la lluvia"),
    ("the storm", "la tormenta"),
    ("the holiday", "el feriado"),
    ("a power cut", "un corte de luz"),
]

TEMPLATES: list[Pair] = [
    ("School is closed on {day}.", "La escuela está cerrada el {day}."),
    ("School is closed on {day} because of {reason}.", "La escuela está cerrada el {day} por {reason}."),
    ("There is no school on {date}.", "No hay clases el {date}."),
    ("School opens at {time} on {day}.", "La escuela abre a las {time} el {day}."),
    ("{who} was absent today.", "{who} faltó hoy."),
    ("{who} was late on {day}.", "{who} llegó tarde el {day}."),
    ("Is {who} sick today?", "¿Está {who} enfermo hoy?"),
    ("{who} read {number} books this week.", "{who} leyó {number} libros esta semana."),
    ("{who} has {number} pages of {subject}.", "{who} tiene {number} páginas de {subject}."),
    ("Please read for {number} minutes tonight.", "Por favor lean {number} minutos esta noche."),
    ("Did {who} read with someone this week?", "¿Leyó {who} con alguien esta semana?"),
    ("Please bring {thing} on {day}.", "Por favor traiga {thing} el {day}."),
    ("Please send {thing} with {who}.", "Por favor envíe {thing} con {who}."),
    ("{who} forgot {thing} in {place}.", "{who} olvidó {thing} en {place}."),
    ("You can find {thing} in {place}.", "Puede encontrar {thing} en {place}."),
    ("{event} is on {date}.", "{event} es el {date}."),
    ("{event} is on {day} at {time}.", "{event} es el {day} a las {time}."),
    ("{event} is in {place}.", "{event} es en {place}."),
    ("{event} starts at {time} in {place}.", "{event} empieza a las {time} en {place}."),
    ("Can you come to {event} on {day}?", "¿Puede venir a {event} el {day}?"),
    ("Thank you for coming to {event}.", "Gracias por venir a {event}."),
    ("Thank you for your message.", "Gracias por su mensaje."),
    ("Thank you.", "Gracias."),
    ("Good morning.", "Buenos días."),
    ("We are proud of {who}.", "Estamos orgullosos de {who}."),
    ("{who} did well in {subject}.", "A {who} le fue bien en {subject}."),
    ("{who} needs help with {subject}.", "{who} necesita ayuda con {subject}."),
    ("Please call {place}.", "Por favor llame a {place}."),
    ("Please call {token} before {day}.", "Por favor llame a {token} antes del {day}."),
    ("Please write to {token}.", "Por favor escriba a {token}."),
    ("See {token} for more.", "Vea {token} para más información."),
    ("Hello {token}, {event} is at {token2}.", "Hola {token}, {event} es a las {token2}."),
    ("{token} was absent on {token2}.", "{token} faltó el {token2}."),
    ("Bus {number} is late today.", "El autobús {number} llega tarde hoy."),
    ("Lunch is ${number} a week.", "El almuerzo cuesta ${number} por semana."),
    ("Room {number} is open.", "El salón {number} está abierto."),
    ("{who} does not have class on {day}.", "{who} no tiene clase el {day}."),
    ("Do not forget {thing}.", "No olvide {thing}."),
]


def _filled(template: Pair, chance: random.Random) -> Pair:
    english, spanish = template

    def put(slot: str, pair: Pair) -> None:
        nonlocal english, spanish
        english, spanish = english.replace(slot, pair[0]), spanish.replace(slot, pair[1])

    def same(slot: str, value: str) -> None:
        put(slot, (value, value))

    day, month = str(chance.randint(1, 30)), chance.choice(MONTHS)
    put("{date}", (f"{month[0]} {day}", f"{day} de {month[1]}"))
    put("{day}", chance.choice(DAYS))
    name = chance.choice(NAMES)
    put("{who}", (name, name) if chance.random() < 0.6 else chance.choice(CHILDREN))
    for slot, choices in (
        ("{reason}", REASONS),
        ("{subject}", SUBJECTS),
        ("{thing}", THINGS),
        ("{place}", PLACES),
        ("{event}", EVENTS),
    ):
        put(slot, chance.choice(choices))
    same("{number}", str(chance.randint(2, 99)))
    same("{time}", f"{chance.randint(1, 23)}:{chance.choice(['00', '15', '30', '45'])}")
    first, second = chance.sample(range(1, 10), 2)
    same("{token2}", f"XQ{second}")
    same("{token}", f"XQ{first}")
    spanish = (
        spanish.replace(" de el ", " del ").replace(" a el ", " al ").replace("antes del el", "antes del")
    )
    return english[0].upper() + english[1:], _capital(spanish)


def _capital(text: str) -> str:
    at = 1 if text[0] in "¿¡" else 0
    return text[:at] + text[at].upper() + text[at + 1 :]


def lines(count: int, seed: int) -> list[Pair]:
    """`count` different pairs, one to three sentences each."""
    chance = random.Random(seed)
    found: dict[Pair, None] = {}
    while len(found) < count:
        pairs = [_filled(chance.choice(TEMPLATES), chance) for _ in range(chance.choice([1, 1, 1, 2]))]
        if chance.random() < 0.1:
            pairs = [
                (english.lower(), spanish.lower()) for english, spanish in pairs if "XQ" not in english
            ] or pairs
        found[(" ".join(p[0] for p in pairs), " ".join(p[1] for p in pairs))] = None
    return list(found)


def write(folder: Path, count: int = 24_000) -> None:
    """The training and test lines as four files, one sentence pair a line."""
    folder.mkdir(parents=True, exist_ok=True)
    training = lines(count, seed=1)
    held_out = [pair for pair in lines(1_000, seed=2) if pair not in set(training)][:300]
    for name, pairs in (("train", training), ("test", held_out)):
        for side, language in enumerate(("en", "es")):
            text = "\n".join(pair[side] for pair in pairs) + "\n"
            (folder / f"{name}.{language}").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
