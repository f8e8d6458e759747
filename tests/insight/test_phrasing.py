"""A district's own model phrases a summary, over real HTTP; whatever it does wrong, nothing wrong is shown."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.insight.phrasing import MOST_SENTENCES, Phraser, PhrasingFailed, Source, checked, sources_of
from bot.insight.summary import Link, Summary
from bot.insight.summary_material import summary
from bot.store.columns import Vault
from bot.store.database import Database
from tests.insight.families import MONTH, Place

SOURCES = [
    Source("m1", "Fractions are hard at home", Link(1, 11)),
    Source("m2", "We read 20 minutes a day", Link(2, 12)),
]
Behaviour = Callable[[BaseHTTPRequestHandler, dict[str, object]], None]


def says(text: object) -> Behaviour:
    def behave(request: BaseHTTPRequestHandler, _body: dict[str, object]) -> None:
        answer = json.dumps({"choices": [{"message": {"content": text}}]}).encode()
        request.send_response(200)
        request.end_headers()
        request.wfile.write(answer)

    return behave


def raw(status: int, body: bytes, **headers: str) -> Behaviour:
    def behave(request: BaseHTTPRequestHandler, _body: dict[str, object]) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    return behave


def drips(request: BaseHTTPRequestHandler, _body: dict[str, object]) -> None:
    request.send_response(200)
    request.end_headers()
    for _ in range(20):
        request.wfile.write(b" ")
        request.wfile.flush()
        time.sleep(0.05)


@contextmanager
def model(behave: Behaviour) -> Iterator[tuple[str, list[dict[str, object]]]]:
    """A model's server on this machine; yields its address and what it was asked."""
    asked: list[dict[str, object]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(body)
            try:
                behave(self, body)
            except (BrokenPipeError, ConnectionResetError):
                return  # the other side has had enough

        def log_message(self, *_args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1", asked
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def told(sqlite_url: str, vault: Vault) -> Summary:
    db = Database(sqlite_url, vault)
    place = Place(db)
    for words in ("Fractions are hard", "The fractions again, 20 minutes"):
        place.answers(place.family(name="Ana Ruiz"), "family.hard_part", words, english=words)
    made = summary(db, place.whose, MONTH)
    db.dispose()
    return made


def test_sentences_come_with_their_texts_and_everything_else_is_dropped(told: Summary) -> None:
    answer = (
        "Two families find fractions hard [m1, m2]. Fractions take 20 minutes [m2]! Everybody is happy [m1] [m99]. Most agree. "
        "40 families said so [m1]. The end."
    )
    with model(says(answer)) as (url, asked):
        phrased = Phraser(url, ["127.0.0.1"], "small-model").phrase(told)
    said = {one.words: {link.text_id for link in one.links} for one in phrased.sentences}
    ids = {one.id: one.link.text_id for one in sources_of(told)}
    twenty = next(one.id for one in sources_of(told) if "20" in one.words)
    assert said.get("Two families find fractions hard.") == set(ids.values())
    assert ("Fractions take 20 minutes." in said) == (twenty == "m2")
    assert not any("happy" in words or "40" in words or "agree" in words for words in said)
    assert phrased.dropped >= 4
    assert asked[0]["model"] == "small-model"
    assert "Ana Ruiz" not in json.dumps(asked)


@pytest.mark.parametrize(
    "behave",
    [raw(500, b"no"), raw(200, b"<html>junk"), raw(200, b'{"choices": []}'), raw(200, b"\xff\xfe"), says(None), says(["x"]),
     raw(302, b"", Location="http://127.0.0.1:1/elsewhere"), raw(200, b" " * 100_000), drips],
)  # fmt: skip
def test_a_server_that_misbehaves_is_said_to_and_nothing_is_shown(told: Summary, behave: Behaviour) -> None:
    with model(behave) as (url, _asked), pytest.raises(PhrasingFailed) as failed:
        Phraser(url, ["127.0.0.1"], "m", seconds=0.3).phrase(told)
    assert "ractions" not in str(failed.value)


def test_a_server_that_is_not_there(told: Summary) -> None:
    with pytest.raises(PhrasingFailed):
        Phraser("http://127.0.0.1:9/v1", ["127.0.0.1"], "m", seconds=0.3).phrase(told)


@pytest.mark.parametrize(
    ("url", "hosts"),
    [("https://model.example/v1", []), ("https://model.example/v1", ["other.example"]), ("ftp://127.0.0.1", ["127.0.0.1"]),
     ("http://model.example/v1", ["model.example"]), ("", ["x"])],
)  # fmt: skip
def test_no_host_is_contacted_that_the_district_has_not_named(url: str, hosts: list[str]) -> None:
    with pytest.raises(ValueError, match="SUMMARY_MODEL"):
        Phraser(url, hosts, "m")


@given(st.text(alphabet=st.sampled_from("ab .[]m123,!?20\n"), max_size=120))
def test_whatever_a_model_says_each_sentence_shown_rests_on_texts_there_are(said: str) -> None:
    kept, dropped = checked(said, SOURCES)
    assert all(sentence.links and set(sentence.links) <= {one.link for one in SOURCES} for sentence in kept)
    assert dropped >= 0


def test_a_flood_of_sentences_is_cut() -> None:
    kept, dropped = checked("A thing [m1]. " * 200, SOURCES)
    assert (len(kept), dropped) == (MOST_SENTENCES, 200 - MOST_SENTENCES)
