import asyncio
from collections.abc import Iterator

import blinker
import pytest
from pydantic import ValidationError

from nitro_events import Event, configure, emit, emit_async, event, on
from nitro_events.known import UnknownEvent
from nitro_events.typed import DuplicateEvent, event_type


@pytest.fixture(autouse=True)
def _fresh_namespace() -> Iterator[None]:
    before = dict(blinker.default_namespace)
    yield
    blinker.default_namespace.clear()
    blinker.default_namespace.update(before)


class OrderPlaced(Event, name="order.placed", version=2):
    order_id: str
    total: float
    tags: list[str] = []


class StockLow(Event):
    left: int


class PaymentTaken(Event, name="payment.taken.v1", strict_event=True):
    amount: int


def test_the_name_on_the_wire_ends_in_the_version() -> None:
    class HTTPCallMade(Event, version=3):
        pass

    assert event(OrderPlaced).name == "order.placed.v2"
    assert event(StockLow).name == "stock.low.v1"
    assert event(PaymentTaken).name == "payment.taken.v1"
    assert event(HTTPCallMade).name == "http.call.made.v3"


def test_a_handler_of_the_class_gets_the_event_itself() -> None:
    heard: list[object] = []

    @on(OrderPlaced)
    def mail(placed: OrderPlaced) -> str:
        heard.append(placed)
        return placed.order_id

    placed = OrderPlaced(order_id="7", total=9.5)

    assert emit(placed) == ["7"]
    assert asyncio.run(emit_async(placed)) == ["7"]
    assert heard == [placed, placed]
    assert heard[0] is placed


def test_a_handler_of_the_class_may_ask_for_the_sender() -> None:
    heard: list[object] = []
    on(StockLow)(lambda low, sender: heard.append((low.left, sender)))

    emit(StockLow(left=1), "shop")

    assert heard == [(1, "shop")]


def test_handlers_by_name_and_by_pattern_get_the_fields() -> None:
    heard: list[object] = []
    on("order.placed.v2")(lambda sender, order_id, total: heard.append((sender, order_id, total)))
    on("order.*")(lambda sender, **values: heard.append(values))
    on(OrderPlaced)(lambda placed: heard.append(type(placed)))

    emit(OrderPlaced(order_id="7", total=1, tags=["a"]), "shop")

    assert heard == [
        ("shop", "7", 1.0),
        {"order_id": "7", "total": 1.0, "tags": ["a"]},
        OrderPlaced,
    ]


def test_an_event_emitted_by_name_becomes_an_object_for_typed_handlers() -> None:
    heard: list[object] = []
    on(OrderPlaced)(lambda placed: heard.append(placed))

    emit("order.placed.v2", order_id="7", total="3.5")
    blinker.signal("order.placed.v2").send(None, order_id="8", total=1)
    emit(OrderPlaced, order_id="9", total=2)

    assert heard == [
        OrderPlaced(order_id="7", total=3.5),
        OrderPlaced(order_id="8", total=1),
        OrderPlaced(order_id="9", total=2),
    ]


def test_facts_that_do_not_fit_are_one_error_and_the_others_run() -> None:
    heard: list[object] = []
    on(OrderPlaced)(lambda placed: heard.append("typed"))
    on(OrderPlaced)(lambda placed: heard.append("typed too"))
    on("order.placed.v2")(lambda sender, order_id: heard.append(order_id))

    with pytest.raises(ExceptionGroup) as caught:
        emit("order.placed.v2", order_id="7")

    assert [type(error) for error in caught.value.exceptions] == [ValidationError]
    assert heard == ["7"]


def test_events_cannot_be_changed_and_refuse_other_facts() -> None:
    placed = StockLow(left=1)

    with pytest.raises(ValidationError):
        placed.left = 2
    with pytest.raises(ValidationError):
        StockLow(**{"left": 1, "right": 2})
    with pytest.raises(ValidationError):
        StockLow(left="many")  # type: ignore[arg-type]


def test_conditions_and_senders_work_for_typed_events() -> None:
    heard: list[object] = []
    on(StockLow, when=lambda low: low.left < 3, sender="shop")(lambda low: heard.append(low.left))

    emit(StockLow(left=1), "shop")
    emit(StockLow(left=5), "shop")
    emit(StockLow(left=2), "other")
    emit("stock.low.v1", "shop", left=0)

    assert heard == [1, 0]


def test_the_class_can_be_strict() -> None:
    heard: list[str] = []

    @on(PaymentTaken)
    def broken(taken: PaymentTaken) -> None:
        raise ConnectionError("no bank")

    on(PaymentTaken)(lambda taken: heard.append("never"))

    with pytest.raises(ConnectionError, match="no bank"):
        emit(PaymentTaken(amount=1))
    with pytest.raises(ConnectionError):
        asyncio.run(emit_async("payment.taken.v1", amount=1))
    assert heard == []


def test_two_classes_of_one_name_are_an_error_that_names_both() -> None:
    on(OrderPlaced)(lambda placed: None)

    with pytest.raises(DuplicateEvent, match=r"OrderPlaced and .*Other.* 'order\.placed\.v2'"):

        class Other(Event, name="order.placed.v2"):
            pass

    assert event_type("order.placed.v2") is OrderPlaced


def test_the_same_class_defined_again_takes_over() -> None:
    def define() -> type[Event]:
        class Again(Event):
            pass

        return Again

    first, second = define(), define()
    heard: list[object] = []
    on(second)(lambda found: heard.append(found))

    emit(second())

    assert first is not second
    assert len(heard) == 1


def test_names_without_a_version_are_refused() -> None:
    with pytest.raises(TypeError, match=r"write name='order\.paid\.v1', or add version=1"):

        class OrderPaid(Event, name="order.paid"):
            pass

    with pytest.raises(TypeError, match="Say the version once"):

        class Twice(Event, name="twice.v1", version=1):
            pass

    with pytest.raises(TypeError, match="without spaces and wildcards"):

        class Wild(Event, name="wild.*"):
            pass

    with pytest.raises(TypeError, match="no event itself"):
        on(Event)


def test_facts_beside_a_typed_event_are_refused() -> None:
    with pytest.raises(TypeError, match="StockLow has its facts as fields"):
        emit(StockLow(left=1), None, extra=1)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match=r"emit\(\) takes a name"):
        emit(3)  # type: ignore[call-overload]


def test_a_typed_event_is_known_in_strict_mode() -> None:
    configure(strict_events=True)

    assert emit(StockLow(left=1)) == []
    assert emit("stock.low.v1", left=1) == []
    with pytest.raises(UnknownEvent, match=r"stock\.low\.v1"):
        emit("stock.lwo.v1")
