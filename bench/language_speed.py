"""What the pipeline costs around an engine: throughput, one short text, memory, and against argostranslate as it comes.

The engine alone is measured in the same run on the same sentences; every figure is a ratio to it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.argos_tiny.corpus import lines
from bench.figures import Figure
from bench.language_quality import FLORES, _messages, raw_translate
from bot.language.engines.router import Router, open_router
from bot.language.models.keep import ModelFolder
from bot.language.phrasebook import CatalogPhrasebook
from bot.language.translator import Translator

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "tests" / "language" / "data" / "translate-en_es-0_1-for-tests-only.argosmodel"
SHORT = "Please bring a warm coat on Friday."


def _sentences() -> list[str]:
    own = [str(row["text"]) for row in _messages("en")]
    flores = FLORES / "en.txt"
    return own + (flores.read_text(encoding="utf-8").splitlines()[:150] if flores.is_file() else own * 3)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _processor_seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _alternating(one: Callable[[], object], other: Callable[[], object], rounds: int) -> tuple[float, float]:
    """The best of both in processor seconds of this process (both sides use one thread at a time), taken in turns: what
    else the machine does then counts for neither."""
    pairs = [(_processor_seconds(one), _processor_seconds(other)) for _ in range(rounds)]
    return min(p[0] for p in pairs), min(p[1] for p in pairs)


def _pipeline(router: Router) -> list[Figure]:
    translator = Translator(router, phrasebook=CatalogPhrasebook(ROOT / "locales"))
    raw = raw_translate(translator, "en", "pt")
    texts = _sentences()
    raw(texts[:3])
    translator.translate([*texts[:3], SHORT], "en", "pt")  # models, catalogs and patterns are loaded
    alone, ours = _alternating(lambda: raw(texts), lambda: translator.translate(texts, "en", "pt"), 5)
    [engine_one, ours_one] = _alternating(
        lambda: raw([SHORT]), lambda: translator.translate([SHORT], "en", "pt"), 60
    )
    return [
        Figure(
            f"en→pt, {len(texts)} texts: pipeline's throughput beside the engine's",
            1 / ours,
            "batches/s",
            0.85,
            limit=1 / alone,
            limit_name="the engine called raw",
        ),
        Figure(
            "en→pt, one short text, warm: what the pipeline adds",
            1000 * (ours_one - engine_one),
            "ms",
            at_most=3.0,
        ),
    ]


def _argos() -> list[Figure]:
    """Our pipeline against argostranslate's own translate() per text, default settings, same package."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        ModelFolder(folder).add(PACKAGE)
        texts = [english for english, _ in lines(40, seed=3) if "XQ" not in english][:30]
        router = open_router(folder)
        translator = Translator(router)
        translator.translate(texts[:2], "en", "es")
        ours = theirs = float("inf")
        # A process of its own: the library reads its settings when it is imported, and ours set one thread.
        program = (
            "import sys,time\nfrom argostranslate import package,translate\nfrom pathlib import Path\n"
            "p=package.Package(Path(sys.argv[1]))\n"
            "t=translate.PackageTranslation(translate.Language('en','e'),translate.Language('es','s'),p)\n"
            "t.sentencizer=type('S',(),{'split_sentences':lambda self,x:[x]})()\n"
            "texts=sys.stdin.read().splitlines()\nt.translate(texts[0])\n"
            "def once():\n    s=time.perf_counter()\n    [t.translate(x) for x in texts]\n    return time.perf_counter()-s\n"
            "print(min(once() for _ in range(3)))\n"
        )
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ARGOS_")}
        environment |= {"HOME": place, "XDG_DATA_HOME": place, "ARGOS_PACKAGES_DIR": str(folder / "argos")}
        for _ in range(4):  # in turns: a busy moment of the machine hits both
            done = subprocess.run(
                [sys.executable, "-c", program, str(folder / "argos" / "translate-en_es-0_1")],
                input="\n".join(texts),
                capture_output=True,
                text=True,
                env=environment,
                check=True,
            )
            theirs = min(theirs, float(done.stdout.split()[-1]))
            ours = min(ours, *(_seconds(lambda: translator.translate(texts, "en", "es")) for _ in range(6)))
        router.close()
    return [
        Figure(
            f"en→es, {len(texts)} texts on the test package: our throughput",
            len(texts) / ours,
            "texts/s",
            3.0,
            limit=len(texts) / theirs,
            limit_name="argostranslate's translate() per text, default settings (its downloading splitter left out)",
        ),
    ]


def _memory() -> list[Figure]:
    """Resident memory before and after each part, in a process of its own."""
    program = (
        "import os\nfrom bot.language.engines.router import open_router\nfrom bot.language.detect import detect\n"
        "def mb():\n    return int(open('/proc/self/statm').read().split()[1])*os.sysconf('SC_PAGE_SIZE')/1e6\n"
        "r=open_router(None)\nprint(mb())\n"
        "detect('ola tudo bem com voces')\nprint(mb())\n"
        "for s,t in (('en','pt'),('pt','en')):\n    r.run(r.routes(s,t)[0],['Hello.'])\n    print(mb())\nr.close()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    start, detecting, first, second = (float(line) for line in done.stdout.split())
    return [
        Figure("memory of a process with the router, nothing loaded", start, "MB"),
        Figure("memory that detection adds", detecting - start, "MB"),
        Figure("memory the first Bergamot direction adds (en→pt)", first - detecting, "MB"),
        Figure("memory both directions of a language add (en↔pt)", second - detecting, "MB"),
    ]


def run() -> list[Figure]:
    """Throughput, overhead, the comparison with argostranslate, and memory."""
    router = open_router(None)
    figures = _pipeline(router)
    router.close()
    return [*figures, *_argos(), *_memory()]


if __name__ == "__main__":
    for figure in run():
        print(figure.line())
