"""Where declared functions and classes answer: own paths, names, prefixes, and their conflicts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from nitro_events.actions import action, action_of, functions, query
from nitro_events.http.generated import GeneratedRoutes, target_at
from nitro_events.http.paths import fill, homes_of, url_of
from nitro_events.http.tree import RouteConflict, RouteError, Tree, params_of
from nitro_events.resources import TargetAction
from nitro_events.settings import configure
from nitro_events.state import state


def declare(text: str) -> dict[str, Any]:
    """Declare functions as a module does."""
    namespace: dict[str, Any] = {"action": action, "query": query, "__name__": "shop"}
    exec(text, namespace)
    return namespace


@pytest.fixture
def give_attribute(monkeypatch: pytest.MonkeyPatch, shelf: Any) -> Callable[..., None]:
    """Say something on the class of the shelf's books."""

    def give(name: str, value: object) -> None:
        monkeypatch.setattr(shelf.kind, name, value, raising=False)

    return give


@pytest.fixture
def give_path(monkeypatch: pytest.MonkeyPatch, shelf: Any) -> Callable[[str, str], None]:
    """Let an action of the books have a path of its own."""

    def give(name: str, path: str) -> None:
        actions = shelf.actions()
        declared = actions[name]
        own = TargetAction(
            replace(declared.action, path=path), declared.function, declared.on_class
        )
        monkeypatch.setattr(type(shelf), "actions", lambda _: {**actions, name: own})

    return give


def test_a_written_part_of_a_path_comes_before_a_parameter() -> None:
    tree: Tree[str] = Tree()
    tree.add("GET", "/orders/late", "late", owner="a")
    tree.add("GET", "/orders/{id}", "one", owner="b")
    tree.add("GET", "/orders/{id}/lines/{line}", "line", owner="c")

    assert list(tree.find("/orders/late")) == [("GET", "late", {})]
    assert list(tree.find("/orders/7")) == [("GET", "one", {"id": "7"})]
    assert list(tree.find("/orders/late/lines/2")) == [
        ("GET", "line", {"id": "late", "line": "2"})
    ]
    for path in (
        "/orders",
        "/orders/",
        "/orders//lines/2",
        "orders/7",
        "",
        "/",
        "/orders/7/lines",
    ):
        assert list(tree.find(path)) == []


def test_two_that_ask_for_the_same_are_both_named_and_neither_is_found() -> None:
    tree: Tree[str] = Tree()
    tree.add("GET", "/orders/{id}", "one", owner="shop.order")

    with pytest.raises(RouteConflict, match=r"blog\.page.*shop\.order"):
        tree.add("GET", "/orders/{number}", "other", owner="blog.page")
    with pytest.raises(RouteConflict, match=r"shop\.order"):
        list(tree.find("/orders/7"))


@pytest.mark.parametrize(
    "pattern",
    ["", "x", "/x/", "//", "/a//b", "/{a}/{a}", "/{1}", "/a{b}", "/{a}x", "/a?b", "/a b"],
)
def test_what_is_no_path_is_refused(pattern: str) -> None:
    with pytest.raises(RouteError):
        params_of(pattern)


def test_a_function_takes_arguments_from_its_path() -> None:
    declare("@action(path='/orders/{number}/ship')\ndef ship(number: int, by: str): pass\n")

    matched = state.routes.match("POST", "/orders/7/ship")

    assert matched is not None
    assert matched.params == {"number": "7"}
    assert state.routes.allowed("/orders/7/ship") == {"POST"}
    assert not state.routes.allowed("/ship")


def test_a_path_without_a_slash_at_its_front_begins_at_the_root() -> None:
    declare("@query(path='rates/{currency}')\ndef rates(currency: str): pass\n")

    assert state.routes.allowed("/rates/eur") == {"GET", "HEAD"}


def test_two_versions_of_an_api_answer_side_by_side() -> None:
    declare(
        "@query(path='/api/v1/rates')\ndef rates_v1(): pass\n"
        "@query(path='/api/v2/rates')\ndef rates(): pass\n"
    )

    assert state.routes.match("GET", "/api/v1/rates").name == "rates_v1"  # type: ignore[union-attr]
    assert state.routes.match("GET", "/api/v2/rates").name == "rates"  # type: ignore[union-attr]


def test_a_path_that_names_no_argument_is_an_error_at_start() -> None:
    declare("@action(path='/orders/{number}/ship')\ndef ship(id: int): pass\n")

    with pytest.raises(RouteError, match=r"\{number\}.*no argument"):
        state.routes.check()


def test_two_functions_of_one_path_are_an_error_at_start_that_names_both() -> None:
    declare(
        "@action(path='/x/{a}')\ndef first(a): pass\n@action(path='/x/{b}')\ndef second(b): 0\n"
    )

    with pytest.raises(RouteConflict, match=r"shop\.second.*shop\.first"):
        state.routes.check()


