"""Which engine serves a pair, and what happens when one cannot: the next one, or plainly nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bot.language.engines.base import EngineFailed, Model
from bot.language.engines.remote import RemoteEngine
from bot.language.engines.router import Router, choices_of, open_router, router_of_settings
from bot.language.translation import Translation
from bot.language.translator import Translator
from bot.settings import SettingsError


class Echo:
    """An engine of a test's own: it says which engine it is, and can be broken. The router and pipeline are real."""

    def __init__(
        self, name: str, pairs: Sequence[tuple[str, str]], megabytes: int = 100, broken: bool = False
    ) -> None:
        self.name, self.broken = name, broken
        self._models = [Model(name, f"{name}-{s}{t}", s, t, megabytes) for s, t in pairs]
        self._loaded: dict[tuple[str, str], Model] = {}

    def models(self) -> list[Model]:
        return self._models

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        if self.broken:
            raise EngineFailed(f"{self.name} is broken")
        self._loaded[(source, target)] = next(m for m in self._models if m.pair == (source, target))
        return [f"{text} via {self.name} {target}" for text in texts]

    def loaded(self) -> list[Model]:
        return list(self._loaded.values())

    def unload(self, source: str, target: str) -> None:
        self._loaded.pop((source, target), None)

    def close(self) -> None:
        self._loaded.clear()


def test_measured_quality_decides_unless_a_setting_does() -> None:
    engines = [Echo("argos", [("en", "es")]), Echo("bergamot", [("en", "es")])]
    assert [route.engine for route in Router(engines).routes("en", "es")] == ["bergamot", "argos"]
    chosen = Router(engines, choices_of("en-es=argos"))
    assert [route.engine for route in chosen.routes("en", "es")] == ["argos", "bergamot"]


def test_a_weak_pair_asks_for_a_person() -> None:
    [route] = Router([Echo("argos", [("en", "ar")])]).routes("en", "ar")
    assert route.tier == "review"
    [unmeasured] = Router([Echo("argos", [("en", "so")])]).routes("en", "so")
    assert unmeasured.tier == "unmeasured"


def test_two_families_languages_meet_in_english() -> None:
    router = Router([Echo("bergamot", [("pt", "en"), ("en", "es")])])
    [route] = router.routes("pt", "es")
    assert router.run(route, ["oi"]) == ["oi via bergamot en via bergamot es"]
    assert not router.serves("pt", "so")


def test_a_broken_engine_falls_to_the_next_and_the_last_to_nothing() -> None:
    first, second = Echo("bergamot", [("en", "es")], broken=True), Echo("argos", [("en", "es")])
    [made] = Translator(Router([first, second])).translate(["Hello there"], "en", "es")
    assert made.engine == "argos"
    second.broken = True
    [made] = Translator(Router([first, second])).translate(["Hello there"], "en", "es")
    assert (made.text, made.why, made.missing) == ("", "engine_failed", True)


def test_models_are_unloaded_to_keep_the_budget_and_one_too_large_is_refused_in_words() -> None:
    engine = Echo("bergamot", [("en", "es"), ("en", "fr"), ("en", "ru")], megabytes=100)
    router = Router([engine], budget_megabytes=250)
    for target in ("es", "fr", "ru"):
        router.run(router.routes("en", target)[0], ["hi"])
    assert [model.target for model in router.loaded()] == ["fr", "ru"]
    small = Router([engine], budget_megabytes=50)
    with pytest.raises(EngineFailed, match="MODELS_MEMORY_MB"):
        small.run(small.routes("en", "es")[0], ["hi"])


@pytest.mark.parametrize("wrong", ["en-es", "en-es=google", "qq-es=argos"])
def test_a_wrong_engine_setting_is_named(wrong: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="TRANSLATION_ENGINES"):
        router_of_settings(tmp_path, wrong, 1000)


