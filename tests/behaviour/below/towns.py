"""What every application of this folder shows."""

import os

from pydantic import Field

import nitro
from nitro import Entity, Form, Page, Table, action, call
from nitro_templates import Button, compiled
from nitro_templates.html import Element


class Town(Entity):
    name: str = Field(min_length=1, max_length=40)
    people: int = 0

    @action
    def grow(self, by: int = 1) -> None:
        """Let people move in."""
        self.people += by


@action
def grow_all() -> None:
    """Let people move in everywhere."""
    for town in Town.all():
        town.grow(by=10)


@action
def clear() -> None:
    """Leave nothing."""
    for town in Town.all():
        town.delete()


@compiled
def button(text: str) -> Element:
    """A button that is written once, whoever it is for."""
    return Button(text, on_click=call(grow_all))


nitro.configure(
    secret="a secret for these tests alone",
    policy=lambda *_: True,
    prefix=os.environ.get("BELOW_PREFIX", ""),
)


def listed() -> Page:
    """The list, at ``/``."""
    table = Table.from_entity(Town).with_actions(["create", "edit", "delete", Town.grow])
    return Page(table.reactive(), button("Grow all"), title="Towns")


def added() -> Page:
    """A page with a form of its own, at ``/add``."""
    return Page(Form.from_entity(Town), title="A page of my own")
