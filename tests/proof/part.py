"""What is run together and written down as one line."""

from typing import NamedTuple


class Part(NamedTuple):
    """Tests that are run together."""

    name: str
    holds: str
    tests: list[str]
    times: int = 0
