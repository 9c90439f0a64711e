"""Who reads: in which language, with whose way to write numbers, in which time zone."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from nitro_templates.state import state

if TYPE_CHECKING:
    from nitro_templates.fields.local import Local

    from .catalogue import Catalogue

__all__ = ["Reader", "current_reader", "reader_for", "reading"]

_TO_THE_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", re.ASCII)
_MOST_READERS = 1000


@dataclass(frozen=True)
class Reader:
    """Who reads a page. Readers of equal *lang* and *zone* read the same.

    *lang* is a tag such as "de" or "de-CH"; *zone* is the name of a time zone, or None where
    times stay in the zone that they have.
    """

    lang: str = "en"
    zone: str | None = None

    @cached_property
    def language(self) -> str:
        """The language alone: "de"."""
        return self.lang.partition("-")[0].lower()

    @property
    def dir(self) -> str | None:
        """``rtl`` for what is written from right to left; None for the rest."""
        return "rtl" if self.language in _TO_THE_LEFT else None

    @cached_property
    def texts(self) -> Catalogue | None:
        """What texts are in this language, ours and the application's; None: as they are."""
        if self.zone is not None:  # the same in every zone, and kept once
            return reader_for(self.lang).texts
        own = self.own_texts
        if self.language == "en":
            return own
        from .catalogue import ours

        found = ours(self.lang)
        joined = found if own is None else own.over(found)
        return joined if joined else None

    @cached_property
    def own_texts(self) -> Catalogue | None:
        """What the application's texts are; None if it has no catalogue for this language."""
        if self.zone is not None:
            return reader_for(self.lang).own_texts
        made: Catalogue | None = None
        for folder in state.translations:
            from .catalogue import find

            found = find(folder, self.lang, state.translation_domain)
            if found:
                made = found if made is None else made.over(found)
        return made

    @cached_property
    def local(self) -> Local | None:
        """How numbers and dates are written; None: as everywhere, which is also "en"."""
        if self.lang == "en" and self.zone is None:
            return None
        from nitro_templates.fields.local import local_for

        return local_for(self.lang, self.zone)


class Readers(dict[tuple[str, str | None], Reader]):
    """The readers seen so far, with what was found out for them."""


def is_tag(text: object) -> bool:
    """Whether *text* is written as the tag of a language is."""
    return isinstance(text, str) and _TAG.fullmatch(text) is not None


def reader_for(lang: str | None = None, zone: str | None = None) -> Reader:
    """Answer the reader of *lang*, by default the configured one, in *zone*.

    What is no language tag counts as not given.
    """
    lang = lang or state.default_lang
    known = state.part(Readers)
    found = known.get((lang, zone))
    if found is None:
        if not _TAG.fullmatch(lang):
            return Reader("en", zone)
        if len(known) >= _MOST_READERS:  # such tags come from outside
            known.clear()
        found = known[lang, zone] = Reader(lang, zone)
    return found


_reader: ContextVar[Reader | None] = ContextVar("nitro_reader", default=None)


def current_reader() -> Reader:
    """Answer who reads what is being written: of the page, else of the request, else anybody."""
    found = _reader.get()
    if found is None and state.request_reader is not None:
        found = state.request_reader()
    return found if found is not None else reader_for(None, state.default_zone)


@contextmanager
def reading(reader: Reader) -> Generator[Reader]:
    """Write for *reader* inside the ``with`` block."""
    token = _reader.set(reader)
    try:
        yield reader
    finally:
        _reader.reset(token)
