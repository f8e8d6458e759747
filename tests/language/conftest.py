"""The real English–Portuguese model, loaded once a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.language.engines.router import open_router
from bot.language.translator import Translator


@pytest.fixture(scope="session")
def translator() -> Iterator[Translator]:
    """The pipeline over the models that the installed packages carry; no memory, no phrasebook."""
    router = open_router(None)
    yield Translator(router)
    router.close()
