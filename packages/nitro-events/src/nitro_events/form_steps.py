"""The steps of a form, as its seal tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Steps"]


@dataclass(frozen=True, slots=True)
class Steps:
    """The step that was shown, and the fields of each. *begun*: there was a draft by then."""

    at: str
    fields: Mapping[str, tuple[str, ...]]
    begun: bool = False

    @property
    def names(self) -> list[str]:
        """The names of all steps, in order."""
        return list(self.fields)

    def payload(self) -> dict[str, object]:
        """Return what is sealed."""
        steps = [[name, list(fields)] for name, fields in self.fields.items()]
        return {"at": self.at, "all": steps, "begun": self.begun}

    @classmethod
    def from_payload(cls, payload: Any) -> Steps | None:
        """Read what was sealed; None for a form without steps."""
        if not payload:
            return None
        fields = {str(name): tuple(map(str, names)) for name, names in payload["all"]}
        return cls(str(payload["at"]), fields, bool(payload.get("begun")))
