"""The documents by others, each in the way that its documentation shows first."""

from collections.abc import Callable
from typing import Any

from documents import COLUMNS, Person, Product

Table = Callable[[list[Person]], str]
Patch = Callable[[Product], str]

TABLE = """<table><thead><tr>{% for c in columns %}<th>{{ c }}</th>{% endfor %}</tr></thead>\
<tbody>{% for p in rows %}<tr id="{{ p.row }}"><td>{{ p.name }}</td><td>{{ p.email }}</td>\
<td>{{ p.city }}</td><td class="number">{{ p.age }}</td><td class="number">{{ p.price }}</td>\
<td>{{ p.note }}</td></tr>{% endfor %}</tbody></table>"""
PATCH = """<article id="{{ p.id }}" class="card"><h3>{{ p.name }}</h3><p>{{ p.note }}</p>\
<dl><dt>Price</dt><dd>{{ p.price }}</dd><dt>Stock</dt><dd>{{ p.stock }}</dd></dl>\
<footer><a href="{{ p.url }}">Edit</a></footer></article>"""


def jinja() -> tuple[Table, Patch]:
    import jinja2

    environment = jinja2.Environment(autoescape=True)
    table, patch = environment.from_string(TABLE), environment.from_string(PATCH)
    return lambda rows: table.render(rows=rows, columns=COLUMNS), lambda p: patch.render(p=p)


def minijinja() -> tuple[Table, Patch]:
    from minijinja import Environment

    environment = Environment(templates={"table.html": TABLE, "patch.html": PATCH})
    return (
        lambda rows: environment.render_template("table.html", rows=rows, columns=COLUMNS),
        lambda p: environment.render_template("patch.html", p=p),
    )


def htpy() -> tuple[Table, Patch]:
    import htpy as h

    def table(rows: list[Person]) -> str:
        head = h.thead[h.tr[[h.th[c] for c in COLUMNS]]]
        body = [
            h.tr(id=p.row)[
                h.td[p.name],
                h.td[p.email],
                h.td[p.city],
                h.td(class_="number")[p.age],
                h.td(class_="number")[str(p.price)],
                h.td[p.note],
            ]
            for p in rows
        ]
        return str(h.table[head, h.tbody[body]])

    def patch(p: Product) -> str:
        facts = h.dl[h.dt["Price"], h.dd[str(p.price)], h.dt["Stock"], h.dd[p.stock]]
        foot = h.footer[h.a(href=p.url)["Edit"]]
        return str(h.article(id=p.id, class_="card")[h.h3[p.name], h.p[p.note], facts, foot])

    return table, patch


def simple_html() -> tuple[Table, Patch]:
    import simple_html as h

    def table(rows: list[Person]) -> str:
        number = {"class": "number"}
        body = [
            h.tr(
                {"id": p.row},
                h.td(p.name),
                h.td(p.email),
                h.td(p.city),
                h.td(number, p.age),
                h.td(number, p.price),
                h.td(p.note),
            )
            for p in rows
        ]
        head = h.thead(h.tr(*[h.th(c) for c in COLUMNS]))
        return h.render(h.table(head, h.tbody(*body)))

    def patch(p: Product) -> str:
        facts = h.dl(h.dt("Price"), h.dd(p.price), h.dt("Stock"), h.dd(p.stock))
        foot = h.footer(h.a({"href": p.url}, "Edit"))
        attributes = {"id": p.id, "class": "card"}
        return h.render(h.article(attributes, h.h3(p.name), h.p(p.note), facts, foot))

    return table, patch


def by_calls(
    t: Any, text: Callable[[Any], Any], done: Callable[[Any], str]
) -> tuple[Table, Patch]:
    """Write with functions that take children first and attributes by name, `cls` among them."""

    def table(rows: list[Person]) -> str:
        body = [
            t.Tr(
                t.Td(text(p.name)),
                t.Td(text(p.email)),
                t.Td(text(p.city)),
                t.Td(p.age, cls="number"),
                t.Td(p.price, cls="number"),
                t.Td(text(p.note)),
                id=text(p.row),
            )
            for p in rows
        ]
        head = t.Thead(t.Tr(*[t.Th(c) for c in COLUMNS]))
        return done(t.Table(head, t.Tbody(*body)))

    def patch(p: Product) -> str:
        facts = t.Dl(t.Dt("Price"), t.Dd(p.price), t.Dt("Stock"), t.Dd(p.stock))
        foot = t.Footer(t.A("Edit", href=text(p.url)))
        head = t.H3(text(p.name)), t.P(text(p.note))
        return done(t.Article(*head, facts, foot, id=text(p.id), cls="card"))

    return table, patch


def rusty() -> tuple[Table, Patch]:
    import rusty_tags

    return by_calls(rusty_tags, lambda text: text, str)


def rusty_escaped() -> tuple[Table, Patch]:
    import rusty_tags
    from markupsafe._speedups import _escape_inner

    return by_calls(rusty_tags, _escape_inner, str)


def fasthtml() -> tuple[Table, Patch]:
    import fasthtml.components
    from fastcore.xml import to_xml

    return by_calls(fasthtml.components, lambda text: text, to_xml)


PEERS: dict[str, Callable[[], tuple[Table, Patch]]] = {
    "minijinja": minijinja,
    "simple-html": simple_html,
    "rusty-tags, NOT escaped": rusty,
    "rusty-tags, escaped before": rusty_escaped,
    "Jinja2": jinja,
    "htpy": htpy,
    "FastHTML": fasthtml,
}
