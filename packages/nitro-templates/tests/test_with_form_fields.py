"""A class with fields of every kind: form -> server -> entity, for good, bad and hostile texts."""

from __future__ import annotations

import enum
import html
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import pytest

pytest.importorskip("nitro_entities")
pytest.importorskip("nitro_events")
pytest.importorskip("nitro_fastapi")

from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import AwareDatetime, BaseModel, Field, SecretStr

import nitro
from nitro import Entity, action
from nitro_entities import state as entities
from nitro_events.joints import connect
from nitro_events.state import state as events
from nitro_templates.fields import ui
from support.form_html import FormReader, body_of, sent_by

HEADERS = {"accept": "text/html", "sec-fetch-site": "same-origin"}


class Hue(enum.Enum):
    RED = "r"
    BLUE = "b"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Address(BaseModel):
    street: str
    number: int = Field(default=1, ge=1)
    active: bool = False


class Item(BaseModel):
    what: str = Field(min_length=2)
    quantity: int = Field(default=1, ge=1, le=99)
    price: Annotated[Decimal, ui(currency="EUR")] = Decimal("1.50")
    gift: bool = False
    level: Level = Level.LOW
    marks: list[str] = []


class Everything(Entity):
    name: str
    notes: Annotated[str, ui(rows=3)] = ""
    count: int = Field(default=0, ge=0)
    ratio: float = 0.5
    price: Annotated[Decimal, ui(currency="EUR")] = Decimal("2.50")
    ready: bool = False
    maybe: bool | None = None
    hue: Hue = Hue.RED
    level: Level = Level.LOW
    size: Literal["s", "m"] = "s"
    day: date | None = None
    at: datetime | None = None
    moment: AwareDatetime | None = None
    wake: time | None = None
    lasts: timedelta | None = None
    zone: ZoneInfo = ZoneInfo("UTC")
    paint: Annotated[str, ui(widget="colour")] = "#ff0000"
    site: Annotated[str, ui(widget="url")] = ""
    mail: Annotated[str, ui(widget="email")] = ""
    tel: Annotated[str, ui(widget="phone")] = ""
    password: Annotated[SecretStr, ui(widget="secret")] = SecretStr("first")
    tags: list[str] = []
    numbers: list[int] = []
    hues: set[Hue] = set()
    home: Address = Address(street="Main", number=1)
    other: Address | None = None
    items: list[Item] = Field(default=[], max_length=5)

    @action
    def order(self, items: list[Item], to: Address, words: list[str] = []) -> None:  # noqa: B006
        self.items = items
        self.home = to
        self.tags = words
        self.save()


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("NITRO_SECRET", "a secret that is long enough")
    monkeypatch.chdir(tmp_path)
    entities.reset()
    events.reset()
    connect()
    app = FastAPI()
    nitro.install(app)
    with TestClient(app, headers=HEADERS, follow_redirects=False) as made:
        yield made
    events.reset()
    entities.reset()


FULL = {
    "name": "Zoë <b>",
    "notes": "two\nlines",
    "count": 12345,
    "ratio": 1e-7,
    "price": Decimal("1234.50"),
    "ready": True,
    "maybe": False,
    "hue": Hue.BLUE,
    "level": Level.HIGH,
    "size": "m",
    "day": date(2026, 2, 3),
    "at": datetime(2026, 2, 3, 4, 5, 6, 7),
    "moment": datetime(2026, 2, 3, 4, 5, tzinfo=UTC),
    "wake": time(6, 30),
    "lasts": timedelta(hours=1, seconds=2),
    "zone": ZoneInfo("Europe/Zurich"),
    "paint": "#00ff00",
    "site": "https://example.org/?a=1&b=2",
    "mail": "zoe@example.org",
    "tel": "+41 44 000 00 00",
    "tags": ["a", "b, c", ""],
    "numbers": [3, 1, 2],
    "hues": {Hue.RED, Hue.BLUE},
    "home": Address(street="Long\nroad", number=7, active=True),
    "other": Address(street="", number=2),
    "items": [
        Item(what="Tea", quantity=3, gift=True, level=Level.HIGH, marks=["x", "y"]),
        Item(what="Pot"),
    ],
}