def test_a_function_in_the_way_of_a_class_is_an_error_at_start(shelf: Any) -> None:
    declare("@action\ndef books(): pass\n")

    with pytest.raises(RouteConflict, match=r"shop\.books.*Book"):
        state.routes.check()


def test_a_function_declared_later_is_found() -> None:
    declare("@action\ndef first(): pass\n")
    assert state.routes.allowed("/first")
    declare("@action\ndef second(): pass\n")

    assert state.routes.allowed("/second") == {"POST"}
    assert state.routes.allowed("/first") == {"POST"}


def test_a_class_may_have_another_name_and_a_prefix(
    shelf: Any, give_attribute: Callable[..., None]
) -> None:
    give_attribute("__route_name__", "volumes")
    give_attribute("__route_prefix__", "/api/v1")

    assert homes_of(shelf) == ("/api/v1/volumes",)
    assert state.routes.allowed("/api/v1/volumes/b1") == {"POST", "PATCH", "PUT", "DELETE"}
    assert state.routes.allowed("/api/v1/volumes/b1/lend") == {"POST"}
    assert not state.routes.allowed("/books/b1")
    assert not state.routes.allowed("/api/v1")
    assert target_at("/api/v1/volumes/b1/edit") == (shelf, ["b1", "edit"])
    assert target_at("/api/v1/shelves") is None


def test_a_class_may_be_there_in_two_versions_and_links_lead_to_the_first(
    shelf: Any, give_attribute: Callable[..., None]
) -> None:
    give_attribute("__route_prefix__", ("/api/v2", "/api/v1"))

    assert state.routes.allowed("/api/v1/books/b1/lend") == {"POST"}
    assert state.routes.allowed("/api/v2/books/b1/lend") == {"POST"}
    assert url_of(shelf, "b1", "lend") == "/api/v2/books/b1/lend"
    assert url_of(shelf) == "/api/v2/books"


@pytest.mark.parametrize("prefix", ["api", "/api/{x}", "/a b", "//"])
def test_a_prefix_that_is_none_is_an_error_at_start(
    give_attribute: Callable[..., None], prefix: str
) -> None:
    give_attribute("__route_prefix__", prefix)

    with pytest.raises(RouteError, match="__route_prefix__"):
        state.routes.check()


def test_an_action_may_have_a_path_of_its_own(shelf: Any, give_path: Any) -> None:
    give_path("lend", "/lendings/{id}/{days}")

    matched = state.routes.match("POST", "/lendings/b1/14")

    assert matched is not None
    assert matched.params == {"days": "14"}
    assert matched.handler.id == "b1"  # type: ignore[union-attr]
    assert not state.routes.allowed("/books/b1/lend")


def test_the_path_of_an_action_may_be_below_its_entity(shelf: Any, give_path: Any) -> None:
    give_path("lend", "lend/for/{days}")

    assert state.routes.match("POST", "/books/b1/lend/for/3").params == {"days": "3"}  # type: ignore[union-attr]
    assert url_of(shelf, "a/b", "lend", {"days": 3}) == "/books/a%2Fb/lend/for/3"
    with pytest.raises(LookupError, match="days"):
        url_of(shelf, "b1", "lend")


def test_the_path_of_an_action_of_an_entity_names_the_entity(give_path: Any) -> None:
    give_path("lend", "/lend")

    with pytest.raises(RouteError, match=r"\{id\}"):
        state.routes.check()


def test_links_stand_below_the_prefix_of_the_application(shelf: Any) -> None:
    configure(prefix="/app")

    assert url_of(shelf, "b1", "edit") == "/app/books/b1/edit"
    assert url_of(shelf, "..") == "/app/books/%2E%2E"
    assert fill("/a/{b}", {"b": "x/y z"}) == "/a/x%2Fy%20z"


def test_the_table_is_made_once_until_something_is_declared(shelf: Any) -> None:
    routes = state.part(GeneratedRoutes)
    before = routes.table
    state.routes.match("POST", "/books")
    assert routes.table is before

    declare("@action\ndef third(): pass\n")
    assert routes.table is not before
    assert action_of(functions()["third"]) is not None


def test_two_classes_of_one_name_are_told_at_start_in_production_only(shelf: Any) -> None:
    class Other:
        """Another class whose plural is the same."""

    twin = type(shelf)(kind=Other, names=())
    first = state.targets.by_kind
    state.targets.by_kind = lambda kind: twin if kind is Other else first(kind)
    state.targets.kinds = lambda: [shelf.kind, Other]

    state.routes.check()
    with pytest.raises(RouteConflict, match=r"Other.*Book"):
        state.routes.match("POST", "/books")
    configure(env="production", secret="a-secret-of-some-length")
    with pytest.raises(RouteError, match="Other"):
        state.routes.check()
