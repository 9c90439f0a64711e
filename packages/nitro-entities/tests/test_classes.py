"""The registry of classes, their names, and what a class must not be."""

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import Field

from nitro_entities import (
    AmbiguousClass,
    DefinitionError,
    Entity,
    InvalidQuery,
    MemoryRepo,
    Secret,
    SettingsError,
    SQLEntity,
    SQLModelBackend,
    UnknownClass,
    classes,
    col,
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


@pytest.mark.parametrize("kind", [Entity, SQLEntity])
@pytest.mark.parametrize(
    ("option", "wrong", "takes"),
    [
        ("__label__", 3, "a text"),
        ("__plural__", ["Cities"], "a text"),
        ("__abstract__", "yes", "True or False"),
        ("__ttl__", 60, "a timedelta"),
        ("__unique__", ("country", "number"), r"groups of fields such as \[\('street'"),
        ("__search__", 3, "names of fields"),
    ],
)
def test_what_an_option_of_a_class_cannot_be_is_refused_when_it_is_defined(
    kind: Any, option: str, wrong: object, takes: str
) -> None:
    body = {"__module__": __name__, "__qualname__": "Optioned", option: wrong}

    with pytest.raises(DefinitionError, match=f"Optioned.{option} takes {takes}.*, got"):
        type(kind)("Optioned", (kind,), body)


def test_what_is_no_store_is_refused_with_those_that_there_are() -> None:
    said = "Homeless._persistence_backend_class takes a class that keeps entities, such as Memory"
    with pytest.raises(DefinitionError, match=said):
        entity("Homeless", _persistence_backend_class="memory")
    with pytest.raises(SettingsError, match="backend= takes a class that keeps entities"):
        configure(backend=timedelta)


@pytest.mark.parametrize(
    ("setting", "wrong", "takes"),
    [
        ("database_url", 3, "a URL such as 'sqlite:///data.db', got something of type int"),
        ("clock", "now", "a function that answers an aware datetime, got 'now'"),
        ("busy_timeout", "long", "a number of seconds, 0 or more, got 'long'"),
        ("pool_size", 0, "a whole number, 1 or more, got 0"),
        ("strict_loop", "yes", "True or False, got 'yes'"),
        ("secret", 3, "a text, or a list of them with the newest first, got something of type"),
        ("files", 3, "a folder, a URL such as 's3://bucket/prefix' or a storage, got 3"),
    ],
)
def test_what_a_setting_cannot_be_is_refused_where_it_is_set(
    setting: str, wrong: Any, takes: str
) -> None:
    with pytest.raises(SettingsError, match=f"{setting}= takes {takes}"):
        configure(**{setting: wrong})


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda cls: cls.where().limit("3"), "A limit is a whole number of entities, not '3'"),
        (lambda cls: cls.where().slice(2.5), "A slice is a whole number of entities, not 2.5"),
        (lambda cls: cls.get_many("abc"), "get_many() takes several ids, got 'abc'. Write"),
        (
            lambda cls: cls.where(col(cls, "name").in_("ab")),
            "in_() takes several values, got 'ab'",
        ),
        (lambda cls: cls.save_many("abc"), "take several entities, got 'a' among them"),
        (lambda cls: cls.create_many(cls(name="x")), "take several entities, got ('id', "),
        (lambda cls: cls.where().search(3), "A search takes text, not 3"),
    ],
)
def test_what_a_verb_cannot_take_is_refused_with_what_it_takes(
    call: Callable[[Any], Any], said: str
) -> None:
    class AskedWrongly(Entity):
        name: str = ""

    with pytest.raises(InvalidQuery, match=re.escape(said)):
        call(AskedWrongly)
