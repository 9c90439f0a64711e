"""What is written as plain code is drawn as before: every kind of field, in every state."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import BaseModel

pytest.importorskip("nitro_entities")
pytest.importorskip("nitro_events")

from nitro_entities import state as entities
from nitro_events.joints import connect
from nitro_events.state import state as events
from nitro_templates import Card, Detail, Form, Table, register_widget
from nitro_templates.context import Conflict, FormState, RenderContext, rendering
from nitro_templates.ejecting import CannotEject, eject
from nitro_templates.ejecting.code import literal
from nitro_templates.export.values import plain
from nitro_templates.fields import Shown
from nitro_templates.fields.written import money, with_unit
from nitro_templates.form import RefusedForm
from nitro_templates.form.live import FollowedForm
from nitro_templates.html import Element, Tag
from nitro_templates.state import configure
from support.proof import PROOF

THINGS = """
import enum
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, Field, SecretStr

from nitro_entities import Entity, StoredFile
from nitro_templates import ui


class Hue(enum.Enum):
    RED = "r"
    BLUE = "b"


class Address(BaseModel):
    street: str
    number: int = Field(default=1, ge=1)


class EjectedMaker(Entity):
    name: str


class Ejectable(Entity):
    name: str = Field(
        min_length=2, max_length=80, pattern="^[a-z]+$", description="The \\"map\\", isn't it"
    )
    notes: Annotated[str, ui(rows=3, placeholder="Anything")] = ""
    long: str = Field(default="", max_length=500)
    count: int = Field(default=0, ge=0)
    weight: Annotated[float | None, ui(unit="kg", help="About")] = None
    price: Annotated[Decimal, ui(currency="EUR", placeholder="1.00")] = Decimal("2.50")
    ready: Annotated[bool, ui(help="For sale")] = False
    maybe: bool | None = None
    hue: Hue = Hue.RED
    tint: Hue | None = None
    size: Literal["s", "m"]
    day: Annotated[date | None, Field(ge=date(2020, 1, 1))] = None
    at: datetime | None = None
    moment: Annotated[AwareDatetime | None, ui(help="In UTC")] = None
    wake: Annotated[time | None, Field(le=time(22))] = None
    lasts: timedelta | None = None
    zone: Annotated[ZoneInfo, ui(autocomplete="off")] = ZoneInfo("UTC")
    paint: Annotated[str, ui(widget="colour", help="The <first> coat")] = "#ff0000"
    site: Annotated[str, ui(widget="url")] = ""
    mail: Annotated[str, ui(widget="email")]
    tel: Annotated[str, ui(widget="phone", autocomplete="home tel")] = ""
    password: Annotated[SecretStr, ui(widget="secret")] = SecretStr("first")
    vat: Annotated[str, ui(label="VAT", show_if={"size": "m"})] = ""
    tags: list[str] = []
    prices: list[Annotated[Decimal, ui(currency="EUR")]] = []
    hues: set[Hue] = set()
    home: Address = Address(street="Main", number=1)
    other: Address | None = None
    photo: bytes | None = None
    scan: StoredFile | None = None
    maker: Annotated[str | None, ui(relation="EjectedMaker")] = None
    unseen: Annotated[str, ui(hidden_in=("form", "table"))] = ""
    of_card: Annotated[str, ui(hidden_in="card")] = ""
    class_: Annotated[str, ui(order=-1, label="Größe “1”")] = ""
    shown_only: Annotated[str, ui(editable=False)] = ""


class Told(BaseModel):
    name: Annotated[str, ui(label="Called", help="In full")]
    count: Annotated[int, ui(unit="kg"), Field(le=9)] = 1
    hue: Annotated[str, ui(widget="select")] = "r"
    notes: Annotated[str, ui(rows=7, placeholder="Anything")] = ""


class Untold(BaseModel):
    notes: str = ""
    hue: str = "r"
    count: str = "1"
    name: str = ""
