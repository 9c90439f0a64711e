"""One address for commands and opened events; nothing else is there, and asking costs nothing."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from typing import Any

import pytest
from blinker import default_namespace

from nitro_events.actions import action, command, query
from nitro_events.events import event, on
from nitro_events.http.commands import expose
from nitro_events.http.dispatch import answer
from nitro_events.http.request import Request
from nitro_events.http.response import Response
from nitro_events.policy import Caller
from nitro_events.settings import configure
from nitro_events.state import state


def ask(path: str, body: object = None, *, method: str = "POST", **kwargs: Any) -> Response | None:
    headers = {"host": "here", "content-type": "application/json"}
    raw = b"" if body is None else json.dumps(body).encode()
    return asyncio.run(answer(Request(method, path, headers=headers, body=raw, **kwargs)))


def status(path: str, body: object = None, **kwargs: Any) -> int:
    response = ask(path, body, **kwargs)
    return 404 if response is None else response.status


def test_an_opened_event_reaches_its_handlers_with_the_signals() -> None:
    expose("product_restock")
    heard: list[Any] = []

    @on("product_restock")
    def handle(sender: Any, signals: Any, request: Any) -> None:
        heard.append((sender, signals.quantity, request.path))

    assert status("/cmds/product_restock/p1", {"quantity": 5}) == 204
    assert heard == [("p1", 5, "/cmds/product_restock/p1")]


def test_every_kind_of_handler_is_reached() -> None:
    expose("mixed")
    heard: list[str] = []

    @on("mixed")
    async def one(sender: Any) -> None:
        heard.append("async")

    @on("mixed")
    def two(sender: Any) -> Any:
        heard.append("generator")
        yield 1

    @on("mixed")
    async def three(sender: Any, user: Caller) -> Any:
        heard.append(f"async generator {user.id}")
        yield 1

    assert status("/cmds/mixed/x", caller=Caller("ann")) == 204
    assert heard == ["async", "generator", "async generator ann"]


def test_an_event_that_was_not_opened_is_not_there() -> None:
    event("internal.secret")

    @on("internal.secret")
    def handle(sender: Any) -> None:
        raise AssertionError

    for name in (
        "internal.secret",
        "internal",
        "*",
        "internal.*",
        "__class__",
        "",
        "a b",
        "x" * 999,
    ):
        assert status(f"/cmds/{name}/x") == 404
    assert status("/cmds/internal.secret") == 404
    assert status("/cmds") == 404


def test_a_pattern_cannot_be_opened() -> None:
    with pytest.raises(ValueError, match="full name"):
        expose("order.*")
    with pytest.raises(TypeError, match="event is a name"):
        expose(5)  # type: ignore[arg-type]


def test_an_event_is_opened_by_its_signal_too() -> None:
    expose(event("order.placed"))

    assert state.routes.allowed("/cmds/order.placed/o1") == {"POST"}


def test_a_command_answers_and_a_query_does_not() -> None:
    namespace: dict[str, Any] = {"command": command, "query": query, "action": action}
    exec(
        "@command\ndef tidy(depth: int) -> int: return depth + 1\n"
        "@query\ndef look(): return 1\n"
        "@action(method='DELETE')\ndef drop(): return None\n",
        namespace,
    )

    response = ask("/cmds/tidy/anybody", {"depth": 2})
    assert response is not None
    assert (response.status, response.body) == (200, b"3")
    assert status("/cmds/tidy/anybody", {"depth": "much"}) == 422
    assert status("/cmds/look/anybody") == 404
    assert state.routes.allowed("/cmds/drop") == {"DELETE", "POST"}


def test_an_action_of_an_entity_is_a_command_with_its_id_as_sender(shelf: Any) -> None:
    response = ask("/cmds/books.lend/b1", {"days": 3})

    assert response is not None
    assert response.body == b'"lent for 3"'
    assert shelf.stored["b1"].lent
    for name in (
        "books.hidden",
        "books.size",
        "books.delete",
        "books.__init__",
        "books.",
        ".lend",
    ):
        assert status(f"/cmds/{name}/b1") == 404
    assert status("/cmds/books.lend") == 404
    assert status("/cmds/books.tidy") == 204


def test_the_verb_is_enforced_and_told() -> None:
    expose("ping")

    for method in ("GET", "PUT", "DELETE", "PATCH"):
        response = ask("/cmds/ping/x", method=method)
        assert response is not None
        assert response.status == 405
        assert ("allow", "POST") in response.headers


def test_the_policy_is_asked_for_the_event_and_its_sender() -> None:
    asked: list[tuple[str, object]] = []

    def policy(caller: Caller, operation: str, target: object) -> bool:
        asked.append((operation, target))
        return target == "mine"

    configure(policy=policy)
    expose("ping")

    assert status("/cmds/ping/mine") == 204
    assert status("/cmds/ping/yours") == 403
    assert asked == [("event:ping", "mine"), ("event:ping", "yours")]


def test_nobody_may_in_production_unless_the_policy_says_so() -> None:
    configure(env="production", secret="a-secret-of-some-length")
    expose("ping")

    assert status("/cmds/ping/x") == 403


def test_an_error_of_a_handler_tells_nothing_of_the_inside(caplog: Any) -> None:
    expose("ping")

    @on("ping")
    def handle(sender: Any) -> None:
        raise RuntimeError("internal-detail")

    response = ask("/cmds/ping/x")
    assert response is not None
    assert response.status == 500
    assert b"internal" not in response.body


def test_a_hundred_thousand_unknown_names_leave_nothing_behind(shelf: Any) -> None:
    expose("ping")
    names = [f"unknown{number}" for number in range(100_000)]
    for path in ("/cmds/warm/x", "/warm", "/books/b1/warm", "/cmds/books.warm/b1"):
        assert not state.routes.allowed(path)
    gc.collect()
    before, kept = len(default_namespace), sys.getallocatedblocks()

    for name in names:
        assert state.routes.match("POST", f"/cmds/{name}/x") is None

    gc.collect()
    assert sys.getallocatedblocks() - kept < 1000
    assert len(default_namespace) == before
