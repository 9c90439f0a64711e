"""Tables made from entities."""

from nitro import Table
from nitro_templates.html import Child

from .lamps import DeskLamp
from .section import Section

section = Section(
    "Tables", "table", "Searched, sorted and paged by the address; live for everybody."
)


@section.shows("Live", "Open this page twice and change something.", wide=True)
def live() -> Child:
    return (
        Table.from_entity(DeskLamp)
        .columns("name", "price", "stock", "shade", "sold")
        .with_search("name")
        .with_filters("shade", "price")
        .with_actions(["create", "edit", DeskLamp.sell, "delete"])
        .sorted_by("name")
        .pages(6)
        .reactive()
    )