"""
FULL: dict[str, Any] = {
    "name": "zoe", "notes": "two\nlines", "count": 12345, "weight": 1.5,
    "price": Decimal("1234.5"), "ready": True, "maybe": False, "size": "m",
    "day": date(2026, 2, 3),
    "at": datetime(2026, 2, 3, 4, 5, 6), "moment": datetime(2026, 2, 3, 4, 5, tzinfo=UTC),
    "wake": time(6, 30, 1), "lasts": timedelta(hours=1), "paint": "#00ff00", "mail": "a@b.ch",
    "site": "https://example.org/<a>", "tel": "+41", "tags": ["b", "a, c", ""], "photo": b"abc",
    "prices": [Decimal(3), Decimal("4.5")], "unseen": "x", "of_card": "y" * 200, "class_": "k/l",
}  # fmt: skip
TYPED = ["", " x ", "two\nlines", "<b>\"'&", "2026-01-01", "2026-01-01T10:00", "true", "s", "12,5"]
TYPED += ["2026-01-01T10:00:07Z", "2026-01-01T10:00:07.5+01:00", "10:00:01", "#00ff00", "r", "7"]
REFERRING = "maker"


class OpenSeal:
    """Signs nothing, and keeps what would have been signed."""

    def __init__(self) -> None:
        self.payloads: list[dict[str, object]] = []

    def sign(self, purpose: str, payload: dict[str, object]) -> str:
        self.payloads.append(payload)
        return f"sealed-{purpose}"

    def open(self, purpose: str, text: str) -> dict[str, object]:
        raise ValueError(text)


@dataclass
class World:
    """The class, and what was written for it."""

    things: ModuleType
    views: ModuleType

    @property
    def cls(self) -> Any:
        return self.things.Ejectable

    def stored(self) -> Any:
        hue, address = self.things.Hue, self.things.Address
        maker = self.things.EjectedMaker(name="Ann <b>").save()
        more = {"hue": hue.BLUE, "tint": hue.RED, "hues": {hue.RED, hue.BLUE}, "maker": maker.id}
        other = address(street="Side", number=2)
        return self.cls(**FULL, **more, other=other).save()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("ejecting")
    (made / "ejectable_things.py").write_text(THINGS, encoding="utf-8")
    sys.path.insert(0, str(made))
    yield made
    sys.path.remove(str(made))


def imported(folder: Path, name: str, text: str) -> ModuleType:
    (folder / f"{name}.py").write_text(text, encoding="utf-8")
    importlib.invalidate_caches()
    sys.modules.pop(name, None)
    return importlib.import_module(name)


@pytest.fixture(scope="module")
def world(folder: Path) -> World:
    things = importlib.import_module("ejectable_things")
    views = imported(folder, "ejectable_views", eject(things.Ejectable))
    return World(things, views)


@pytest.fixture(autouse=True)
def _fresh_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("NITRO_SECRET", "a secret that is long enough")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("secrets.token_hex", lambda length: "0" * length)
    entities.state.reset()
    events.reset()
    connect()
    yield
    events.reset()
    entities.state.reset()


def written(
    component: Any,
    forms: Mapping[str, FormState] | None = None,
    *,
    live: bool = True,
    lang: str | None = None,
) -> tuple[str, object]:
    """The HTML, and what the form seals but for the id of a new one."""
    seal = OpenSeal()
    context = RenderContext(live=live, sealer=seal, url="/list?q=x", lang=lang, forms=forms or {})
    with rendering(context):
        html = str(component)
    return html, [{**payload, "i": None} for payload in seal.payloads]


def forms_of(world: World, subject: object) -> tuple[Form, Form]:
    return Form.from_entity(subject), world.views.EjectableForm.from_entity(subject)


@pytest.mark.parametrize("live", [True, False])
def test_a_form_is_drawn_as_before(world: World, live: bool) -> None:
    for subject in (world.cls, world.stored()):
        plain, own = forms_of(world, subject)

        assert written(own, live=live) == written(plain, live=live)
        assert type(own).__name__ == "EjectableForm"


@pytest.mark.parametrize("typed", TYPED)
def test_a_refused_form_is_drawn_as_before(world: World, typed: str) -> None:
    for subject in (world.cls, world.stored()):
        plain, own = forms_of(world, subject)
        names = [field.name for field in plain.fields]
        errors = dict.fromkeys(names, "Not <this>") | {"home.street": "Nor this", "": "At all"}
        grouped = {field.name for field in plain.fields if field.grouped or field.stored}
        values = {name: typed for name in names if name not in grouped}
        state = RefusedForm(values=values, errors=errors)

        assert written(own, {own.key: state}) == written(plain, {plain.key: state})
        some_are_fine = RefusedForm(values=values, errors={"count": "No"})
        assert written(own, {own.key: some_are_fine}) == written(plain, {plain.key: some_are_fine})


def test_a_conflict_is_drawn_as_before(world: World) -> None:
    plain, own = forms_of(world, world.stored())
    for field in plain.fields:
        text = "[]" if field.grouped or field.stored else "7"
        found = Conflict(mine=text, theirs=text, by="Ann <b>", at=datetime(2026, 1, 1, tzinfo=UTC))
        state = RefusedForm(values={field.name: text}, conflicts={field.name: found})

        html, sealed = written(own, {own.key: state})

        assert (html, sealed) == written(plain, {plain.key: state})
        assert "Take theirs" in html


def test_what_a_stream_sends_is_drawn_as_before(world: World) -> None:
    thing = world.stored()
    plain, own = forms_of(world, thing)
    state = FollowedForm(writers={"name": "Ann"})

    assert written(own.showing(thing), {own.key: state}) == written(plain, {plain.key: state})
    assert 'data-nitro-by="Ann"' in written(own, {own.key: state})[0]


def test_the_rows_of_a_table_are_drawn_as_before(world: World) -> None:
    world.stored()
    world.cls(name="zz", notes="<i>", size="s", mail="").save()
    own = world.views.EjectableTable.from_entity(world.cls)

    assert written(own) == written(Table.from_entity(world.cls))
    assert "1,234.50" in written(own)[0]
    assert "Ann &lt;b&gt;" in written(own)[0]


def test_a_card_is_drawn_as_before(world: World) -> None:
    for thing in (world.stored(), world.cls(name="zz", size="s", mail="").save()):
        own = world.views.EjectableCard.from_entity(thing)

        assert written(own) == written(Card.from_entity(thing))


def test_what_has_no_text_is_called_as_before(world: World, folder: Path) -> None:
    maker = world.things.EjectedMaker
    views: Any = imported(folder, "maker_views", eject(maker, only=["card"]))
    thing = maker(name="").save()

    own = views.EjectedMakerCard.from_entity(thing)

    assert written(own) == written(Card.from_entity(thing))
    assert f"<h3>Ejected maker {thing.id}</h3>" in written(own)[0]


def test_the_parts_of_a_card_fit_into_a_page_of_one_thing(world: World) -> None:
    class Whole(world.views.EjectableCard, Detail):  # type: ignore[misc, name-defined]
        heading = Detail.heading
        css_class = Detail.css_class

    thing = world.stored()

    assert written(Whole.from_entity(thing)) == written(Detail.from_entity(thing))


def test_every_language_is_spoken_as_before(world: World, tmp_path: Path) -> None:
    place = tmp_path / "translations" / "de" / "LC_MESSAGES"
    place.mkdir(parents=True)
    texts = {
        "Ejectable": "Ding",
        "Count": "Zahl",
        "kg": "Kilo",
        "Red": "Rot",
        "Anything": "Irgendwas",
        "About": "Etwa",
    }
    said = "".join(f'msgid "{text}"\nmsgstr "{de}"\n\n' for text, de in texts.items())
    (place / "messages.po").write_text(f'msgid ""\nmsgstr ""\n\n{said}', encoding="utf-8")
    before = eject(world.cls)
    configure(translations=str(tmp_path / "translations"), lang="de")
    thing = world.stored()

    plain, own = forms_of(world, thing)
    html, _ = written(own, lang="de")
    assert written(own, lang="de") == written(plain, lang="de")
    card = world.views.EjectableCard.from_entity(thing)
    assert written(card, lang="de") == written(Card.from_entity(thing), lang="de")
    table = world.views.EjectableTable.from_entity(world.cls)
    assert written(table, lang="de") == written(Table.from_entity(world.cls), lang="de")
    assert eject(world.cls) == before
    for word in ("Zahl", "Kilo", "Rot", "Irgendwas", "Etwa", "Ja"):
        assert word in html


def test_what_is_written_does_not_look_at_the_annotations_any_more(
    world: World, folder: Path
) -> None:
    told, untold = world.things.Told, world.things.Untold
    views: Any = imported(folder, "told_views", eject(told, only=["form", "card"]))

    own = views.ToldForm.from_entity(untold).keyed("f").submit("Go")

    assert written(own) == written(Form.from_entity(told).keyed("f").submit("Go"))


def test_a_model_that_is_stored_nowhere_has_no_table(world: World) -> None:
    text = eject(world.things.Told)

    assert "class ToldForm(Form)" in text
    assert "Table" not in text
    with pytest.raises(CannotEject, match="no table"):
        eject(world.things.Told, only=["table"])


def test_one_part_alone_is_all_there_is(world: World) -> None:
    text = eject(world.cls, only=["table"])

    assert text.startswith('"""The table of Ejectable as plain code')
    assert "class EjectableTable(Table)" in text
    assert "Form" not in text
    assert "Card" not in text
    with pytest.raises(LookupError, match=r"'list'\. Parts: table, form, card"):
        eject(world.cls, only=["list"])


