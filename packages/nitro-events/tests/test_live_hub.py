import threading
import time

import pytest

import nitro_events
from nitro_events import Hub, configure, emit, emit_elements, emit_signals, on, patch_elements
from nitro_events.broadcast import topic_of
from nitro_events.live.frames import Frame
from nitro_events.live.log import PatchLog
from nitro_events.live.topics import Marks, parent_of, wholesale
from nitro_events.state import state


@pytest.fixture(autouse=True)
def _secret(_fresh_state: None) -> None:
    configure(secret="a secret for these tests alone")


def _found(frames: list[Frame] | None) -> list[tuple[int, bytes]]:
    assert frames is not None
    return [(frame.position, frame.data) for frame in frames]


class City:
    def __init__(self, id: str) -> None:
        self.id = id


def test_the_position_grows_and_starts_at_the_time() -> None:
    before = time.time_ns() // 1000
    hub = Hub()
    start = hub.position

    first = hub.touch({"City"})
    second = hub.publish("City", patch_elements("<p id=a></p>"))

    assert before <= start < first < second == hub.position


def test_a_change_is_known_from_its_position_on() -> None:
    hub = Hub()
    before = hub.position
    position = hub.touch({"City", "City:7"})

    assert hub.changed_since({"City"}, before)
    assert hub.changed_since({"City:7"}, before)
    assert not hub.changed_since({"City:7"}, position)
    assert not hub.changed_since({"City:8"}, before)
    assert not hub.changed_since({"Country"}, before)


def test_a_change_of_all_is_a_change_of_each() -> None:
    hub = Hub()
    before = hub.position

    hub.touch({"City"})

    assert hub.changed_since({"City:8"}, before)
    assert hub.changed_since({"City"}, before)


def test_cursors_of_another_time_or_process_count_as_changed() -> None:
    hub = Hub()

    assert hub.changed_since({"City"}, hub.position - 1)
    assert hub.changed_since({"City"}, hub.position + 1)
    assert not hub.changed_since({"City"}, hub.position)


def test_topics_have_parents() -> None:
    assert parent_of("City:7") == "City"
    assert parent_of("City:a:b") == "City"
    assert parent_of("City") is None
    assert parent_of(":x") is None
    assert wholesale({"City"}) == {"City"}
    assert wholesale({"City", "City:7", "Country"}) == {"Country"}
    assert wholesale({"City:7"}) == frozenset()


def test_marks_are_bounded_and_forget_safely() -> None:
    marks = Marks(0, limit=10)
    for position in range(1, 31):
        marks.mark({f"City:{position}"}, (), position)

    assert marks.floor == 20
    assert marks.changed_since({"City:5"}, 4)
    assert marks.changed_since({"City:5"}, 19)
    assert not marks.changed_since({"City:5"}, 20)
    assert marks.changed_since({"City:30"}, 29)


def test_the_log_gives_what_was_missed_in_order() -> None:
    log = PatchLog(0)
    log.append("City:1", Frame(1, b"a"))
    log.append("City:2", Frame(2, b"b"))
    log.append("Other", Frame(3, b"c"))

    assert _found(log.since({"City"}, 0)) == [(1, b"a"), (2, b"b")]
    assert _found(log.since({"City", "City:1", "Other"}, 1)) == [(2, b"b"), (3, b"c")]
    assert log.since({"Unknown"}, 0) == []
    assert log.since({"City"}, -1) is None


def test_the_log_says_when_it_does_not_reach_back() -> None:
    log = PatchLog(0, per_topic=3)
    for position in range(1, 6):
        log.append("a", Frame(position, b"x"))

    assert log.since({"a"}, 1) is None
    assert _found(log.since({"a"}, 2)) == [(3, b"x"), (4, b"x"), (5, b"x")]
    assert log.since({"b"}, 0) == []


def test_the_log_forgets_whole_topics_and_remembers_that_it_did() -> None:
    log = PatchLog(0, max_topics=2)
    log.append("a", Frame(1, b"x"))
    log.append("b", Frame(2, b"x"))
    log.append("c", Frame(3, b"x"))

    assert log.since({"a"}, 0) is None
    assert log.since({"a"}, 1) == []
    assert _found(log.since({"c"}, 0)) == [(3, b"x")]

    small = PatchLog(0, max_bytes=10)
    small.append("a", Frame(1, b"x" * 8))
    small.append("b", Frame(2, b"x" * 8))
    assert small.since({"a"}, 0) is None
    assert _found(small.since({"b"}, 1)) == [(2, b"x" * 8)]


def test_touches_of_many_threads_get_positions_of_their_own() -> None:
    hub = Hub()
    seen: list[int] = []

    def work() -> None:
        seen.extend([hub.touch({"City"}) for _ in range(500)])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(seen)) == 2000


def test_the_topic_of_things() -> None:
    assert topic_of("client-1") == "client-1"
    assert topic_of(City("7")) == "City:7"
    assert topic_of(City) == "City"
    assert topic_of(None) is None
    assert topic_of(3) is None


def test_what_a_handler_emits_goes_to_the_topic_of_the_sender() -> None:
    before = state.hub.position

    @on("moved")
    def handler(sender: object) -> object:
        emit_elements("<p id=x></p>", topic="elsewhere")
        return emit_signals({"a": 1})

    (patch,) = emit("moved", City("7"))

    published = state.hub._log.since({"City:7", "elsewhere"}, before)
    assert published is not None
    assert [frame.data for frame in published][1] == patch.encode()
    assert len(published) == 2


def test_outside_a_handler_a_patch_is_only_returned() -> None:
    before = state.hub.position

    patch = emit_signals({"a": 1})

    assert patch.lines == ('signals {"a":1}',)
    assert state.hub.position == before


def test_the_front_is_complete_and_clashes_with_no_module() -> None:
    for name in ("event", "call", "hub", "Stream", "View", "Signals"):
        assert not isinstance(getattr(nitro_events, name), type(nitro_events))
    assert nitro_events.hub is state.hub
    assert set(nitro_events.__all__) == set(nitro_events._HOME_OF) | {"hub"}  # type: ignore[attr-defined]
