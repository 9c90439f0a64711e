"""Whatever is published and however little is kept: all that was missed, or an honest no."""

from hypothesis import given
from hypothesis import strategies as st

from nitro_events.live.frames import Frame
from nitro_events.live.log import PatchLog
from nitro_events.live.topics import parent_of

TOPICS = ["a", "b", "City", "City:1", "City:2", "Town:1"]
published = st.lists(st.tuples(st.sampled_from(TOPICS), st.integers(1, 40)), max_size=60)


def _is_for(topic: str, wanted: set[str]) -> bool:
    return topic in wanted or parent_of(topic) in wanted


@given(
    published=published,
    wanted=st.sets(st.sampled_from([*TOPICS, "Town", "never"]), min_size=1),
    since=st.integers(-5, 65),
    per_topic=st.integers(1, 8),
    max_topics=st.integers(1, 5),
    max_bytes=st.integers(1, 400),
    forgotten=st.none() | st.integers(0, 60),
)
def test_the_log_gives_all_that_was_missed_or_says_that_it_cannot(
    published: list[tuple[str, int]],
    wanted: set[str],
    since: int,
    per_topic: int,
    max_topics: int,
    max_bytes: int,
    forgotten: int | None,
) -> None:
    log = PatchLog(0, per_topic=per_topic, max_topics=max_topics, max_bytes=max_bytes)
    everything: list[tuple[int, str]] = []
    for position, (topic, size) in enumerate(published, 1):
        log.append(topic, Frame(position, b"x" * size))
        everything.append((position, topic))
        if position == forgotten:
            log.forget(position)

    found = log.since(wanted, since)

    missed = [at for at, topic in everything if at > since and _is_for(topic, wanted)]
    assert found is None or [frame.position for frame in found] == missed
    if since >= len(published):
        assert found == []


def test_what_was_forgotten_is_not_given() -> None:
    log = PatchLog(0)
    log.append("a", Frame(1, b"x"))

    log.forget(3)
    log.append("a", Frame(4, b"y"))

    assert log.since({"a"}, 2) is None
    assert [frame.data for frame in log.since({"a"}, 3) or ()] == [b"y"]


def test_more_than_a_page_is_not_replayed() -> None:
    log = PatchLog(0, max_replay=100)
    for position in range(1, 12):
        log.append("a", Frame(position, b"x" * 10))

    assert log.since({"a"}, 0) is None
    assert len(log.since({"a"}, 5) or ()) == 6
