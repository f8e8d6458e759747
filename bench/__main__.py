"""`python -m bench [NAME …] [--write]`: run benchmarks and print what they found."""

from __future__ import annotations

import importlib
import os
import pkgutil
import platform
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

import bench
from bench.figures import Figure

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
TITLE = """# Benchmarks

What can be a ratio is one, to a limit measured in the same run, on the machine named with it. Made by
`python -m bench --write`. On a machine that others use at the same moment, `chrt -r 5 python -m bench NAME` (as root) gives
the benchmark and what it starts the processor first; a line that was made so says "real-time priority".
"""


def names() -> list[str]:
    """The benchmarks there are."""
    found = []
    for module in pkgutil.iter_modules(bench.__path__):
        source = Path(bench.__path__[0], f"{module.name}.py")
        if (
            not module.name.startswith("_")
            and source.exists()
            and re.search(r"^def run\(", source.read_text("utf-8"), re.M)
        ):
            found.append(module.name)
    return sorted(found)


def machine() -> str:
    """Where this ran, and how busy it was: a number without them says little."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        named = re.search(r"^model name\s*:\s*(.+)$", cpuinfo.read_text("utf-8"), re.M)
        model = named[1].strip() if named else model
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC · {model}, {cores} cores, {memory:.0f} GB · "
        f"{platform.system()} {platform.release()} · Python {platform.python_version()} · {load()}{_priority()}"
    )


def _priority() -> str:
    """Whether this runs before everything else on the machine: then its numbers are those of a quiet one."""
    if hasattr(os, "sched_getscheduler") and os.sched_getscheduler(0) in (os.SCHED_RR, os.SCHED_FIFO):
        return " · real-time priority"
    return ""


def load() -> str:
    """The machine's load average."""
    return "load " + " ".join(f"{one:.1f}" for one in os.getloadavg())


def table(name: str, figures: list[Figure]) -> Table:
    """What a benchmark found, for a terminal."""
    drawn = Table(title=name, title_justify="left", title_style="bold", expand=False)
    for heading in ("figure", "value", "limit in the same run", "ratio", "wanted", ""):
        drawn.add_column(heading, justify="right" if heading in ("value", "ratio") else "left")
    for figure in figures:
        drawn.add_row(*_cells(figure), style="" if figure.holds else "red")
    return drawn


def _cells(figure: Figure) -> list[str]:
    limit = f"{figure.limit:,.1f} {figure.unit} · {figure.limit_name}" if figure.limit else ""
    ratio = f"{figure.ratio:.3f}" if figure.ratio is not None else ""
    verdict = "" if not figure.wanted else "ok" if figure.holds else "MISSED"
    value = f"{figure.value:,.1f}" if abs(figure.value) >= 100 else f"{figure.value:,.3f}"
    return [figure.name, f"{value} {figure.unit}".strip(), limit, ratio, figure.wanted, verdict]


def write(name: str, where: str, figures: list[Figure]) -> None:
    """Put a benchmark's section into docs/benchmarks.md, in the place of its last one."""
    rows = ["| figure | value | limit in the same run | ratio | wanted | |", "|---|---:|---|---:|---|---|"]
    rows += ["| " + " | ".join(_cells(figure)) + " |" for figure in figures]
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    section = "\n".join([begin, f"## {name}", where, "", *rows, end])
    text = DOCUMENT.read_text("utf-8") if DOCUMENT.exists() else TITLE
    if begin in text:
        before, _, rest = text.partition(begin)
        text = before + section + rest.partition(end)[2]
    else:
        text = text.rstrip() + "\n\n" + section + "\n"
    DOCUMENT.write_text(text, "utf-8")


@click.command()
@click.argument("chosen", nargs=-1, metavar="[NAME]...")
@click.option("--write", "to_document", is_flag=True, help="Put the results into docs/benchmarks.md.")
@click.option("--list", "only_list", is_flag=True, help="Print the names.")
def main(chosen: tuple[str, ...], to_document: bool, only_list: bool) -> None:
    """Run the benchmarks named, or all. Exit status 1 when a number missed what is wanted of it."""
    if only_list:
        click.echo("\n".join(names()))
        return
    unknown = [name for name in chosen if name not in names()]
    if unknown:
        raise click.UsageError(f"no benchmark {', '.join(unknown)}; there are: {', '.join(names())}")
    console = Console(width=max(100, Console().width))
    missed = False
    for name in chosen or names():
        where = machine()
        console.print(f"[dim]{where}[/dim]", highlight=False, soft_wrap=True)
        figures = list(importlib.import_module(f"bench.{name}").run())
        console.print(table(name, figures), highlight=False)
        console.print(f"[dim]afterwards: {load()}[/dim]\n", highlight=False)
        missed = missed or not all(figure.holds for figure in figures)
        if to_document:
            write(name, f"{where}; afterwards {load()}", figures)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main(prog_name="python -m bench")
