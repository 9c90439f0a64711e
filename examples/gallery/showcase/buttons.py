"""Buttons and icons."""

from nitro.components import Button, Icon
from nitro_templates import Div, P, Span, js
from nitro_templates.html import Child

from .section import Section

section = Section(
    "Buttons and icons",
    "mouse-pointer-click",
    "What is pressed, and the small signs beside words.",
)


@section.shows("Kinds", "One primary button a page; danger for what cannot be undone.")
def kinds() -> Child:
    return Div(
        Button("Save", kind="primary"),
        Button("Preview"),
        Button("Cancel", kind="quiet"),
        Button("Delete", kind="danger"),
        cls="row",
    )


@section.shows("With icons", "An icon alone needs a label, which is read out.")
def with_icons() -> Child:
    return Div(
        Button("New order", kind="primary", icon="plus"),
        Button("Next", icon_end="arrow-right"),
        Button(icon="pencil", label="Edit"),
        Button(icon="trash-2", label="Delete", kind="quiet"),
        cls="row",
    )


@section.shows("Sizes")
def sizes() -> Child:
    return Div(
        Button("Small", size="small"),
        Button("Medium"),
        Button("Large", size="large"),
        cls="row",
    )


@section.shows("States", "A busy button turns a wheel, and says so.")
def states() -> Child:
    return Div(
        Button("Saving…", kind="primary", busy=True),
        Button("Not yet", disabled=True),
        Button("Manual", href="#", icon_end="external-link"),
        cls="row",
    )


@section.shows("In the browser", "Attributes go through to the tag, signals too.")
def counting() -> Child:
    return Div(
        Button("Count", icon="plus", on_click=js("$clicks++")),
        P("Pressed ", Span(text=js("$clicks")), " times"),
        signals={"clicks": 0},
        cls="row",
    )


@section.shows("Icons", "1,745 drawings of Lucide, as large as the text and in its colour.")
def icons() -> Child:
    names = ["house", "users", "shopping-cart", "package"]
    names += ["truck", "calendar", "mail", "bell", "search"]
    names += ["settings", "file-text", "image", "map-pin"]
    names += ["lock", "star", "chart-line"]
    return Div([Div(Icon(name), name) for name in names], cls="icons")


@section.shows("Meaning", "With a label it is a picture with that name, without it decoration.")
def meaning() -> Child:
    return Div(
        P(Icon("check"), " Paid"),
        P(Icon("truck", label="Delivered", size=28)),
        P(Icon("arrow-right", flip=True), " turns with the page"),
        cls="stack",
    )
