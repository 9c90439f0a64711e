"""The rows that an import refused, as a file to mend and send again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nitro_events.http.response import Response
from nitro_templates import export
from nitro_templates.asking import Download
from nitro_templates.context import rendering
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import spoken

from .export import send
from .import_choosing import prepared
from .import_lines import REFUSED
from .import_opened import Opened


def refused_rows(opened: Opened) -> Response:
    """Answer the rows that are refused, with the reasons, as a file to mend and send again."""
    run = prepared(opened, "refused")
    for _step in run.steps():
        pass
    sheet = run.task.sheet
    cells = dict(sheet.rows)
    with rendering(opened.context):
        heads = tuple((name, name) for name in (*sheet.columns, _("Why")))
        rows = [
            [*_padded(cells[line.number], len(sheet.columns)), _reasons(line.errors)]
            for line in run.plan.lines
            if line.does == REFUSED
        ]
        title = _("{things} not imported", things=opened.view.source.plural)
        options = export.Options(separator=sheet.way.separator or ",")
        written_rows = export.write("csv", export.Sheet(title, heads, iter([rows]), options))
        name = export.file_name(title, "csv")
        content = b"".join(written_rows)
        return send(Download("text/csv; charset=utf-8", [content], name), opened.context)


def _padded(cells: tuple[object, ...], width: int) -> list[Any]:
    return [*cells, *[""] * (width - len(cells))]


def _reasons(errors: Mapping[str, str]) -> str:
    said = ((name, spoken(text)) for name, text in errors.items())
    return "; ".join(f"{name}: {text}" if name else text for name, text in said)
