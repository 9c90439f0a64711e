"""Methods that run by themselves, moments that are filled in, in both colours."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nitro_entities import (
    Change,
    CreatedAt,
    DefinitionError,
    DeletedAt,
    Entity,
    EntityError,
    EntityNotFound,
    ExpiresAt,
    MemoryRepo,
    SQLEntity,
    SQLModelBackend,
    UnitOfWork,
    UpdatedAt,
    after_commit,
    after_delete,
    after_save,
    before_delete,
    before_save,
    changes,
    configure,
)


class PlainBase(Entity):
    __abstract__ = True
    _persistence_backend_class = MemoryRepo


class StoredBase(Entity):
    __abstract__ = True
    _persistence_backend_class = SQLModelBackend


class MappedBase(SQLEntity, table=False):
    pass


@pytest.fixture(params=[PlainBase, StoredBase, MappedBase])
def base(request: pytest.FixtureRequest) -> Any:
    return request.param


def traced(base: Any) -> tuple[Any, list[Any]]:
    calls: list[Any] = []

    class Note(base):  # type: ignore[misc]
        text: str = ""

        @before_save
        def tidy(self) -> None:
            calls.append("before save")
            self.text = self.text.strip()

        @after_save
        def saved(self, change: Change) -> None:
            calls.append(f"after {change.operation}")

        @before_delete
        def leaving(self) -> None:
            calls.append("before delete")

        @after_delete
        def left(self) -> None:
            calls.append("after delete")

        @after_commit
        def committed(self, change: Change) -> None:
            calls.append(f"committed {change.operation}")

    return Note, calls


def drain(calls: list[Any]) -> list[Any]:
    taken = calls.copy()
    calls.clear()
    return taken


def test_hooks_run_once_in_their_order(base: Any) -> None:
    note_class, calls = traced(base)
    note = note_class(text=" a ").save()
    assert drain(calls) == ["before save", "after create", "committed create"]
    assert note_class.get(note.id).text == "a"
    note.text = " b "
    note.save()
    assert drain(calls) == ["before save", "after update", "committed update"]
    note.delete()
    assert drain(calls) == ["before delete", "after delete", "committed delete"]


def test_awaited_verbs_run_each_hook_once(base: Any) -> None:
    note_class, calls = traced(base)

    async def live() -> None:
        note = await note_class(text="a").asave()
        note.text = "b"
        await note.asave()
        await note.adelete()

    asyncio.run(live())
    assert drain(calls) == [
        "before save", "after create", "committed create",
        "before save", "after update", "committed update",
        "before delete", "after delete", "committed delete",
    ]  # fmt: skip


def test_an_awaited_unit_runs_hooks_once_and_the_last_ones_after_the_commit(base: Any) -> None:
    note_class, calls = traced(base)

    async def live() -> None:
        async with UnitOfWork() as uow:
            one, two = note_class(text="1"), note_class(text="2")
            one.save()
            await two.asave()
            one.save()
            assert calls == []
            await uow.flush()
            assert drain(calls) == ["before save", "after create"] * 2

    asyncio.run(live())
    assert drain(calls) == ["committed create"] * 2


def test_what_does_not_change_runs_no_hook(base: Any) -> None:
    note_class, calls = traced(base)
    note = note_class(text="a").save()
    drain(calls)
    note.save()
    assert calls == []


def test_a_rolled_back_unit_never_calls_after_commit(base: Any) -> None:
    note_class, calls = traced(base)
    with pytest.raises(RuntimeError), UnitOfWork() as uow:
        note_class(text="a").save()
        uow.flush()
        raise RuntimeError
    assert drain(calls) == ["before save", "after create"]


def test_a_hook_that_raises_keeps_everything_out(base: Any) -> None:
    class Strict(base):  # type: ignore[misc]
        text: str = ""

        @after_save
        def refuse(self) -> None:
            if self.text == "bad":
                raise RuntimeError("refused")

    good = Strict(text="good").save()
    with pytest.raises(RuntimeError, match="refused"):
        Strict(text="bad").save()
    good.text = "bad"
    with pytest.raises(RuntimeError, match="refused"):
        good.save()
    assert [one.text for one in Strict.all()] == ["good"]
    assert good.changed == {"text"}


def test_what_a_hook_saves_is_committed_with_it(base: Any) -> None:
    class Entry(base):  # type: ignore[misc]
        text: str

    class Account(base):  # type: ignore[misc]
        total: int = 0

        @after_save
        def log(self) -> None:
            Entry(text=f"total {self.total}").save()

    heard: list[int] = []
    end = changes.subscribe(lambda batch: heard.append(len(batch)))
    account = Account(total=5).save()
    end()
    assert heard == [2]
    assert [entry.text for entry in Entry.all()] == ["total 5"]
    assert Account.get(account.id).total == 5


def test_a_subclass_overrides_a_hook_and_inherits_the_others(base: Any) -> None:
    calls: list[str] = []

    only_a_base: dict[str, Any] = {"table": False} if base is MappedBase else {}

    class Parent(base, **only_a_base):  # type: ignore[misc]
        __abstract__ = True

        @before_save
        def first(self) -> None:
            calls.append("parent")

        @before_save
        def second(self) -> None:
            calls.append("second")

    class Child(Parent):
        text: str = ""

        def first(self) -> None:
            calls.append("child")

    Child().save()
    assert calls == ["child", "second"]


def test_a_hook_that_has_to_be_awaited_is_refused() -> None:
    with pytest.raises(DefinitionError, match="is async"):

        class Bad(Entity):
            @before_save
            async def wait(self) -> None: ...


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    clock = Clock()
    configure(clock=clock)
    return clock


def test_moments_are_filled_in(base: Any, clock: Clock) -> None:
    class Note(base):  # type: ignore[misc]
        text: str = ""
        created_at: CreatedAt = None
        updated_at: UpdatedAt = None

    note = Note(text="a").save()
    made = clock.now
    clock.now += timedelta(minutes=5)
    note.save()
    assert Note.get(note.id).updated_at == made
    note.text = "b"
    note.save()
    stored = Note.get(note.id)
    assert (stored.created_at, stored.updated_at) == (made, clock.now)


def test_what_is_deleted_softly_is_not_found_and_comes_back(base: Any) -> None:
    class Note(base):  # type: ignore[misc]
        text: str = ""
        deleted_at: DeletedAt = None

    kept, gone = Note(text="kept").save(), Note(text="gone").save()
    gone.delete()
    assert [note.text for note in Note.all()] == ["kept"]
    assert Note.count() == 1
    assert Note.get_or_none(gone.id) is None
    assert [note.id for note in Note.get_many([kept.id, gone.id])] == [kept.id]
    assert not Note.exists(gone.id)
    with pytest.raises(EntityNotFound):
        Note.get(gone.id)
    found = Note.where(text="gone").with_deleted().first()
    found.restore()
    assert Note.get(gone.id).text == "gone"


def test_a_soft_deletion_is_told_as_a_deletion(base: Any) -> None:
    class Note(base):  # type: ignore[misc]
        deleted_at: DeletedAt = None

    note = Note().save()
    heard: list[Change] = []
    changes.subscribe(heard.extend)
    note.delete()
    assert [(change.operation, change.id) for change in heard] == [("delete", note.id)]


def test_what_has_expired_is_never_answered(base: Any, clock: Clock) -> None:
    class Token(base):  # type: ignore[misc]
        __ttl__ = timedelta(hours=1)
        user: str = ""
        expires_at: ExpiresAt = None

    token = Token(user="ada").save()
    assert Token.get(token.id).expires_at == clock.now + timedelta(hours=1)
    clock.now += timedelta(minutes=59)
    assert Token.where(user="ada").count() == 1
    clock.now += timedelta(minutes=1)
    assert Token.get_or_none(token.id) is None
    assert Token.where(user="ada").list() == []
    assert Token.where(user="ada").slice(5).items == []
    assert not Token.exists(token.id)


def test_what_has_expired_is_removed_on_request(base: Any, clock: Clock) -> None:
    class Token(base):  # type: ignore[misc]
        __ttl__ = timedelta(hours=1)
        expires_at: ExpiresAt = None
        deleted_at: DeletedAt = None

    Token.create_many([{} for _ in range(3)])
    clock.now += timedelta(hours=1)
    kept = Token().save()
    heard: list[Change] = []
    changes.subscribe(heard.extend)
    assert Token.purge() == 3
    assert [change.operation for change in heard] == ["delete"] * 3
    assert Token.purge() == 0
    assert [one.id for one in Token.all()] == [kept.id]


def test_a_ttl_without_a_field_for_it_is_refused() -> None:
    class Token(Entity):
        __ttl__ = timedelta(hours=1)

    with pytest.raises(DefinitionError, match="expires_at: ExpiresAt = None"):
        Token().save()


@pytest.mark.parametrize("answer", [datetime(2030, 1, 1), "now", 1.5])
def test_a_clock_that_answers_no_moment_is_told_what_to_answer(answer: Any) -> None:
    configure(clock=lambda: answer)

    class Stamped(PlainBase):
        created_at: CreatedAt = None

    with pytest.raises(EntityError, match=r"aware datetime, such as lambda: datetime.now\(UTC"):
        Stamped.create()
