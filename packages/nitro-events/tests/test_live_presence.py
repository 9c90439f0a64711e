"""Who is where: each person once, gone soon after they left, also from an instance that died."""

import os
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from nitro_events import configure
from nitro_events.instances.broker import Lost, Receive
from nitro_events.live import presence, presence_elsewhere
from nitro_events.live.presence import Person, Roster, place_topic
from nitro_events.state import state

ANN, BEN = Person("ann", "ann", "Ann"), Person("ben", "ben", "Ben")


@pytest.fixture(autouse=True)
def _quick(_fresh_state: None, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(secret="a secret for these tests alone")
    monkeypatch.setattr(presence, "LINGER", 0.1)
    monkeypatch.setattr(presence, "TICK", 0.02)
    monkeypatch.setattr(presence_elsewhere, "BEAT", 0.1)
    monkeypatch.setattr(presence_elsewhere, "TIME_TO_LIVE", 0.4)


class Wire:
    """What connects instances; one that *died* says nothing and hears nothing."""

    def __init__(self) -> None:
        self.listeners: list[tuple[Receive, Lost, End]] = []
        self.sent = 0
        self.lock = threading.RLock()


class End:
    """One instance's way to the wire."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.died = False
        self.id = "wire"
        self.position = 0

    def publish(self, channel: str, topics: tuple[str, ...], data: bytes) -> None:
        if self.died:
            return
        with self._wire.lock:
            self._wire.sent += 1
            for receive, _, end in self._wire.listeners:
                if not end.died:
                    receive(self._wire.sent, channel, topics, data)

    def listen(self, receive: Receive, lost: Lost) -> None:
        self._wire.listeners.append((receive, lost, self))


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    made = Wire()
    monkeypatch.setattr(presence_elsewhere, "configured_broker", lambda: End(made))
    return made


@pytest.fixture
def rosters() -> Iterator[Callable[[], Roster]]:
    made: list[Roster] = []

    def make() -> Roster:
        made.append(Roster())
        return made[-1]

    yield make
    for roster in made:
        roster.stop()


def names(roster: Roster, place: str = "City:7") -> list[str | None]:
    return [one.name for one in roster.at(place)]


def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


def test_who_enters_is_there_until_a_moment_after_leaving() -> None:
    roster = state.part(Roster)
    leave = roster.enter("City:7", ANN)
    assert names(roster) == ["Ann"]
    assert names(roster, "City:8") == []

    leave()

    assert names(roster) == ["Ann"]  # a page that is loaded again comes back
    until(lambda: names(roster) == [])


def test_one_person_with_several_pages_is_there_once() -> None:
    roster = state.part(Roster)
    leave = roster.enter("City:7", ANN)
    roster.enter("City:7", ANN, editing=True)
    assert [(one.name, one.editing) for one in roster.at("City:7")] == [("Ann", True)]

    leave()
    time.sleep(0.3)

    assert names(roster) == ["Ann"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_has_none_of_the_pages_that_are_open_at_its_parent() -> None:
    roster = state.part(Roster)
    roster.enter("City:7", ANN, editing=True)

    child = os.fork()
    if child == 0:
        try:
            roster.move("City:7", "ann", "name")
            os._exit(0 if roster.at("City:7") == [] else 1)
        finally:
            os._exit(2)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert names(roster) == ["Ann"]


def test_views_are_told_when_somebody_comes_or_goes_and_not_otherwise() -> None:
    roster, hub = state.part(Roster), state.hub
    before = hub.position
    leave = roster.enter("City:7", ANN)
    assert hub.changed_since([place_topic("City:7")], before)
    assert not hub.changed_since([place_topic("City:8")], before)

    come = hub.position
    roster.enter("City:7", ANN)()
    assert hub.position == come

    leave()
    until(lambda: hub.changed_since([place_topic("City:7")], come))


def test_where_somebody_is_in_a_form_is_known() -> None:
    roster = state.part(Roster)
    roster.enter("City:7", ANN, editing=True)
    roster.enter("City:7", BEN)

    roster.move("City:7", "ann", "name")
    roster.move("City:7", "ben", "name")  # has no form

    assert [(one.name, one.field) for one in roster.at("City:7")] == [
        ("Ann", "name"),
        ("Ben", None),
    ]


def test_instances_know_of_each_other(wire: Wire, rosters: Callable[[], Roster]) -> None:
    one, two = rosters(), rosters()
    leave = one.enter("City:7", ANN, editing=True)
    two.enter("City:7", BEN)
    assert names(one) == names(two) == ["Ann", "Ben"]

    two.move("City:7", "ann", "name")
    assert (
        [p.field for p in two.at("City:7")]
        == [p.field for p in one.at("City:7")]
        == ["name", None]
    )

    leave()
    until(lambda: names(two) == ["Ben"])


def test_the_last_word_is_true_where_two_threads_tell(
    wire: Wire, rosters: Callable[[], Roster], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = rosters(), rosters()
    two.at("City:7")
    sent = End.publish

    def slow(end: End, channel: str, topics: tuple[str, ...], data: bytes) -> None:
        if b'"Ann"' in data and b'"Ben"' not in data:
            monkeypatch.setattr(End, "publish", sent)
            thread = threading.Thread(target=one.enter, args=("City:7", BEN))
            thread.start()
            thread.join()
        sent(end, channel, topics, data)

    one.at("City:7")
    monkeypatch.setattr(End, "publish", slow)
    one.enter("City:7", ANN)

    assert names(two) == ["Ann", "Ben"]


def test_who_left_is_forgotten_after_a_failure_too(
    rosters: Callable[[], Roster],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    failures: list[object] = []

    def tick(elsewhere: object) -> None:
        failures.append(elsewhere)
        raise RuntimeError

    roster = rosters()
    monkeypatch.setattr(presence_elsewhere.Elsewhere, "tick", tick)
    leave = roster.enter("City:7", ANN)
    until(lambda: len(failures) > 1)
    leave()

    until(lambda: names(roster) == [])
    assert "Who has left could not be told" in caplog.text


def test_an_instance_without_open_pages_knows_of_others_and_forgets_them(
    wire: Wire, rosters: Callable[[], Roster]
) -> None:
    one, other = rosters(), rosters()
    one.enter("City:7", ANN, editing=True)
    assert names(other) == ["Ann"]
    other.move("City:7", "ann", "name")
    assert [p.field for p in one.at("City:7")] == ["name"]

    wire.listeners[0][2].died = True

    until(lambda: names(other) == [])


def test_one_person_at_two_instances_is_there_once(
    wire: Wire, rosters: Callable[[], Roster]
) -> None:
    one, two = rosters(), rosters()
    one.enter("City:7", ANN)
    two.enter("City:7", ANN)

    assert names(one) == names(two) == ["Ann"]


def test_who_was_at_an_instance_that_died_is_gone_soon(
    wire: Wire, rosters: Callable[[], Roster]
) -> None:
    one, two = rosters(), rosters()
    one.enter("City:7", ANN)
    two.enter("City:7", BEN)
    before = state.hub.position
    time.sleep(0.6)
    assert names(two) == ["Ann", "Ben"]  # it says that it is there

    wire.listeners[0][2].died = True

    until(lambda: names(two) == ["Ben"])
    assert state.hub.changed_since([place_topic("City:7")], before)


def test_an_instance_alone_says_nothing_again_and_again(
    wire: Wire, rosters: Callable[[], Roster]
) -> None:
    roster = rosters()
    roster.enter("City:7", ANN)
    sent = wire.sent

    time.sleep(0.4)

    assert wire.sent == sent


def test_who_is_elsewhere_is_known_also_if_it_is_said_late_where_instances_meet(
    monkeypatch: pytest.MonkeyPatch, rosters: Callable[[], Roster]
) -> None:
    one, two = rosters(), rosters()
    one.enter("City:7", ANN)
    made = Wire()
    monkeypatch.setattr(presence_elsewhere, "configured_broker", lambda: End(made))

    two.enter("City:7", BEN)

    until(lambda: names(one) == names(two) == ["Ann", "Ben"])
