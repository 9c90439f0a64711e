"""Dialogs, drawers, menus, tooltips."""

from nitro.components import Button, Dialog, Drawer, Menu, MenuItem, Tooltip
from nitro_templates import Div, Hr, Input, Label, P
from nitro_templates.html import Child

from .section import Section

section = Section(
    "Dialogs and menus", "app-window", "What comes over the page, and goes again with Escape."
)


@section.shows("Dialog", "The browser's own: it holds the focus, and gives it back.")
def dialog() -> Child:
    return Div(
        Button("Delete the lamp…", kind="danger", opens="sure"),
        Dialog(
            P("This cannot be undone."),
            id="sure",
            title="Delete Lamp 7?",
            size="small",
            buttons=[
                Button("Keep it", closes="sure"),
                Button("Delete", kind="danger", closes="sure"),
            ],
        ),
    )


@section.shows("With fields", "What is typed stays when the server patches the page.")
def dialog_with_fields() -> Child:
    return Div(
        Button("Invite somebody", icon="user-plus", opens="invite"),
        Dialog(
            Div(Label("Email", for_="email"), Input(type="email", id="email"), cls="nitro-field"),
            id="invite",
            title="Invite somebody",
            buttons=Button("Send", kind="primary", closes="invite"),
        ),
    )


@section.shows("Drawer", "A dialog at a side; a click beside it closes it too.")
def drawer() -> Child:
    return Div(
        Button("Cart", icon="shopping-cart", opens="cart"),
        Button("Filters", icon="sliders-horizontal", opens="filters"),
        Button("Share", icon="share-2", opens="share"),
        Drawer(
            P("Two lamps, one chair."),
            id="cart",
            title="Cart",
            buttons=Button("Order", kind="primary", closes="cart"),
        ),
        Drawer(
            P("Nothing to choose from yet."),
            id="filters",
            title="Filters",
            side="start",
        ),
        Drawer(
            P("lamps.example/7"),
            id="share",
            title="Share",
            side="bottom",
        ),
        cls="row",
    )


@section.shows("Menu", "Arrow keys, Home, End and first letters; Escape closes it.")
def menu() -> Child:
    return Div(
        Menu(
            MenuItem("Edit", icon="pencil", href="#edit"),
            MenuItem("Duplicate", icon="copy"),
            MenuItem("Move…", icon="folder", opens="move"),
            MenuItem("Archived", checked=False),
            Hr(),
            MenuItem("Delete", icon="trash-2", kind="danger"),
            label="Actions",
        ),
        Menu(
            MenuItem("Rename"),
            MenuItem("Pin", checked=True),
            label="More",
            icon_only=True,
        ),
        Dialog(P("Where to?"), id="move", title="Move"),
        cls="row",
    )


@section.shows("Tooltip", "With the pointer and with the focus; Escape puts it away.")
def tooltip() -> Child:
    return Div(
        Tooltip(Button("Merge"), "Keeps the newer prices"),
        Tooltip(
            Button(icon="archive", label="Archive"),
            "Moves it out of sight",
        ),
        cls="row",
    )
