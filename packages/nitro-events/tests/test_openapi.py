"""Every generated route is described, truly and in a form that tools understand."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field

from nitro_events.actions import action, command, functions, query
from nitro_events.http.commands import expose
from nitro_events.http.openapi import describe, merge
from nitro_events.patches import Patch
from nitro_events.settings import configure
from nitro_events.state import state


class Line(BaseModel):
    product: str
    quantity: Annotated[int, Field(ge=1)] = 1


def declared(kind: Any, function: Any, name: str, **options: Any) -> None:
    function.__name__ = function.__qualname__ = name
    (kind(**options) if options else kind)(function)
    assert name in functions()


@pytest.fixture
def everything(shelf: Any) -> dict[str, Any]:
    """The description of an application with one of each."""

    def place(number: int, lines: list[Line], note: str | None = None) -> list[Line]:
        """Place an order.

        With all its lines.
        """
        return lines

    def look(word: str, most: int = 10) -> None:
        """Nothing."""

    async def watch() -> AsyncIterator[Patch]:
        yield Patch("x", ())

    def strange(what: object, how: type[Any]) -> Patch:
        return Patch("x", ())

    declared(command, place, "place", path="/orders/{number}/place")
    declared(query, look, "look")
    declared(query, watch, "watch")
    declared(action, strange, "strange")
    expose("product.restock")
    return describe(title="Shop", version="3")


def test_the_description_is_valid_openapi(everything: dict[str, Any]) -> None:
    validator = pytest.importorskip("openapi_spec_validator")

    validator.validate(json.loads(json.dumps(everything)))
    assert everything["openapi"].startswith("3.1")
    assert everything["info"] == {"title": "Shop", "version": "3"}


def test_every_route_is_there_with_its_verbs(everything: dict[str, Any]) -> None:
    verbs = {path: set(operations) for path, operations in everything["paths"].items()}

    assert verbs["/books"] == {"post"}
    assert verbs["/books/{id}"] == {"post", "patch", "put", "delete"}
    assert verbs["/books/{id}/lend"] == {"post"}
    assert verbs["/books/{id}/size"] == {"get"}
    assert verbs["/books/tidy"] == {"post"}
    assert verbs["/orders/{number}/place"] == {"post"}
    assert verbs["/cmds/product.restock/{sender}"] == {"post"}
    assert not any("hidden" in path for path in verbs)


def test_arguments_come_from_the_path_the_query_or_the_body(everything: dict[str, Any]) -> None:
    place = everything["paths"]["/orders/{number}/place"]["post"]
    [number] = place["parameters"]
    body = place["requestBody"]["content"]["application/json"]["schema"]

    assert (number["name"], number["in"], number["schema"]["type"]) == (
        "number",
        "path",
        "integer",
    )
    assert set(body["properties"]) == {"lines", "note"}
    assert body["required"] == ["lines"]
    assert body["properties"]["lines"]["items"] == {"$ref": "#/components/schemas/Line"}
    assert everything["components"]["schemas"]["Line"]["properties"]["quantity"]["minimum"] == 1
    assert place["description"] == "Place an order.\n\nWith all its lines."
    look = everything["paths"]["/look"]["get"]
    assert {(p["name"], p["in"], p["required"]) for p in look["parameters"]} == {
        ("word", "query", True),
        ("most", "query", False),
    }


def test_secret_fields_are_not_described(everything: dict[str, Any]) -> None:
    assert "secret" not in json.dumps(everything)
    assert "token" not in everything["components"]["schemas"]["Book"]["properties"]
    assert everything["components"]["schemas"]["Book"]["required"] == ["id"]


def test_answers_are_told_with_the_problems(everything: dict[str, Any]) -> None:
    paths = everything["paths"]

    assert set(paths["/books"]["post"]["responses"]) >= {"201", "400", "403", "413", "422", "429"}
    assert "204" in paths["/look"]["get"]["responses"]
    assert "text/event-stream" in paths["/watch"]["get"]["responses"]["200"]["content"]
    assert "text/event-stream" in paths["/strange"]["post"]["responses"]["200"]["content"]
    refusal = paths["/books/{id}"]["patch"]["responses"]["409"]["content"]
    assert refusal == {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
        "text/html": {"schema": {"type": "string"}},
    }


def test_the_prefix_is_part_of_every_path(shelf: Any) -> None:
    configure(prefix="/app")

    assert all(path.startswith("/app/") for path in describe()["paths"])


def test_names_of_operations_are_unique(everything: dict[str, Any]) -> None:
    names = [
        operation["operationId"]
        for operations in everything["paths"].values()
        for operation in operations.values()
    ]
    assert len(set(names)) == len(names)


def test_a_merge_keeps_what_was_there_and_renames_models(everything: dict[str, Any]) -> None:
    theirs: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "x", "version": "1"},
        "paths": {"/books": {"post": {"operationId": "own", "responses": {}}}},
        "components": {"schemas": {"Line": {"type": "string"}}},
    }

    merged = merge(theirs, everything)

    assert merged["paths"]["/books"]["post"]["operationId"] == "own"
    assert "/look" in merged["paths"]
    assert merged["components"]["schemas"]["Line"] == {"type": "string"}
    body = merged["paths"]["/orders/{number}/place"]["post"]["requestBody"]["content"]
    items = body["application/json"]["schema"]["properties"]["lines"]["items"]
    assert items == {"$ref": "#/components/schemas/NitroLine"}
    assert "NitroLine" in merged["components"]["schemas"]


def test_the_page_with_the_form_for_an_action_is_told() -> None:
    state.routes.add("GET", "/ship", lambda request: None, "ship")

    @command
    def ship(number: int | None) -> int | None:
        return number

    told = describe()["paths"]["/ship"]

    assert list(told["get"]["responses"]["200"]["content"]) == ["text/html"]
    assert {"200", "204", "303"} <= set(told["post"]["responses"])
