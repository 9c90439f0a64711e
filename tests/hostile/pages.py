"""Everything that a page can show, filled with hostile values; tame ones if ``TAME`` is set."""

import enum
import os
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import jinja2
from fastapi import FastAPI
from pydantic import BaseModel, Field, field_validator

sys.path.insert(0, str(Path(__file__).parents[1]))

import nitro
from nitro import (
    Caller,
    Card,
    Cards,
    Column,
    Detail,
    Entity,
    Form,
    Page,
    Patch,
    Secret,
    SQLEntity,
    Table,
    UnitOfWork,
    action,
    call,
    go_to,
    social,
    toast,
    ui,
)
from nitro_events.http.problems import Forbidden
from nitro_templates import Div, P, Tabs
from nitro_templates import FormSection as Section
from nitro_templates import tags as html
from nitro_templates.form.layout import Tab
from nitro_templates.jinja import JinjaPage
from support.hostile_values import TEXTS, VALUES

TAME = bool(os.environ.get("TAME"))
ALL = [f"value {number}" for number in range(len(VALUES))] if TAME else VALUES
SHOWN = [f"value {number}" for number in range(len(TEXTS))] if TAME else TEXTS
COUNT = len(SHOWN)
SHORT = list(dict.fromkeys(value for value in SHOWN if len(value) < 200))
MEMBERS: Any = [(f"m {value}", value) for value in SHOWN]
Kind: Any = enum.Enum("Kind", MEMBERS)  # type: ignore[misc]
Word: Any = Literal[tuple(SHOWN)]


class Labelled(enum.Enum):
    A = "a"
    B = "b"

    @property
    def label(self) -> str:
        return SHOWN[0 if self.value == "a" else 50]


class Owner(SQLEntity, table=True):
    name: str


class Inner(BaseModel):
    word: Annotated[str, ui(label=SHOWN[2], help=SHOWN[3])] = ""
    words: Annotated[list[str], ui(label=SHOWN[4])] = []


class Thing(Entity):
    name: str = ""
    note: Annotated[str, ui(widget="textarea")] = ""
    site: Annotated[str, ui(widget="url")] = ""
    mail: Annotated[str, ui(widget="email")] = ""
    paint: Annotated[str, ui(widget="colour")] = ""
    zone: Annotated[str, ui(widget="timezone")] = ""
    kind: Kind = Kind(SHOWN[0])  # pyright: ignore[reportInvalidTypeForm]
    word: Word = SHOWN[0]  # pyright: ignore[reportInvalidTypeForm]
    labelled: Labelled = Labelled.A
    tags: list[str] = []
    kinds: list[Kind] = []  # pyright: ignore[reportInvalidTypeForm]
    inner: Inner = Inner()
    inners: list[Inner] = []
    owner_id: Annotated[str | None, ui(relation=Owner)] = None
    number: Annotated[int, ui(unit=SHOWN[0], currency=None)] = 0
    hidden: Annotated[str, ui(hidden_in=("form", "table", "card"))] = "kept"
    fixed: Annotated[str, ui(editable=False)] = "kept"
    pin: Secret[str] = "canary-7f3a91"
    code: Annotated[Secret[str], ui(widget="secret")] = "canary-7f3a91"
    company: Annotated[str, ui(show_if={"labelled": "b"})] = "kept"

    @field_validator("name")
    @classmethod
    def told(cls, value: str) -> str:
        if value.startswith("refuse "):
            raise ValueError(value.removeprefix("refuse "))
        return value

    @action
    def greet(self) -> Patch:
        return toast(self.name, kind="info", seconds=0)

    @action
    def leave(self) -> Patch:
        return go_to("/tags", message=self.name)

    @action
    def echo(self, word: str) -> str:
        return word

    @action(label=SHOWN[1], confirm=SHOWN[2], icon=SHOWN[3])
    def choose(
        self,
        kind: Kind,  # pyright: ignore[reportInvalidTypeForm]
        word: Annotated[str, ui(label=SHOWN[4], help=SHOWN[5])] = SHOWN[6],
    ) -> None:
        self.number += 1

    @action
    def refuse(self) -> None:
        raise ValueError(self.name)

    @action
    def count(self, amount: Annotated[int, Field(ge=1, le=1000)]) -> None:
        self.number += amount


class Guarded(Entity):
    """May be read by nobody but Ann, and changed by nobody."""

    name: str = "guarded"


