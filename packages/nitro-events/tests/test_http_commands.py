"""One address for commands and opened events; nothing else is there, and asking costs nothing."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import threading
from typing import Any

import pytest
from blinker import default_namespace

from nitro_events.actions import action, command, query
from nitro_events.events import event, on
from nitro_events.http.commands import expose
from nitro_events.http.dispatch import answer
from nitro_events.http.request import Request
from nitro_events.http.response import Response
from nitro_events.http.tree import RouteConflict
from nitro_events.messages import Command
from nitro_events.policy import Caller
from nitro_events.settings import configure
from nitro_events.state import state
from nitro_events.surface import surface
from nitro_events.typed import Event


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


def test_what_is_not_async_runs_in_a_thread_beside_an_async_handler() -> None:
    expose("mixed")
    threads: list[int] = []

    @on("mixed")
    def one(sender: Any) -> None:
        threads.append(threading.get_ident())

    @on("mixed")
    def two(sender: Any) -> Any:
        threads.append(threading.get_ident())
        yield 1

    @on("mixed")
    async def three(sender: Any) -> None:
        threads.append(threading.get_ident())

    assert status("/cmds/mixed/x") == 204
    assert [ident == threading.get_ident() for ident in threads] == [False, False, True]


def test_a_command_is_handed_the_sender_of_the_path() -> None:
    @command
    def greet(sender: Any, word: str) -> Any:
        return {"to": sender, "word": word}

    response = ask("/cmds/greet/ann", {"word": "hi", "sender": "eve"})

    assert response is not None
    assert json.loads(response.body) == {"to": "ann", "word": "hi"}


def test_an_opened_message_is_known_by_its_name() -> None:
    class BuyCake(Command):
        customer: str

    class Audit(Command):
        note: str

    @command(path="/orders")
    def place(message: BuyCake, sender: Any) -> Any:
        return [message.customer, sender]

    @command
    def audit(message: Audit) -> None:
        raise AssertionError

    response = ask("/cmds/BuyCake/desk", {"customer": "Ann"})

    assert response is not None
    assert json.loads(response.body) == ["Ann", "desk"]
    assert status("/cmds/BuyCake", {"client": "Ann"}) == 422
    assert status("/cmds/Audit", {"note": "x"}) == 404
    assert status("/cmds/audit", {"note": "x"}) == 404
    assert "POST /cmds/BuyCake/{sender}  action:place  (customer)" in str(surface())


def test_two_opened_messages_of_one_name_are_an_error_only_under_that_name() -> None:
    def module(number: int) -> None:
        kind = type("Twice", (Command,), {"__module__": f"m{number}", "__qualname__": "Twice"})

        def take(message: Any) -> int:
            return number

        take.__annotations__["message"] = kind
        take.__name__ = take.__qualname__ = f"take{number}"
        command(path=f"/take{number}")(take)

    module(1)
    module(2)

    assert status("/cmds/take1") == status("/take2") == 200
    assert status("/cmds/Twice") == 500
    assert "/cmds/take2" in str(surface())


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


@pytest.mark.parametrize("is_async", [False, True])
def test_a_handler_that_was_cancelled_inside_is_a_problem_like_any_other(is_async: bool) -> None:
    def plain() -> None:
        raise asyncio.CancelledError

    async def stop() -> None:
        raise asyncio.CancelledError

    command(stop if is_async else plain)

    response = ask("/cmds/stop" if is_async else "/cmds/plain")

    assert response is not None
    assert response.status == 500
    assert b"noted under this id" in response.body


@pytest.mark.parametrize("is_async", [False, True])
def test_a_handler_that_wants_to_end_the_process_does_not(is_async: bool) -> None:
    def leave() -> None:
        sys.exit("a reason")

    async def go() -> None:
        sys.exit("a reason")

    command(go if is_async else leave)

    response = ask("/cmds/go" if is_async else "/cmds/leave")

    assert response is not None
    assert response.status == 500
    assert b"reason" not in response.body


def test_a_request_that_is_cancelled_ends() -> None:
    began = asyncio.Event()

    @command
    async def wait() -> None:
        began.set()
        await asyncio.sleep(60)

    async def run() -> None:
        headers = {"host": "here"}
        task = asyncio.ensure_future(answer(Request("POST", "/cmds/wait", headers=headers)))
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())


def test_a_typed_event_by_which_a_client_could_say_who_asks_is_not_opened() -> None:
    class Greeted(Event):
        user: str

    with pytest.raises(TypeError, match="'user' of Greeted"):
        expose(Greeted)


def test_an_opened_event_is_known_where_unknown_ones_are_errors() -> None:
    configure(strict_events=True)
    expose("nobody.listens")
    gc.collect()

    assert status("/cmds/nobody.listens/x") == 204


def test_functions_of_one_name_are_all_reached_by_their_paths_and_none_by_the_name() -> None:
    def module(number: int) -> None:
        def bring() -> int:
            return number

        bring.__module__ = f"m{number}"
        command(path=f"/m{number}/bring")(bring)

    module(1)
    module(2)

    for number in (1, 2):
        response = ask(f"/m{number}/bring")
        assert response is not None
        assert json.loads(response.body) == number
    assert status("/cmds/bring") == 500


def test_functions_of_one_path_are_an_error_when_the_application_starts() -> None:
    def module(number: int) -> None:
        def bring() -> None: ...

        bring.__module__ = f"m{number}"
        command(bring)

    module(1)
    module(2)

    with pytest.raises(RouteConflict, match=r"m2\..*bring.*m1\..*bring"):
        state.routes.check()


def test_an_event_and_a_function_of_one_name_are_an_error_when_the_application_starts() -> None:
    @command
    def bring() -> None: ...

    expose("bring")

    with pytest.raises(RouteConflict, match=r"the event 'bring'.*bring"):
        state.routes.check()
