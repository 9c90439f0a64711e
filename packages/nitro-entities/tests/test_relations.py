"""Relations of SQLEntity: asked for, in few statements, saved together, never loaded unseen."""

# checkers cannot know what these tests make, or they ask for what is wrong on purpose
# mypy: disable-error-code="arg-type,assignment,attr-defined,call-overload,union-attr"

import asyncio
from collections.abc import Callable
from typing import Any, Optional

import pytest
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import configure_mappers
from sqlmodel import Field, Relationship, Session, SQLModel, create_engine
from sqlmodel import select as sqlmodel_select

from nitro_entities import (
    ConstraintFailed,
    Entity,
    InvalidQuery,
    NotSupported,
    RelationNotLoaded,
    SQLEntity,
    SQLModelBackend,
    UnitOfWork,
)
from nitro_entities.stores.sql.sqlite import SQLiteDatabase


class Customer(SQLEntity):
    name: str
    orders: list["Order"] = Relationship(back_populates="customer")


class Order(SQLEntity):
    number: int = 0
    customer_id: str | None = Field(default=None, foreign_key="customer.id")
    customer: Customer | None = Relationship(back_populates="orders")
    lines: list["OrderLine"] = Relationship(
        back_populates="order",
        sa_relationship_kwargs={"order_by": "desc(OrderLine.position)"},
    )
    note: Optional["Note"] = Relationship(
        back_populates="order", sa_relationship_kwargs={"uselist": False}
    )


class Product(SQLEntity):
    name: str
    stock: int = 0


class OrderLine(SQLEntity):
    position: int = 0
    order_id: str | None = Field(default=None, foreign_key="order.id")
    product_id: str | None = Field(default=None, foreign_key="product.id")
    order: Order | None = Relationship(back_populates="lines")
    product: Product | None = Relationship()


class Note(SQLEntity):
    text: str
    order_id: str = Field(foreign_key="order.id")
    order: Order | None = Relationship(back_populates="note")


class Membership(SQLEntity):
    person_id: str = Field(foreign_key="person.id")
    club_id: str = Field(foreign_key="club.id")


class Person(SQLEntity):
    name: str
    clubs: list["Club"] = Relationship(back_populates="people", link_model=Membership)


class Club(SQLEntity):
    name: str
    people: list[Person] = Relationship(
        back_populates="clubs",
        link_model=Membership,
        sa_relationship_kwargs={"order_by": "Person.name"},
    )


class Tagging(SQLModel, table=True):
    page_id: str = Field(foreign_key="page.id", primary_key=True)
    tag_id: str = Field(foreign_key="tag.id", primary_key=True)


class Page(SQLEntity):
    title: str
    tags: list["Tag"] = Relationship(link_model=Tagging)


class Tag(SQLEntity):
    word: str


class Node(SQLEntity):
    name: str
    parent_id: str | None = Field(default=None, foreign_key="node.id")
    parent: Optional["Node"] = Relationship(
        back_populates="children", sa_relationship_kwargs={"remote_side": "Node.id"}
    )
    children: list["Node"] = Relationship(back_populates="parent")


class Team(SQLEntity):
    id: int | None = Field(default=None, primary_key=True)
    name: str
    heroes: list["Hero"] = Relationship(back_populates="team")


class Hero(SQLEntity):
    id: int | None = Field(default=None, primary_key=True)
    name: str
    team_id: int | None = Field(default=None, foreign_key="team.id")
    team: Team | None = Relationship(back_populates="heroes")


class Crate(SQLEntity):
    parts: list["Part"] = Relationship(back_populates="crate")


class Part(SQLEntity):
    crate_id: str = Field(foreign_key="crate.id")
    crate: Crate | None = Relationship(back_populates="parts")


class Plain(Entity):
    _persistence_backend_class = SQLModelBackend
    name: str = ""


