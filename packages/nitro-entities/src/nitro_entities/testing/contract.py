"""What the parts of the contract have in common: the store, the classes, the abilities."""

import contextlib
import inspect
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, settings

from nitro_entities import Entity, UnitOfWork, state
from nitro_entities.changes import Change, subscribe
from nitro_entities.fields import specs
from nitro_entities.repository import Ability
from nitro_entities.testing import shapes

T = TypeVar("T", bound=Callable[..., Any] | type)

NOT_OFFERED = "not offered: "
PROOF = bool(os.environ.get("NITRO_PROOF"))

_NEEDS = "nitro_needs"


def rounds(quick: int, proof: int) -> int:
    """Answer how often to try: *proof* times where ``NITRO_PROOF`` is set."""
    return proof if PROOF else quick


def thorough(quick: int, proof: int, steps: int = 50) -> settings:
    """Answer how Hypothesis looks: the same examples each time, new ones under NITRO_PROOF."""
    return settings(
        max_examples=rounds(quick, proof),
        stateful_step_count=steps,
        derandomize=not PROOF,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
            HealthCheck.filter_too_much,
            HealthCheck.large_base_example,
        ],
    )


def needs(*abilities: Ability) -> Callable[[T], T]:
    """Mark a test, or all tests of a class, as asking for what not every store offers."""

    def mark(thing: T) -> T:
        for test in _tests_in(thing):
            setattr(test, _NEEDS, needed_by(test) | frozenset(abilities))
        return thing

    return mark


def _tests_in(thing: Any) -> list[object]:
    if not inspect.isclass(thing):
        return [thing]
    return [test for name, test in vars(thing).items() if name.startswith("test_")]


def needed_by(test: object) -> frozenset[Ability]:
    """Answer the abilities that a test asks for."""
    return getattr(test, _NEEDS, frozenset())


class Contract:
    """Prepare the store and the entity classes for the tests of one part."""

    backend: ClassVar[type[Any] | None] = None
    """The repository class to try; None takes the one that *root* has by itself."""

    root: ClassVar[Any] = Entity
    """What the entity classes of the tests derive from."""

    label: ClassVar[str] = ""
    """What the capability matrix calls the store; otherwise the class without "Test"."""

    @pytest.fixture
    def store(self) -> object:
        """Configure the store and make it empty; override this where that takes something.

        Everything global was reset before. What is answered goes to `configure_child`.
        """
        return None

    @staticmethod
    def configure_child(store: Any) -> None:
        """Configure a child process like this one; *store* is what the fixture answered."""

    @pytest.fixture(autouse=True)
    def _prepared(self, request: pytest.FixtureRequest, _reset: None, store: object) -> None:
        missing = needed_by(request.function) - self.abilities
        if missing:
            pytest.skip(NOT_OFFERED + ", ".join(sorted(one.value for one in missing)))

    @pytest.fixture
    def _reset(self) -> Iterator[None]:
        state.reset()
        yield
        state.reset()

    @property
    def abilities(self) -> frozenset[Ability]:
        """Answer what the store says it is able to do."""
        kept_by = self.root._persistence_backend_class if self.backend is None else self.backend
        return frozenset(kept_by.abilities)

    def offers(self, ability: Ability) -> bool:
        """Say whether the store has this ability."""
        return ability in self.abilities

    def made(self, shape: Callable[[Any], Any]) -> Any:
        """Make an entity class of this shape on the root and the backend, once for each test."""
        known: dict[Any, Any] = self.__dict__.setdefault("_made", {})
        if shape not in known:
            known[shape] = shape(self._base())
        return known[shape]

    def _base(self) -> Any:
        if self.backend is None:
            return self.root
        names = {
            "__module__": __name__,
            "__abstract__": True,
            "_persistence_backend_class": self.backend,
        }
        return type(self.root)("Base", (self.root,), names)

    @pytest.fixture
    def item(self) -> Any:
        """Answer a class with text, numbers, missing values, a list and a nested model."""
        return self.made(shapes.item)

    @pytest.fixture
    def account(self) -> Any:
        """Answer a class with a balance."""
        return self.made(shapes.account)

    @pytest.fixture
    def entry(self) -> Any:
        """Answer a second class, for units that write to two."""
        return self.made(shapes.entry)

    @pytest.fixture(params=["alone", "in a unit"])
    def within(self, request: pytest.FixtureRequest) -> Callable[[], AbstractContextManager[Any]]:
        """Write with and without a unit of work: the same must come out."""
        if request.param == "alone":
            return contextlib.nullcontext
        if not self.offers(Ability.TRANSACTIONS):
            pytest.skip(NOT_OFFERED + Ability.TRANSACTIONS.value)
        return UnitOfWork

    def everything(self, cls: Any, ids: Iterable[object] = ()) -> dict[Any, dict[str, Any]]:
        """Answer what is stored, by id; stores that cannot list are asked for *ids*."""
        if self.offers(Ability.QUERY):
            found = cls.where().list()
            assert len({entity.id for entity in found}) == len(found), "an id came twice"
        else:
            found = [one for one in map(cls.get_or_none, ids) if one is not None]
        return {entity.id: values(entity) for entity in found}

    def empty(self, *classes: Any) -> None:
        """Remove all entities of these classes."""
        together = self.offers(Ability.TRANSACTIONS)
        with UnitOfWork() if together else contextlib.nullcontext():
            for cls in classes:
                for entity in cls.all():
                    entity.delete()

    def fill(self, cls: Any, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Create many entities, together where the store can."""
        together = self.offers(Ability.TRANSACTIONS)
        with UnitOfWork() if together else contextlib.nullcontext():
            return [cls.create(**row) for row in rows]


def values(entity: Any) -> dict[str, Any]:
    """Answer the field values of *entity*."""
    return {name: getattr(entity, name) for name in specs(entity.__class__)}


@contextlib.contextmanager
def heard(*classes: Any) -> Generator[list[list[Change]]]:
    """Collect the changes of these classes, commit by commit."""
    batches: list[list[Change]] = []

    def hear(batch: Sequence[Change]) -> None:
        ours = [c for c in batch if c.entity in classes and c.operation != "unknown"]
        if ours:
            batches.append(ours)

    end = subscribe(hear)
    try:
        yield batches
    finally:
        end()
