"""Badges, alerts, toasts."""

from nitro.components import Alert, Badge, Button
from nitro_templates import A, Div, P, js
from nitro_templates.html import Child

from .section import Section

section = Section(
    "Messages", "message-square", "What the application tells: in a word, a box, or a corner."
)


@section.shows("Badge", "The state of something in one word.")
def badges() -> Child:
    return Div(
        Badge("Draft"),
        Badge("New", kind="info"),
        Badge("Paid", kind="success", icon="check"),
        Badge("Due today", kind="warning", icon="clock"),
        Badge("Failed", kind="error", dot=True),
        cls="row",
    )


@section.shows("Alert", "What matters for the page, where it matters.")
def alerts() -> Child:
    return Div(
        Alert("The shop is closed on Monday."),
        Alert("All 12 orders were sent.", kind="success"),
        Alert("Three lamps are sold out.", kind="warning"),
        Alert("The printer does not answer.", kind="error"),
        Alert("Nothing has been decided yet.", kind="neutral"),
        cls="stack",
    )


@section.shows("With more to say", "Put away, it stays away when the server patches the page.")
def alert_with_title() -> Child:
    return Alert(
        P("Without it the next invoice cannot be sent."),
        P(A("Add an address", href="#")),
        title="Your address is missing",
        kind="warning",
        closable=True,
    )


@section.shows("Toast", "For what passes. Errors stay until they are closed.")
def toasts() -> Child:
    return Div(
        Button("Saved", on_click=js("nitro.toast('Saved')")),
        Button("Locked", on_click=js("nitro.toast('Locked', 'error')")),
        cls="row",
    )
