import asyncio
import logging
import sys
import types
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from nitro_events import (
    Caller,
    Command,
    DuplicateHandler,
    NoHandler,
    Query,
    Request,
    Signals,
    action,
    adispatch,
    command,
    dispatch,
    query,
)
from nitro_events.actions import functions
from nitro_events.http.problems import Forbidden
from nitro_events.middleware.idempotency import KeyNeeded
from nitro_events.outcomes import Invalid
from nitro_events.running import TooManyItems
from nitro_events.settings import configure


class PlaceOrder(Command):
    customer: str
    items: Annotated[int, Field(ge=1)] = 1


class FindOrders(Query):
    customer: str


def test_a_message_finds_its_one_handler() -> None:
    @command
    def place(order: PlaceOrder) -> str:
        return f"{order.customer}: {order.items}"

    @query
    def find(asked: FindOrders) -> list[str]:
        return [asked.customer]

    assert dispatch(PlaceOrder(customer="Ann", items=2)) == "Ann: 2"
    assert dispatch(FindOrders(customer="Ann")) == ["Ann"]


def test_a_handler_may_be_async_and_is_run_from_either_colour() -> None:
    @command
    async def place(order: PlaceOrder) -> str:
        await asyncio.sleep(0)
        return order.customer

    @query
    def find(asked: FindOrders) -> str:
        return asked.customer

    assert dispatch(PlaceOrder(customer="Ann")) == "Ann"
    assert asyncio.run(adispatch(PlaceOrder(customer="Bo"))) == "Bo"
    assert asyncio.run(adispatch(FindOrders(customer="Cy"))) == "Cy"


def test_an_async_handler_called_in_sync_code_on_a_loop_is_told_what_to_do() -> None:
    @command
    async def place(order: PlaceOrder) -> None: ...

    async def main() -> None:
        with pytest.raises(RuntimeError, match=r"await adispatch"):
            dispatch(PlaceOrder(customer="Ann"))

    asyncio.run(main())


def test_generators_of_both_kinds_are_collected() -> None:
    @command
    def place(order: PlaceOrder) -> Iterator[int]:
        yield from range(3)

    @query
    async def find(asked: FindOrders) -> AsyncIterator[int]:
        yield 1
        yield 2

    async def main() -> list[object]:
        return [
            await adispatch(PlaceOrder(customer="A")),
            await adispatch(FindOrders(customer="A")),
        ]

    assert dispatch(PlaceOrder(customer="A")) == [0, 1, 2]
    assert dispatch(FindOrders(customer="A")) == [1, 2]
    assert asyncio.run(main()) == [[0, 1, 2], [1, 2]]


def test_a_generator_that_never_ends_is_an_error() -> None:
    configure(limits={"items": 10})

    @command
    def place(order: PlaceOrder) -> Iterator[int]:
        while True:
            yield 1

    @query
    async def find(asked: FindOrders) -> AsyncIterator[int]:
        while True:
            yield 1

    with pytest.raises(TooManyItems):
        dispatch(PlaceOrder(customer="A"))
    with pytest.raises(TooManyItems):
        asyncio.run(adispatch(FindOrders(customer="A")))


def test_a_sync_function_that_returns_a_coroutine_is_awaited_each_time() -> None:
    async def later() -> int:
        return 5

    @action
    def disguised() -> object:
        return later()

    async def main() -> list[object]:
        return [await adispatch(disguised) for _ in range(3)]

    assert asyncio.run(main()) == [5, 5, 5]
    assert dispatch(disguised) == 5


def test_a_second_handler_is_an_error_that_names_both_places() -> None:
    @command
    def place(order: PlaceOrder) -> None: ...

    with pytest.raises(DuplicateHandler) as caught:

        @command
        def place_again(order: PlaceOrder) -> None: ...

    text = str(caught.value)
    assert "place (" in text
    assert "place_again (" in text
    assert text.count("test_bus.py:") == 2


def test_the_same_function_defined_again_takes_the_place_of_the_first() -> None:
    def define(answer: int) -> None:
        @command
        def place(order: PlaceOrder) -> int:
            return answer

    define(1)
    define(2)

    assert dispatch(PlaceOrder(customer="A")) == 2


def test_a_message_without_a_handler_is_told_what_is_near() -> None:
    class PlaceOrders(Command):
        pass

    @command
    def place(order: PlaceOrder) -> None: ...

    with pytest.raises(NoHandler, match=r"Near to it: PlaceOrder \(.*test_bus.py") as caught:
        dispatch(PlaceOrders())
    assert "@command" in str(caught.value)
    with pytest.raises(NoHandler, match="import its module"):
        dispatch(FindOrders(customer="A"))


def test_a_command_is_not_handled_by_a_query() -> None:
    with pytest.raises(TypeError, match="PlaceOrder is a command: write @command"):

        @query
        def place(order: PlaceOrder) -> None: ...


def test_what_was_not_declared_is_not_dispatched() -> None:
    with pytest.raises(NoHandler, match="@action, @command or @query"):
        dispatch(print)
    with pytest.raises(NoHandler, match="a int"):
        dispatch(3)  # type: ignore[arg-type]


def test_a_message_cannot_be_changed_and_takes_no_other_fields() -> None:
    order = PlaceOrder(customer="Ann")

    with pytest.raises(ValueError, match="frozen"):
        order.customer = "Bo"
    with pytest.raises(ValueError, match="Extra inputs"):
        PlaceOrder(customer="Ann", custommer="Bo")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="holds its own values"):
        dispatch(order, customer="Bo")