def test_what_is_too_much_to_write_out_is_built_and_says_why(world: World) -> None:
    text = eject(world.cls)
    found = r"def (\w+)_row\(row: Row\) -> Child:\n.*\n    # (.*)\n    return row.build"
    builds = dict(re.findall(found, text))

    assert set(builds) == {"tags", "prices", "hues", "home", "other", "photo", "scan", "maker"}
    assert builds["tags"] == "A list has buttons, and a template for new items."


def test_a_widget_of_your_own_goes_on_to_draw_its_field(world: World) -> None:
    def stars(shown: Shown) -> Element:
        return Tag("star-rating")(**shown.attributes)

    register_widget("textarea", stars)

    text = eject(world.things.Told)
    assert "    # Its widget is your own: textarea.\n    return row.build()" in text


def test_a_class_that_cannot_be_imported_is_refused() -> None:
    class Inside(BaseModel):
        name: str

    with pytest.raises(CannotEject, match=r"<locals>\.Inside cannot be imported"):
        eject(Inside)


AWKWARD = '''
from typing import Annotated

from pydantic import BaseModel, Field, create_model

from nitro_templates import ui


class Label(BaseModel):
    """Called like what the code imports."""

    unitPrice: Annotated[float, ui(unit='"""')] = 1.0
    unit_price: str = Field(default="", description="{x} \\\\ \\n '" + "''")
    importe: Annotated[str, ui(label="\\u202e\\u2028' \\" <b>", placeholder="\\x00")] = ""

    class Money(BaseModel):
        amount: Annotated[int, ui(currency="EUR")] = 1


Odd = create_model("Odd", **{"class": (str, "a"), "größe-1": (str, "b"), "ﬁ": (int, 3)})
'''