configure_mappers()  # now, as other tests define classes and tables of the same names


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    seen: list[str] = []
    fetch = SQLiteDatabase.fetch

    def counted(self: Any, sql: str, *args: Any) -> Any:
        if "pragma" not in sql.lower() and "sqlite_master" not in sql:
            seen.append(sql)
        return fetch(self, sql, *args)

    monkeypatch.setattr(SQLiteDatabase, "fetch", counted)
    return seen


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, use_database: Callable[[str], None]) -> None:
    use_database(request.param)


def an_order(lines: int = 2, customer: str = "Ada") -> Order:
    order = Order(customer=Customer(name=customer))
    for position in range(lines):
        order.lines.append(
            OrderLine(position=position, product=Product(name=f"product {position}"))
        )
    return order.save()


def test_saving_an_entity_saves_the_new_ones_that_it_holds() -> None:
    order = an_order()

    assert Order.get(order.id).customer_id == order.customer.id
    assert [line.order_id for line in OrderLine.all()] == [order.id] * 2
    assert {line.product_id for line in OrderLine.all()} == {p.id for p in Product.all()}
    assert Customer.count() == 1


@pytest.mark.usefixtures("store")
def test_relations_are_loaded_when_asked_for() -> None:
    made = an_order()

    order = Order.get(made.id, include=["lines.product", "customer", "note"])

    assert [line.position for line in order.lines] == [1, 0]
    assert [line.product.name for line in order.lines] == ["product 1", "product 0"]
    assert order.customer.name == "Ada"
    assert order.note is None
    assert order.lines[0].order is order


def test_a_level_costs_one_statement_however_many_there_are(statements: list[str]) -> None:
    for number in range(30):
        an_order(lines=3, customer=str(number))
    Customer.all()
    statements.clear()

    orders = Order.where().include(Order.lines, "customer", "lines.product").list()

    assert len(orders) == 30
    assert sum(len(order.lines) for order in orders) == 90
    assert all(line.product.name for order in orders for line in order.lines)
    assert len(statements) == 4


def test_more_keys_than_a_statement_takes_are_asked_for_in_portions(
    statements: list[str],
) -> None:
    customer = Customer(name="Ada").save()
    Order.create_many({"number": n, "customer_id": customer.id} for n in range(600))
    orders = Order.all()
    OrderLine.create_many({"position": n % 7, "order_id": o.id} for n, o in enumerate(orders))
    statements.clear()

    found = Order.where().include("lines").list()

    assert all(len(order.lines) == 1 for order in found)
    assert len(statements) == 3


def test_get_many_and_load_take_relations_too() -> None:
    first, second = an_order(), an_order(1)

    found = Order.get_many([second.id, first.id], include=["lines"])
    assert [len(order.lines) for order in found] == [1, 2]

    order = Order.get(first.id).load("customer", Order.lines)
    assert (order.customer.name, len(order.lines)) == ("Ada", 2)


def test_one_to_one_from_both_sides() -> None:
    order = an_order()
    Note(text="fragile", order=order).save()

    note = Order.get(order.id, include=["note"]).note

    assert note.text == "fragile"
    assert Note.get(note.id, include=["order.customer"]).order.customer.name == "Ada"


@pytest.mark.usefixtures("store")
def test_a_tree_of_one_class() -> None:
    root = Node(name="root", children=[Node(name="a", children=[Node(name="b")]), Node(name="c")])
    root.save()

    found = Node.get(root.id, include=["children.children"])

    assert [child.name for child in found.children] == ["a", "c"]
    assert found.children[0].children[0].name == "b"
    assert found.children[0].parent is found
    assert Node.where(name="b").include("parent.parent").first().parent.parent.name == "root"


