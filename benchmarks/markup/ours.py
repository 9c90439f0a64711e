"""The documents by nitro-templates: compiled, free-form, and the rows of `Table`."""

from documents import COLUMNS, Person, Product
from pydantic import BaseModel

from nitro_templates import Element, compiled
from nitro_templates.fields.describe import fields_of
from nitro_templates.table.columns import bind
from nitro_templates.table.rows import skeleton, write_row
from nitro_templates.tags import (
    H3,
    A,
    Article,
    Dd,
    Dl,
    Dt,
    Footer,
    P,
    TableTag,
    Tbody,
    Td,
    Th,
    Thead,
    Tr,
)  # fmt: skip


def row(p: Person) -> Element:
    return Tr(
        Td(p.name),
        Td(p.email),
        Td(p.city),
        Td(p.age, cls="number"),
        Td(p.price, cls="number"),
        Td(p.note),
        id=p.row,
    )


def card(p: Product) -> Element:
    return Article(
        H3(p.name),
        P(p.note),
        Dl(Dt("Price"), Dd(p.price), Dt("Stock"), Dd(p.stock)),
        Footer(A("Edit", href=p.url)),
        id=p.id,
        cls="card",
    )


compiled_row = compiled(row)
compiled_card = compiled(card)


def compiled_table(rows: list[Person]) -> str:
    return str(TableTag(Thead(Tr(map(Th, COLUMNS))), Tbody(compiled_row.each(rows))))


def free_table(rows: list[Person]) -> str:
    return str(TableTag(Thead(Tr(map(Th, COLUMNS))), Tbody([row(p) for p in rows])))


def compiled_patch(p: Product) -> str:
    return str(compiled_card(p))


def free_patch(p: Product) -> str:
    return str(card(p))


class Shown(BaseModel):
    """The fields of the rows."""

    id: int
    name: str
    email: str
    city: str
    age: int
    price: float
    note: str


SHOWN = bind([name.lower() for name in COLUMNS], fields_of(Shown))


def rows_of_table(rows: list[Person]) -> str:
    """Write them as `Table` does, from what it made of the fields of their class."""
    cells = skeleton(SHOWN)
    return "".join([write_row(p, cells, row_id=f"people-{p.id}") for p in rows])
