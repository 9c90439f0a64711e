"""Forms made from entities."""

from nitro import Form, Row
from nitro_templates.html import Child

from .lamps import DeskLamp
from .section import Section

section = Section(
    "Forms", "text-cursor-input", "Made from a class, checked by it, safe when two save at once."
)


@section.shows("A new one", "Every field by its type; required ones are marked.")
def new() -> Child:
    form = Form.from_entity(DeskLamp)
    return form.layout("name", Row("price", "stock"), "shade")


@section.shows("One that is there", "It follows what others save, and keeps what you typed.")
def change() -> Child:
    return Form.from_entity(DeskLamp.get("lamp-3"))
