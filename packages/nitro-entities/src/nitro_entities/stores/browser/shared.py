"""The newest state of what browsers keep, remembered where all workers see it."""

import contextvars
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from nitro_entities.errors import EntityExists, StaleEntity
from nitro_entities.stores.browser.versions import Newest
from nitro_entities.units.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from nitro_entities.verbs import Verbs

T = TypeVar("T")

ATTEMPTS = 5


class VersionsIn:
    """Remember the newest states in the entities of a class, whose store says who shares them::

        class BrowserState(Entity):
            version: int
            text: str
            expires_at: ExpiresAt = None
            __ttl__ = timedelta(days=30)
            _persistence_backend_class = RedisRepo

        remember_in(VersionsIn(BrowserState))

    The class has an id of text and the fields ``version`` and ``text``. Each request that uses
    entities of the browser reads it once for each of their classes; each commit writes to it.
    """

    def __init__(self, entity: "type[Verbs]") -> None:
        self._entity: Any = entity
        # now: a unit of work may hold the same database when it is used first
        entity.repository().prepare()

    def newest(self, keys: Sequence[str], /) -> Mapping[str, Newest]:
        """Answer what is remembered of *keys*."""
        return _apart(lambda: self._newest(keys))

    def advance(self, states: Mapping[str, Newest], /) -> str | None:
        """Remember these *states*, or answer a key that stands in the way."""
        return _apart(lambda: self._advance(states))

    def seen(self, states: Mapping[str, Newest], /) -> None:
        """Remember *states* where they are newer."""
        for _ in range(ATTEMPTS):
            known = self.newest(tuple(states))
            newer = {
                key: now
                for key, now in states.items()
                if key not in known or now.version > known[key].version
            }
            if not newer or self.advance(newer) is None:
                return

    def _newest(self, keys: Sequence[str]) -> Mapping[str, Newest]:
        found = self._entity.get_many(keys)
        return {one.id: Newest(one.version, one.text) for one in found}

    def _advance(self, states: Mapping[str, Newest]) -> str | None:
        try:
            with UnitOfWork():
                stored = {one.id: one for one in self._entity.get_many(tuple(states))}
                for key, now in states.items():
                    if key in stored and stored[key].version >= now.version:
                        return key
                for key, now in states.items():
                    known = stored.get(key) or self._entity(id=key, version=0, text="")
                    known.update(version=now.version, text=now.text)
                    known.save()
        except (StaleEntity, EntityExists) as exc:
            return str(exc.id)
        return None


def _apart(work: Callable[[], T]) -> T:
    """Run *work* outside of the unit of work that is being committed."""
    return contextvars.Context().run(work)