def stored(**values: object) -> Everything:
    return Everything(**{**FULL, **values}).save()


def form_at(client: TestClient, path: str, key: str) -> FormReader:
    response = client.get(path)
    assert response.status_code == 200, response.text
    return sent_by(response.text, key)


def edit_form(client: TestClient, thing: Everything) -> FormReader:
    return form_at(client, f"/everythings/{thing.id}/edit", f"form-everythings-{thing.id}")


def send(client: TestClient, form: FormReader, *more: tuple[str, str], **typed: str) -> Any:
    """Post *form* with the texts *typed* in place; "__" stands for the dots of a name."""
    named = {name.replace("__", "."): text for name, text in typed.items()}
    pairs = [(name, named.pop(name, text)) for name, text in form.sent]
    body = body_of([*pairs, *named.items(), *more])
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return client.post(form.action, content=body, headers=headers)


def again(thing: Everything) -> Everything:
    return Everything.get(thing.id)


def shown_again(response: Any, thing: Everything) -> list[tuple[str, str]]:
    return sent_by(response.text, f"form-everythings-{thing.id}").sent


def without(form: FormReader, *starts: str) -> FormReader:
    form.sent = [(name, text) for name, text in form.sent if not name.startswith(starts)]
    return form


def test_a_form_that_comes_back_unchanged_changes_nothing(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    thing = stored()
    form = edit_form(client, thing)
    updates: list[object] = []
    monkeypatch.setattr(Everything, "update", lambda self, **values: updates.append(values))

    response = send(client, form)

    assert response.status_code == 303, response.text
    assert updates == []


def test_what_a_form_of_a_new_one_says_is_what_is_stored(client: TestClient) -> None:
    form = without(form_at(client, "/everythings/new", "form-everythings-new"), "items", "tags")
    typed = {
        "name": "New", "count": "7", "ratio": "0.25", "price": "9.90", "ready": "true",
        "maybe": "true", "hue": "b", "level": "2", "size": "m", "day": "2026-01-02",
        "at": "2026-01-02T03:04", "moment": "2026-01-02T03:04", "wake": "05:06",
        "lasts": "PT90S", "zone": "Asia/Tokyo", "paint": "#abcdef", "site": "https://x.org",
        "mail": "a@b.ch", "tel": "1", "password": "hush", "home.street": "Way",
        "home.number": "5", "home.active": "true", "other.street": "B", "tags.0": "x",
        "tags.7": "y", "numbers.2": "5", "hues": "b", "items.4.what": "Ink",
        "items.4.quantity": "2", "items.4.price": "3", "items.4.level": "2",
        "items.4.marks.0": "m",
    }  # fmt: skip

    response = send(client, form, **{n.replace(".", "__"): text for n, text in typed.items()})

    assert response.status_code == 303, response.text
    [made] = Everything.all()
    assert (made.name, made.count, made.ratio, made.price) == ("New", 7, 0.25, Decimal("9.90"))
    assert (made.ready, made.maybe, made.hue, made.level) == (True, True, Hue.BLUE, Level.HIGH)
    assert (made.size, made.day, made.wake) == ("m", date(2026, 1, 2), time(5, 6))
    assert made.at == datetime(2026, 1, 2, 3, 4)
    assert made.moment == datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    assert (made.lasts, made.zone.key) == (timedelta(seconds=90), "Asia/Tokyo")
    assert made.password.get_secret_value() == "hush"
    assert made.home == Address(street="Way", number=5, active=True)
    assert made.other == Address(street="B")
    assert (made.tags, made.numbers, made.hues) == (["x", "y"], [5], {Hue.BLUE})
    ink = Item(what="Ink", quantity=2, price=Decimal(3), level=Level.HIGH, marks=["m"])
    assert made.items == [ink]


def test_items_can_be_reordered_changed_and_removed(client: TestClient) -> None:
    thing = stored()
    form = edit_form(client, thing)
    first = [pair for pair in form.sent if pair[0].startswith("items.0.")]
    form.sent = [pair for pair in form.sent if pair not in first] + first

    assert send(client, form, items__1__quantity="9").status_code == 303

    pot, tea = again(thing).items
    assert (pot.what, pot.quantity, tea.what, tea.marks) == ("Pot", 9, "Tea", ["x", "y"])
    form = without(edit_form(client, thing), "items.0.")
    assert send(client, form).status_code == 303
    assert [item.what for item in again(thing).items] == ["Tea"]


def test_a_list_can_be_emptied_and_an_optional_part_removed(client: TestClient) -> None:
    thing = stored()

    response = send(client, without(edit_form(client, thing), "items", "tags", "hues", "other"))

    assert response.status_code == 303, response.text
    now = again(thing)
    assert (now.items, now.tags, now.hues, now.other) == ([], [], set(), None)


def test_an_item_that_was_added_and_not_used_is_dropped(client: TestClient) -> None:
    thing = stored(tags=["a"], numbers=[1])

    send(client, edit_form(client, thing), ("tags.1", "b"), ("tags.2", ""), ("numbers.1", ""))

    assert (again(thing).tags, again(thing).numbers) == (["a", "b"], [1])


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("count", "twelve"),
        ("ratio", "1,5"),
        ("ratio", "nan"),
        ("price", "cheap"),
        ("level", "3"),
        ("hue", "green"),
        ("day", "tomorrow"),
        ("at", "2026-13-45"),
        ("moment", "soon"),
        ("wake", "half past"),
        ("lasts", "long"),
        ("zone", "Mars/Base"),
        ("numbers.1", "one"),
        ("home.number", "0"),
        ("home.street", ""),
        ("other.number", "x"),
        ("items.0.what", "T"),
        ("items.1.quantity", "100"),
        ("items.1.quantity", ""),
        ("items.0.price", "<script>"),
        ("items.0.level", "9"),
    ],
)
def test_what_cannot_be_read_comes_back_as_typed_with_its_message(
    client: TestClient, name: str, typed: str
) -> None:
    thing = stored()

    response = send(client, edit_form(client, thing), **{name.replace(".", "__"): typed})

    assert response.status_code == 422, response.text
    assert dict(shown_again(response, thing))[name] == typed
    id = f"form-everythings-{thing.id}-{name.replace('.', '--')}"
    box = re.search(rf'<[a-z]+ [^>]*id="{id}"[^>]*>', response.text)
    assert box is not None
    assert 'aria-invalid="true"' in box[0]
    assert f'{id}-error"' in box[0]
    assert f'<p id="{id}-error" class="nitro-error">' in response.text
    assert again(thing) == thing


