"""How far an action on many things is, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from nitro_templates.html import Element, Tag
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import grouped

_div, _p, _span, _button = Tag("div"), Tag("p"), Tag("span"), Tag("button")
_progress, _ul, _li = Tag("progress"), Tag("ul"), Tag("li")
_MOST_NAMED = 3
_MOST_REASONS = 8


@dataclass(slots=True)
class Tally:
    """What was done and what was not, with the reasons and the first names of each."""

    label: str
    total: int | None = None
    done: int = 0
    refused: int = 0
    reasons: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    counts: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def seen(self) -> int:
        """How many were gone through."""
        return self.done + self.refused

    def refuse(self, name: str, reason: str) -> None:
        """Note that it was not done to the one called *name*."""
        self.refused += 1
        if reason not in self.reasons and len(self.reasons) >= _MOST_REASONS:
            reason = _("Other reasons")
        self.counts[reason] = self.counts.get(reason, 0) + 1
        named = self.reasons.setdefault(reason, [])
        if len(named) < _MOST_NAMED:
            named.append(name)

    @property
    def sentence(self) -> str:
        """Say it in one sentence: "Restock: 1,998 done, 2 not"."""
        said = {"action": self.label, "done": grouped(self.done)}
        if not self.refused:
            return _("{action}: {done} done", **said)
        return _("{action}: {done} done, {refused} not", refused=grouped(self.refused), **said)

    @property
    def lines(self) -> list[str]:
        """Say why not: one line for each reason, with the first names."""
        said: list[str] = []
        for reason, named in self.reasons.items():
            more = self.counts[reason] - len(named)
            who = ", ".join(named)
            if more:
                who = _("{names} and {count} more", names=who, count=grouped(more))
            said.append(f"{reason} ({who})")
        return said


def place(table: str) -> str:
    """Answer the element id of where it is shown."""
    return f"{table}-doing"


def waiting(table: str) -> Element:
    """Answer the empty place."""
    return _div(id=place(table), cls="nitro-doing")


def running(
    table: str, tally: Tally, undo: Element | None = None, *, stop: bool = True
) -> Element:
    """Answer how far it is. What is read aloud changes ten times, not at every batch.

    *undo* is what takes it back, for whoever stops it.
    """
    total = tally.total
    known = total is not None and total > 0
    steps = tally.seen * 10 // total * 10 if known and total else 0
    text = _("Looking for what matches…")
    if total is not None:
        text = _("{done} of {total}", done=grouped(tally.seen), total=grouped(total))
    stopping = _button(_("Stop"), type="button", data_nitro_stop=table, id=f"{place(table)}-stop")
    return _div(
        _p(f"{tally.label}: {text}", aria_hidden="true", id=f"{place(table)}-text"),
        _progress(
            max=total if known else None,
            value=tally.seen if known else None,
            aria_label=tally.label,
            id=f"{place(table)}-bar",
        ),
        _span(
            f"{tally.label}: {steps} %" if known else _("{action}: started", action=tally.label),
            role="status",
            cls="nitro-hidden",
            id=f"{place(table)}-said",
        ),
        stopping if stop else None,
        undo,
        id=place(table),
        cls="nitro-doing",
        data_running=tally.label,
        data_seen=grouped(tally.seen),
        data_total=grouped(total) if total is not None else None,
    )


def finished(table: str, tally: Tally) -> Element:
    """Answer what stays: nothing if all was done, else what was not and why."""
    if not tally.refused:
        return _div(id=place(table), cls="nitro-doing", data_done=True)
    return _div(
        _div(
            _p(tally.sentence),
            reasons(tally.lines),
            role="status",
            id=f"{place(table)}-said",
        ),
        _button(_("Close"), type="button", data_nitro_close_doing=table),
        id=place(table),
        cls="nitro-doing nitro-notice",
        data_done=True,
    )


def reasons(lines: Sequence[str]) -> Element | None:
    """Answer the list of reasons, None if there are none."""
    return _ul([_li(line) for line in lines]) if lines else None
