"""What somebody sees before anything is imported: the columns, and what each row would do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from nitro_templates import undo
from nitro_templates.datastar import js
from nitro_templates.fields.formats import text_of
from nitro_templates.html import Child, Element, Fragment, Tag
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import grouped, inside, ngettext, spoken
from nitro_templates.imports.csv_text import SEPARATORS
from nitro_templates.imports.text import ENCODINGS

from .importing import ID, Importing
from .progress import waiting

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext
    from nitro_templates.fields.view import FieldView
    from nitro_templates.imports import Sheet
    from nitro_templates.sources import RowSource

COLUMN, ENCODING, SEPARATOR, EXISTING = "_column_", "_encoding", "_separator", "_existing"
ONLY_GOOD = "_good"
"""What the browser sends: the field of each column, how the file is read, what is wanted."""
MOST_SHOWN = 20
_SAMPLES = 3
_SUBMIT = js("@post(nitro.action(el), nitro.form(el))")
_div, _form, _p, _a, _h2 = Tag("div"), Tag("form"), Tag("p"), Tag("a"), Tag("h2")
_table, _thead, _tbody, _tr, _th, _td = (
    Tag(n) for n in ("table", "thead", "tbody", "tr", "th", "td")
)
_select, _option, _label, _button, _span = (
    Tag(n) for n in ("select", "option", "label", "button", "span")
)
_ul, _li, _strong, _input = Tag("ul"), Tag("li"), Tag("strong"), Tag("input", void=True)


class Shown(Protocol):
    """One row as it is shown."""

    number: int
    does: str
    title: str
    errors: dict[str, str]
    changes: dict[str, tuple[object, object]]


@dataclass(frozen=True, slots=True)
class Report:
    """What a file would do: how many rows of each kind, and the first of them."""

    counts: Mapping[str, int]
    refused: Sequence[Shown]
    done: Sequence[Shown]


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
        return _div(
            [_p(text, role="alert", cls="nitro-notice") for text in self.notices],
            [_p(text, cls="nitro-notice") for text in self.sheet.notes],
            self._columns(context, url["check"]),
            waiting(self.table),
            self._result(context, url),
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
            _td(", ".join(_short(str(sample)) for sample in samples[:_SAMPLES])),
            _td(
                _select(
                    [_option(t, value=v, selected=v == chosen) for v, t in options.items()],
                    name=f"{COLUMN}{at}",
                    aria_label=_("Becomes, column {name}", name=name),
                    autocomplete="off",
                )
            ),
        )

    def _result(self, context: RenderContext, url: Mapping[str, str]) -> Element:
        report = self.report
        if report is None:
            return _div(id=f"{self.table}-import-result")
        return _div(
            _h2(_("What would be done")),
            _ul(
                [_li(_strong(grouped(report.counts[k])), said) for k, said in _said().items()],
                cls="nitro-counts",
            ),
            self._refused(report),
            self._done(report),
            self._run(report, context, url),
            id=f"{self.table}-import-result",
        )

    def _refused(self, report: Report) -> Element | None:
        if not report.refused:
            return None
        labels = {view.name: view.label for view in self.source.fields}
        rows = [
            _tr(
                _td(str(line.number)),
                _td(_short(line.title)),
                _td(_list(_reason(labels, *error) for error in line.errors.items())),
                cls="refused",
            )
            for line in report.refused
        ]
        count = report.counts["refused"]
        return self._some(_("Rows that cannot be imported"), rows, _("Why"), count)

    def _done(self, report: Report) -> Element | None:
        if not report.done:
            return None
        rows = [
            _tr(_td(str(line.number)), _td(_short(line.title)), _td(self._what(line)))
            for line in report.done
        ]
        count = report.counts["create"] + report.counts["update"]
        return self._some(_("Rows that can be imported"), rows, _("What"), count)

    def _what(self, line: Shown) -> Child:
        if line.does == "create":
            return _("is created")
        labels = {view.name: view.label for view in self.source.fields}
        return _list(
            f"{labels.get(name, name)}: {_value(old)} → {_value(new)}"
            for name, (old, new) in line.changes.items()
        )

    def _some(self, title: str, rows: Sequence[Element], what: str, count: int) -> Element:
        more = count - len(rows)
        head = _tr(
            _th(_("Row"), scope="col"), _th(self.source.label, scope="col"), _th(what, scope="col")
        )
        return Fragment(
            _h2(title),
            _div(
                _table(_thead(head), _tbody(rows)),
                cls="nitro-scroll",
                role="region",
                tabindex=0,
                aria_label=title,
            ),
            _p(_("and {count} more", count=grouped(more))) if more > 0 else None,
        )

    def _run(self, report: Report, context: RenderContext, url: Mapping[str, str]) -> Element:
        good, bad = report.counts["create"] + report.counts["update"], report.counts["refused"]
        seal = self.run_seal
        submit = _SUBMIT if context.live else None
        said = (
            ngettext("Import only the {count} good row", "Import only the {count} good rows", good)
            if bad
            else ngettext("Import {count} row", "Import {count} rows", good)
        )
        run = _form(
            seal,
            _input(type="hidden", name=ONLY_GOOD, value="1") if bad else None,
            _button(
                said,
                type="submit",
                cls="nitro-button" if bad else "nitro-button primary",
            ),
            method="post",
            action=url["run"],
            on_submit=submit,
        )
        refused = _form(
            seal,
            _button(_("Rows that are refused, as a file"), type="submit", cls="nitro-button"),
            method="post",
            action=url["refused"],
        )
        most = context.undoable(self.source.model) if self.undo else 0
        return Fragment(
            _p(_("Nothing would be changed.")) if not (good or bad) else None,
            _p(undo.question(most, good)) if good else None,
            _div(run if good else None, refused if bad else None, cls="nitro-buttons"),
        )


def report_of(lines: Sequence[Shown]) -> Report:
    """Answer what is shown of *lines*."""
    counts: dict[str, int] = {"create": 0, "update": 0, "same": 0, "refused": 0}
    for line in lines:
        counts[line.does] += 1
    refused = [line for line in lines if line.does == "refused"][:MOST_SHOWN]
    done = [line for line in lines if line.does in ("create", "update")][:MOST_SHOWN]
    return Report(counts, refused, done)


def _said() -> dict[str, str]:
    return {
        "create": _("created"),
        "update": _("changed"),
        "same": _("already as in the file"),
        "refused": _("refused"),
    }


def _reason(labels: Mapping[str, str], name: str, text: str) -> str:
    return f"{labels.get(name, name)}: {spoken(text)}" if name else spoken(text)


def _list(texts: Iterable[str]) -> Element:
    return _ul([_li(text) for text in texts], cls="nitro-said")


def _choose(name: str, label: str, options: Mapping[str, str], chosen: str) -> Element:
    return _label(
        label,
        _select(
            [_option(t, value=v, selected=v == chosen) for v, t in options.items()],
            name=name,
            autocomplete="off",
        ),
    )


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


def _value(value: Any) -> str:
    return _short(text_of(value)) or "—"
