"""Accordions: headings that show what is below them when they are pressed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from nitro_templates.html import Child, Element, Fragment, Tag

from .icon import Icon
from .options import Attributes, all_are, classes, id_of

__all__ = ["Accordion", "Level", "Panel"]

Level: TypeAlias = Literal[2, 3, 4, 5, 6]

_details, _summary, _div = Tag("details"), Tag("summary"), Tag("div")
_HEADINGS: dict[int, Tag] = {level: Tag(f"h{level}") for level in range(2, 7)}


@dataclass(frozen=True, slots=True, init=False)
class Panel:
    """A part of an `Accordion`, and the title under which it is shown."""

    title: Child
    content: Element
    open: bool
    icon: str | None

    def __init__(
        self, title: Child, *content: Child, open: bool = False, icon: str | None = None
    ) -> None:
        object.__setattr__(self, "title", title)
        object.__setattr__(self, "content", Fragment(*content))
        object.__setattr__(self, "open", open)
        object.__setattr__(self, "icon", icon)


def Accordion(  # noqa: N802 - used like a tag
    *panels: Panel,
    one: bool = False,
    name: str | None = None,
    level: Level | None = None,
    **attributes: object,
) -> Element:
    """Answer panels one below the other: ``Accordion(Panel("Why?", "Because."), …)``.

    It works without scripts. What is open is the reader's choice, and no patch takes it back.
    With *one*, opening a panel closes the others; two such accordions with the same titles on a
    page need a *name* each. With *level* the titles are headings of the page.
    """
    given: Attributes = dict(attributes)
    cls = classes(given, "nitro-accordion")
    all_are(Panel, panels, "Accordion")
    shared = (name or id_of("accordion", *(panel.title for panel in panels))) if one else None
    return _div([_written(panel, shared, level) for panel in panels], cls=cls, **given)


def _written(panel: Panel, name: str | None, level: Level | None) -> Element:
    return _details(
        _summary(
            Icon(panel.icon) if panel.icon else None,
            panel.title if level is None else _HEADINGS[level](panel.title),
            Icon("chevron-down", cls="nitro-turn"),
        ),
        _div(panel.content, cls="nitro-accordion-text"),
        name=name,  # browsers close the others of that name
        open=panel.open,
        data_preserve_attr="open",
    )
