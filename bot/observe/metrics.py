"""Numbers for Prometheus, from every process of a machine, at the web process's /metrics.

Processes share a folder of memory-mapped files (prometheus-client's multiprocess mode), so one scrape of the web
process shows the workers' numbers too. Call `prepare` first thing in a process: prometheus-client decides at its
import whether it shares. Without it the numbers stay within the process.

What the database knows (inbox lag, outbox by state) is not kept here: it is read when asked, see `bot.insight.lag`,
and handed to `exposition` as gauges.

Labels are never about people: media, languages, engines, outcomes.
"""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # at run time only after `prepare`
    from prometheus_client import CollectorRegistry

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_FAST = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_SLOW = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Gauge:
    """A number read at scrape time, perhaps split by one label (`values` maps the label's value to the number)."""

    name: str
    help: str
    values: Mapping[str, float]
    label: str | None = None

    @classmethod
    def single(cls, name: str, help: str, value: float) -> Gauge:
        """A gauge without labels."""
        return cls(name, help, {"": value})


def prepare(folder: Path) -> None:
    """Share this process's numbers with the others that use `folder`; tidy up after processes that died.

    Must run before anything imports prometheus_client. A second call in the same process changes nothing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    os.environ[_FOLDER] = str(folder)
    fold_dead(folder)


# What is counted ------------------------------------------------------------------------------------------------------


def received(medium: str, seconds: float) -> None:
    """A text was received and committed in `seconds`."""
    _meters().received.labels(medium).inc()
    _meters().receive_seconds.observe(seconds)


def turn(seconds: float, outcome: str = "done") -> None:
    """A family's turn was taken: `done`, or `overtaken`, `failed`, `stuck`."""
    _meters().turn_seconds.labels(outcome).observe(seconds)


def translation(source: str, target: str, engine: str, seconds: float) -> None:
    """One batch was translated. `engine` is what served it ("catalog", "memory", "bergamot", ...)."""
    _meters().translation_seconds.labels(source, target, engine).observe(seconds)


def sent(medium: str, outcome: str, seconds: float) -> None:
    """One text was handed to its provider, which answered `accepted`, `refused`, `later` or `unclear`."""
    _meters().sends.labels(medium, outcome).inc()
    _meters().send_seconds.labels(medium).observe(seconds)


class _Meters:
    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Histogram

        self.registry = CollectorRegistry()
        here = self.registry
        self.received = Counter("puente_received", "Texts received and stored.", ["medium"], registry=here)
        self.receive_seconds = Histogram(
            "puente_receive_seconds", "From a text's arrival to its commit.", buckets=_FAST, registry=here
        )
        self.turn_seconds = Histogram(
            "puente_turn_seconds", "One turn of one family.", ["outcome"], buckets=_SLOW, registry=here
        )
        self.translation_seconds = Histogram(
            "puente_translation_seconds",
            "One batch through one engine.",
            ["source", "target", "engine"],
            buckets=_SLOW,
            registry=here,
        )
        self.sends = Counter(
            "puente_sends", "Texts handed to a provider.", ["medium", "outcome"], registry=here
        )
        self.send_seconds = Histogram(
            "puente_send_seconds", "One call of a provider.", ["medium"], buckets=_SLOW, registry=here
        )


@cache
def _meters() -> _Meters:
    return _Meters()


# What is shown --------------------------------------------------------------------------------------------------------


def exposition(gauges: Iterable[Gauge] = ()) -> bytes:
    """Everything counted by every process that shares the folder, and `gauges`, as Prometheus reads it."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.core import GaugeMetricFamily
    from prometheus_client.multiprocess import MultiProcessCollector

    class _AtScrape:
        def collect(self) -> Iterator[GaugeMetricFamily]:
            for gauge in gauges:
                family = GaugeMetricFamily(
                    gauge.name, gauge.help, labels=[gauge.label] if gauge.label else []
                )
                for value, number in gauge.values.items():
                    family.add_metric([value] if gauge.label else [], number)
                yield family

    at_scrape = CollectorRegistry()
    at_scrape.register(_AtScrape())
    folder = os.environ.get(_FOLDER)
    if not folder:
        return generate_latest(_meters().registry) + generate_latest(at_scrape)
    shared: CollectorRegistry = CollectorRegistry()
    MultiProcessCollector(shared, folder)
    with _alone(Path(folder)):  # a file that is folded away while it is read would fail the scrape
        counted = generate_latest(shared)
    return counted + generate_latest(at_scrape)


def fold_dead(folder: Path) -> int:
    """Add the numbers of processes that ended to one file and remove theirs: sums stay, files don't pile up.

    Returns how many files were folded. Killed between writing the sum and removing a file, that file counts twice:
    a number on a chart, nothing else.
    """
    from prometheus_client.mmap_dict import MmapedDict

    folded = 0
    with _alone(folder):
        for path in sorted(folder.glob("*_*.db")):
            kind, _, owner = path.stem.rpartition("_")
            if not owner.isdigit() or _alive(int(owner)):
                continue
            try:
                entries = list(MmapedDict.read_all_values_from_file(str(path)))
            except (RuntimeError, struct.error, UnicodeDecodeError):
                entries = []  # cut short when the machine stopped: nothing to save
            if kind in ("counter", "histogram"):
                total = MmapedDict(str(folder / f"{kind}_ended.db"))
                for key, value, _timestamp, _position in entries:
                    total.write_value(key, total.read_value(key)[0] + value, 0.0)
                total.close()
            path.unlink()
            folded += 1
    return folded


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # ends with the file, or with the process
        yield


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
