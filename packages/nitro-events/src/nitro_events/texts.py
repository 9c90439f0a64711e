"""Texts that people read: English, and made so that they can be said in other languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nitro_events.state import state

__all__ = ["Saying", "Text", "said"]


class Text(str):
    """An English text that remembers what it was made of.

    ``Text("Enter {ge} or more", ge=5)`` is the text "Enter 5 or more" to programs and in logs;
    whoever shows it to people may say its *template* in their language, with the same *values*.
    """

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, /, **values: object) -> Text:
        """Put *values* into the places that *template* names; without any it stays as it is."""
        made = super().__new__(cls, template.format(**values) if values else template)
        made.template = template
        made.values = values
        return made


class Saying:
    """How texts are said to who reads the answer: as they are, unless a joint knows better."""

    def __init__(self) -> None:
        self.say: Callable[[str], str] = str


def said(text: str) -> str:
    """Return *text* in the language of who reads the answer to the current request."""
    return state.part(Saying).say(text)
