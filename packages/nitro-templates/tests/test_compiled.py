"""Components that are compiled answer what they would answer anyway, or say why not."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from nitro_templates import context
from nitro_templates.component import Component
from nitro_templates.datastar import Expression, js
from nitro_templates.escape import Safe
from nitro_templates.html import Element
from nitro_templates.i18n import gettext, reader_for, reading
from nitro_templates.skeleton import Compiled, compiled
from nitro_templates.tags import (
    A,
    B,
    Button,
    Div,
    Fragment,
    Input,
    Li,
    P,
    Pre,
    Script,
    Textarea,
    Ul,
)


@dataclass
class Thing:
    name: object = "Lamp <b>"
    price: object = 12.5
    url: object = "/things/1?a=b&c"
    tags: object = ()


def card(thing: Any, note: Any = "100%s {x}") -> Element:
    return Div(
        B(thing.name, title=thing.name),
        P("Price: ", thing.price, " ", note),
        A("open", href=thing.url, cls=["link", thing.name], data_first="n-" + thing.url),
        Ul(thing.tags),
        id="card",
        style={"width": thing.price},
    )


Card = compiled(card)

VALUES: list[object] = [
    "plain",
    "",
    "<i>&\"'",
    "javascript:alert(1)",
    "%s %d {name}",
    "\ue000x:0\ue001",
    0,
    -3,
    2.5,
    Decimal("1.50"),
    date(2026, 1, 2),
    Safe("<i>safe</i>"),
    None,
    True,
    False,
]


@pytest.mark.parametrize("value", VALUES, ids=ascii)
def test_it_answers_what_the_function_answers(value: object) -> None:
    def both(made: Callable[[], object]) -> object:
        try:
            return made()
        except TypeError as exc:
            return str(exc)

    for name in ("name", "price", "tags"):
        thing = Thing(**{name: value})
        for _ in range(3):  # not learned, learned, quick
            assert both(lambda t=thing: Card(t)) == both(lambda t=thing: card(t))  # type: ignore[misc]
            assert both(lambda t=thing: Card(t, value)) == both(lambda t=thing: card(t, value))  # type: ignore[misc]


def test_hostile_values_are_filled_in_like_any(hostile: str) -> None:
    thing = Thing(hostile, hostile, hostile, [hostile, B(hostile)])

    assert str(Card(thing, hostile)) == str(card(thing, hostile))


def test_values_of_all_types_take_turns() -> None:
    things = [
        Thing(name, price) for name in ("a", 1, None, Safe("<b>")) for price in (1, "<", 2.0)
    ]

    for thing in things * 3:
        assert str(Card(thing)) == str(card(thing))


def test_the_function_runs_only_when_something_is_new() -> None:
    runs: list[object] = []

    @compiled
    def shown(value: Any) -> Element:
        runs.append(value)
        return P(value)

    made = [str(shown(n)) for n in range(100)]

    assert made == [f"<p>{n}</p>" for n in range(100)]
    assert len(runs) == 2  # with the first value, and to be compiled


def test_arguments_have_names_and_defaults() -> None:
    @compiled
    def link(text: Any, href: Any = "/", title: Any = None) -> Element:
        return A(text, href=href, title=title)

    assert str(link("a")) == '<a href="/">a</a>'
    assert str(link("a", title="t")) == '<a href="/" title="t">a</a>'
    assert str(link(href="/b", text="b")) == '<a href="/b">b</a>'
    with pytest.raises(TypeError, match="missing a required argument: 'text'"):
        link(href="/")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="too many positional"):
        link(1, 2, 3, 4)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword argument 'hrev'"):
        link("a", hrev="/")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="multiple values"):
        link("a", text="b")  # type: ignore[misc]


def test_many_are_laid_out_side_by_side() -> None:
    @compiled
    def item(name: Any, last: Any = "!") -> Element:
        return Li(name, last)

    names = ["a", "<", None, 3, B("x")]

    assert str(Ul(item.each(names))) == str(Ul([Li(name, "!") for name in names]))
    assert str(item.each(names, "?")) == "".join(str(Li(name, "?")) for name in names)
    assert str(item.each([])) == ""


def test_one_may_be_part_of_another() -> None:
    @compiled
    def price(thing: Any) -> Element:
        return B(thing.price, cls="price")

    @compiled
    def row(thing: Any) -> Element:
        return P(thing.name, ": ", price(thing))

    for _ in range(3):
        assert str(row(Thing("a", 1))) == '<p>a: <b class="price">1</b></p>'
        assert str(price(Thing("a", 2))) == '<b class="price">2</b>'


def test_keys_and_sums_are_read_each_time() -> None:
    @compiled
    def shown(row: Any) -> Element:
        return P(row["name"], row["parts"][0], "(" + row["name"] + ")", id="p-" + row["name"])

    for name in ("a", "b<"):
        again = name.replace("<", "&lt;")
        assert (
            str(shown({"name": name, "parts": ["x"]}))
            == f'<p id="p-{again}">{again}x({again})</p>'
        )
    with pytest.raises(TypeError, match="concatenate"):
        shown({"name": 3, "parts": ["x"]})


def test_what_is_missing_raises_what_the_function_raises() -> None:
    with pytest.raises(AttributeError, match="'int' object has no attribute 'name'"):
        Card(3)


def test_a_default_for_what_is_missing_is_taken() -> None:
    @compiled
    def shown(thing: Any) -> Element:
        return P(getattr(thing, "nick", "nobody"))

    class Named:
        nick = "Bob"

    for _ in range(3):
        assert str(shown(Named())) == "<p>Bob</p>"
        assert str(shown(object())) == "<p>nobody</p>"


def test_generators_elements_and_components_may_be_passed_in() -> None:
    class Where(Component):
        def build(self, context: context.RenderContext) -> Element:
            return B(context.path)

    @compiled
    def box(content: Any) -> Element:
        return Div(content)

    def letters() -> Iterator[str]:
        yield from "a<"

    for _ in range(3):
        assert str(box(P("x"))) == "<div><p>x</p></div>"
        assert str(box(letters())) == "<div>a&lt;</div>"
        assert str(box([letters(), "b"])) == "<div>a&lt;b</div>"
        inside = box(P(Where()))
        with context.rendering(context.RenderContext(path="/here")):
            assert str(inside) == "<div><p><b>/here</b></p></div>"
        assert str(box.each(["a", Where()])) == "<div>a</div><div><b>/</b></div>"


def test_calls_and_expressions_may_be_passed_in() -> None:
    class Call:
        def __nitro_expression__(self) -> Expression:
            return js("@post(el.dataset.url)")

        def __nitro_attributes__(self) -> dict[str, object]:
            return {"data_url": "/<"}

    @compiled
    def button(text: Any, click: Any, n: Any) -> Element:
        return Button(
            text, on_click=click, signals={"n": n, "all": [n]}, cls={"on": js("$n"), "x": n}
        )

    for click in (Call(), js("$n++"), Call()):
        for n in (1, 0, "'\"<"):
            assert str(button("a", click, n)) == str(
                Button(
                    "a", on_click=click, signals={"n": n, "all": [n]}, cls={"on": js("$n"), "x": n}
                )
            )
    with pytest.raises(TypeError, match="is run as a program"):
        button("a", "alert(1)", 1)


@pytest.mark.parametrize("text", ["", "\nx", "x\ny", "\n\n", None, 3], ids=ascii)
def test_lines_at_the_start_are_kept(text: object) -> None:
    @compiled
    def shown(first: Any, more: Any) -> Element:
        return Div(Pre(first, more), Textarea([first], name="t"))

    for more in ("\nmore", "", "more"):
        for _ in range(3):
            wanted = Div(Pre(text, more), Textarea([text], name="t"))
            assert str(shown(text, more)) == str(wanted)


def test_what_is_answered_takes_more_children() -> None:
    made = compiled(lambda name: P(name))

    for _ in range(3):
        assert str(made("a")("b", B("c"))) == "<p>ab<b>c</b></p>"


LOOKS: dict[str, Callable[[Any], Any]] = {
    "if": lambda x: P("a") if x else P("b"),
    "compare": lambda x: P("a") if x > 1 else P("b"),
    "equal": lambda x: P(x == 1),
    "in": lambda x: P("a" in x),
    "contains": lambda x: P(x in ("a", "b")),
    "key": lambda x: P({"a": 1}[x]),
    "len": lambda x: P(len(x)),
    "format": lambda x: P(f"<{x}>"),
    "repr": lambda x: P(f"{x!r}"),
    "percent": lambda x: P("%s" % x),  # noqa: UP031
    "str": lambda x: P(str(x)),
    "join": lambda x: P(", ".join([x, x])),
    "int": lambda x: P(int(x)),
    "method": lambda x: P(x.upper()),
    "loop": lambda x: Ul([Li(item) for item in x]),
    "unpack": lambda x: P(*x),
    "times": lambda x: P(x * 2),
    "minus": lambda x: P(x - 1),
    "isinstance": lambda x: P(isinstance(x, str)),
    "hasattr": lambda x: P("a") if hasattr(x, "name") else P("b"),
    "private": lambda x: P(x._name),
    "is": lambda x: P(x is None),
    "is not": lambda x: P("a" if x is not None else "b"),
    "script": lambda x: Script(x),
    "nothing": lambda x: "<p>",
}


@pytest.mark.parametrize("look", list(LOOKS))
def test_looking_at_an_argument_is_refused(look: str) -> None:
    class Value(str):
        name = _name = "x"

    with pytest.raises(TypeError, match="compiled"):
        compiled(LOOKS[look])(Value("3"))


def test_a_function_that_asks_behind_its_back_is_found_out() -> None:
    def kind(value: object) -> str:
        return "nothing" if value is None else "something"

    @compiled
    def shown(value: Any) -> Element:
        return P(kind(value), value)

    assert str(shown("x")) == "<p>somethingx</p>"
    with pytest.raises(
        TypeError, match=r"cannot be compiled: it answers .*nothing.*gives .*something"
    ):
        shown(None)


def test_what_depends_on_the_request_is_refused_inside() -> None:
    class Where(Component):
        def build(self, context: context.RenderContext) -> Element:
            return B(context.path)

    with pytest.raises(TypeError, match="there is a component inside"):
        compiled(lambda name: P(name, Where()))("a")


def test_only_plain_functions_are_compiled() -> None:
    async def later(x: object) -> Element:
        return P(x)

    def several(*x: object) -> Element:
        return P(*x)

    with pytest.raises(TypeError, match="takes a plain function"):
        compiled(later)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="takes a plain function"):
        compiled(P)
    with pytest.raises(TypeError, match="Name its arguments"):
        compiled(several)


def test_it_keeps_name_and_documentation() -> None:
    @compiled
    def shown(name: Any) -> Element:
        """Show it."""
        return P(name)

    assert (shown.__doc__, vars(shown)["__name__"]) == ("Show it.", "shown")
    assert "shown" in repr(shown)
    assert isinstance(shown, Compiled)


def test_a_component_without_arguments_is_compiled_too() -> None:
    made = compiled(lambda: Fragment(P("a"), Input(value="%")))

    assert [str(made()) for _ in range(3)] == ['<p>a</p><input value="%">'] * 3


def test_places_are_prepared_for_a_bounded_number_of_types() -> None:
    @compiled
    def shown(value: Any) -> Element:
        return P(value)

    for n in range(100):
        kind = type(f"Kind{n}", (), {"__str__": lambda self: f"<{type(self).__name__}>"})
        assert str(shown(kind())) == f"<p>&lt;Kind{n}&gt;</p>"
    gc.collect()
    places = shown._skeleton.places if shown._skeleton else []
    assert [len(place.writers) for place in places] == [32]


def test_a_text_in_the_language_of_the_reader_is_passed_in() -> None:
    def row(name: str) -> Element:
        return Li(name, A(gettext("Edit"), href="/"))

    def told(name: str, edit: str) -> Element:
        return Li(name, A(edit, href="/"))

    with pytest.raises(TypeError, match=r"row cannot be compiled.*language of the reader.*pass"):
        compiled(row)("Sogn")
    with reading(reader_for("de")):
        assert "Bearbeiten" in str(compiled(told)("Sogn", gettext("Edit")))
