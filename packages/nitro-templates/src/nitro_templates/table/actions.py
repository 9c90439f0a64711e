"""The actions a table offers: which of them this caller may see, and where they lead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nitro_templates.expecting import expect, is_a
from nitro_templates.fields import fields_of_signature
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import inside
from nitro_templates.i18n.labels import own
from nitro_templates.sources import ActionView, RowSource

if TYPE_CHECKING:
    from nitro_templates.context import Links, RenderContext

BUILT_IN = ("create", "edit", "delete")
_OPERATION = {"create": "create", "edit": "update", "delete": "delete"}

FINAL = "?_final=1"
"""Asks a form not to offer that what it does is taken back."""

Wanted = str | Callable[..., object]


@dataclass(frozen=True, slots=True)
class Offered:
    """One action of a table; *name* is "create", "edit", "delete" or that of a declared one."""

    name: str
    label: str
    operation: str
    per_row: bool
    icon: str | None = None
    direct: bool = False
    """Whether there is nothing to ask: no argument to fill in, no question to answer."""
    undo: bool = True

    @property
    def danger(self) -> bool:
        """Whether it leads to a loss."""
        return self.name == "delete"

    def href(self, links: Links, slug: str, id: str) -> str:
        """Answer where the action is asked about: a form or a confirmation."""
        if self.name == "edit":
            return links.edit(slug, id) + ("" if self.undo else FINAL)
        if self.name == "delete":
            return links.delete(slug, id) + ("" if self.undo else FINAL)
        return links.action(slug, id, self.name)


def label_of(name: str, source: RowSource) -> str:
    """Answer what the action *name* of *source* is called, in the language of the reader."""
    if name == "create":
        return _("New {thing}", thing=inside(source.label))
    if name in BUILT_IN:
        return _("Edit") if name == "edit" else _("Delete")
    return own(source.actions[name].label)


def for_reader(offered: Iterable[Offered], source: RowSource) -> tuple[Offered, ...]:
    """Answer *offered*, which may have been made for somebody else, for the reader."""
    said = [(item, label_of(item.name, source)) for item in offered]
    return tuple(one if one.label == label else replace(one, label=label) for one, label in said)


def offer(
    wanted: Sequence[Wanted], source: RowSource, option: str = "with_actions()"
) -> tuple[Offered, ...]:
    """Match what was asked for with what is there.

    LookupError names an action that the class does not declare, with those it does.
    """
    # a text can be gone through too, letter by letter
    fits = is_a(Iterable)(wanted) and not isinstance(wanted, str)
    expect(fits, option, "a list such as ['edit', 'delete']", wanted)
    return tuple(_offered(item, source) for item in wanted)


def _offered(item: Wanted, source: RowSource) -> Offered:
    if isinstance(item, str) and item in BUILT_IN:
        label = label_of(item, source)
        return Offered(item, label, _OPERATION[item], per_row=item != "create")
    name = item if isinstance(item, str) else _name_of(item)
    action = source.actions.get(name)
    if action is None:
        known = ", ".join([*BUILT_IN, *source.actions])
        msg = f"{source.label} has no action {name!r} to put into a table. There are: {known}"
        raise LookupError(msg)
    return Offered(
        name,
        action.label,
        f"action:{name}",
        per_row=_per_row(action),
        icon=action.icon,
        direct=action.kind != "query" and action.confirm is None and not _asks(action),
    )


def offer_for_many(wanted: Sequence[Wanted], source: RowSource) -> tuple[Offered, ...]:
    """Match what was asked for with what can be done to several: "delete" and declared actions.

    LookupError names one that is not declared, ValueError one that is not done to a row.
    """
    offered = offer(wanted, source, "with_bulk()")
    for item in offered:
        action = source.actions.get(item.name)
        if item.name in ("create", "edit") or not item.per_row:
            msg = f"with_bulk({item.name!r}): only what is done to one row can be done to several"
            raise ValueError(msg)
        if action is not None and action.kind == "query":
            msg = f"with_bulk({item.name!r}): a query changes nothing. Declare it with @action"
            raise ValueError(msg)
    return offered


def _asks(action: ActionView) -> bool:
    return bool(fields_of_signature(action.function))


def _name_of(function: Callable[..., object]) -> str:
    declared = getattr(function, "__nitro_action__", None)
    return str(getattr(declared, "name", None) or getattr(function, "__name__", function))


def _per_row(action: ActionView) -> bool:
    return action.bound


def allowed(
    offered: Sequence[Offered], source: RowSource, context: RenderContext
) -> tuple[Offered, ...]:
    """Keep what the caller may do; asked once per action and rendering, about the class."""
    return for_reader(
        (item for item in offered if context.can(item.operation, source.model)), source
    )
