"""What tables and cards show of a field with a reference: the title, not the key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from nitro_templates.escape import escape_exact
from nitro_templates.fields.file_cells import prepare_files
from nitro_templates.fields.formats import EMPTY, LONGEST, short
from nitro_templates.i18n import gettext as _

from .related import Option, Related, related_of

if TYPE_CHECKING:
    from nitro_templates.context import Links, RenderContext
    from nitro_templates.fields.view import FieldView

Get = Callable[[Any], object]


class RelationColumn(Protocol):
    """What is needed of a column."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def get(self) -> Get:
        """Finds the key in the thing of a row."""
        ...

    @property
    def files(self) -> bool:
        """Whether its values are stored files."""
        ...

    @property
    def reference(self) -> FieldView | None:
        """The field that it shows, if that has a reference."""
        ...


@dataclass(frozen=True, slots=True)
class Title:
    """The title of something else, with a link to its form for who may change it."""

    text: str
    href: str | None = None

    def __html__(self) -> str:
        """Answer it as the content of a cell."""
        text = escape_exact(short(self.text))
        whole = f' title="{escape_exact(self.text)}"' if len(self.text) > LONGEST else ""
        if self.href is None:
            return f"<span{whole}>{text}</span>" if whole else text
        return f'<a href="{escape_exact(self.href)}" data-nitro-dialog{whole}>{text}</a>'

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Missing:
    """Stands for something that is not there any more."""

    key: str

    def __html__(self) -> str:
        """Answer a dash; its key is told to who asks for it."""
        key, said = escape_exact(self.key), escape_exact(_("not there any more"))
        return f'<span role="img" aria-label="{said}" title="{key}">{EMPTY}</span>'

    def __str__(self) -> str:
        return EMPTY


def prepare(
    columns: Sequence[RelationColumn],
    things: Sequence[Any],
    *,
    links: Links | None = None,
    linked: Iterable[str] = (),
) -> dict[str, Get]:
    """Answer by name what the columns with a reference, or with files, show for *things*.

    The titles are read here, in one statement for each such column. *linked* names the columns
    whose titles are links.
    """
    prepared: dict[str, Get] = {}
    for column in columns:
        related = None if column.reference is None else related_of(column.reference)
        if related is not None:
            to = links if column.name in linked else None
            prepared[column.name] = _getter(related, column.get, things, to)
    return {**prepared, **prepare_files(columns, things, links)}


def linked_columns(columns: Iterable[RelationColumn], context: RenderContext) -> tuple[str, ...]:
    """Name the columns whose titles are links, because the caller may change what is behind."""
    found: list[str] = []
    for column in columns:
        related = None if column.reference is None else related_of(column.reference)
        if related is not None and context.live and context.can("update", related.model):
            found.append(column.name)
    return tuple(found)


def topics_of(fields: Iterable[FieldView | None]) -> frozenset[str]:
    """Answer the live topics of all that *fields* refer to."""
    topics: set[str] = set()
    for field in fields:
        related = None if field is None else related_of(field)
        if related is not None:
            topics |= related.topics
    return frozenset(topics)


def title_in(field: FieldView, key: object) -> str:
    """Say what *key* stands for in *field*; the key itself where nothing is there."""
    related = related_of(field)
    found = {} if related is None or key in (None, "") else related.titles([key])
    return next((option.title for option in found.values()), "" if key is None else str(key))


def _getter(related: Related, get: Get, things: Sequence[Any], links: Links | None) -> Get:
    keys = [key for thing in things if (key := get(thing)) is not None]
    titles = _titles(related.titles(keys) if keys else {}, related.slug, links)

    def title(thing: Any) -> object:
        key = get(thing)
        return None if key is None else titles.get(str(key)) or Missing(str(key))

    return title


def _titles(
    options: Mapping[str, Option], slug: str | None, links: Links | None
) -> dict[str, Title]:
    if slug is None or links is None:
        return {key: Title(option.title) for key, option in options.items()}
    return {
        key: Title(option.title, links.edit(slug, option.id)) for key, option in options.items()
    }
