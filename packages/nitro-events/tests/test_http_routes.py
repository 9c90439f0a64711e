"""Which route answers; what is not declared does not."""

from __future__ import annotations

from typing import Any

import pytest

from nitro_events.actions import action, query
from nitro_events.http.operations import DeleteOperation, UpdateOperation
from nitro_events.http.routes import Routes
from nitro_events.settings import configure
from nitro_events.state import state


def handler(request: object) -> None:
    """Answer nothing."""


def test_a_route_is_found_by_verb_and_path() -> None:
    routes = Routes()
    routes.add("GET", "/cities/{id}/edit", handler, "edit")

    matched = routes.match("get", "/cities/a.b/edit")

    assert matched is not None
    assert matched.params == {"id": "a.b"}
    assert routes.match("HEAD", "/cities/1/edit") is not None
    assert routes.match("POST", "/cities/1/edit") is None
    assert routes.allowed("/cities/1/edit") == {"GET", "HEAD"}
    for path in ("/cities//edit", "/cities/1/2/edit", "/cities/1/edit/", "cities/1/edit", ""):
        assert not routes.allowed(path)


def test_a_route_may_decline_parameters_and_be_replaced_by_name() -> None:
    routes = Routes()
    routes.add("GET", "/{slug}/new", handler, "new", when=lambda params: False)
    assert routes.match("GET", "/cats/new") is None

    routes.add("GET", "/{slug}/new", handler, "new", when=lambda params: params["slug"] == "cats")
    assert routes.match("GET", "/cats/new") is not None
    assert routes.match("GET", "/dogs/new") is None


def test_a_pattern_that_is_no_path_is_refused() -> None:
    with pytest.raises(ValueError, match="path"):
        Routes().add("GET", "cities", handler, "x")


def test_the_prefix_comes_first() -> None:
    configure(prefix="/app")
    routes = Routes()
    routes.add("GET", "/x", handler, "x")

    assert routes.match("GET", "/app/x") is not None
    assert routes.match("GET", "/x") is None
    assert routes.match("GET", "/apple/x") is None


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/books", {"POST"}),
        ("/books/b1", {"POST", "PATCH", "PUT", "DELETE"}),
        ("/books/b1/delete", {"POST"}),
        ("/books/b1/lend", {"POST"}),
        ("/books/b1/size", {"GET", "HEAD"}),
        ("/books/tidy", {"POST"}),
        ("/books/b1/hidden", set[str]()),
        ("/books/b1/tidy", set[str]()),
        ("/books/b1/__class__", set[str]()),
        ("/books/b1/model_dump", set[str]()),
        ("/books/", set[str]()),
        ("/books//lend", set[str]()),
        ("/books/b1/lend/x", set[str]()),
        ("/cats", set[str]()),
        ("/", set[str]()),
    ],
)
def test_only_what_was_declared_answers(shelf: Any, path: str, methods: set[str]) -> None:
    assert state.routes.allowed(path) == methods


def test_the_operations_know_their_entity(shelf: Any) -> None:
    assert state.routes.match("PUT", "/books/b1").handler == UpdateOperation(shelf, "b1")  # type: ignore[union-attr]
    deleted = state.routes.match("POST", "/books/b1/delete")
    assert deleted is not None
    assert deleted.handler == DeleteOperation(shelf, "b1")


def test_declared_functions_answer_at_their_name_or_path() -> None:
    namespace: dict[str, Any] = {"action": action, "query": query}
    exec(
        "@action\ndef tidy_up(): pass\n"
        "@query(path='/api/now')\ndef now(): pass\n"
        "def hidden(): pass\n",
        namespace,
    )

    assert state.routes.allowed("/tidy_up") == {"POST"}
    assert state.routes.allowed("/api/now") == {"GET", "HEAD"}
    assert not state.routes.allowed("/now")
    assert not state.routes.allowed("/hidden")
