"""Avatars and stats."""

from nitro.components import Avatar, Stat
from nitro_templates import Div
from nitro_templates.html import Child

from .section import Section

section = Section("People and numbers", "users", "Who it is, and how much.")


@section.shows("Avatar", "First letters until there is a picture, in a colour from the name.")
def avatars() -> Child:
    people = ["Ann Lee", "Ben Okoro", "Chloé Martin"]
    people += ["Dmitri Ivanov", "Elif Demir", "Zoë van Dijk"]
    return Div([Avatar(name) for name in people], cls="row")


@section.shows("Sizes")
def avatar_sizes() -> Child:
    return Div(
        Avatar("Ann Lee", size="small"),
        Avatar("Ann Lee"),
        Avatar("Ann Lee", size="large"),
        Avatar("Ben Okoro", decorative=True),
        "Ben Okoro",
        cls="row",
    )


@section.shows("Stat", "A number that matters. The arrow says what the colour says.", wide=True)
def stats() -> Child:
    return Div(
        Stat("Orders", "1,284", icon="shopping-cart", change="12 % more", trend="up"),
        Stat("Revenue", "€ 48,290", icon="euro", change="3 % less", trend="down"),
        Stat("Returns", "2.1 %", icon="undo-2", change="0.4 less", trend="down", good=True),
        Stat("Visitors", "8,310", icon="users", change="As last week", trend="flat"),
        cls="nitro-stats",
    )
