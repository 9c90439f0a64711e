"""The form that a request came with, as its seal tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nitro_events.http import response

Seal = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """The form that a request came with."""

    slug: str | None
    id: str | None
    operation: str
    key: str
    page: str
    next: str | None
    fields: tuple[str, ...]
    digests: Mapping[str, str]
    undo: bool = True

    @classmethod
    def from_seal(cls, seal: Seal) -> Sent:
        """Read what was sealed by `Form`; only paths of this application are kept."""
        page, following = seal.get("p"), seal.get("n")
        return cls(
            slug=seal.get("c"),
            id=seal.get("i"),
            operation=str(seal.get("o")),
            key=str(seal.get("k")),
            page=page if isinstance(page, str) and response.is_local(page) else "/",
            next=following if _fit(following) else None,
            fields=tuple(seal.get("f") or ()),
            digests=dict(seal.get("d") or {}),
            undo=seal.get("z", True) is not False,
        )


def _fit(url: object) -> bool:
    return isinstance(url, str) and response.is_local(url) and url.isascii()