@pytest.mark.usefixtures("store")
def test_many_to_many_through_entities() -> None:
    ada, bob = Person(name="Ada"), Person(name="Bob")
    chess = Club(name="Chess", people=[bob, ada]).save()
    Club(name="Go", people=[ada]).save()

    clubs = Club.where().include("people").list()

    assert {club.name: [p.name for p in club.people] for club in clubs} == {
        "Chess": ["Ada", "Bob"],
        "Go": ["Ada"],
    }
    assert clubs[0].people[0] is clubs[1].people[0]
    assert Membership.count() == 3
    assert len(Person.get(ada.id, include=["clubs"]).clubs) == 2

    loaded = Club.get(chess.id, include=["people"])
    loaded.people.remove(loaded.people[0])
    loaded.save()
    assert [p.name for p in Club.get(chess.id, include=["people"]).people] == ["Bob"]
    assert Person.count() == 2


def test_both_sides_of_many_to_many_make_one_link() -> None:
    ada, chess = Person(name="Ada"), Club(name="Chess")
    ada.clubs.append(chess)

    assert chess.people == [ada]
    chess.save()
    ada.save()

    assert Membership.count() == 1


@pytest.mark.usefixtures("store")
def test_a_link_table_that_is_no_entity_can_be_read_and_not_written() -> None:
    page = Page(title="x").save()
    tag = Tag(word="a").save()
    assert Page.get(page.id, include=["tags"]).tags == []
    tx: Any = Page.repository().store.begin()
    tx.connection.execute(f"INSERT INTO tagging VALUES ('{page.id}', '{tag.id}')")
    tx.commit(())

    found = Page.get(page.id, include=["tags"])

    assert [t.word for t in found.tags] == ["a"]
    found.tags.append(Tag(word="b"))
    with pytest.raises(NotSupported, match="link_model derive from SQLEntity"):
        found.save()


def test_a_wrong_name_lists_the_relations_before_anything_is_asked() -> None:
    with pytest.raises(InvalidQuery, match=r"no relation 'line'\. Its relations: .*lines"):
        Order.where().include("line")
    with pytest.raises(InvalidQuery, match="OrderLine has no relation 'price'"):
        Order.where().include("lines.price")
    with pytest.raises(InvalidQuery, match="is no relation"):
        Order.where().include(OrderLine.product)
    with pytest.raises(InvalidQuery, match="Product has no relations"):
        Product.where().include("x")
    with pytest.raises(InvalidQuery, match="Plain has no relations"):
        Plain.where().include("x")


def test_an_entity_got_alone_loads_when_it_is_used() -> None:
    made = an_order()

    assert len(Order.get(made.id).lines) == 2
    assert Order.first().customer.name == "Ada"
    assert Order.where().limit(1).list()[0].note is None


def test_one_of_many_does_not_load_unseen() -> None:
    an_order()
    an_order()

    for order in (Order.all()[0], Order.where().list()[1], Order.get_many(_ids())[0]):
        with pytest.raises(RelationNotLoaded, match=r'where\(…\)\.include\("lines"\)'):
            _ = order.lines
        assert len(order.load("lines").lines) == 2
    line = Order.where().include("lines").list()[0].lines[0]
    with pytest.raises(RelationNotLoaded, match=r"OrderLine\.where"):
        _ = line.product


def _ids() -> list[str]:
    return [order.id for order in Order.all()]


def test_a_running_loop_is_not_stopped_to_load() -> None:
    made = an_order()

    async def main() -> None:
        order = await Order.aget(made.id)
        with pytest.raises(RelationNotLoaded, match=r'await order\.aload\("lines"\)'):
            _ = order.lines
        await order.aload("lines")
        assert len(order.lines) == 2
        found = [o async for o in Order.where().include("customer")]
        assert found[0].customer.name == "Ada"

    asyncio.run(main())


def test_a_new_entity_has_empty_relations() -> None:
    order = Order()

    assert order.lines == []
    assert order.customer is None


