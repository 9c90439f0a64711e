"""Stored files as forms and tables see them: what is known of each, and where it can be seen."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext

__all__ = ["HeldFile", "files_in", "held_text", "names_in", "read_held", "with_places"]

PURPOSE = "file"
"""What the texts are sealed for that stand for files which were sent."""


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file that is stored, or was sent before; *token* is what the form sends to keep it."""

    name: str
    size: int
    hash: str
    type: str = ""
    width: int | None = None
    height: int | None = None
    token: str | None = None
    url: str | None = None
    stored: bool = True

    @property
    def is_image(self) -> bool:
        """Whether a page can show it as a picture."""
        return self.width is not None and self.height is not None


def files_in(value: object) -> Iterator[Any]:
    """Yield the stored files that the value of a field is, or has in it."""
    if hasattr(type(value), "__nitro_file__"):
        yield value
    elif isinstance(value, list | tuple | set | frozenset):
        for item in cast("Iterable[object]", value):
            yield from files_in(item)


def told(value: object) -> object:
    """Answer what is told of the files in the value of a field, as whoever reads forms does."""
    if isinstance(value, list | tuple | set | frozenset):
        return [told(item) for item in cast("Iterable[object]", value)]
    return None if value is None else value.model_dump(mode="json", exclude={"key"})  # type: ignore[attr-defined]


def held_text(value: object) -> str:
    """Write as text what `told` answers; the text of none is empty."""
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def read_held(text: str, context: RenderContext) -> list[HeldFile]:
    """Read what stands in a field: what is stored, or the texts of files that were sent."""
    return [file for item in _items(text) if (file := _read(item, context)) is not None]


def names_in(text: str, context: RenderContext) -> str:
    """Write for people what stands in a field."""
    return ", ".join(file.name for file in read_held(text, context))


def with_places(
    files: Iterable[HeldFile], thing: object, slug: str | None, field: str, context: RenderContext
) -> tuple[HeldFile, ...]:
    """Answer *files* with where each is seen, and with the token that keeps a stored one."""
    own = {file.hash: file for file in files_in(getattr(thing, field, None))}
    return tuple(_placed(file, own, thing, slug, context) for file in files)


def _placed(
    file: HeldFile,
    own: Mapping[str, Any],
    thing: object,
    slug: str | None,
    context: RenderContext,
) -> HeldFile:
    if slug is None or not context.live:
        return file
    stored = own.get(file.hash)
    if stored is not None:
        url = context.links.file(slug, str(getattr(thing, "id", "")), file.hash)
        return replace(file, url=url, token=file.token or _token(stored, context))
    if file.token is None:
        return file
    return replace(file, url=context.links.file(slug, None, file.token))


def _token(stored: Any, context: RenderContext) -> str | None:
    if context.sealer is None:
        return None
    hour = int(time.time()) // 3600 * 3600  # the same text for a while
    payload: dict[str, object] = {
        "f": stored.model_dump(mode="json"),
        "u": context.caller_id,
        "t": hour,
    }
    return context.sealer.sign(PURPOSE, payload)


def _items(text: str) -> Sequence[object]:
    if not text.startswith(("[", "{")):
        return [text] if text else []
    try:
        read: Any = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return cast("list[object]", read) if isinstance(read, list) else [read]


def _read(item: object, context: RenderContext) -> HeldFile | None:
    if isinstance(item, dict):
        return _made(cast("dict[str, Any]", item))
    if not isinstance(item, str) or context.sealer is None:
        return None
    try:
        values: Any = context.sealer.open(PURPOSE, item).get("f")
    except ValueError:  # one that was refused, or is of somebody else
        return None
    made = _made(cast("dict[str, Any]", values)) if isinstance(values, dict) else None
    return None if made is None else replace(made, token=item, stored=False)


def _made(values: Mapping[str, Any]) -> HeldFile | None:
    try:
        return HeldFile(
            name=str(values["name"]),
            size=int(values["size"]),
            hash=str(values["hash"]),
            type=str(values["type"]),
            width=values.get("width"),
            height=values.get("height"),
        )
    except (KeyError, TypeError, ValueError):
        return None
