import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from nitro_events import action, adispatch, dispatch
from nitro_events.http.dispatch import answer
from nitro_events.http.request import Request
from nitro_events.http.response import Response
from nitro_events.middleware import Blocking, Pause, Steps, Work
from nitro_events.policy import Caller
from nitro_events.settings import SettingsError, configure


def restock(quantity: int) -> int:
    return quantity


async def restock_async(quantity: int) -> int:
    await asyncio.sleep(0)
    return quantity


Call = Callable[..., Any]


@pytest.fixture(params=["sync", "async in sync", "async", "sync in async"])
def call(request: pytest.FixtureRequest) -> Call:
    """Call a declared function in each colour."""
    function = action(restock_async if request.param.startswith("async") else restock)
    if "async" not in request.param or "in sync" in request.param:
        return lambda **given: dispatch(function, **given)
    return lambda **given: asyncio.run(adispatch(function, **given))


def test_middlewares_run_around_each_other_in_the_order_given(call: Call) -> None:
    seen: list[str] = []

    def named(name: str) -> Callable[[Work], Steps]:
        def middleware(work: Work) -> Steps:
            seen.append(f"{name} {work.arguments}")
            result = yield
            seen.append(f"{name} {result}")
            return result + 1

        return middleware

    configure(middleware=[named("a"), named("b"), ..., named("c")])

    assert call(quantity=1) == 4
    assert seen == ["a {}", "b {}", "c {'quantity': 1}", "c 1", "b 2", "a 3"]


def test_a_middleware_may_wait_in_either_colour(call: Call) -> None:
    async def found() -> str:
        await asyncio.sleep(0)
        return "awaited"

    def waits(work: Work) -> Steps:
        seen.append((yield Blocking(lambda: "blocking")))
        yield Pause(0.001)
        seen.append((yield found()))
        return (yield)

    seen: list[object] = []
    configure(middleware=[waits, ..., waits])

    assert call(quantity=1) == 1
    assert seen == ["blocking", "awaited"] * 2


def test_a_middleware_may_answer_by_itself_and_catch_what_the_rest_raises(call: Call) -> None:
    def guards(work: Work) -> Steps:
        try:
            return (yield)
        except KeyError:
            return -1

    def fails(work: Work) -> Steps:
        if work.arguments["quantity"] == 2:
            raise KeyError
        return (yield)

    configure(middleware=[guards, ..., fails])

    assert call(quantity=1) == 1
    assert call(quantity=2) == -1


def test_what_is_not_to_be_yielded_is_said(call: Call) -> None:
    def strange(work: Work) -> Steps:
        return (yield 3)

    configure(middleware=[strange])

    with pytest.raises(TypeError, match="Pause"):
        call(quantity=1)


def test_what_is_no_middleware_is_refused_where_it_is_configured() -> None:
    def plain(work: Work) -> None: ...

    with pytest.raises(SettingsError, match="generator function"):
        configure(middleware=[plain])  # type: ignore[list-item]
    with pytest.raises(SettingsError, match="once at most"):
        configure(middleware=[..., ...])


def test_an_object_may_be_a_middleware(call: Call) -> None:
    class Doubles:
        def __call__(self, work: Work) -> Steps:
            return 2 * (yield)

    configure(middleware=[Doubles()])

    assert call(quantity=3) == 6


def test_what_a_handler_raises_comes_out_as_it_is() -> None:
    @action
    def fails() -> None:
        raise StopIteration("odd")

    @action
    def stops() -> None:
        raise KeyboardInterrupt

    with pytest.raises(RuntimeError):
        dispatch(fails)
    with pytest.raises(KeyboardInterrupt):
        dispatch(stops)


def test_a_request_goes_the_same_way(shelf: Any) -> None:
    seen: list[tuple[object, ...]] = []

    def watch(work: Work) -> Steps:
        before = (work.kind, work.name, work.caller.host, work.request is not None)
        try:
            result = yield
        finally:
            seen.append((*before, work.outcome, work.attempt, "secret" in repr(work)))
        return result

    configure(middleware=[watch])
    shelf.before_commit.append(lambda: None)

    assert ask("/books/b1/lend", b'{"days": 2}').status == 200
    assert ask("/books/b1/lend", b'{"days": "secret"}').status == 422
    assert ask("/books", b'{"title": "T"}').status == 201

    assert [row[:4] for row in seen] == [
        ("action", "lend", "127.0.0.1", True),
        ("action", "lend", "127.0.0.1", True),
        ("create", "books", "127.0.0.1", True),
    ]
    assert not any(row[-1] for row in seen)


def test_middleware_inside_the_unit_is_committed_or_undone_with_it(shelf: Any) -> None:
    def audit(work: Work) -> Steps:
        result = yield
        shelf.load("b1").note = f"by {work.caller.id}"
        return result

    configure(middleware=[..., audit], policy=lambda *_: True)

    dispatch(shelf.load("b1").lend, caller=Caller("ann"))
    assert (shelf.stored["b1"].note, shelf.stored["b1"].lent) == ("by ann", True)
    with pytest.raises(RuntimeError):
        dispatch(shelf.load("b1").burn)
    assert shelf.commits == 1


def test_a_cancelled_call_is_rolled_back(shelf: Any) -> None:
    started = asyncio.Event()

    @action
    async def waits() -> None:
        shelf.load("b1").title = "changed"
        started.set()
        await asyncio.sleep(60)

    async def main() -> None:
        task: Awaitable[Any] = asyncio.ensure_future(adispatch(waits))
        await started.wait()
        task.cancel()  # type: ignore[attr-defined]
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())

    assert shelf.stored["b1"].title == "Emma"
    assert shelf.commits == 0


def ask(path: str, body: bytes) -> Response:
    headers = {"host": "localhost", "content-type": "application/json"}
    request = Request("POST", path, headers=headers, body=body, client="127.0.0.1")
    response = asyncio.run(answer(request))
    assert response is not None
    return response