class _LibreTranslate(BaseHTTPRequestHandler):
    """Answers as LibreTranslate does; `mode` makes it misbehave."""

    def do_GET(self) -> None:
        self._answer([{"code": "en", "targets": ["so", "zt"]}, {"code": "so", "targets": ["en"]}])

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.heard.append(body)
        mode = self.server.mode
        if mode == "redirect":
            self.send_response(302)
            self.send_header("Location", "http://elsewhere.example/")
            self.end_headers()
        elif mode == "nonsense":
            self._answer({"translatedText": ["too", "many", "answers", "here"]})
        else:
            self._answer({"translatedText": [f"so:{text}" for text in body["q"]]})

    def _answer(self, what: object) -> None:
        data = json.dumps(what).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def libre() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _LibreTranslate)
    server.mode, server.heard = "", []
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def _remote(server: ThreadingHTTPServer) -> RemoteEngine:
    return RemoteEngine(f"http://127.0.0.1:{server.server_address[1]}", ["127.0.0.1"], seconds=5)


def test_a_districts_own_server_serves_a_pair_and_never_hears_a_childs_name(
    libre: ThreadingHTTPServer,
) -> None:
    router = Router([_remote(libre)])
    [made] = Translator(router).translate(
        ["Sofia has 3 books, call 555-123-4567 at 5 pm."], "en", "so", names=["Sofia"]
    )
    assert made.engine == "remote"
    assert "Sofia" in made.text
    assert "555-123-4567" in made.text
    heard = json.dumps(libre.heard)
    assert "Sofia" not in heard
    assert "555" not in heard
    assert router.serves("en", "zh-Hant"), "their zt is our zh-Hant"


@pytest.mark.parametrize("mode", ["redirect", "nonsense"])
def test_a_server_that_misbehaves_is_a_failed_engine(libre: ThreadingHTTPServer, mode: str) -> None:
    libre.mode = mode
    with pytest.raises(EngineFailed):
        _remote(libre).translate(["hi"], "en", "so")


def test_a_server_that_is_down_serves_nothing_and_breaks_nothing() -> None:
    engine = RemoteEngine("http://127.0.0.1:9", ["127.0.0.1"])
    assert engine.models() == []
    [made] = Translator(Router([engine])).translate(["Hello there"], "en", "so")
    assert made.why == "no_engine"


@pytest.mark.parametrize(
    ("url", "hosts", "says"),
    [
        ("https://translate.example.com", [], "allow-list"),
        ("http://translate.example.com", ["translate.example.com"], "https://"),
        ("file:///etc/passwd", [], "http"),
    ],
)
def test_families_words_go_nowhere_that_is_not_allowed(
    url: str, hosts: list[str], says: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=says):
        router_of_settings(tmp_path, "", 1000, url, hosts)


@pytest.mark.model
def test_the_router_of_a_bare_machine_serves_english_and_portuguese_and_loads_nothing_yet() -> None:
    router = open_router(None)
    assert router.serves("en", "pt")
    assert router.serves("pt", "en")
    assert router.loaded() == []
    router.run(router.routes("en", "pt")[0], ["Hello."])
    assert [model.pair for model in router.loaded()] == [("en", "pt")]
    router.engines["bergamot"].unload("en", "pt")
    assert router.loaded() == []
    router.close()


@pytest.mark.model
def test_many_threads_may_translate_at_once(translator: Translator) -> None:
    results: list[str] = []

    def work() -> None:
        results.extend(made.text for made in translator.translate(["Good morning, everyone."], "en", "pt"))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 6
    assert len(set(results)) == 1


class Kept:
    """A memory in a dictionary: what the translator asks of one."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str, str, int | None], Translation] = {}

    def recall(self, text: str, source: str, target: str, school: int | None) -> Translation | None:
        return self.rows.get((text, source, target, school))

    def keep(self, translation: Translation, school: int | None) -> None:
        self.rows[(translation.original, translation.source, translation.target, school)] = translation


def test_a_prompt_to_ten_thousand_families_in_twelve_languages_is_twelve_translations() -> None:
    targets = ["es", "pt", "ht", "fr", "ar", "zh-Hans", "vi", "ru", "uk", "ko", "tl", "so"]
    engine = Echo("bergamot", [("en", target) for target in targets])
    asked: list[tuple[str, int]] = []
    plain = engine.translate
    engine.translate = lambda texts, s, t: asked.append((t, len(texts))) or plain(texts, s, t)
    translator = Translator(Router([engine]), memory=Kept())
    families = [targets[number % 12] for number in range(10_000)]
    for target in families:
        [made] = translator.translate(["Did {child} read today?"], "en", target, school=1, remember=True)
        assert "{child}" in made.text
    assert sorted(asked) == sorted((target, 1) for target in targets)
