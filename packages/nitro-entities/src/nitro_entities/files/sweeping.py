"""What nobody holds does not stay: uploads that came to nothing, and what was left behind."""

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from nitro_entities import classes
from nitro_entities.config import utc_now
from nitro_entities.files.places import ARRIVING, REMOVED, Storage, is_key, storage
from nitro_entities.log import log_exception
from nitro_entities.state import state

ARRIVED_FOR = timedelta(days=8)
"""How long an upload may wait for a form to be sent, or a wizard to be finished."""
REMOVED_FOR = timedelta(hours=1)
"""How long the removal of a file can be undone."""
LEFT_FOR = timedelta(days=1)
"""How old a file is at least before it can be one that a unit left that was rolled back."""
_AT_ONCE = 100_000
_BETWEEN = 3600.0


class _Last:
    """When this process has tidied up last."""

    def __init__(self) -> None:
        self.at: float | None = None
        self.lock = threading.Lock()


def sweep(*, left_for: timedelta = LEFT_FOR) -> int:
    """Remove what no entity holds and is older than *left_for*; answer how many files.

    It looks at every entity that can hold files, so it is work for the night. The classes must
    have been imported: files of a class that nobody knows here are left alone.
    """
    from nitro_entities.files.value import folder_of
    from nitro_entities.traits import traits

    store, now = storage(), utc_now()
    removed = tidy(store, now)
    holders: dict[str, list[type[Any]]] = {}
    for cls in classes.all():
        if traits(cls).files:
            holders.setdefault(folder_of(classes.slug(cls)), []).append(cls)
    for folder, kinds in holders.items():
        removed += _sweep_folder(store, folder, kinds, now - left_for)
    return removed


def tidy(store: Storage, now: datetime) -> int:
    """Remove uploads that came to nothing, and what was removed; it takes no look at entities."""
    store.drop_unfinished(now - ARRIVED_FOR)
    old = [
        *_older(store, ARRIVING, now - ARRIVED_FOR),
        *_older(store, REMOVED, now - REMOVED_FOR),
    ]
    for key in old:
        store.delete(key)
    return len(old)


def tidy_sometimes(store: Storage) -> None:
    """Tidy up in a thread, once an hour at most."""
    last = state.part(_Last)
    with last.lock:
        now = time.monotonic()
        if last.at is None:  # not at the start, when there is other work
            last.at = now
        if now - last.at < _BETWEEN:
            return
        last.at = now
    threading.Thread(target=_tidy_quietly, args=(store,), daemon=True).start()


def _tidy_quietly(store: Storage) -> None:
    try:
        tidy(store, utc_now())
    except Exception:
        log_exception("Old uploads could not be removed: %r", store)


def _older(store: Storage, folder: str, than: datetime) -> Iterator[str]:
    """Yield the keys in *folder* that are older, without what somebody else has put there."""
    return (key for key, at in store.keys(folder) if at < than and is_key(key))


def _sweep_folder(store: Storage, folder: str, kinds: list[type[Any]], than: datetime) -> int:
    """Remove from *folder* what none of *kinds*, which may share a name, holds."""
    from nitro_entities.files.holding import files_of
    from nitro_entities.traits import traits

    old = _older(store, folder, than)
    removed = 0
    while some := set(islice(old, _AT_ONCE)):
        for cls in kinds:
            # what was deleted and can be brought back keeps its files
            for entity in cls.where().with_deleted().stream():
                some.difference_update([f.key for f in files_of(entity, traits(cls).files)])
        for key in some:
            store.delete(key)
        removed += len(some)
    return removed
