"""Benchmarks. Each module has `run() -> list[Figure]`; every figure that matters is a ratio to a limit measured in the
same run. `python -m bench` runs them all, `python -m bench webhook ingest` some, `--write` puts the result into
docs/benchmarks.md.
"""

from bench.figures import Figure

__all__ = ["Figure"]
