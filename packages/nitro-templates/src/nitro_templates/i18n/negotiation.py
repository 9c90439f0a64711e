"""Which of the languages that are offered a browser would like best."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from nitro_templates.state import state

__all__ = ["negotiated", "offered"]

_LONGEST = 500
_MOST = 20


class Found(dict[tuple[Path, str], list[str]]):
    """The languages that the folders of the application have catalogues for."""


def offered() -> tuple[str, ...]:
    """List the languages that readers may have, the default one first.

    Those that were configured; else that of the application, and those of its catalogues.
    """
    usual = state.default_lang
    found: list[str] = list(state.languages)
    if not found:
        domain, known = state.translation_domain, state.part(Found)
        for folder in state.translations:
            if (folder, domain) not in known:
                from .catalogue import languages_in

                known[folder, domain] = languages_in(folder, domain)
            found += known[folder, domain]
    return tuple(dict.fromkeys([usual, *found]))


@lru_cache(maxsize=1000)
def negotiated(accepted: str, languages: tuple[str, ...]) -> str:
    """Answer the language for the header Accept-Language *accepted*, the first without a match.

    The region counts for how numbers and dates are written: whoever asks for "de-CH" and is
    offered "de" reads "de-CH".
    """
    known = {language.lower(): language for language in languages}
    bare = {language.partition("-")[0].lower(): language for language in reversed(languages)}
    for tag in _wanted(accepted[:_LONGEST]):
        if tag.lower() in known:
            return known[tag.lower()]
        found = bare.get(tag.partition("-")[0].lower())
        if found is not None:
            return found if "-" in found else _regional(tag, found)
    return languages[0]


def _wanted(accepted: str) -> Sequence[str]:
    weighed: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted.split(",")[:_MOST]):
        tag, _, parameters = part.partition(";")
        weight = 1.0
        name, _, number = parameters.strip().partition("=")
        if name.strip() == "q":
            try:
                weight = float(number)
            except ValueError:
                weight = 0.0
        if weight > 0 and tag.strip() not in ("", "*"):
            weighed.append((-weight, place, tag.strip()))
    return [tag for *_, tag in sorted(weighed)]


def _regional(tag: str, language: str) -> str:
    """Answer *tag* in its usual spelling if that is a locale that is known, else *language*."""
    from nitro_templates.fields.local import locale_named

    locale = locale_named(tag)
    if locale is None or not locale.territory:
        return language
    return f"{language}-{locale.territory}"
