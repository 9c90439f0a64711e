"""Events in units of work of nitro-entities."""

import asyncio
import logging
from collections.abc import Iterator

import pytest

pytest.importorskip("nitro_entities")

import nitro_entities.state
from nitro_entities import Entity, UnitOfWork
from nitro_events import Event, emit, emit_async, emit_elements, emit_signals, on
from nitro_events.state import state
from nitro_events.testing import settled
from nitro_events.with_entities import connect


class EventProduct(Entity):
    name: str
    stock: int = 0


class EventEntry(Entity):
    text: str


class Restocked(Event, name="event.product.restocked.v1"):
    quantity: int


@pytest.fixture(autouse=True)
def _connected() -> Iterator[None]:
    connect()
    yield
    nitro_entities.state.state.reset()


def test_two_loaded_copies_of_one_entity_are_one_sender() -> None:
    lamp, chair = EventProduct.create(name="Lamp"), EventProduct.create(name="Chair")
    heard: list[object] = []
    on("sold", sender=EventProduct.get(lamp.id))(lambda product: heard.append(product.name))

    emit("sold", EventProduct.get(lamp.id))
    emit("sold", EventProduct.get(chair.id))

    assert heard == ["Lamp"]


def test_patches_of_a_unit_are_sent_when_it_is_committed() -> None:
    sent = [state.hub.stats()["patches"]]
    with UnitOfWork():
        EventProduct.create(name="Lamp")
        emit_elements('<p id="lamp">new</p>', topic="products")
        sent.append(state.hub.stats()["patches"])
    sent.append(state.hub.stats()["patches"])

    assert sent == [0, 0, 1]


def test_patches_of_a_unit_that_is_rolled_back_are_never_sent() -> None:
    with pytest.raises(KeyError), UnitOfWork():
        emit_signals({"stock": 1}, topic="products")
        raise KeyError

    assert state.hub.stats()["patches"] == 0


def test_after_commit_handlers_see_the_committed_rows_and_save_in_their_own_unit() -> None:
    @on("restocked", after_commit=True)
    def write(product: EventProduct) -> None:
        stored = EventProduct.get(product.id)
        EventEntry.create(text=f"{stored.name}: {stored.stock}")

    with UnitOfWork():
        lamp = EventProduct.create(name="Lamp", stock=1)
        lamp.stock = 5
        lamp.save()
        emit("restocked", lamp)
        assert EventEntry.count() == 0

    assert [entry.text for entry in EventEntry.all()] == ["Lamp: 5"]


def test_events_of_a_rolled_back_unit_are_never_delivered() -> None:
    heard: list[object] = []
    on("x", after_commit=True)(lambda sender: heard.append(sender))

    with pytest.raises(RuntimeError), UnitOfWork():
        emit("x", "lost")
        raise RuntimeError
    with UnitOfWork():
        with pytest.raises(RuntimeError), UnitOfWork():
            emit("x", "lost with the nested one")
            raise RuntimeError
        with UnitOfWork():
            emit("x", "kept")
        assert heard == []

    assert heard == ["kept"]


def test_a_failing_after_commit_handler_undoes_only_its_own(
    caplog: pytest.LogCaptureFixture,
) -> None:
    @on("x", after_commit=True)
    def broken() -> None:
        EventEntry.create(text="never")
        raise ValueError("oops")

    with caplog.at_level(logging.ERROR), UnitOfWork():
        EventProduct.create(name="Lamp")
        emit("x")

    assert EventProduct.count() == 1
    assert EventEntry.count() == 0
    assert "oops" in caplog.text


def test_async_after_commit_handlers_run_after_an_awaited_commit() -> None:
    heard: list[object] = []

    @on(Restocked, after_commit=True)
    async def write(restocked: Restocked) -> None:
        await EventEntry.acreate(text=str(restocked.quantity))
        heard.append(await EventProduct.acount())

    async def main() -> list[EventEntry]:
        async with UnitOfWork() as uow:
            await uow[EventProduct].create(name="Lamp")
            await emit_async(Restocked(quantity=3))
            assert heard == []
        await settled()
        return await EventEntry.aall()

    entries = asyncio.run(main())

    assert heard == [1]
    assert [entry.text for entry in entries] == ["3"]


def test_inline_handlers_work_in_the_unit_of_who_emits() -> None:
    on("x")(lambda product: EventEntry.create(text=product.name))

    with pytest.raises(RuntimeError), UnitOfWork():
        emit("x", EventProduct.create(name="Lamp"))
        raise RuntimeError

    assert EventEntry.count() == 0


ran: list[object] = []


def run_by_worker(product: EventProduct, quantity: int) -> None:
    ran.append((product.name, quantity))


def run_for_typed(restocked: Restocked) -> None:
    ran.append(restocked)


def test_settled_runs_durable_handlers_of_what_was_committed() -> None:
    ran.clear()
    on("event.restocked", durable=True)(run_by_worker)
    on(Restocked, durable=True)(run_for_typed)

    async def main() -> None:
        with UnitOfWork():
            lamp = EventProduct.create(name="Lamp")
            emit("event.restocked", lamp, quantity=3)
            emit(Restocked(quantity=4))
        with pytest.raises(RuntimeError), UnitOfWork():
            emit("event.restocked", lamp, quantity=5)
            raise RuntimeError
        await settled()

    asyncio.run(main())

    assert sorted(ran, key=repr) == [("Lamp", 3), Restocked(quantity=4)]


def test_a_handler_for_everywhere_runs_where_there_is_only_one_instance() -> None:
    heard: list[object] = []
    on("event.moved", everywhere=True)(lambda sender, to: heard.append((sender, to)))

    emit("event.moved", "lamp", to="hall")

    assert heard == [("lamp", "hall")]