def test_a_declared_function_is_dispatched_with_validated_arguments() -> None:
    @action
    def restock(quantity: int, note: str = "-") -> tuple[int, str]:
        return quantity, note

    assert dispatch(restock, quantity="5") == (5, "-")
    with pytest.raises(Invalid) as caught:
        dispatch(restock, quantity="many", note=[])
    assert caught.value.errors == {
        "quantity": "Enter a whole number",
        "note": "Input should be a valid string",
    }
    with pytest.raises(Invalid) as caught:
        dispatch(restock)
    assert caught.value.errors == {"quantity": "This is missing"}


def test_a_misspelt_argument_is_told_the_right_one() -> None:
    @action
    def restock(quantity: int) -> None: ...

    with pytest.raises(TypeError, match="Did you mean 'quantity'"):
        dispatch(restock, quantitty=5)
    with pytest.raises(TypeError, match="It takes: quantity"):
        dispatch(restock, x=5)


def test_a_class_method_and_a_method_of_no_entity_are_called_as_they_are() -> None:
    class Shop:
        opened = False

        @classmethod
        @action
        def found(cls, name: str) -> str:
            return f"{cls.__name__} {name}"

        @action
        def open(self) -> None:
            self.opened = True

    shop = Shop()
    dispatch(shop.open)

    assert dispatch(Shop.found, name="A") == "Shop A"
    assert shop.opened


def test_a_method_of_an_entity_is_called_on_a_fresh_one(shelf: Any) -> None:
    book = shelf.load("b1")

    assert dispatch(book.lend, days=2) == "lent for 2"
    assert shelf.stored["b1"].lent
    assert not book.lent


def test_the_policy_is_asked_for_who_is_named_only(shelf: Any) -> None:
    asked: list[tuple[str | None, str]] = []

    def policy(caller: Caller, operation: str, target: object) -> bool:
        asked.append((caller.id, operation))
        return False

    configure(policy=policy)

    @command
    def place(order: PlaceOrder) -> int:
        return 1

    assert dispatch(PlaceOrder(customer="A")) == 1
    with pytest.raises(Forbidden):
        dispatch(PlaceOrder(customer="A"), caller=Caller("ann"))
    with pytest.raises(Forbidden):
        asyncio.run(adispatch(shelf.load("b1").lend, caller=Caller("ann")))
    assert asked == [("ann", "action:place"), ("ann", "action:lend")]


def test_a_handler_is_given_the_caller_beside_the_message() -> None:
    @command
    def place(order: PlaceOrder, caller: Caller, signals: Signals) -> str | None:
        return caller.id

    assert dispatch(PlaceOrder(customer="A")) is None
    configure(policy=lambda *_: True)
    assert dispatch(PlaceOrder(customer="A"), caller=Caller("ann")) == "ann"


def test_a_handler_that_needs_the_request_says_so_where_there_is_none() -> None:
    @command
    def place(order: PlaceOrder, request: Request) -> None: ...

    with pytest.raises(TypeError, match="takes the request"):
        dispatch(PlaceOrder(customer="A"))


def test_a_name_that_only_checkers_can_read_must_mean_one_message() -> None:
    made = [type("Apart", (Command,), {"__module__": f"m{number}"}) for number in range(2)]
    space: dict[str, Any] = {"__name__": "elsewhere"}

    with pytest.raises(TypeError, match=r"m0:Apart or m1:Apart\. Import it"):
        exec(
            "from __future__ import annotations\n"
            "from nitro_events import command\n"
            "@command\n"
            "def take(message: Apart) -> None: ...\n",
            space,
        )
    made.clear()


def test_annotations_that_only_checkers_can_read_still_name_the_message() -> None:
    module = types.ModuleType("far")
    sys.modules["far"] = module
    try:
        exec(
            "from __future__ import annotations\n"
            "from nitro_events import command\n"
            "@command\n"
            "def place(order: PlaceOrder, caller: Caller) -> str: return order.customer\n",
            module.__dict__,
        )
    finally:
        del sys.modules["far"]

    assert dispatch(PlaceOrder(customer="A")) == "A"


def test_a_handler_of_messages_is_closed_to_clients_without_a_path() -> None:
    @command
    def place(order: PlaceOrder) -> None: ...

    assert not functions()

    @query(path="/orders")
    def find(asked: FindOrders) -> None: ...

    assert functions() == {"find": find}


def test_a_key_needs_a_store() -> None:
    @command
    def place(order: PlaceOrder) -> None: ...

    with pytest.raises(KeyNeeded, match="nitro-entities"):
        dispatch(PlaceOrder(customer="A"), idempotency_key="k")
    with pytest.raises(KeyNeeded, match="printable"):
        dispatch(PlaceOrder(customer="A"), idempotency_key="x" * 300)


def test_what_is_no_number_of_retries_is_refused() -> None:
    with pytest.raises(ValueError, match="retry="):
        action(retry=-1)


def test_a_query_that_changed_something_says_so(
    shelf: Any, caplog: pytest.LogCaptureFixture
) -> None:
    class Change(Query):
        pass

    @query
    def change(message: Change) -> None:
        shelf.load("b1").title = "changed"

    with caplog.at_level(logging.WARNING):
        dispatch(Change())

    assert "never saves" in caplog.text
    assert shelf.stored["b1"].title == "Emma"


def test_members_of_literals_are_read_from_text() -> None:
    @action
    def rate(stars: Literal[1, 2, 3]) -> int:
        return stars

    assert dispatch(rate, stars="2") == 2
    assert dispatch(rate, stars=3) == 3