def test_keys_follow_what_is_assigned() -> None:
    a, b = Order(), Order()
    line = OrderLine(order=a)
    assert line.order_id == a.id
    assert a.lines == [line]

    line.order = b
    assert (line.order_id, a.lines, b.lines) == (b.id, [], [line])

    b.lines.remove(line)
    assert (line.order_id, line.order) == (None, None)  # type: ignore[comparison-overlap]

    a.lines = [line]
    assert (line.order_id, line.order) == (a.id, a)

    line.order_id = b.id
    assert line.order_id == b.id
    assert "order" not in line.__dict__


def test_a_required_key_is_taken_from_the_relation() -> None:
    crate = Crate()

    part = Part(crate=crate)

    assert part.crate_id == crate.id
    assert crate.parts == [part]
    crate.save()
    assert Part.get(part.id).crate_id == crate.id


def test_only_what_belongs_into_a_relation_is_accepted() -> None:
    order = Order()
    with pytest.raises(TypeError, match=r"Order\.lines holds OrderLine entities"):
        order.lines.append(Product(name="x"))
    assert order.lines == []
    with pytest.raises(TypeError, match=r"OrderLine\.order holds Order entities"):
        OrderLine(order=Product(name="x"))
    with pytest.raises(ValidationError, match="crate_id"):
        Part(crate=Crate()).crate = None


def test_changed_ones_are_saved_with_it_and_others_are_left_alone() -> None:
    made = an_order()
    order = Order.get(made.id, include=["lines.product", "customer"])
    versions = {line.id: line.position for line in order.lines}
    order.lines[0].product.stock = 7
    order.customer.name = "Eva"

    order.save()

    assert Customer.first().name == "Eva"
    assert sorted(p.stock for p in Product.all()) == [0, 7]
    assert {line.id: line.position for line in OrderLine.all()} == versions


@pytest.mark.usefixtures("store")
def test_what_is_taken_out_of_a_list_is_kept_without_it() -> None:
    order = Order.get(an_order().id, include=["lines"])
    gone = order.lines.pop()

    order.save()

    assert OrderLine.get(gone.id).order_id is None
    assert len(Order.get(order.id).lines) == 1


def test_what_cannot_be_alone_has_to_be_deleted() -> None:
    crate = Crate(parts=[]).save()
    part = Part(crate=crate).save()
    found = Crate.get(crate.id, include=["parts"])
    mine = found.parts.pop()

    with pytest.raises(ConstraintFailed, match="Delete it first"):
        found.save()

    with UnitOfWork():
        mine.delete()
        found.save()
    assert Part.get_or_none(part.id) is None
    found.save()


def test_a_list_that_nobody_has_seen_is_not_replaced_blindly() -> None:
    an_order()
    other = an_order()
    order = Order.get(other.id)

    order.lines = [OrderLine(position=9)]
    order.save()

    assert [line.position for line in Order.get(other.id).lines] == [9]
    assert OrderLine.where(order_id=None).count() == 2
    with pytest.raises(RelationNotLoaded):
        Order.all()[0].lines = []


@pytest.mark.parametrize("made_here", [True, False])
def test_what_was_deleted_is_not_saved_again_with_the_others(made_here: bool) -> None:
    made = an_order()
    order = made if made_here else Order.get(made.id, include=["lines"])

    order.lines[0].delete()
    order.save()
    with UnitOfWork():
        order.lines[1].delete()
        order.save()
    order.save()

    assert OrderLine.count() == 0


def test_a_key_given_by_hand_is_not_overwritten() -> None:
    order, other = an_order(), an_order(0)
    line = order.lines[0]

    line.order_id = other.id
    order.save()

    assert OrderLine.get(line.id).order_id == other.id


@pytest.mark.usefixtures("store")
def test_keys_that_the_database_chooses() -> None:
    team = Team(name="a", heroes=[Hero(name="x"), Hero(name="y")])
    team.save()

    assert {hero.team_id for hero in Hero.all()} == {team.id}

    hero = Hero(name="z", team=Team(name="b")).save()
    assert Hero.get(hero.id).team.name == "b"

    again = Hero.get(hero.id)
    again.team = Team(name="c")
    again.save()
    assert Hero.get(hero.id).team.name == "c"


