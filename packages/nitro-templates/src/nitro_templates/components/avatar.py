"""Avatars: a picture of somebody, or the first letters of the name."""

from __future__ import annotations

import zlib
from typing import Literal, TypeAlias, get_args

from nitro_templates.html import Element, Tag

from .options import Attributes, classes, one_of

__all__ = ["Avatar", "AvatarSize"]

AvatarSize: TypeAlias = Literal["small", "medium", "large"]

COLOURS = 8

_span, _img = Tag("span"), Tag("img", void=True)


def Avatar(  # noqa: N802 - used like a tag
    name: str,
    *,
    src: str | None = None,
    size: AvatarSize = "medium",
    decorative: bool = False,
    **attributes: object,
) -> Element:
    """Answer a round picture of who is called *name*; until *src* is there, the first letters.

    The colour comes from the name and is the same everywhere. Beside the written name make it
    *decorative*, or the name is read out twice.
    """
    one_of("The size of an avatar", size, get_args(AvatarSize))
    given: Attributes = dict(attributes)
    colour = zlib.crc32(name.encode()) % COLOURS
    cls = classes(given, "nitro-avatar", None if size == "medium" else size, f"hue-{colour}")
    said = {"aria_hidden": "true"} if decorative else {"role": "img", "aria_label": name}
    return _span(
        initials(name),
        # over the letters, which are seen as long as the picture is not
        None if src is None else _img(src=src, alt="", loading="lazy", decoding="async"),
        cls=cls,
        **said,
        **given,
    )


def initials(name: str) -> str:
    """Answer the first letters of the first and the last word of *name*."""
    words = [word for word in name.split() if word[0].isalnum()] or name.split()
    ends = words[:1] if len(words) < 2 else [words[0], words[-1]]
    return "".join(word[0] for word in ends).upper()