def _wide() -> type[Entity]:
    fields: dict[str, Any] = {"__annotations__": {"id": str}, "__module__": __name__}
    for number, value in enumerate(ALL):
        other, third = ALL[number - 1], ALL[number - 2]
        fields["__annotations__"][f"f{number}"] = Annotated[
            str, ui(label=value or None, help=other, placeholder=third, unit=value)
        ]
        fields[f"f{number}"] = ""

    def told(cls: type, value: str) -> str:
        if value.startswith("refuse "):
            raise ValueError(value.removeprefix("refuse "))
        return value

    fields["told"] = field_validator("*")(classmethod(told))
    return type("Wide", (Entity,), fields)


Wide: Any = _wide()


def who(request: Any) -> Caller | None:
    name = request.headers.get("x-user") if request is not None else None
    return Caller(name, name, host="127.0.0.1") if name else None


def may(caller: Caller, operation: str, target: object) -> bool:
    kind = target if isinstance(target, type) else type(target)
    if kind is Guarded:
        return False
    return not (operation == "export" and caller.id == "eve")


app = FastAPI()
nitro.install(app)
nitro.configure(user=who, policy=may)


def fill() -> None:
    with UnitOfWork():
        Guarded(id="g").save()
        for number, value in enumerate(SHOWN):
            Owner.create(id=f"o{number}", name=value)
            Thing.create(id=f"t{number}", **said(number, value))
        Wide(id="w").save()


def said(number: int, value: str) -> dict[str, Any]:
    after = SHOWN[number - 1]
    inner = Inner(word=value, words=[value, after])
    return {
        "name": value, "note": value, "site": value, "mail": value, "paint": value,
        "zone": value, "kind": Kind(value), "word": value, "tags": [value, after],
        "kinds": [Kind(value)], "inner": inner, "inners": [inner], "owner_id": f"o{number}",
        "company": value, "labelled": Labelled.B, "number": number,
    }  # fmt: skip


if Thing.first() is None:
    fill()
COLUMNS = ["name", "note", "site", "mail", "paint", "zone", "kind", "word", "labelled", "tags"]
COLUMNS += ["kinds", "inner", "inners", "owner_id", "number"]


def things(size: int = 250) -> Table:
    return (
        Table.from_entity(Thing)
        .columns(*COLUMNS, Column("own", lambda thing: thing.name, label=SHOWN[1]))
        .with_actions(["create", "edit", "delete", Thing.greet, Thing.choose, Thing.leave])
        .with_bulk(["delete", Thing.refuse, Thing.choose, Thing.count])
        .with_export("csv", "xlsx", "json")
        .with_search("name", "note")
        .with_filters()
        .with_column_choice()
        .editable("name", "note", "kind", "tags", "owner_id", "site")
        .pages(size, sizes=(size,))
        .sorted_by("number")
        .row_class(lambda thing: thing.name)
        .rows_link(lambda thing: thing.site)
    )


@app.get("/")
def index(n: int = 0) -> Page:
    return Page(things().caption(SHOWN[n]), title=SHOWN[n])


@app.get("/few")
def few() -> Page:
    return Page(things(10), title="Few")


@app.get("/little")
def little() -> Page:
    table = Table.from_entity(Thing.where(Thing.number < 3)).columns("name", "number")
    table = table.with_search("name").with_filters("name", "number").with_column_choice()
    return Page(table.pages(10, sizes=(10, 20)), title="Little")


@app.get("/live")
def followed() -> Page:
    table = Table.from_entity(Thing).columns("name", "tags", "owner_id").sorted_by("number")
    made = Cards.from_entity(Thing).columns("name", "kind").sorted_by("number").pages(100)
    return Page(table.pages(250, sizes=(250,)).named("whole"), made, title="Live")


@app.get("/name/{n}")
def named(n: int) -> Page:
    table = Table.from_entity(Thing.where(id="nobody")).columns("name")
    table = table.caption(ALL[n]).when_empty(ALL[n]).with_export("csv", "json", "xlsx")
    table = table.slot("above", ALL[n]).slot("empty", ALL[n])
    return Page(table, title=ALL[n], description=ALL[n], lang="en").toasting(ALL[n])


@app.get("/wide")
def wide() -> Page:
    table = Table.from_entity(Wide).with_filters().with_search().with_column_choice()
    return Page(table.with_actions(["edit"]).with_export("csv", "xlsx", "json"), title="Wide")


@app.get("/wide-form")
def wide_form() -> Page:
    return Page(Form.from_entity(Wide.get("w")), title="Wide form")