def test_awkward_names_and_texts_are_written_safely(folder: Path) -> None:
    things: Any = imported(folder, "awkward_things", AWKWARD)
    for number, model in enumerate((things.Label, things.Odd, things.Label.Money)):
        views: Any = imported(folder, f"awkward_views_{number}", eject(model))

        own = getattr(views, f"{model.__name__}Form").from_entity(model)
        assert written(own) == written(Form.from_entity(model))
        card = getattr(views, f"{model.__name__}Card").from_entity(model())
        assert written(card) == written(Card.from_entity(model()))


@given(some.text())
def test_every_text_is_written_as_itself(text: str) -> None:
    assert ast.literal_eval(literal(text)) == text
    assert "\n" not in literal(text)


def test_hostile_texts_are_written_as_themselves(hostile_list: list[str]) -> None:
    assert [ast.literal_eval(literal(text)) for text in hostile_list] == hostile_list


def checked(folder: Path, *command: str) -> None:
    if find_spec(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    ran = [sys.executable, "-m", *command]
    said = subprocess.run(ran, cwd=folder, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr


@pytest.fixture(scope="module")
def modules(folder: Path, world: World) -> Path:
    """A folder with modules that were written, and nothing else that is checked."""
    imported(folder, "awkward_things", AWKWARD)
    things: Any = sys.modules["awkward_things"]
    names = {world.cls: "things", things.Label: "labels", things.Odd: "odd"}
    names[world.things.Told] = "told"
    for cls, name in names.items():
        (folder / f"written_{name}.py").write_text(eject(cls), encoding="utf-8")
    (folder / "written_cards.py").write_text(eject(world.cls, only=["card"]), encoding="utf-8")
    return folder


@pytest.mark.parametrize("rules", ["E4,E7,E9,F", "B,D1,E4,F,FA,I,N,RET5,SIM,T20,TID,UP,W"])
def test_the_module_passes_ruff(modules: Path, rules: str) -> None:
    files = sorted(path.name for path in modules.glob("written_*.py"))
    shared = ["--isolated", "--no-cache"]

    how = ["--select", rules, "--ignore", "B009", "--target-version=py311"]
    checked(modules, "ruff", "check", *shared, *how, *files)
    checked(modules, "ruff", "format", "--check", "--diff", *shared, *files)


@pytest.mark.skipif(not PROOF, reason="takes 10 s, see NITRO_PROOF")
def test_the_module_passes_mypy(modules: Path) -> None:
    checked(modules, "mypy", "--strict", "--no-incremental", "written_things.py")


def test_amounts_go_into_files_as_numbers() -> None:
    amount: Callable[..., Any] = money

    assert str(amount(Decimal("1234.5"), "EUR")) == "1,234.50\N{NO-BREAK SPACE}EUR"
    assert plain(amount(Decimal("1234.5"), "EUR")) == Decimal("1234.5")
    assert plain(with_unit(7, "kg")) == 7
    assert (money(None, "EUR"), with_unit(None, "kg")) == (None, None)