def test_everything_else_that_was_typed_comes_back_too(client: TestClient) -> None:
    thing = stored()
    form = edit_form(client, thing)

    response = send(client, form, name="Other", items__0__what="T", items__1__what="Jug <&>")

    expected = {"name": "Other", "items.0.what": "T", "items.1.what": "Jug <&>"}
    assert expected.items() <= dict(shown_again(response, thing)).items()


def test_a_list_that_is_too_long_says_so_at_the_list(client: TestClient) -> None:
    thing = stored()
    more = [(f"items.{n}.what", "More") for n in range(2, 9)]

    response = send(client, edit_form(client, thing), *more)

    assert response.status_code == 422
    id = f"form-everythings-{thing.id}-items"
    assert f'<p id="{id}-error" class="nitro-error">There may be 5 at most</p>' in response.text


@pytest.mark.parametrize(
    "name",
    [
        "items.__class__",
        "items.0.__class__",
        "items.0.__init__.x",
        "items.-1.what",
        "items.99999999999999999999.what",
        "items.1e3.what",
        "items.0.what.0.0",
        "items.²",
        "items..what",
        "items." + "0." * 40 + "what",
        "home.0",
        "home.street.street",
        "home.unknown",
        "tags.x",
        "hues.__proto__",
        "constructor.prototype",
        "id",
        "id.0",
    ],
)
def test_a_name_that_fits_nothing_is_left_alone(client: TestClient, name: str) -> None:
    thing = stored()

    response = send(client, edit_form(client, thing), (name, "hostile"))

    assert response.status_code == 303, response.text
    assert again(thing) == thing