def test_a_unit_answers_its_own_objects_and_sees_what_is_pending() -> None:
    made = an_order()

    with UnitOfWork():
        line = OrderLine.where(order_id=made.id).first()
        order = Order.get(made.id, include=["lines"])
        assert line in order.lines
        assert any(one is line for one in order.lines)
        OrderLine(order_id=made.id, position=5).save()
        assert len(order.load("lines").lines) == 3


def test_a_unit_that_fails_leaves_everything_to_be_saved_again() -> None:
    order = an_order()
    ada = Person(name="Ada", clubs=[Club(name="Chess")])
    with pytest.raises(ZeroDivisionError), UnitOfWork() as unit:
        order.lines.append(OrderLine(position=5))
        order.save()
        ada.save()
        unit.flush()
        raise ZeroDivisionError

    assert OrderLine.count() == 2
    order.save()
    ada.save()

    assert OrderLine.count() == 3
    assert Membership.count() == 1


def test_what_is_not_saved_yet_is_not_overwritten_by_loading() -> None:
    order = Order.get(an_order().id, include=["lines"])
    new = OrderLine(position=5)
    order.lines.append(new)

    order.load("lines")
    assert new in order.lines

    order.save()
    order.load("lines")
    assert [line.position for line in order.lines] == [5, 1, 0]


def test_what_is_appended_from_the_other_side_is_there_when_loaded() -> None:
    order = Order.get(an_order().id)
    line = OrderLine(position=5, order=order)

    assert line in order.lines
    assert len(order.lines) == 3


def test_loading_does_not_make_anything_dirty() -> None:
    order = Order.get(an_order().id, include=["lines.product", "customer.orders"])

    assert order.changed == frozenset()
    assert all(line.changed == frozenset() for line in order.lines)
    assert order.__nitro_related__() == [(order, False)]


@pytest.mark.usefixtures("store")
def test_a_select_of_sqlalchemy_answers_entities() -> None:
    an_order(3, customer="Ada")
    an_order(1, customer="Bob")

    found = Order.fetch(
        select(Order).join(Order.customer).where(Customer.name.like("A%")).order_by(Order.id)
    )

    assert [order.customer.name for order in found] == ["Ada"]
    found[0].number = 5
    found[0].save()
    assert Order.get(found[0].id).number == 5
    with UnitOfWork():
        Order(number=9).save()
        assert len(Order.fetch(sqlmodel_select(Order).where(Order.number.in_([5, 9])))) == 2
    with pytest.raises(InvalidQuery, match="a select of Order alone"):
        Order.fetch(select(Order.id))
    with pytest.raises(InvalidQuery, match="a select of Order alone"):
        Order.fetch(select(Customer))


def test_fetch_can_be_awaited() -> None:
    an_order()

    assert len(asyncio.run(Order.afetch(select(Order)))) == 1


def test_a_session_beside_us_loads_and_writes_relations() -> None:
    made = an_order()
    engine = create_engine(f"sqlite:///{Order.repository().store.path}")
    with Session(engine) as session:
        order = session.exec(
            sqlmodel_select(Order).join(OrderLine).where(OrderLine.position == 1)
        ).one()
        assert order.customer.name == "Ada"
        assert [line.position for line in order.lines] == [1, 0]
        order.lines.append(OrderLine(position=7, product=Product(name="new")))
        order.customer.name = "Eva"
        session.add(Order(number=3, customer=Customer(name="Bob"), lines=[OrderLine()]))
        session.commit()
    engine.dispose()

    order = Order.get(made.id, include=["lines.product", "customer"])
    assert [line.position for line in order.lines] == [7, 1, 0]
    assert order.lines[0].product.name == "new"
    assert order.customer.name == "Eva"
    assert Order.where(number=3).include("lines").first().lines[0].position == 0
