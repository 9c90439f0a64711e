"""The form that a request came with, as its seal tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nitro_events.http import response
from nitro_events.http.request import Request

from .language import read_as_its_page

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
    def with_request(cls, request: Request, seal: Seal) -> Sent:
        """Read what was sealed by `Form`; only paths of this application are kept.

        From now on *request* is answered in the language of that page, if it has one of its own.
        """
        page, following, lang = seal.get("p"), seal.get("n"), seal.get("l")
        if isinstance(lang, str):
            read_as_its_page(request, lang)
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