def test_the_last_of_several_texts_with_one_name_counts(client: TestClient) -> None:
    thing = stored()

    send(client, edit_form(client, thing), ("items.0.quantity", "4"), ("items.0.quantity", "5"))

    assert again(thing).items[0].quantity == 5


def test_too_many_items_are_refused_as_any_form_that_is_too_large(client: TestClient) -> None:
    thing = stored()

    response = send(client, edit_form(client, thing), *[("tags.0", "x")] * 20_000)

    assert response.status_code == 400
    assert again(thing) == thing


def test_a_secret_is_set_and_never_shown(client: TestClient) -> None:
    thing = stored(password=SecretStr("first-secret"))
    page = client.get(f"/everythings/{thing.id}/edit").text

    assert "first-secret" not in page
    assert re.search(r'<input value="" [^>]*name="password"[^>]*type="password"', page)
    assert send(client, edit_form(client, thing), name="Kept").status_code == 303
    assert again(thing).password.get_secret_value() == "first-secret"
    refused = send(client, edit_form(client, thing), password="second-secret", count="x")
    assert refused.status_code == 422
    assert "second-secret" not in refused.text
    assert send(client, edit_form(client, thing), password="second-secret").status_code == 303
    assert again(thing).password.get_secret_value() == "second-secret"
    assert "second-secret" not in client.get(f"/everythings/{thing.id}/edit").text


@pytest.mark.parametrize(
    ("button", "tags"),
    [
        (("_add", "tags"), ["a", "b", "c", ""]),
        (("_remove", "tags.1"), ["a", "c"]),
        (("_up", "tags.2"), ["a", "c", "b"]),
        (("_up", "tags.0"), ["a", "b", "c"]),
        (("_down", "tags.0"), ["b", "a", "c"]),
        (("_down", "tags.2"), ["a", "b", "c"]),
        (("_remove", "tags.9"), ["a", "b", "c"]),
        (("_remove", "tags.-1"), ["a", "b", "c"]),
        (("_remove", "name"), ["a", "b", "c"]),
        (("_add", "__class__.x"), ["a", "b", "c"]),
    ],
)
def test_the_buttons_of_a_list_work_without_scripts(
    client: TestClient, button: tuple[str, str], tags: list[str]
) -> None:
    thing = stored(tags=["a", "b", "c"])

    response = send(client, edit_form(client, thing), button, name="Typed")

    assert response.status_code == 200, response.text
    sent = shown_again(response, thing)
    assert [text for name, text in sent if name.startswith("tags.") and name != "tags."] == tags
    assert dict(sent)["name"] == "Typed"
    assert again(thing) == thing


def test_a_list_inside_a_list_has_working_buttons_too(client: TestClient) -> None:
    thing = stored()
    form = edit_form(client, thing)

    form = sent_by(
        send(client, form, ("_add", "items.1.marks")).text, f"form-everythings-{thing.id}"
    )
    form = sent_by(send(client, form, ("_add", "items")).text, f"form-everythings-{thing.id}")

    assert ("items.1.marks.0", "") in form.sent
    assert ("items.2.quantity", "1") in form.sent
    typed = {"items__1__marks__0": "new", "items__2__what": "Cup"}
    assert send(client, form, **typed).status_code == 303
    assert [item.marks for item in again(thing).items] == [["x", "y"], ["new"], []]


