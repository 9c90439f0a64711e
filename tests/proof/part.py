"""What is run together and written down as one line."""

from typing import NamedTuple


class Release(NamedTuple):
    """A release of a framework, which gets an environment of its own."""

    adapter: str
    requirement: str
    """What the adapter says it supports, such as ``flask>=3,<4``."""
    oldest: bool
    """Whether it is the first of them, or the last."""
    needs: list[str]
    """What else has to be there."""


class Part(NamedTuple):
    """Tests that are run together."""

    name: str
    holds: str
    tests: list[str]
    times: int = 0
    release: Release | None = None
