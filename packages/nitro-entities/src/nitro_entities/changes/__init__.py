"""Change records: what was committed, in order, to whoever subscribed."""

from nitro_entities.changes.feed import Feed, Subscriber, feed, last_writer, subscribe, watch
from nitro_entities.changes.history import Recorded, history
from nitro_entities.changes.record import Change, Operation, acting, made, unknown
from nitro_entities.changes.turns import Turn, Turns
from nitro_entities.changes.watchers import POLL_SECONDS, Following, Watched

__all__ = [
    "POLL_SECONDS",
    "Change",
    "Feed",
    "Following",
    "Operation",
    "Recorded",
    "Subscriber",
    "Turn",
    "Turns",
    "Watched",
    "acting",
    "feed",
    "history",
    "last_writer",
    "made",
    "subscribe",
    "unknown",
    "watch",
]
