"""The actions a table offers: which of them this caller may see, and where they lead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nitro_templates.sources import ActionView, RowSource

if TYPE_CHECKING:
    from nitro_templates.context import Links, RenderContext

BUILT_IN = ("create", "edit", "delete")
_OPERATION = {"create": "create", "edit": "update", "delete": "delete"}

Wanted = str | Callable[..., object]


@dataclass(frozen=True, slots=True)
class Offered:
    """One action of a table; *name* is "create", "edit", "delete" or that of a declared one."""

    name: str
    label: str
    operation: str
    per_row: bool

    def href(self, links: Links, slug: str, id: str) -> str:
        """Answer where the action is asked about: a form or a confirmation."""
        if self.name == "edit":
            return links.edit(slug, id)
        if self.name == "delete":
            return links.delete(slug, id)
        return links.action(slug, id, self.name)


def offer(wanted: Sequence[Wanted], source: RowSource) -> tuple[Offered, ...]:
    """Match what was asked for with what is there.

    LookupError names an action that the class does not declare, with those it does.
    """
    return tuple(_offered(item, source) for item in wanted)


def _offered(item: Wanted, source: RowSource) -> Offered:
    if isinstance(item, str) and item in BUILT_IN:
        label = "New " + source.label.lower() if item == "create" else item.capitalize()
        return Offered(item, label, _OPERATION[item], per_row=item != "create")
    name = item if isinstance(item, str) else _name_of(item)
    action = source.actions.get(name)
    if action is None:
        known = ", ".join([*BUILT_IN, *source.actions])
        msg = f"{source.label} has no action {name!r} to put into a table. There are: {known}"
        raise LookupError(msg)
    return Offered(name, action.label, f"action:{name}", per_row=_per_row(action))


def _name_of(function: Callable[..., object]) -> str:
    declared = getattr(function, "__nitro_action__", None)
    return str(getattr(declared, "name", None) or getattr(function, "__name__", function))


def _per_row(action: ActionView) -> bool:
    return action.bound


def allowed(
    offered: Sequence[Offered], source: RowSource, context: RenderContext
) -> tuple[Offered, ...]:
    """Keep what the caller may do; asked once per action and rendering, about the class."""
    return tuple(item for item in offered if context.can(item.operation, source.model))
