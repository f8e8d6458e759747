"""The sample school, once on each kind of database."""

from __future__ import annotations

from tests.journeys.conftest import embedded, school

__all__ = ["embedded", "school"]
