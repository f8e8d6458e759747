"""What can go wrong with a model, each in a sentence that says what to do."""

from __future__ import annotations


class ModelError(Exception):
    """Something is wrong with a model or its file. The message is for the person at the terminal."""


class HostUnreachable(ModelError):
    """A host that offers models did not answer. The message names the host and the ways round it."""


class UnsafePackage(ModelError):
    """A package that would write outside its folder, or unpack to an absurd size. Nothing of it was kept."""
