"""The registry of classes, their names, and what a class must not be."""

import subprocess
import sys
from typing import Any

import pytest
from pydantic import Field

from nitro_entities import (
    AmbiguousClass,
    DefinitionError,
    Entity,
    MemoryRepo,
    Secret,
    SQLEntity,
    SQLModelBackend,
    UnknownClass,
    classes,
    configure,
    state,
)


def entity(name: str, module: str = __name__, **namespace: Any) -> Any:
    meta: Any = type(Entity)
    return meta(name, (Entity,), {"__module__": module, "__qualname__": name, **namespace})


@pytest.mark.parametrize(
    ("name", "label", "plural", "slug"),
    [
        ("City", "City", "Cities", "cities"),
        ("Product", "Product", "Products", "products"),
        ("OrderLine", "Order line", "Order lines", "order-lines"),
        ("Box", "Box", "Boxes", "boxes"),
        ("Day", "Day", "Days", "days"),
        ("Address", "Address", "Addresses", "addresses"),
        ("Branch", "Branch", "Branches", "branches"),
        ("Category", "Category", "Categories", "categories"),
        ("Person", "Person", "People", "people"),
        ("SalesPerson", "Sales person", "Sales people", "sales-people"),
        ("Child", "Child", "Children", "children"),
        ("Woman", "Woman", "Women", "women"),
        ("Human", "Human", "Humans", "humans"),
        ("Analysis", "Analysis", "Analyses", "analyses"),
        ("Status", "Status", "Statuses", "statuses"),
        ("Leaf", "Leaf", "Leaves", "leaves"),
        ("Roof", "Roof", "Roofs", "roofs"),
        ("Hero", "Hero", "Heroes", "heroes"),
        ("Photo", "Photo", "Photos", "photos"),
        ("Quiz", "Quiz", "Quizzes", "quizzes"),
        ("Epoch", "Epoch", "Epochs", "epochs"),
        ("Equipment", "Equipment", "Equipment", "equipment"),
        ("LineOfBusiness", "Line of business", "Lines of business", "lines-of-business"),
        ("HTTPLog", "HTTP log", "HTTP logs", "http-logs"),
        ("UserURL", "User URL", "User URLs", "user-urls"),
    ],
)
def test_labels_come_from_the_name(name: str, label: str, plural: str, slug: str) -> None:
    cls = entity(name, __module__="somewhere")

    assert classes.label(cls) == label
    assert classes.plural_label(cls) == plural
    assert classes.slug(cls) == slug


def test_labels_may_be_said() -> None:
    class Guest(Entity):
        __label__ = "Human being"
        __plural__ = "Folks"

    assert classes.label(Guest) == "Human being"
    assert classes.plural_label(Guest) == "Folks"
    assert classes.slug(Guest) == "folks"
    assert classes.named("folks") is Guest


def test_classes_are_listed_named_and_announced() -> None:
    class Early(Entity):
        pass

    heard: list[Any] = []
    end = classes.on_defined(heard.append)

    class Late(SQLEntity):
        pass

    class Layer(SQLEntity, table=False):
        pass

    class Base(Entity):
        __abstract__ = True

    class Leaf(Base):
        pass

    assert [c for c in heard if "<locals>" in c.__qualname__] == [Early, Late, Leaf]
    end()
    state.reset()
    assert Early not in classes.all()
    assert Entity not in classes.all()
    with pytest.raises(DefinitionError, match="abstract"):
        Base.count()
    assert Leaf.count() == 0
    fresh: list[Any] = []
    classes.on_defined(fresh.append, replay=False)
    assert fresh == []


def test_a_class_defined_again_replaces_the_old_one() -> None:
    old = entity("Twice", module="a")
    new = entity("Twice", module="a")

    assert classes.named("twices") is new
    assert old not in classes.all()
    assert classes.key(new) == "a.Twice"


def test_two_classes_of_one_name_clash_only_when_the_name_decides() -> None:
    entity("Clash", module="a")
    entity("Clash", module="b")

    with pytest.raises(AmbiguousClass, match=r"a\.Clash and b\.Clash"):
        classes.named("clashes")
    with pytest.raises(UnknownClass, match="No entity class is called 'nothing'"):
        classes.named("nothing")


