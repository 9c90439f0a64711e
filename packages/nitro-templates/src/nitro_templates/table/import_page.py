"""What somebody sees before anything is imported: which column is which field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nitro_templates.datastar import js
from nitro_templates.html import Element, Tag
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import inside
from nitro_templates.imports.csv_text import SEPARATORS
from nitro_templates.imports.text import ENCODINGS

from .import_report import Findings, Report, short
from .importing import ID, Importing
from .progress import waiting

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext
    from nitro_templates.fields.view import FieldView
    from nitro_templates.imports import Sheet
    from nitro_templates.sources import RowSource

COLUMN, ENCODING, SEPARATOR, EXISTING = "_column_", "_encoding", "_separator", "_existing"
"""What the browser sends: the field of each column, how the file is read, what is wanted."""
_SAMPLES = 3
_SUBMIT = js("@post(nitro.action(el), nitro.form(el))")
_div, _form, _p, _a = Tag("div"), Tag("form"), Tag("p"), Tag("a")
_table, _thead, _tbody, _tr, _th, _td = (
    Tag(n) for n in ("table", "thead", "tbody", "tr", "th", "td")
)
_select, _option, _label, _button = (Tag(n) for n in ("select", "option", "label", "button"))


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen: the field of each column, and what becomes of what is there already."""

    fields: tuple[str, ...]
    existing: str = "update"


@dataclass(frozen=True, slots=True)
class ImportPage:
    """The page between a file and the store."""

    table: str
    source: RowSource
    importing: Importing
    sheet: Sheet
    choice: Choice
    back: str
    check_seal: Element | None
    run_seal: Element | None = None
    report: Report | None = None
    notices: tuple[str, ...] = ()
    undo: bool = True

    @property
    def title(self) -> str:
        """What the page is called."""
        return _("Import {things}", things=inside(self.source.plural))

    def build(self, context: RenderContext, url: Mapping[str, str]) -> Element:
        """Write it; *url* says where "check", "run" and "refused" are posted to."""
        found = Findings(self.table, self.source, self.report, self.run_seal, undo=self.undo)
        return _div(
            [_p(text, role="alert", cls="nitro-notice") for text in self.notices],
            [_p(text, cls="nitro-notice") for text in self.sheet.notes],
            self._columns(context, url["check"]),
            waiting(self.table),
            found.build(context, url),
            _p(_a(_("Cancel"), href=self.back)),
            id=f"{self.table}-import-page",
            cls="nitro-import",
        )

    def _views(self) -> list[FieldView]:
        known = {view.name: view for view in self.source.fields}
        return [known[name] for name in self.importing.fields if name in known]

    def _columns(self, context: RenderContext, action: str) -> Element:
        rows = [self._column(at, head) for at, head in enumerate(self.sheet.columns)]
        return _form(
            self.check_seal,
            _div(self._ways(), cls="nitro-options"),
            _div(
                _table(
                    _thead(
                        _tr(
                            _th(_("Column of the file"), scope="col"),
                            _th(_("First values"), scope="col"),
                            _th(_("Becomes"), scope="col"),
                        )
                    ),
                    _tbody(rows),
                ),
                cls="nitro-scroll",
                role="region",
                tabindex=0,
                aria_label=_("Columns of the file"),
            ),
            _div(
                _button(
                    _("Check again") if self.report else _("Check"),
                    type="submit",
                    cls="nitro-button" if self.report else "nitro-button primary",
                ),
                cls="nitro-buttons",
            ),
            method="post",
            action=action,
            on_submit=_SUBMIT if context.live else None,
        )

    def _ways(self) -> list[Element]:
        way, found = self.sheet.way, list[Element]()
        if way.encoding and self.sheet.kind == "csv":
            found.append(_choose(ENCODING, _("Encoding"), ENCODINGS, way.encoding))
            found.append(_choose(SEPARATOR, _("Separator"), SEPARATORS, way.separator))
        if self.importing.key is not None:
            offered = {"update": _("change it"), "refuse": _("refuse the row")}
            label = _("What is there already")
            found.append(_choose(EXISTING, label, offered, self.choice.existing))
        return found

    def _column(self, at: int, head: str) -> Element:
        samples = [row[at] for _number, row in self.sheet.rows[:50] if at < len(row) and row[at]]
        name = head or _("Column {number}", number=at + 1)
        chosen = self.choice.fields[at]
        options = {"": _("— is left out —")}
        if self.importing.key == ID:
            options[ID] = _("Id")
        options |= {view.name: view.label for view in self._views()}
        return _tr(
            _th(name, scope="row"),
            _td(", ".join(short(str(sample)) for sample in samples[:_SAMPLES])),
            _td(
                _select(
                    [_option(t, value=v, selected=v == chosen) for v, t in options.items()],
                    name=f"{COLUMN}{at}",
                    aria_label=_("Becomes, column {name}", name=name),
                    autocomplete="off",
                )
            ),
        )


def _choose(name: str, label: str, options: Mapping[str, str], chosen: str) -> Element:
    return _label(
        label,
        _select(
            [_option(t, value=v, selected=v == chosen) for v, t in options.items()],
            name=name,
            autocomplete="off",
        ),
    )
