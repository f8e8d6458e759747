"""Word lists that come with the product, read from their YAML files."""

from __future__ import annotations

from importlib.resources.abc import Traversable
from typing import Any, Final

import yaml

LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The parser in C reads these files in a tenth of the time; where PyYAML came without it the other one does."""


def read_data(path: Traversable) -> Any:
    """What one of our own files holds."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 - both loaders are the safe ones
