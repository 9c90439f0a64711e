"""What a file would do, as somebody sees it before anything is imported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from nitro_templates import undo
from nitro_templates.datastar import js
from nitro_templates.fields.formats import text_of
from nitro_templates.html import Child, Element, Fragment, Tag
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import grouped, ngettext, spoken

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext
    from nitro_templates.sources import RowSource

ONLY_GOOD = "_good"
"""What the browser sends to have only the good rows imported."""
MOST_SHOWN = 20
_SUBMIT = js("@post(nitro.action(el), nitro.form(el))")
_div, _form, _p, _h2 = Tag("div"), Tag("form"), Tag("p"), Tag("h2")
_table, _thead, _tbody, _tr, _th, _td = (
    Tag(n) for n in ("table", "thead", "tbody", "tr", "th", "td")
)
_ul, _li, _strong, _button = Tag("ul"), Tag("li"), Tag("strong"), Tag("button")
_input = Tag("input", void=True)


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
class Findings:
    """The part of the page of an import below its columns; *undo*: whether that is offered."""

    table: str
    source: RowSource
    report: Report | None
    seal: Element | None
    undo: bool = True

    def build(self, context: RenderContext, url: Mapping[str, str]) -> Element:
        """Write it; *url* says where "run" and "refused" are posted to."""
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
                _td(short(line.title)),
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
            _tr(_td(str(line.number)), _td(short(line.title)), _td(self._what(line)))
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
        seal = self.seal
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


def short(text: str) -> str:
    """Answer *text*, cut where it is too long for a cell."""
    return text if len(text) <= 60 else f"{text[:59]}…"


def _value(value: Any) -> str:
    return short(text_of(value)) or "—"
