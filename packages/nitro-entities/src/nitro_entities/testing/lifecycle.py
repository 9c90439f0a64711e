"""What happens by itself: hooks, moments, soft deletion, expiry."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nitro_entities import EntityExists, StaleEntity, UnitOfWork, configure
from nitro_entities.config import settings
from nitro_entities.errors import NotUnique
from nitro_entities.fields import CreatedAt, DeletedAt, ExpiresAt, Unique, UpdatedAt
from nitro_entities.hooks import after_commit, after_delete, after_save, before_delete, before_save
from nitro_entities.repository import Ability
from nitro_entities.testing.contract import Contract, heard, needs
from nitro_entities.testing.units import Stop

START = datetime(2030, 1, 1, tzinfo=UTC)
_log: list[str] = []


def _watched(base: Any) -> Any:
    class ContractWatched(base):  # type: ignore[misc]
        name: str = ""
        seen: int = 0

        @before_save
        def _before_save(self) -> None:
            self.seen += 1
            _log.append("before save")

        @after_save
        def _after_save(self) -> None:
            _log.append("after save")

        @before_delete
        def _before_delete(self) -> None:
            _log.append("before delete")

        @after_delete
        def _after_delete(self) -> None:
            _log.append("after delete")

        @after_commit
        def _after_commit(self) -> None:
            _log.append("after commit")

    return ContractWatched


def _stamped(base: Any) -> Any:
    class ContractStamped(base):  # type: ignore[misc]
        name: str = ""
        created_at: CreatedAt = None
        updated_at: UpdatedAt = None

    return ContractStamped


def _hidden(base: Any) -> Any:
    class ContractHidden(base):  # type: ignore[misc]
        name: str = ""
        deleted_at: DeletedAt = None

    return ContractHidden


def _passing(base: Any) -> Any:
    class ContractPassing(base):  # type: ignore[misc]
        __ttl__ = timedelta(hours=1)
        name: str = ""
        expires_at: ExpiresAt = None

    return ContractPassing


def _plainly_passing(base: Any) -> Any:
    class ContractPlainlyPassing(base):  # type: ignore[misc]
        name: str = ""
        expires_at: ExpiresAt = None

    return ContractPlainlyPassing


def _ticket(base: Any) -> Any:
    class ContractTicket(base):  # type: ignore[misc]
        __unique__ = [("row", "seat")]
        code: Unique[str | None] = None
        row: str | None = None
        seat: int | None = None
        expires_at: ExpiresAt = None

    return ContractTicket


@needs(Ability.TRANSACTIONS)
class LifecycleContract(Contract):
    """Hooks, timestamps, soft deletion, expiry"""

    @pytest.fixture
    def log(self) -> list[str]:
        """Answer the list that hooks write to."""
        _log.clear()
        return _log

    @pytest.fixture
    def wait(self, store: object) -> Iterator[Callable[[float], datetime]]:
        """Answer a function that moves the clock, and tells the time."""
        now = [START]

        def move(seconds: float) -> datetime:
            now[0] += timedelta(seconds=seconds)
            return now[0]

        configure(clock=lambda: now[0])
        yield move
        settings().clock = None

    def test_hooks_run_once_for_each_write(self, log: list[str], within: Any) -> None:
        cls = self.made(_watched)
        with within():
            mine = cls.create(name="a")
        assert log == ["before save", "after save", "after commit"]
        assert cls.get(mine.id).seen == 1
        log.clear()
        with within():
            mine.save()  # unchanged: no write
        assert log == []
        with within():
            mine.update(name="b").save()
        assert log == ["before save", "after save", "after commit"]
        assert cls.get(mine.id).seen == 2
        log.clear()
        with within():
            mine.delete()
        assert log == ["before delete", "after delete", "after commit"]

    def test_hooks_run_once_when_awaited(self, log: list[str]) -> None:
        cls = self.made(_watched)

        async def story() -> None:
            mine = await cls.acreate(name="a")
            async with UnitOfWork():
                await mine.update(name="b").asave()
            await mine.adelete()

        asyncio.run(story())
        save, delete = ["before save", "after save"], ["before delete", "after delete"]
        assert log == [*save, "after commit", *save, "after commit", *delete, "after commit"]

    def test_what_is_rolled_back_has_no_hook_after_it(self, log: list[str]) -> None:
        cls = self.made(_watched)
        with pytest.raises(Stop), UnitOfWork() as unit:
            cls.create()
            unit.flush()
            raise Stop
        assert log == ["before save", "after save"]

    def test_moments_are_kept(self, wait: Callable[[float], datetime], within: Any) -> None:
        cls = self.made(_stamped)
        with within():
            mine = cls.create(name="a")
        assert (mine.created_at, mine.updated_at) == (START, START)
        later = wait(60)
        with within():
            mine.save()
        assert cls.get(mine.id).updated_at == START
        with within():
            mine.update(name="b").save()
        found = cls.get(mine.id)
        assert (found.created_at, found.updated_at) == (START, later)
        assert found.changed == frozenset()

    def test_what_was_deleted_softly_is_not_found(
        self, wait: Callable[[float], datetime], within: Any
    ) -> None:
        cls = self.made(_hidden)
        kept, gone = cls.create(id="kept"), cls.create(id="gone", name="x")
        stale = cls.get("gone")
        with heard(cls) as batches, within():
            gone.delete()
        assert [c.operation for batch in batches for c in batch] == ["delete"]
        assert cls.get_or_none("gone") is None
        assert [one.id for one in cls.get_many(["gone", "kept"])] == ["kept"]
        stale.name = "y"
        with pytest.raises(StaleEntity):
            stale.save()
        if self.offers(Ability.QUERY):
            assert [one.id for one in cls.all()] == [kept.id]
            assert cls.count() == 1
            assert not cls.exists("gone")
            assert not cls.where(name="x").exists()
            assert [one.id for one in cls.where().slice(5).items] == ["kept"]
            assert cls.where().with_deleted().count() == 2
        with within():
            gone.restore()
        assert cls.get("gone").name == "x"

    def test_what_has_expired_is_not_found(
        self, wait: Callable[[float], datetime], within: Any
    ) -> None:
        cls = self.made(_passing)
        with within():
            cls.create(id="old", name="x")
        wait(1800)
        cls.create(id="new", name="x")
        assert cls.get("old").expires_at == START + timedelta(hours=1)
        wait(1799)
        assert cls.get("old").name == "x"
        wait(1)
        assert cls.get_or_none("old") is None
        assert [one.id for one in cls.get_many(["old", "new"])] == ["new"]
        if self.offers(Ability.QUERY):
            assert [one.id for one in cls.all()] == ["new"]
            assert cls.where(name="x").count() == 1
            assert not cls.exists("old")
        with within():
            cls.get("new").update(name="y").save()
        wait(3599)
        assert cls.get("new").name == "y"
        wait(2)
        assert cls.get_or_none("new") is None

    def test_an_id_is_free_again_when_its_entity_has_expired(
        self, wait: Callable[[float], datetime], within: Any
    ) -> None:
        for shape in (_passing, _plainly_passing):
            cls = self.made(shape)
            cls.create(id="a", name="old", expires_at=wait(0) + timedelta(hours=1))
            with pytest.raises(EntityExists), within():
                cls.create(id="a", name="early")
            wait(3600)
            with heard(cls) as batches, within():
                mine = cls.create(id="a", name="new")
            assert [[c.operation for c in batch] for batch in batches] == [["delete", "create"]]
            assert cls.get("a").name == "new"
            mine.update(name="newer").save()
            with pytest.raises(EntityExists), within():
                cls.create(id="a", name="late")
            assert cls.get("a").name == "newer"

    def test_of_several_made_together_each_finds_its_place_free(
        self, wait: Callable[[float], datetime]
    ) -> None:
        cls = self.made(_plainly_passing)
        ids = [str(number) for number in range(5)]
        cls.create_many([{"id": id, "expires_at": wait(0) + timedelta(hours=1)} for id in ids])
        wait(3600)
        cls.create_many([{"id": id, "name": "new"} for id in ids])
        assert [one.name for one in cls.get_many(ids)] == ["new"] * 5

    def test_what_is_rolled_back_leaves_even_what_had_expired(
        self, wait: Callable[[float], datetime]
    ) -> None:
        cls = self.made(_passing)
        cls.create(id="a")
        wait(3600)
        with pytest.raises(Stop), UnitOfWork() as unit:
            cls.create(id="a", name="new")
            unit.flush()
            raise Stop
        assert cls.get_or_none("a") is None
        if self.offers(Ability.QUERY):
            assert cls.purge() == 1

    @needs(Ability.UNIQUE, Ability.QUERY)
    def test_unique_values_are_free_again_when_their_entity_has_expired(
        self, wait: Callable[[float], datetime], within: Any
    ) -> None:
        cls = self.made(_ticket)
        later = wait(0) + timedelta(hours=1)
        cls.create(id="a", code="x", expires_at=later)
        cls.create(id="b", row="r", seat=1, expires_at=later)
        cls.create(id="c", code="z", expires_at=later)
        for taken in ({"code": "x"}, {"row": "r", "seat": 1}):
            with pytest.raises(NotUnique), within():
                cls.create(**taken)
        wait(3600)
        with within():
            mine = cls.create(id="new", code="x")
        with within():
            cls.create(row="r", seat=1)
        with within():
            mine.update(code="z").save()
        with pytest.raises(NotUnique), within():
            cls.create(code="z")
        assert cls.get("new").code == "z"
        assert cls.count() == 2
        assert cls.purge() == 0
