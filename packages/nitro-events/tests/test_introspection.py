import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import blinker
import pytest

from nitro_events import describe_events, emit, event, on

SOURCE = '''
import blinker
import nitro_events
from nitro_events import Event, emit, emit_async, event, on

low = event("stock.low")
plain = blinker.signal("plain.sent")


class OrderPlaced(Event, name="order.placed.v2"):
    id: int


class Order:
    def place(self):
        emit(OrderPlaced(id=1), self)
        emit("order.saved", self)

    async def run(self, name):
        await emit_async(f"cmd.{name}.now", self)
        nitro_events.emit(low)
        plain.send(self)
        emit(name)

    def late(self):
        from nitro_events import emit as tell

        emit(event("order.late"))


@on(OrderPlaced, priority=2)
async def mail(placed):
    """Send a mail."""


@on("order.*", sender=Order, once=True)
def log(sender):
    yield sender


@on("never.emitted")
def wait(sender):
    pass
'''


@pytest.fixture
def application(tmp_path: Path) -> Iterator[ModuleType]:
    file = tmp_path / "shop_of_this_test.py"
    file.write_text(SOURCE)
    before = dict(blinker.default_namespace)
    spec = importlib.util.spec_from_file_location("shop_of_this_test", file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["shop_of_this_test"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    del sys.modules["shop_of_this_test"]
    blinker.default_namespace.clear()
    blinker.default_namespace.update(before)


def test_it_tells_who_listens_and_where(application: ModuleType) -> None:
    report = describe_events([application])

    mail, log, wait = report.listeners
    assert (mail.target, mail.handler, mail.kind) == ("order.placed.v2", "mail", "async")
    assert (mail.priority, mail.typed, mail.runs) == (2, "OrderPlaced", "inline")
    assert mail.where.startswith(f"{application.__file__}:")
    assert (log.target, log.kind, log.conditions) == ("order.*", "generator", ("sender", "once"))
    assert wait.target == "never.emitted"


def test_it_reads_who_emits_from_the_source(application: ModuleType) -> None:
    report = describe_events([application])

    lines = SOURCE.splitlines()
    found = {e.name: lines[int(e.where.rpartition(":")[2]) - 1] for e in report.emitters}
    assert sorted(found) == [
        "cmd.*.now",
        "order.late",
        "order.placed.v2",
        "order.saved",
        "plain.sent",
        "stock.low",
    ]
    assert "emit(OrderPlaced" in found["order.placed.v2"]
    assert "plain.send" in found["plain.sent"]


def test_it_tells_what_nobody_hears_and_what_nobody_emits(application: ModuleType) -> None:
    report = describe_events([application])

    assert report.unheard == ("cmd.*.now", "plain.sent", "stock.low")
    assert report.silent == ("never.emitted",)
    assert report.typed == ("order.placed.v2",)


def test_loaded_modules_of_the_application_are_read_unless_told_which(
    application: ModuleType,
) -> None:
    assert "order.saved" in describe_events().names()


def test_what_was_emitted_at_run_time_is_known_too() -> None:
    name = ".".join(["made", "up"])
    emit(name)

    report = describe_events([])

    (emitter,) = report.emitters
    assert emitter.name == "made.up"
    assert emitter.where.startswith(__file__)
    assert report.unheard == ("made.up",)


def test_receivers_of_blinker_count_as_listeners() -> None:
    def receiver(sender: object) -> None: ...

    signal = event("connected.here")
    signal.connect(receiver)
    try:
        emit("connected.here")
        report = describe_events([])
    finally:
        signal.disconnect(receiver)
        blinker.default_namespace.pop("connected.here")

    listeners = [one for one in report.listeners if one.target == "connected.here"]
    assert [one.kind for one in listeners] == ["blinker"]
    assert "connected.here" not in report.unheard


def test_the_report_can_be_printed(
    application: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(application.__file__ or "").parent)

    text = str(describe_events([application]))

    assert "stock.low  (nobody listens)" in text
    assert "  emitted at shop_of_this_test.py:" in text
    assert "  -> log (generator, inline if sender, once) at shop_of_this_test.py:" in text


def test_callables_and_partials_have_a_place_too() -> None:
    class Listener:
        def __call__(self, sender: object) -> None: ...

    on("a")(Listener())
    on("b")(print)

    first, second = describe_events([]).listeners
    assert first.where.startswith(__file__)
    assert second.where == "builtins.print"
