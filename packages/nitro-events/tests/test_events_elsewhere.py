"""What is asked of the modules for durable handlers and for several instances."""

import asyncio
import logging
import sys
from types import ModuleType
from typing import Any

import pytest

import nitro_events
from nitro_events import Event, emit, emit_async, on
from nitro_events.handlers import run_everywhere


class Moved(Event):
    to: str


class Other(ModuleType):
    """Stands for both modules and notes what is asked of it."""

    def __init__(self) -> None:
        super().__init__("other")
        self.asked: list[tuple[Any, ...]] = []

    def register(self, function: Any, target: str, options: Any) -> None:
        self.asked.append(("register", target, options.event))

    def record(self, name: str, sender: object, values: Any) -> None:
        if sender == "unportable":
            raise TypeError("cannot be carried")
        self.asked.append(("record", name, sender, dict(values)))

    async def arecord(self, name: str, sender: object, values: Any) -> None:
        self.record(name, sender, values)

    def share(self, name: str) -> None:
        self.asked.append(("share", name))

    def tell(self, name: str, sender: object, values: Any) -> None:
        self.asked.append(("tell", name, sender, dict(values)))


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> Other:
    made = Other()
    for name in ("durable", "instances"):
        monkeypatch.setitem(sys.modules, f"nitro_events.{name}", made)
        monkeypatch.setattr(nitro_events, name, made, raising=False)
    return made


def test_a_durable_handler_is_registered_and_its_events_are_recorded(other: Other) -> None:
    @on("a", Moved, durable=True)
    def later(sender: object) -> None:
        raise AssertionError

    on("a")(lambda: "inline")

    assert emit("a", 1, x=2) == ["inline"]
    asyncio.run(emit_async(Moved(to="hall"), "s"))

    assert other.asked == [
        ("register", "a", None),
        ("register", "moved.v1", Moved),
        ("record", "a", 1, {"x": 2}),
        ("record", "moved.v1", "s", {"to": "hall"}),
    ]


def test_what_others_are_for_is_not_recorded(other: Other) -> None:
    on("a", durable=True, sender="mine")(lambda: None)

    emit("a", "yours")
    emit("b", "mine")

    assert [what for what, *_ in other.asked] == ["register"]


def test_what_cannot_be_carried_is_an_error_when_it_is_emitted(other: Other) -> None:
    heard: list[str] = []
    on("a", durable=True)(lambda: None)
    on("a")(lambda: heard.append("inline"))

    with pytest.raises(ExceptionGroup) as caught:
        emit("a", "unportable")

    (error,) = caught.value.exceptions
    assert isinstance(error, TypeError)
    assert "while 'a' was handed on" in error.__notes__[0]
    assert heard == ["inline"]


def test_a_handler_for_everywhere_runs_here_and_the_others_are_told(other: Other) -> None:
    heard: list[object] = []
    on("a.*", everywhere=True)(lambda sender: heard.append(sender))

    emit("a.x", 1, y=2)
    emit("b", 3)

    assert heard == [1]
    assert other.asked == [("share", "a.*"), ("tell", "a.x", 1, {"y": 2})]


def test_an_event_of_another_instance_runs_only_what_listens_everywhere(
    other: Other, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[object] = []
    on("moved.v1")(lambda sender: heard.append("never"))
    on(Moved, everywhere=True)(lambda moved, sender: heard.append((moved, sender)))
    on("moved.*", everywhere=True, when=lambda to: False)(lambda: heard.append("never"))

    @on("moved.v1", everywhere=True)
    async def later(sender: object, to: str) -> None:
        heard.append(to)
        raise ValueError("oops")

    with caplog.at_level(logging.ERROR):
        run_everywhere("moved.v1", "s", {"to": "hall"})

    assert heard == [(Moved(to="hall"), "s"), "hall"]
    assert "oops" in caplog.text
    assert not any(what == "tell" for what, *_ in other.asked)


def test_neither_module_is_loaded_without_need() -> None:
    import subprocess

    code = (
        "import sys; from nitro_events import emit, on\n"
        "on('a', after_commit=True)(print); emit('a')\n"
        "found = [n for n in sys.modules if n.startswith('nitro_events.')]\n"
        "assert not [n for n in found if '.durable' in n or '.instances' in n], found\n"
        "assert 'nitro_events.typed' not in found, found\n"
    )

    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