@app.get("/sections")
def sections() -> Page:
    names = [f"f{number}" for number in range(len(ALL))]
    form = Form.from_entity(Wide.get("w")).layout(
        *(Section(ALL[n], name, help=ALL[n]) for n, name in enumerate(names[:100])),
        Tabs(*(Tab(ALL[n + 100], name) for n, name in enumerate(names[100:]))),
    )
    return Page(form, title="Sections")


@app.get("/cards")
def cards() -> Page:
    made = Cards.from_entity(Thing).columns(*COLUMNS).with_actions(["edit", Thing.choose])
    shown = [
        Card.from_entity(thing).columns("name", "note", "site", "tags", "owner_id").reactive()
        for thing in Thing.where().list()
    ]
    return Page(made.pages(100), shown, title="Cards")


@app.get("/detail/{n}")
def detail(n: int) -> Page:
    made = Detail.from_entity(Thing.get(f"t{n}")).with_actions(["edit", Thing.choose])
    return Page(made.related(ALL[n], things(10).named("own")), title=ALL[n])


@app.get("/tags")
def tags() -> Page:
    thing = Thing.get("t0")
    parts = [
        Div(
            value, html.Span(value, title=value, aria_label=value, data_x=value),
            html.Button(value, on_click=call(thing.echo, word=value), value=value),
            html.Input(value=value, placeholder=value), html.Textarea(value),
            html.A(value, id=value, aria_describedby=value),
            cls=[value, value], signals={f"s{number}": value}, style={"color": "red"},
        )
        for number, value in enumerate(ALL)
    ]  # fmt: skip
    head = [social(value, value, image=value, url=value) for value in ALL[:50]]
    return Page(parts, [P(value) for value in ALL], title=ALL[0], head=head)


templates = jinja2.Environment(
    autoescape=True,
    extensions=["nitro_templates.jinja.NitroExtension"],
    loader=jinja2.DictLoader(
        {
            "all.html": (
                "<!doctype html><html {{ nitro.html }}><head><title>{{ nitro.title }}</title>"
                "{{ nitro.head }}</head><body>{{ nitro.start }}"
                '<main id="nitro-main">{% block content %}'
                "{{ nitro.navigation((values[0], '/x'), (values[1], values[2])) }}"
                '{% for value in values %}<p title="{{ value }}">{{ value }}</p>{% endfor %}'
                "{{ things }}{% for part in parts %}{{ part }}{% endfor %}"
                "{% endblock %}</main>{{ nitro.end }}</body></html>"
            )
        }
    ),
)


@app.get("/jinja")
def jinja() -> Page:
    made = templates.get_template("all.html")
    parts = [Div(value, title=value) for value in ALL]
    return JinjaPage(made, title=ALL[0], values=ALL, parts=parts, things=things(10))


@app.get("/fails/{n}")
def fails(n: int) -> Page:
    raise Forbidden(ALL[n])


@app.get("/toasts")
def toasts() -> Page:
    page = Page(P("Messages"), title="Messages")
    for value in ALL:
        page = page.toasting(value, kind="info")
    return page


@app.post("/turn")
def turn() -> None:
    """Move every value to the next thing, so that live pages get all of them as patches."""
    with UnitOfWork():
        for number in range(COUNT):
            thing = Thing.get(f"t{number}")
            thing.update(**said(number, SHOWN[(number + 1) % COUNT]))


@app.get("/stored")
def stored() -> dict[str, Any]:
    kinds: tuple[Any, ...] = (Thing, Owner, Wide, Guarded)
    return {
        kind.__name__: {one.id: one.model_dump(mode="json") for one in kind.where().list()}
        for kind in kinds
    }


@app.get("/secrets")
def secrets() -> dict[str, str]:
    return {one.id: f"{one.pin}{one.code}" for one in Thing.where().list()}


@app.get("/named/{n}")
def known_names(n: int) -> dict[str, str]:
    return {"value": SHOWN[n]}


@app.get("/few-owners")
def few_owners() -> Page:
    form = Form.from_entity(Thing.get("t0"))
    form = form.options("owner_id", Owner.where(id="o1")).only("name", "owner_id")
    return Page(form, title="Restricted")


@app.get("/parts")
def parts() -> Page:
    """Forms that show a part of a thing, and a table that offers little."""
    thing = Thing.get("t0")
    table = Table.from_entity(Thing).columns("name", "number").with_filters("number")
    return Page(
        Form.from_entity(thing).only("name", "labelled", "company").keyed("some"),
        table.with_bulk([Thing.count]).named("little"),
        title="Parts",
    )
