"""Every test starts and ends with nothing registered; a shelf of books stands in for a store."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, Field

from nitro_events.actions import action, action_of, query
from nitro_events.fields import Field as ValueField
from nitro_events.http.problems import register
from nitro_events.patches import Patch, patch_signals
from nitro_events.resources import TargetAction
from nitro_events.state import state
from nitro_events.units import Units


@pytest.fixture(autouse=True)
def _fresh_state() -> Iterator[None]:
    state.reset()
    yield
    state.reset()


@pytest.fixture(autouse=True)
def _without_classes_of_other_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide entity classes that tests of other packages, run in this process, left behind."""
    classes = sys.modules.get("nitro_entities.classes")
    if classes is None:
        return
    every = classes.all

    def ours() -> list[type]:
        return [cls for cls in every() if _is_ours(cls.__module__)]

    monkeypatch.setattr(classes, "all", ours)


def _is_ours(module: str) -> bool:
    if module.startswith("packages."):
        return module.startswith("packages.nitro-events.")
    return not module.startswith("tests.")


class Book(BaseModel):
    model_config = ConfigDict(validate_assignment=True)

    id: str = ""
    title: str
    pages: Annotated[int, Field(ge=0)] = 0
    note: str | None = None
    lent: bool = False
    price: float = 1.0
    token: str = "secret-token"

    @action
    def lend(self, days: int = 1) -> str:
        self.lent = True
        return f"lent for {days}"

    @action
    async def read_aloud(self) -> list[Patch]:
        return [patch_signals({"read": self.title})]

    @query
    def size(self) -> dict[str, int]:
        return {"pages": self.pages}

    @action
    def burn(self) -> None:
        raise RuntimeError("internal-detail")

    @classmethod
    @action
    def tidy(cls) -> None:
        """Nothing."""

    def hidden(self) -> str:
        return "never"


class Gone(LookupError):
    pass


class Stale(Exception):
    pass


@dataclass
class Shelf:
    """A target with optimistic locking and units, in a dict."""

    slug: str = "books"
    kind: type = Book
    retry_on: tuple[type[Exception], ...] = (Stale,)
    stored: dict[str, Book] = field(default_factory=dict)
    before_commit: list[Callable[[], None]] = field(default_factory=list)
    fail_commit: Exception | None = None
    commits: int = 0
    names: tuple[str, ...] = ("title", "pages", "note", "lent", "price")

    def fields(self) -> Mapping[str, ValueField]:
        infos = Book.model_fields
        return {
            name: ValueField(name, _annotation(infos[name]), infos[name].is_required())
            for name in self.names
        }

    def actions(self) -> Mapping[str, TargetAction]:
        found = {
            name: (attribute, action_of(getattr(Book, name)))
            for name, attribute in vars(Book).items()
        }
        return {
            name: TargetAction(declared, getattr(Book, name), isinstance(attribute, classmethod))
            for name, (attribute, declared) in found.items()
            if declared is not None
        }

    def id_of(self, entity: Any) -> str:
        return str(entity.id)

    def find(self, id: str) -> Book | None:
        unit = _Unit.now
        if unit is not None and id in unit.loaded:
            return unit.loaded[id]
        found = self.stored.get(id)
        if found is None:
            return None
        copy = found.model_copy()
        if unit is not None:
            unit.loaded[id] = copy
            unit.bases[id] = found
        return copy

    def load(self, id: str) -> Book:
        found = self.find(id)
        if found is None:
            raise Gone(id)
        return found

    def current(self, entity: object) -> Mapping[str, object]:
        return {name: item.dump(getattr(entity, name)) for name, item in self.fields().items()}

    def json(self, entity: Any) -> Mapping[str, object]:
        return {"id": entity.id, **self.current(entity)}

    def draft(self, values: Mapping[str, Any], id: str | None = None) -> Book:
        return Book(id=id or f"b{len(self.stored) + 1}", **values)

    def insert(self, entity: Any) -> None:
        self._write(entity)

    def update(self, entity: Any, values: Mapping[str, object]) -> None:
        for name, value in values.items():
            setattr(entity, name, value)
        self._write(entity)

    def check(self, entity: Any, values: Mapping[str, object]) -> None:
        for name, value in values.items():
            setattr(entity, name, value)

    def taken(self, values: Mapping[str, object], id: str | None) -> Mapping[str, str]:
        same = [book for book in self.stored.values() if book.title == values.get("title")]
        return {"title": "This is taken already"} if same and same[0].id != id else {}

    def delete(self, entity: Any) -> None:
        del self.stored[entity.id]

    def last_writer(self, id: str, field: str) -> tuple[str | None, datetime] | None:
        return "Ann", datetime(2026, 1, 1, tzinfo=UTC)

    def _write(self, entity: Book) -> None:
        if _Unit.now is None:
            self.stored[entity.id] = entity.model_copy()
        else:
            _Unit.now.loaded[entity.id] = entity


class _Unit:
    now: _Unit | None = None

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.loaded: dict[str, Book] = {}
        self.bases: dict[str, Book] = {}
        _Unit.now = self

    @property
    def dirty(self) -> list[str]:
        return [id for id, base in self.bases.items() if self.loaded[id] != base]

    def commit(self) -> None:
        for callback in self.shelf.before_commit[:1]:
            self.shelf.before_commit.pop(0)
            callback()
        if self.shelf.fail_commit is not None:
            raise self.shelf.fail_commit
        for id in self.dirty:
            if self.shelf.stored.get(id) != self.bases[id]:
                raise Stale
        for id, book in self.loaded.items():
            if id not in self.bases or id in self.shelf.stored:
                self.shelf.stored[id] = book.model_copy()
        self.shelf.commits += 1

    def rollback(self) -> None:
        self.loaded.clear()
        self.bases.clear()

    def close(self) -> None:
        if _Unit.now is self:
            _Unit.now = None

    async def acommit(self) -> None:
        self.commit()

    async def arollback(self) -> None:
        self.rollback()


def _annotation(info: Any) -> Any:
    return Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    """One book, b1, in a target that is registered."""
    made = Shelf()
    made.stored["b1"] = Book(id="b1", title="Emma", pages=300)
    state.targets.by_slug = {"books": made}.get
    state.targets.by_kind = {Book: made}.get  # type: ignore[assignment]
    state.targets.kinds = lambda: [Book]
    state.part(Units).opener = lambda: _Unit(made)
    register(Gone, 404, "Not found")
    register(Stale, 409, "Changed by somebody else", detail="Somebody was faster.")
    yield made
    _Unit.now = None


@pytest.fixture
def change(shelf: Shelf) -> Callable[..., None]:
    """Change the stored book behind everybody's back."""

    def do(**values: object) -> None:
        shelf.stored["b1"] = shelf.stored["b1"].model_copy(update=values)

    return do
