"""Fields that refer to other entities: found, read by title, offered, in few statements."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from sqlalchemy.orm import configure_mappers
from sqlmodel import Field, Relationship

from nitro_entities import Entity, SQLEntity
from nitro_entities import state as entities
from nitro_entities.stores.sql.sqlite import SQLiteDatabase
from nitro_templates import Form, Table, ui
from nitro_templates.asking import Ask, Download
from nitro_templates.context import RenderContext
from nitro_templates.fields.view import FieldView
from nitro_templates.relations import Option, Related, related_of
from nitro_templates.relations.cells import title_in
from nitro_templates.sources import source_of
from nitro_templates.table import Column


class Realm(SQLEntity):
    __tablename__ = "f_realm"
    name: str
    code: str = Field(unique=True, default="")
    vales: list["Vale"] = Relationship(back_populates="realm")


class Vale(SQLEntity):
    __tablename__ = "f_vale"
    name: str
    realm_id: str = Field(foreign_key="f_realm.id")
    realm: Realm | None = Relationship(back_populates="vales")
    twin_id: str | None = Field(default=None, foreign_key="f_vale.id")


class Number(SQLEntity):
    __tablename__ = "f_number"
    id: int | None = Field(default=None, primary_key=True)  # type: ignore[assignment]
    vale_id: str | None = Field(default=None, foreign_key="f_vale.id")
    ruled_by: str | None = Field(default=None, foreign_key="f_realm.code")


class Digit(SQLEntity):
    __tablename__ = "f_digit"
    number_id: int | None = Field(default=None, foreign_key="f_number.id")


configure_mappers()  # now, as other tests define classes and tables of the same names


class Kind(Entity):
    name: str


class Thing(Entity):
    name: str
    kind: Annotated[str | None, ui(relation=Kind)] = None
    shape_id: Annotated[str, ui(relation="Kind", label="Its shape")] = ""


@pytest.fixture(autouse=True)
def _fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("NITRO_DATABASE_URL", f"sqlite:///{tmp_path}/f.db")
    entities.state.reset()
    yield
    entities.state.reset()


def statements(work: Callable[[], object]) -> list[str]:
    """Do it, and answer what the store was asked."""
    seen: list[str] = []
    fetch = SQLiteDatabase.fetch

    def counted(self: Any, sql: str, *args: Any) -> Any:
        if "pragma" not in sql.lower() and "sqlite_master" not in sql:
            seen.append(sql)
        return fetch(self, sql, *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SQLiteDatabase, "fetch", counted)
        work()
    return seen


def field(of: type, name: str) -> FieldView:
    return next(view for view in source_of(of).fields if view.name == name)


def related(of: type, name: str) -> Related:
    found = related_of(field(of, name))
    assert found is not None
    return found


def realms(*names: str) -> list[Realm]:
    return Realm.create_many(
        [{"id": f"r{n}", "name": name, "code": f"c{n}"} for n, name in enumerate(names)]
    )


def titles(found: tuple[Option, ...]) -> list[str]:
    return [one.title for one in found]


def test_a_foreign_key_belongs_to_its_declared_relation() -> None:
    view = field(Vale, "realm_id")
    assert (view.relation, view.label, view.widget) == ("realm", "Realm", "relation")
    assert related(Vale, "realm_id").model is Realm


def test_a_foreign_key_without_a_relationship_is_named_after_its_field() -> None:
    assert field(Vale, "twin_id").relation == "twin"
    assert field(Number, "ruled_by").relation == "ruled_by"


def test_a_plain_entity_says_what_it_refers_to() -> None:
    view = field(Thing, "kind")
    assert (view.relation, view.label) == ("kind", "Kind")
    assert related(Thing, "kind").model is Kind
    assert field(Thing, "shape_id").label == "Its shape"
    assert related(Thing, "shape_id").model is Kind


def test_a_key_is_no_title() -> None:
    realms("Rome")
    assert source_of(Number).title_of(Number(vale_id="x", id=3)) == "Number 3"


def test_titles_come_for_all_keys_at_once_and_leave_out_what_is_gone() -> None:
    realms("Rome", "Gaul")
    found = related(Vale, "realm_id").titles(["r0", "r1", "r0", "gone"])
    assert {key: one.title for key, one in found.items()} == {"r0": "Rome", "r1": "Gaul"}


def test_a_key_that_is_no_id_is_looked_up_by_its_own_field() -> None:
    realms("Rome")
    found = related(Number, "ruled_by").titles(["c0"])["c0"]
    assert (found.title, found.id) == ("Rome", "r0")


def test_a_text_that_can_be_no_key_is_nobodys() -> None:
    Number(id=7).save()
    found = related(Digit, "number_id")
    assert list(found.titles(["7", 7, "seven"])) == ["7"]
    assert found.allowed("7") is not None
    assert found.allowed("seven") is None


def test_what_begins_with_the_text_comes_first_then_what_contains_it() -> None:
    realms("Upper Ro", "Rome", "Euro", "Romania", "Gaul")
    found = related(Vale, "realm_id").options("ro", 3)
    assert (titles(found.items), found.more) == (["Romania", "Rome", "Euro"], True)


def test_wildcards_have_no_meaning() -> None:
    realms("100% wool", "100 wool", "a_b", "axb")
    look = related(Vale, "realm_id").options
    assert titles(look("0%", 9).items) == ["100% wool"]
    assert titles(look("a_b", 9).items) == ["a_b"]


def test_what_has_no_title_is_found_by_its_key() -> None:
    Number(id=7).save()
    look = related(Digit, "number_id").options
    assert titles(look("7", 9).items) == ["Number 7"]
    assert look("x", 9).items == ()


def test_few_are_listed_and_many_are_not() -> None:
    realms("b", "A", "c")
    assert titles(related(Vale, "realm_id").few(3) or ()) == ["A", "b", "c"]
    assert related(Vale, "realm_id").few(2) is None


def test_a_title_is_found_whatever_its_case_unless_one_fits_exactly() -> None:
    realms("Rome", "ROME", "Gaul")
    called = related(Vale, "realm_id").called
    assert titles(called("Rome")) == ["Rome"]
    assert sorted(titles(called("rome"))) == ["ROME", "Rome"]
    assert titles(called("gaul")) == ["Gaul"]
    assert called("gau") == ()


def test_a_narrowed_field_offers_and_allows_only_what_its_query_finds() -> None:
    realms("Rome", "Gaul")
    form = Form.from_entity(Vale).options("realm_id", Realm.where(name="Gaul"))
    found = related_of(next(view for view in form.fields if view.name == "realm_id"))
    assert found is not None
    assert titles(found.options("", 9).items) == ["Gaul"]
    assert found.allowed("r0") is None
    assert found.allowed("r1") is not None
    assert found.titles(["r0"])["r0"].title == "Rome"


def test_a_field_that_refers_to_nothing_has_no_options() -> None:
    with pytest.raises(LookupError, match="refers to nothing"):
        Form.from_entity(Vale).options("name", Realm.where())


def test_a_table_shows_titles_in_one_statement_for_each_column() -> None:
    made = realms(*(f"Realm {n}" for n in range(30)))
    Vale.create_many([{"name": f"t{n}", "realm_id": made[n % 30].id} for n in range(200)])
    one = statements(lambda: str(Table.from_entity(Vale).columns("name").pages(200)))
    both = statements(lambda: str(Table.from_entity(Vale).columns("name", "realm").pages(200)))
    assert len(both) == len(one) + 1
    html = str(Table.from_entity(Vale).columns("name", "realm_id").pages(200))
    assert html.count("Realm 7<") == 7
    assert made[7].id not in html.replace(f'id="{made[7].id}', "")


def test_a_column_that_refers_to_nothing_costs_nothing() -> None:
    Vale.create_many([])
    assert len(statements(lambda: str(Table.from_entity(Vale).columns("realm")))) == len(
        statements(lambda: str(Table.from_entity(Vale).columns("name")))
    )


def test_what_is_gone_is_a_dash_and_not_a_key() -> None:
    Thing(name="t", kind="lost-id").save()
    html = str(Table.from_entity(Thing).columns("name", "kind"))
    assert 'aria-label="not there any more"' in html
    assert ">lost-id<" not in html


def test_a_title_is_a_link_for_who_may_change_it() -> None:
    kind = Kind.create(name="<b>")
    Thing(name="t", kind=kind.id).save()
    table = Table.from_entity(Thing).columns("name", "kind")
    shown = table.build(RenderContext(live=True))
    assert f'<a href="/kinds/{kind.id}/edit" data-nitro-dialog>&lt;b&gt;</a>' in str(shown)
    shown = table.build(RenderContext(live=True, can=lambda operation, target: False))
    assert "/kinds/" not in str(shown)
    assert "&lt;b&gt;" in str(shown)


def test_a_column_with_a_value_of_its_own_shows_that() -> None:
    kind = Kind.create(name="Tool")
    Thing(name="t", kind=kind.id).save()
    own = Column("kind", lambda thing: f"<{len(thing.kind)}>")
    assert "Tool" not in str(Table.from_entity(Thing).columns("name", own))


def test_views_are_stale_when_what_they_refer_to_changes() -> None:
    context = RenderContext(live=True)
    (view,) = Table.from_entity(Thing).columns("name", "kind").views(context)
    assert view.topics == {"Thing", "Kind"}
    (view,) = Table.from_entity(Thing).columns("name").views(context)
    assert view.topics == {"Thing"}


def test_a_card_and_a_row_show_titles() -> None:
    kind = Kind.create(name="Tool")
    thing = Thing.create(name="t", kind=kind.id)
    assert "<dd>Tool</dd>" in str(thing.to_card())
    assert "Tool" in str(thing.to_row())
    assert kind.id not in str(thing.to_row())


def test_a_key_reads_as_a_title_and_an_unknown_one_as_itself() -> None:
    kind = Kind.create(name="Tool")
    assert title_in(field(Thing, "kind"), kind.id) == "Tool"
    assert title_in(field(Thing, "kind"), "x") == "x"
    assert title_in(field(Thing, "kind"), None) == ""


def test_few_targets_make_a_select() -> None:
    kind = Kind.create(name="Tool")
    html = str(Form.from_entity(Thing(name="t", kind=kind.id)).only("kind"))
    assert f'<option value="{kind.id}" selected>Tool</option>' in html
    assert '<option value="">—</option>' in html


def test_many_targets_make_a_picker_in_two_statements() -> None:
    realms(*(f"Realm {n}" for n in range(21)))
    vale = Vale(name="t", realm_id="r3")
    form = Form.from_entity(vale).only("realm_id")
    made = statements(lambda: str(form))
    assert len(made) == 2
    html = str(form)
    assert 'role="combobox"' in html
    assert 'value="Realm 3"' in html
    assert '<input type="hidden" name="realm_id" value="r3">' in html
    assert "Realm 4" not in html


def test_what_was_typed_stays_and_is_matched_for_browsers_without_scripts() -> None:
    from nitro_templates.form import RefusedForm

    realms(*(f"Realm {n}" for n in range(21)))
    form = Form.from_entity(Vale).only("realm_id")
    state = RefusedForm(values={"realm_id": "<realm 1"}, errors={"realm_id": "Choose"})
    html = str(form.build(RenderContext(forms={form.key: state})))
    assert 'name="_text.realm_id"' in html
    assert 'value="&lt;realm 1"' in html
    assert '<input type="hidden" name="realm_id" value="">' in html
    state = RefusedForm(values={"realm_id": "realm 1"}, errors={"realm_id": "Choose"})
    html = str(form.build(RenderContext(forms={form.key: state})))
    assert html.count('<option value="r1') == 11
    assert 'name="_pick.realm_id"' in html


def test_a_form_answers_what_may_be_chosen() -> None:
    realms(*(f"Realm {n:02}" for n in range(30)))
    form = Form.from_entity(Vale)
    answer = form.answer(
        Ask("options", form.key, ("realm_id",), {"_q": ["realm 1"]}), RenderContext()
    )
    assert isinstance(answer, Download)
    said = json.loads(b"".join(answer.chunks))
    assert said["items"][0] == ["r10", "Realm 10"]
    assert (len(said["items"]), said["more"]) == (10, False)


@pytest.mark.parametrize("rest", [(), ("name",), ("nothing",), ("realm_id", "x"), ("realm_id.x",)])
def test_a_form_answers_for_no_other_field(rest: tuple[str, ...]) -> None:
    form = Form.from_entity(Vale)
    assert form.answer(Ask("options", form.key, rest), RenderContext()) is None
    assert form.answer(Ask("sums", form.key, ("realm_id",)), RenderContext()) is None


def test_a_class_that_is_not_there_is_named() -> None:
    class Lost(Entity):
        name: str = ""
        other: Annotated[str, ui(relation="Nowhere")] = ""

    with pytest.raises(LookupError, match="no entity class of that name"):
        str(Form.from_entity(Lost))
