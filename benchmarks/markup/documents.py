"""What is written: people for a table, a product for a patch, and both as f-strings."""

import random
from dataclasses import dataclass

from markupsafe._speedups import _escape_inner as esc

COLUMNS = ["Name", "Email", "City", "Age", "Price", "Note"]
CITIES = ["Zürich", "London", "Paris & Co", "New York", "São Paulo"]


@dataclass(slots=True)
class Person:
    """A row."""

    id: int
    row: str
    name: str
    email: str
    city: str
    age: int
    price: float
    note: str


@dataclass(slots=True)
class Product:
    """A patch."""

    id: str
    name: str
    note: str
    price: float
    stock: int
    url: str


def people() -> list[Person]:
    """Return 1,000 rows; one text in eight needs escaping."""
    chance = random.Random(1)
    made: list[Person] = []
    for n in range(1000):
        name = f"Number {n} O'Brien" if n % 8 == 0 else f"Person number {n}"
        note = f"Some words about {'<nothing>' if n % 8 == 1 else 'nothing'} in particular"
        price = round(chance.random() * 100, 2)
        city, email = chance.choice(CITIES), f"person{n}@example.org"
        made.append(Person(n, f"row-{n}", name, email, city, 20 + n % 60, price, note))
    return made


def products() -> list[Product]:
    """Return some products, so that no patch is written twice in a row."""
    notes = ["A good lamp & more", "Oak, oiled", "For the desk"]
    return [
        Product(f"product-{n}", f"Lamp {n}", notes[n % 3], n + 0.5, n, f"/products/{n}")
        for n in range(100)
    ]


def table(rows: list[Person]) -> str:
    """Write the table."""
    return (
        "<table><thead><tr><th>Name</th><th>Email</th><th>City</th><th>Age</th><th>Price</th>"
        "<th>Note</th></tr></thead><tbody>"
        + "".join(
            [
                f'<tr id="{esc(p.row)}"><td>{esc(p.name)}</td><td>{esc(p.email)}</td>'
                f'<td>{esc(p.city)}</td><td class="number">{p.age}</td>'
                f'<td class="number">{p.price}</td><td>{esc(p.note)}</td></tr>'
                for p in rows
            ]
        )
        + "</tbody></table>"
    )


def patch(p: Product) -> str:
    """Write the patch."""
    return (
        f'<article id="{esc(p.id)}" class="card"><h3>{esc(p.name)}</h3><p>{esc(p.note)}</p>'
        f"<dl><dt>Price</dt><dd>{p.price}</dd><dt>Stock</dt><dd>{p.stock}</dd></dl>"
        f'<footer><a href="{esc(p.url)}">Edit</a></footer></article>'
    )


def rows_of_table(rows: list[Person]) -> str:
    """Write the rows as `Table` does."""
    return "".join(
        [
            f'<tr id="people-{esc(str(p.id))}">'
            f'<th scope="row" data-label="Name">{esc(p.name)}</th>'
            f'<td data-label="Email">{esc(p.email)}</td><td data-label="City">{esc(p.city)}</td>'
            f'<td class="number" data-label="Age">{p.age}</td>'
            f'<td class="number" data-label="Price">{p.price}</td>'
            f'<td data-label="Note">{esc(p.note)}</td></tr>'
            for p in rows
        ]
    )
