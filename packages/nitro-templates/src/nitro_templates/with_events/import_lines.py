"""What each row of a file would do, as it is shown, and as it is known again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

CREATE, UPDATE, SAME, REFUSED = "create", "update", "same", "refused"
MARK = 8
"""So many bytes know a line again."""
UPDATING, REFUSING = "update", "refuse"
"""What is done with a row about something that is there already."""


@dataclass(slots=True)
class Line:
    """What one row would do: *thing* is what would be stored, *mark* stands for all of it."""

    number: int
    does: str
    title: str = ""
    errors: dict[str, str] = field(default_factory=dict[str, str])
    changes: dict[str, tuple[object, object]] = field(default_factory=dict[str, Any])
    thing: object = None
    mark: bytes = b""


@dataclass(slots=True)
class Plan:
    """What a file would do: the lines, as far as they were gone through."""

    total: int
    lines: list[Line] = field(default_factory=list[Line])

    def count(self, does: str) -> int:
        """Count the lines that do this."""
        return sum(line.does == does for line in self.lines)

    @property
    def marks(self) -> bytes:
        """What is kept of a plan, to see later whether it is still the same."""
        return b"".join(line.mark for line in self.lines)
