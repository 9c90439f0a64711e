"""A table as a file: the rows that it finds now, on all of its pages, as its columns show them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from nitro_templates import export
from nitro_templates.asking import Download
from nitro_templates.export.values import Plain, plain
from nitro_templates.relations.cells import Missing, Title, prepare

if TYPE_CHECKING:
    from .view import TableView

OPERATION = "export"
"""What the policy is asked, about the class."""
BATCH = 500


def checked(kinds: Sequence[str], options: export.Options) -> tuple[str, ...]:
    """Answer *kinds*. LookupError names those there are, ImportError what is to be installed."""
    for kind in kinds:
        known = export.KINDS.get(kind)
        if known is None:
            msg = f"with_export({kind!r}): there are {', '.join(export.KINDS)}"
            raise LookupError(msg)
        known.check()
    if len(options.separator) != 1 or options.separator in "\"\r\n'":
        msg = f"with_export(separator={options.separator!r}): give one character, such as ';'"
        raise ValueError(msg)
    return tuple(dict.fromkeys(kinds)) or ("csv",)


def download(view: TableView, kind: str, options: export.Options) -> Download:
    """Answer the file of this *kind*; nothing is read before its first chunk is asked for."""
    columns = tuple((column.name, column.label) for column in view.columns)
    sheet = export.Sheet(view.caption, columns, _batches(view), options)
    known = export.KINDS[kind]
    return Download(
        known.content_type, export.write(kind, sheet), export.file_name(view.caption, kind)
    )


def _batches(view: TableView) -> Iterator[list[list[Plain]]]:
    for things in view.source.stream(view.asked, batch=BATCH):
        # the titles of what the rows refer to, in one statement for each such column
        titles = prepare(view.columns, things)
        getters = [titles.get(column.name, column.get) for column in view.columns]
        yield [[_plain(get(thing)) for get in getters] for thing in things]


def _plain(value: object) -> Plain:
    if isinstance(value, Title):
        return value.text  # in a cell it may be shortened
    return value.key if isinstance(value, Missing) else plain(value)
