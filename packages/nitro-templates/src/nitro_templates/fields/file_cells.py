"""Stored files in tables, cards and details: a small picture, or a link with the size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from nitro_templates.html import Element, Tag

from .files import size_text
from .held import files_in

if TYPE_CHECKING:
    from nitro_templates.context import Links

_MOST = 4
_a, _img, _span = Tag("a"), Tag("img", void=True), Tag("span")


class FileColumn(Protocol):
    """What is needed of a column."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def get(self) -> Callable[[Any], object]:
        """Finds the value in the thing of a row."""
        ...

    @property
    def files(self) -> bool:
        """Whether its values are stored files."""
        ...


@dataclass(frozen=True, slots=True)
class FileCell:
    """The files that one thing holds in one field."""

    files: tuple[Any, ...]
    url: Callable[[str], str]

    def __html__(self) -> str:
        """Answer them as the content of a cell."""
        parts = [str(self._one(file)) for file in self.files[:_MOST]]
        more = len(self.files) - _MOST
        if more > 0:
            parts.append(f'<span class="nitro-size">+{more}</span>')
        return f'<span class="nitro-held">{" ".join(parts)}</span>'

    def __str__(self) -> str:
        return ", ".join(file.name for file in self.files)

    def _one(self, file: Any) -> Element:
        url = self.url(file.hash)
        if file.is_image:
            size = {"width": file.width, "height": file.height}
            image = _img(src=url, alt=file.name, loading="lazy", cls="nitro-thumb", **size)
            return _a(image, href=url, target="_blank", rel="noopener")
        return _span(
            _a(file.name, href=url, target="_blank", rel="noopener"),
            " ",
            _span(size_text(file.size), cls="nitro-size"),
        )


def prepare_files(
    columns: Iterable[FileColumn], things: Sequence[Any], links: Links | None
) -> dict[str, Callable[[Any], object]]:
    """Answer by name what the columns with files show for *things*; without *links* nothing."""
    held = [column for column in columns if column.files]
    if not held or not things or links is None:
        return {}
    from nitro_templates.sources import source_of

    slug = source_of(things[0].__class__).slug
    return {} if slug is None else {one.name: _getter(one.get, slug, links) for one in held}


def _getter(get: Callable[[Any], object], slug: str, links: Links) -> Callable[[Any], object]:
    def cell(thing: Any) -> object:
        files = tuple(files_in(get(thing)))
        return (
            FileCell(files, lambda hash: links.file(slug, str(thing.id), hash)) if files else None
        )

    return cell