def test_an_optional_part_is_added_and_removed_by_its_buttons(client: TestClient) -> None:
    thing = stored(other=None)
    key = f"form-everythings-{thing.id}"

    added = sent_by(send(client, edit_form(client, thing), ("_add", "other")).text, key)
    removed = sent_by(send(client, added, ("_remove", "other")).text, key)

    assert ("other.number", "1") in added.sent
    assert not [name for name, _ in removed.sent if name.startswith("other")]
    assert send(client, added, other__street="Here").status_code == 303
    assert again(thing).other == Address(street="Here")


def test_the_buttons_work_in_the_form_of_a_new_one(client: TestClient) -> None:
    form = form_at(client, "/everythings/new", "form-everythings-new")

    response = send(client, form, ("_add", "items"), name="Typed", count="x")

    assert response.status_code == 200, response.text
    sent = dict(sent_by(response.text, "form-everythings-new").sent)
    assert (sent["name"], sent["count"], sent["items.0.quantity"]) == ("Typed", "x", "1")
    assert list(Everything.all()) == []


def order_form(client: TestClient, thing: Everything) -> FormReader:
    key = f"form-everythings-{thing.id}-order"
    return form_at(client, f"/everythings/{thing.id}/order", key)


def test_an_action_takes_lists_and_nested_models(client: TestClient) -> None:
    thing = stored()
    typed = {
        "items__3__what": "Ink", "items__3__level": "2", "to__street": "Way", "to__number": "4",
    }  # fmt: skip

    response = send(client, order_form(client, thing), ("words.1", "x"), ("words.2", ""), **typed)

    assert response.status_code == 303, response.text
    now = again(thing)
    assert now.items == [Item(what="Ink", level=Level.HIGH)]
    assert (now.home, now.tags) == (Address(street="Way", number=4), ["x"])


def test_the_arguments_of_an_action_come_back_with_messages(client: TestClient) -> None:
    thing = stored()
    typed = {"items__0__what": "I", "items__0__quantity": "x", "to__street": ""}

    response = send(client, order_form(client, thing), **typed)

    assert response.status_code == 422
    key = f"form-everythings-{thing.id}-order"
    sent = dict(sent_by(response.text, key).sent)
    assert (sent["items.0.what"], sent["items.0.quantity"]) == ("I", "x")
    for name in ("items--0--what", "items--0--quantity", "to--street"):
        assert f'<p id="{key}-{name}-error" class="nitro-error">' in response.text


def test_the_buttons_of_a_list_work_in_the_form_of_an_action(client: TestClient) -> None:
    thing = stored()

    response = send(client, order_form(client, thing), ("_add", "words"), to__street="Way")

    assert response.status_code == 200, response.text
    sent = dict(sent_by(response.text, f"form-everythings-{thing.id}-order").sent)
    assert (sent["words.0"], sent["to.street"]) == ("", "Way")
    assert again(thing) == thing


def test_two_who_change_the_same_list_are_asked(client: TestClient) -> None:
    thing = stored()
    form = edit_form(client, thing)
    thing.items = [Item(what="Theirs")]
    thing.save()

    response = send(client, form, items__0__what="Mine")

    assert response.status_code == 409
    said = html.unescape(response.text)
    assert "Changed to “Theirs, 1, 1.50, No, Low”" in said
    assert "You typed “Mine" in said
    assert again(thing).items == [Item(what="Theirs")]


def test_changes_of_different_fields_merge_also_where_one_is_a_list(client: TestClient) -> None:
    thing = stored()
    form = edit_form(client, thing)
    thing.name = "Theirs"
    thing.save()

    assert send(client, form, items__0__what="Mine").status_code == 303

    now = again(thing)
    assert (now.name, now.items[0].what) == ("Theirs", "Mine")


def test_a_program_gets_errors_under_dotted_names(client: TestClient) -> None:
    thing = stored()
    changes: Mapping[str, object] = {"items": [{"what": "Tea"}, {"what": "x", "quantity": 0}]}

    response = client.patch(
        f"/everythings/{thing.id}", json=changes, headers={"accept": "application/json"}
    )

    assert response.status_code == 422
    assert set(response.json()["errors"]) == {"items.1.what", "items.1.quantity"}
