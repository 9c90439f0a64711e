"""What the rows of a form know of the stored files in them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nitro_templates.fields.held import read_held, with_places

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext

    from .definition import Definition
    from .rows import Row

UPLOADING = frozenset({"create", "update"})
"""The forms whose files may be sent before the form is."""


def with_files(rows: list[Row], definition: Definition, context: RenderContext) -> list[Row]:
    """Answer *rows*, those of stored files with the files in them."""
    return [_with_files(row, definition, context) if row.field.stored else row for row in rows]


def _with_files(row: Row, definition: Definition, context: RenderContext) -> Row:
    name, slug = row.field.name, definition.source.slug
    files = with_places(read_held(row.text, context), definition.thing, slug, name, context)
    can_upload = context.live and definition.operation in UPLOADING and slug is not None
    upload = context.links.file(slug, None, name) if can_upload and slug is not None else None
    return replace(row, files=files, upload=upload)
