"""Books and who wrote them: 20,000 authors to choose from, and a few shelves."""

from fastapi import FastAPI
from sqlmodel import Field, Relationship

import nitro
from nitro import Form, Page, SQLEntity, Table, UnitOfWork

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    '"><script>alert(1)</script>',
    "'); alert(1); ('",
    "@get('/x') ${alert(1)}",
    "100% of it_all",
]


class Author(SQLEntity, table=True):
    name: str = Field(min_length=1, index=True)


class Shelf(SQLEntity, table=True):
    name: str = Field(min_length=1)


class Book(SQLEntity, table=True):
    name: str = Field(min_length=1)
    author_id: str = Field(foreign_key="author.id")
    author: Author | None = Relationship(sa_relationship_kwargs={"foreign_keys": "Book.author_id"})
    editor_id: str | None = Field(default=None, foreign_key="author.id")
    shelf_id: str | None = Field(default=None, foreign_key="shelf.id")


def load() -> None:
    with UnitOfWork():
        Author.create_many(
            [{"id": f"a{number}", "name": f"Author {number:05}"} for number in range(20_000)]
        )
        Author.create_many([{"id": f"h{n}", "name": name} for n, name in enumerate(HOSTILE)])
        Shelf.create_many([{"id": "s1", "name": "Upper"}, {"id": "s2", "name": "Lower"}])
        for name in ["Keys", "Escape", "Typed", "Bare", "Few", "Narrow", "Gone", "Link"]:
            Book.create(id=name.lower(), name=name, author_id="a7", shelf_id="s1")
        Book.create(id="followed", name="Followed", author_id="a8")
        Book.create(id="hostile", name="Hostile", author_id="h0")


app = FastAPI()
nitro.install(app)
if Author.first() is None:
    load()


@app.get("/")
def index() -> Page:
    table = Table.from_entity(Book).columns("name", "author", "shelf_id")
    return Page(table.with_actions(["create", "edit"]), title="Books")


@app.get("/narrow")
def narrow() -> Page:
    book = Book.get("narrow")
    form = Form.from_entity(book).options("author_id", Author.where(Author.name < "Author 00100"))
    return Page(form.only("name", "author_id"), title="One of a hundred")