def test_two_classes_of_one_table_clash_when_it_is_used() -> None:
    one = entity("Tabled", module="a", _persistence_backend_class=SQLModelBackend)
    two = entity("Tabled", module="b", _persistence_backend_class=SQLModelBackend)
    one.count()

    with pytest.raises(AmbiguousClass, match=r"a\.Tabled and b\.Tabled would share the table"):
        two.count()


@pytest.mark.parametrize("name", ["save", "all", "get", "update", "signals", "where", "delete"])
@pytest.mark.parametrize("root", [Entity, SQLEntity])
def test_a_field_named_like_a_verb_is_refused(root: Any, name: str) -> None:
    with pytest.raises(DefinitionError, match=f"Bad.{name} cannot be a field"):
        type(root)("Bad", (root,), {"__annotations__": {name: int}, "__module__": "x"})


def test_a_counter_may_have_a_count() -> None:
    class Counter(Entity):
        count: int = 0

    class Strict(Entity):
        count: int

    one = Counter.create(count=3)

    assert one.count == 3
    assert Counter.count() == 1  # type: ignore[operator]
    assert Counter.where(count=3).exists()
    with pytest.raises(ValueError, match="count"):
        Strict()
    with pytest.raises(DefinitionError):
        meta: Any = type(SQLEntity)
        meta("Bad", (SQLEntity,), {"__annotations__": {"count": int}})


def test_backends_can_be_chosen() -> None:
    class Plain(Entity):
        pass

    class Chosen(Entity):
        _persistence_backend_class = MemoryRepo

    assert isinstance(Plain.repository(), MemoryRepo)
    state.reset()
    configure(backend=SQLModelBackend)
    assert isinstance(Plain.repository(), SQLModelBackend)
    assert isinstance(Chosen.repository(), MemoryRepo)
    assert Entity._persistence_backend_class is MemoryRepo
    assert SQLEntity._persistence_backend_class is SQLModelBackend


def test_ids_come_from_the_configured_source() -> None:
    class Thing(Entity):
        pass

    configure(new_id=lambda: "seven")

    assert Thing().id == "seven"


def test_secrets_are_in_no_signals() -> None:
    class Account(Entity):
        name: str
        token: Secret[str] = ""

    account = Account.create(name="a", token="hush")

    assert account.signals == {"id": account.id, "name": "a"}
    assert "hush" not in repr(account)
    assert Account.get(account.id).token == "hush"


def test_an_excluded_field_is_stored_but_not_among_the_signals() -> None:
    class Excluding(Entity):
        name: str
        cost: int = Field(default=0, exclude=True)

    one = Excluding.create(name="a", cost=3)

    assert one.signals == {"id": one.id, "name": "a"}
    assert Excluding.get(one.id).cost == 3


def test_views_need_somebody_who_makes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    from nitro_entities import views

    class Thing(Entity):
        pass

    class Maker:
        def card(self, entity: Any, /) -> Any:
            return f"card of {entity.id}"

        form = row = card

    monkeypatch.setattr(views, "entry_points", lambda **_: ())
    with pytest.raises(ImportError, match="pip install nitro-templates"):
        Thing().to_card()

    views.register(Maker())
    assert str(Thing(id="x").to_card()) == "card of x"
    assert str(Thing(id="x").to_form()) == "card of x"
    assert str(Thing(id="x").to_row()) == "card of x"


@pytest.mark.parametrize(
    "code",
    [
        "import nitro_entities",
        "from nitro_entities import Entity, UnitOfWork, changes, classes, col\n"
        "class A(Entity):\n    x: int = 0\n"
        "A(x=1).save(); assert A.where(A.x > 0).count() == 1",
    ],
)
def test_sqlalchemy_is_loaded_only_for_sql(code: str) -> None:
    check = "import sys; assert not {'sqlalchemy', 'sqlmodel'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", f"{code}\n{check}"], check=True)


def test_every_public_name_resolves() -> None:
    import nitro_entities

    for name in nitro_entities.__all__:
        assert getattr(nitro_entities, name) is not None
    assert dir(nitro_entities) == sorted(nitro_entities.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Entiti'"):
        _ = nitro_entities.Entiti  # type: ignore[attr-defined]
