"""What the blocks share: kinds, classes, ids, and the icons of kinds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias, cast

from nitro_templates.html import Element, Fragment

__all__ = ["Attributes", "Tone", "all_are", "classes", "icon_of", "id_of", "one_of"]

Tone: TypeAlias = Literal["neutral", "info", "success", "warning", "error"]
"""What something is about: the kinds of a `Toast`, and "neutral"."""

Attributes: TypeAlias = dict[str, Any]

_ICONS: dict[str, str] = {
    "neutral": "info",
    "info": "info",
    "success": "circle-check",
    "warning": "triangle-alert",
    "error": "circle-alert",
}


def icon_of(tone: Tone) -> str:
    """Answer the name of the icon that tells *tone* apart without colours."""
    return _ICONS[tone]


def one_of(what: str, given: object, known: tuple[object, ...]) -> str:
    """Answer *given*; ValueError names what is *known*."""
    if given not in known:
        words = ", ".join(repr(one) for one in known)
        msg = f"{what} is {given!r}, and has to be one of {words}"
        raise ValueError(msg)
    return str(given)


def all_are(kind: type, given: Iterable[object], where: str, hint: str = "") -> None:
    """Refuse what is not of *kind* among *given*, with TypeError."""
    for one in given:
        if not isinstance(one, kind):
            msg = f"{where}(…) takes {kind.__name__}(…), not {type(one).__name__}{hint}"
            raise TypeError(msg)


def classes(attributes: Attributes, *ours: str | None) -> object:
    """Answer *ours* and the classes among *attributes*, which are taken out of them."""
    own = [attributes.pop(name, None) for name in ("cls", "class_", "className", "class")]
    words = [word for word in ours if word]
    made: dict[str, object] = dict.fromkeys(words, True)
    if not any(isinstance(one, Mapping) for one in own):
        return [*words, *(one for one in own if one is not None)]
    for one in own:
        if isinstance(one, Mapping):
            made.update(cast("Mapping[str, object]", one))
        elif one is not None:
            made[str(one)] = True
    return made


def id_of(kind: str, *content: object) -> str:
    """Answer an id that is the same whenever the same *content* is written.

    A patch finds the block again by it. Two blocks of the same content need ids of their own.
    """
    texts = "\0".join(_text(one) for one in content)
    return f"nitro-{kind}-{hashlib.blake2s(texts.encode(), digest_size=4).hexdigest()}"


def _text(content: object) -> str:
    made: Element = Fragment(content)
    return "".join(part if isinstance(part, str) else type(part).__name__ for part in made.parts)
