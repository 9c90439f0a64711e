"""Entities in the caller's browser: sealed, bound to their caller, never older than the last."""

import asyncio
import base64
import json
import os
import random
import string
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import BaseModel

from nitro_entities import (
    DefinitionError,
    Entity,
    EntityExists,
    MemoryRepo,
    NotStorable,
    Secret,
    SQLModelBackend,
    StaleEntity,
    StoreUnusable,
    Unique,
    UnitOfWork,
    configure,
    state,
)
from nitro_entities.repository import Ability
from nitro_entities.stores.browser import (
    BadSeal,
    BrowserSession,
    DatastarRepo,
    HmacSealer,
    Newest,
    VersionMemory,
    VersionsIn,
    browser_session,
    current_session,
    remember_in,
    sealing,
)
from nitro_entities.stores.browser.names import path_of, slot_of
from nitro_entities.stores.browser.packed import PURPOSE, digest_of, schema_of
from nitro_entities.stores.browser.session import MAX_AGE, MAX_TEXTS

PROOF = bool(os.environ.get("NITRO_PROOF"))
TAMPERED = 10_000 if PROOF else 500
KEY = "k" * 32


@pytest.fixture(autouse=True)
def secret(clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(clean.parent)
    monkeypatch.delenv("NITRO_ENV", raising=False)
    configure(secret=[KEY])


class Prefs(Entity):
    _persistence_backend_class = DatastarRepo
    __plural__ = "Prefs of the browser tests"

    theme: str = "light"
    size: int = 0


class Cart(Entity):
    _persistence_backend_class = DatastarRepo
    __plural__ = "Carts of the browser tests"

    lines: list[str] = []
    paid: bool = False
    price: float = 0.0


def after(*entities: Entity, caller: str = "ann") -> dict[str, Any]:
    """The signals of a browser to which these entities were sent."""
    session = BrowserSession(caller=caller)
    with browser_session(session):
        for entity in entities:
            entity.save()
    return session.reply()


def browser(sent: dict[str, Any] | None = None, caller: str = "ann") -> BrowserSession:
    return BrowserSession(sent, caller=caller)


def merged(signals: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """What a browser makes of a patch."""
    result = dict(signals)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict):
            result[name] = merged(result.get(name, {}), value)
        else:
            result[name] = value
    return result


def text_in(signals: dict[str, Any]) -> str:
    (text,) = signals["kept_sealed"].values()
    return str(text)


def test_what_one_request_saves_the_next_one_gets() -> None:
    sent = after(Prefs(id="me", theme="dark", size=3))

    with browser_session(browser(sent)):
        assert Prefs.get("me") == Prefs(id="me", theme="dark", size=3)


def test_a_change_goes_back_and_only_the_change() -> None:
    sent = after(Prefs(id="me"), Prefs(id="other"))
    session = browser(sent)

    with browser_session(session):
        me = Prefs.get("me")
        me.theme = "dark"
        me.save()
    patch = session.reply()

    assert patch["kept"] == {"prefs": {"me": {"id": "me", "theme": "dark", "size": 0}}}
    assert list(patch["kept_sealed"]) == [slot_of(Prefs, "me")]
    assert session.reply() == {}


def test_a_deletion_is_sent() -> None:
    session = browser(after(Prefs(id="me")))

    with browser_session(session):
        Prefs.get("me").delete()

    assert session.reply() == {
        "kept_sealed": {slot_of(Prefs, "me"): None},
        "kept": {"prefs": {"me": ""}},
    }


def test_nothing_is_sent_for_what_is_only_read() -> None:
    session = browser(after(Prefs(id="me")))

    with browser_session(session):
        assert Prefs.all()
        Prefs.get("me").save()

    assert session.reply() == {}


def test_questions_are_about_the_own_entities() -> None:
    sent = after(*(Cart(id=f"c{n}", price=n, paid=n % 2 == 0) for n in range(4)))
    after(Cart(id="c9", price=9), caller="ben")

    with browser_session(browser(sent)):
        dear = Cart.where(Cart.price > 0).order_by("-price").list()
        assert [cart.id for cart in dear] == ["c3", "c2", "c1"]
        assert Cart.where(paid=True).count() == 2
        assert not Cart.exists("c9")


def test_incr_adds_to_what_is_kept() -> None:
    sent = after(Prefs(id="me", size=3))

    with browser_session(browser(sent)) as session:
        Prefs.get("me").incr(size=2)
    sent = merged(sent, session.reply())

    with browser_session(browser(sent)):
        assert Prefs.get("me").size == 5


def test_a_new_entity_does_not_replace_one_that_is_there() -> None:
    with browser_session(browser(after(Prefs(id="me")))), pytest.raises(EntityExists):
        Prefs.create(id="me")


def test_a_rolled_back_unit_sends_nothing() -> None:
    session = browser()

    with browser_session(session), pytest.raises(RuntimeError), UnitOfWork():
        Prefs.create(id="me")
        raise RuntimeError

    assert session.reply() == {}


def test_a_unit_sends_all_of_it() -> None:
    session = browser()

    with browser_session(session), UnitOfWork():
        Prefs.create(id="me")
        Cart.create(id="c")

    assert len(session.reply()["kept_sealed"]) == 2


def test_a_locking_read_sends_nothing_and_refuses_what_came_between() -> None:
    sent = after(Prefs(id="me"), Cart(id="c"))
    session = browser(sent)
    repo = Prefs.repository()

    with browser_session(session):
        quiet = repo.store.begin()
        assert repo.get("me", quiet, lock=True)
        quiet.commit(())
        assert session.reply() == {}
        late = repo.store.begin()
        assert repo.get("me", late, lock=True)
        with browser_session(browser(sent)):
            Prefs.get("me").incr(size=1)
        with pytest.raises(StaleEntity):
            late.commit(())


def test_a_unit_may_hold_entities_of_the_browser_and_of_a_database() -> None:
    class Order(Entity):
        _persistence_backend_class = SQLModelBackend
        lines: list[str]

    session = browser(after(Cart(id="c", lines=["tea"])))

    with browser_session(session), UnitOfWork():
        cart = Cart.get("c")
        Order(id="o", lines=cart.lines).save()
        cart.delete()

    assert Order.get("o").lines == ["tea"]
    assert session.reply()["kept"] == {"cart": {"c": ""}}


def test_increments_in_many_threads_all_count() -> None:
    session = browser(after(Prefs(id="me")))

    def add() -> None:
        with browser_session(session):
            for _ in range(20):
                while True:
                    try:
                        me = Prefs.get("me")
                        me.size += 1
                        me.save()
                    except StaleEntity:
                        continue
                    break

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with browser_session(session):
        assert Prefs.get("me").size == 160


def forged(rng: random.Random, sealed: str, others: list[str]) -> str:
    """One of the ways to change a sealed text; may come out as it was."""
    letters = string.ascii_letters + string.digits + "-_."
    place = rng.randrange(len(sealed))
    parts, stolen = sealed.split("."), rng.choice(others).split(".")
    ways = [
        lambda: sealed[:place] + rng.choice(letters) + sealed[place + 1 :],
        lambda: (
            sealed[:place]
            + chr(ord(sealed[place]) ^ (1 << rng.randrange(8)))
            + sealed[place + 1 :]
        ),
        lambda: sealed[:place],
        lambda: sealed[place:],
        lambda: sealed + "".join(rng.choices(letters + "= \n\0", k=rng.randint(1, 9))),
        lambda: rng.choice(letters + " =") + sealed,
        lambda: sealed[:place] + rng.choice(letters + "=\u0661\ud800") + sealed[place:],
        lambda: ".".join(rng.sample(parts, len(parts))),
        lambda: ".".join(
            mine if number != swapped else theirs
            for swapped in [rng.randrange(1, 4)]
            for number, (mine, theirs) in enumerate(zip(parts, stolen, strict=True))
        ),
        lambda: ".".join([*parts[:2], _other_values(rng, parts[2]), parts[3]]),
        lambda: ".".join(["0", *parts[1:]]),
        lambda: ".".join([*parts[:3], ""]),
        lambda: sealed.swapcase(),
        lambda: sealed * 2,
    ]
    return rng.choice(ways)()


def _other_values(rng: random.Random, body: str) -> str:
    payload = json.loads(base64.urlsafe_b64decode(body + "=="))
    name = rng.choice(list(payload))
    payload[name] = rng.choice(["x", 7, None, payload[name]])
    payload["n"] = rng.randrange(100)
    return base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip("=")


def test_no_tampered_state_is_accepted(caplog: pytest.LogCaptureFixture) -> None:
    rng = random.Random(7)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    configure(clock=lambda: now)
    slot = slot_of(Prefs, "me")
    old = text_in(after(Prefs(id="me", theme="first")))
    session = browser({"kept_sealed": {slot: old}})
    with browser_session(session):
        Prefs.get("me").update(theme="second").save()
    genuine = text_in(session.reply())
    others = [text_in(after(Prefs(id=f"x{n}", theme="x"))) for n in range(5)]
    foreign = [
        old,  # older than the last one
        text_in(after(Prefs(id="me", theme="ben's"), caller="ben")),
        text_in(after(Cart(id="me"))),
        *others,
        HmacSealer("other key " * 4).sign(PURPOSE, HmacSealer(KEY).open(PURPOSE, genuine)),
        HmacSealer(KEY).sign("another purpose", HmacSealer(KEY).open(PURPOSE, genuine)),
    ]
    accepted = 0

    for number in range(TAMPERED):
        text = forged(rng, genuine, others) if number % 5 else rng.choice(foreign)
        if text == genuine:
            continue
        with browser_session(browser({"kept_sealed": {slot: text}})):
            # an older state of the same caller gives way to the newest one
            newest = [Prefs(id="me", theme="second")] if text == old else []
            accepted += Prefs.all() != newest
            accepted += len(Cart.all())

    assert accepted == 0
    with browser_session(browser({"kept_sealed": {slot: genuine}})):
        assert Prefs.get("me").theme == "second"
    assert not any(word in caplog.text for word in ("second", "first", genuine[:40]))


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"kept_sealed": None},
        {"kept_sealed": ""},
        {"kept_sealed": []},
        {"kept_sealed": {"k": 5, "l": {"m": "n"}, "o": [1]}},
        {"kept_sealed": {"k": "x" * 200_000}},
        {"kept_sealed": {f"k{n}": "1.a.b.c" for n in range(2 * MAX_TEXTS)}},
    ],
)
def test_any_signals_are_as_good_as_none(sent: dict[str, Any]) -> None:
    with browser_session(browser(sent)):
        assert Prefs.all() == []


def test_a_refusal_is_one_line_in_the_log_without_values(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sent = after(Prefs(id="me", theme="violet"), Prefs(id="you"), caller="ben")

    with browser_session(browser(sent)):
        assert Prefs.all() == []
        assert Prefs.all() == []

    (record,) = caplog.records
    assert record.getMessage() == (
        "Not believed of the entities that a browser sent: of somebody else (2)"
    )


def test_a_text_is_good_in_its_own_place_only() -> None:
    sent = after(Prefs(id="a"), Prefs(id="b"))["kept_sealed"]
    swapped = dict(zip(sent, reversed(sent.values()), strict=True))

    with browser_session(browser({"kept_sealed": swapped})):
        assert Prefs.all() == []


def test_an_older_state_gives_way_to_the_newest() -> None:
    first = after(Prefs(id="me", size=1))
    with browser_session(browser(first)):
        Prefs.get("me").incr(size=1)
    session = browser(first)

    with browser_session(session):
        assert Prefs.get("me").size == 2
    again = merged(first, session.reply())

    assert text_in(again) != text_in(first)
    assert again["kept"]["prefs"]["me"]["size"] == 2


def test_a_deleted_entity_does_not_come_back() -> None:
    sent = after(Prefs(id="me"))
    with browser_session(browser(sent)):
        Prefs.get("me").delete()

    with browser_session(browser(sent)):
        assert Prefs.get_or_none("me") is None


def test_of_two_tabs_the_one_that_saves_later_is_stale() -> None:
    sent = after(Prefs(id="me"))
    one, two = browser(sent), browser(sent)
    with browser_session(one):
        mine = Prefs.get("me")
    with browser_session(two):
        theirs = Prefs.get("me")
        theirs.theme = "theirs"
        theirs.save()

    with browser_session(one):
        mine.theme = "mine"
        with pytest.raises(StaleEntity) as caught:
            mine.save()

    assert caught.value.mine == {"theme": "mine"}
    assert caught.value.theirs == {"theme": "theirs"}


def test_after_a_conflict_the_same_request_can_try_again() -> None:
    sent = after(Prefs(id="me"))
    one = browser(sent)
    with browser_session(one):
        mine = Prefs.get("me")
    with browser_session(browser(sent)):
        Prefs.get("me").incr(size=5)

    with browser_session(one):
        mine.theme = "mine"
        with pytest.raises(StaleEntity):
            mine.save()
        mine.refresh()
        mine.theme = "mine"
        mine.save()

    with browser_session(browser(one.reply())):
        assert Prefs.get("me") == Prefs(id="me", theme="mine", size=5)


def test_a_save_of_what_another_tab_deleted_is_stale() -> None:
    sent = after(Prefs(id="me"))
    one = browser(sent)
    with browser_session(one):
        mine = Prefs.get("me")
    with browser_session(browser(sent)):
        Prefs.get("me").delete()

    with browser_session(one), pytest.raises(StaleEntity) as caught:
        mine.update(theme="mine").save()

    assert caught.value.gone


def test_a_browser_that_missed_an_answer_goes_on_from_the_newest_state() -> None:
    sent = after(Prefs(id="me"))
    for _ in range(3):  # its answers are lost
        with browser_session(browser(sent)):
            Prefs.get("me").incr(size=1)

    with browser_session(browser(sent)):
        assert Prefs.get("me").size == 3


def test_a_browser_that_lost_everything_can_begin_again() -> None:
    before = after(Prefs(id="me", theme="old"))

    again = after(Prefs(id="me", theme="new"))

    for sent in (again, before):
        with browser_session(browser(sent)):
            assert Prefs.get("me").theme == "new"


def test_a_browser_is_told_of_a_deletion_that_it_missed() -> None:
    sent = after(Prefs(id="me"))
    with browser_session(browser(sent)):
        Prefs.get("me").delete()
    session = browser(sent)

    with browser_session(session):
        assert Prefs.all() == []

    assert merged(sent, session.reply())["kept_sealed"] == {}


def test_what_the_server_forgot_is_believed_until_it_is_too_old() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    configure(clock=lambda: now)
    first = after(Prefs(id="me", theme="first"))
    with browser_session(browser(first)):
        Prefs.get("me").update(theme="second").save()
    remember_in(VersionMemory())  # as after a restart

    with browser_session(browser(first)):
        assert Prefs.get("me").theme == "first"
    now += timedelta(seconds=MAX_AGE + 1)
    with browser_session(browser(first)):
        assert Prefs.get_or_none("me") is None


def test_what_is_used_is_sealed_afresh_before_it_is_too_old() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    configure(clock=lambda: now)
    sent = after(Prefs(id="me"))
    for _ in range(4):
        now += timedelta(seconds=MAX_AGE * 0.6)
        session = browser(sent)
        with browser_session(session):
            assert Prefs.exists("me")
        sent = merged(sent, session.reply())

    with browser_session(browser(sent)):
        assert Prefs.exists("me")


def test_a_text_from_the_future_is_not_believed() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    configure(clock=lambda: now + timedelta(hours=2))
    sent = after(Prefs(id="me"))
    configure(clock=lambda: now)

    with browser_session(browser(sent)):
        assert Prefs.get_or_none("me") is None


def test_memory_keeps_what_was_used_last() -> None:
    memory = VersionMemory(size=2)
    for key in ("a", "b", "a", "c"):
        memory.seen({key: Newest(1, "text")})

    assert memory.newest(["a", "b", "c"]).keys() == {"a", "c"}


def test_memory_keeps_no_more_text_than_it_may() -> None:
    memory = VersionMemory(characters=100)
    for number in range(20):
        memory.advance({"same": Newest(number + 1, "x" * 40), str(number): Newest(1, "x" * 40)})

    assert memory.newest(["same", "18", "19"]) == {
        "same": Newest(20, "x" * 40),
        "19": Newest(1, "x" * 40),
    }


def test_states_advance_all_together_or_not_at_all() -> None:
    memory = VersionMemory()
    memory.seen({"b": Newest(2, "two")})

    assert memory.advance({"a": Newest(1, ""), "b": Newest(2, "")}) == "b"
    assert memory.newest(["a", "b"]) == {"b": Newest(2, "two")}
    assert memory.advance({"a": Newest(1, ""), "b": Newest(3, "")}) is None


@pytest.mark.parametrize("backend", [MemoryRepo, SQLModelBackend])
def test_workers_can_share_their_memory_through_any_store(backend: type[Any]) -> None:
    class BrowserState(Entity):
        _persistence_backend_class = backend
        version: int
        text: str

    shared = VersionsIn(BrowserState)
    remember_in(shared)
    first = after(Prefs(id="me"))
    with browser_session(browser(first)):
        Prefs.get("me").incr(size=1)
    remember_in(VersionsIn(BrowserState))  # another worker

    with browser_session(browser(first)):
        assert Prefs.get("me").size == 1
    (key,) = [one.id for one in BrowserState.all()]
    assert shared.advance({"new": Newest(1, ""), key: Newest(2, "")}) == key
    assert shared.newest(["new", key]).keys() == {key}


def test_a_commit_to_a_shared_memory_is_no_part_of_the_unit() -> None:
    class BrowserState(Entity):
        _persistence_backend_class = SQLModelBackend
        version: int
        text: str

    class Order(Entity):
        _persistence_backend_class = SQLModelBackend

    remember_in(VersionsIn(BrowserState))
    session = browser()

    with browser_session(session), UnitOfWork():
        Order(id="o").save()
        Prefs.create(id="me")

    assert Order.exists("o")
    assert BrowserState.count() == 1
    assert session.reply()["kept"]["prefs"]["me"]


def test_the_newest_secret_signs_and_all_of_them_open() -> None:
    sent = after(Prefs(id="me"))
    state.reset()
    configure(secret=["n" * 32, KEY])

    with browser_session(browser(sent)) as session:
        Prefs.get("me").incr(size=1)
    renewed = merged(sent, session.reply())

    assert text_in(renewed).split(".")[1] != text_in(sent).split(".")[1]
    state.reset()
    configure(secret=["n" * 32])
    with browser_session(browser(renewed)):
        assert Prefs.get("me").size == 1
    with browser_session(browser(sent)):
        assert Prefs.get_or_none("me") is None


def test_a_seal_of_another_purpose_is_a_bad_seal() -> None:
    sealer = HmacSealer(KEY)

    with pytest.raises(BadSeal):
        sealer.open("form", sealer.sign(PURPOSE, {"a": 1}))


def test_no_two_texts_open_to_the_same_seal() -> None:
    sealer = HmacSealer(KEY)
    sealed = sealer.sign("p", {"a": 1})
    letters = string.ascii_letters + string.digits + "-_="

    for other in [sealed[:-1] + letter for letter in letters] + [sealed + "=", sealed + "."]:
        if other != sealed:
            with pytest.raises(BadSeal):
                sealer.open("p", other)


def test_the_repr_of_a_sealer_shows_no_secret() -> None:
    assert KEY not in repr(HmacSealer(KEY)) + repr(browser(after(Prefs())))


@pytest.mark.parametrize("value", ["", "short, even shorter"])
def test_production_needs_a_good_secret(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    state.reset()
    monkeypatch.setenv("NITRO_ENV", "production")
    monkeypatch.setenv("NITRO_SECRET", value)

    with pytest.raises(StoreUnusable, match="NITRO_SECRET"):
        after(Prefs())


def test_development_keeps_a_secret_for_its_owner_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state.reset()
    monkeypatch.delenv("NITRO_SECRET", raising=False)
    sent = after(Prefs(id="me"))
    kept = tmp_path / ".nitro" / "secret"
    state.reset()  # as after a restart

    with browser_session(browser(sent)):
        assert Prefs.exists("me")
    assert kept.stat().st_mode & 0o777 == 0o600
    assert len(kept.read_text().strip()) >= 32


def test_secrets_of_the_environment_come_newest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    state.reset()
    monkeypatch.setenv("NITRO_SECRET", f"{'n' * 32}, {KEY}")

    assert sealing().sealer.open("p", HmacSealer(KEY).sign("p", {"a": 1})) == {"a": 1}
    assert HmacSealer("n" * 32).open("p", sealing().sealer.sign("p", {"b": 2})) == {"b": 2}


def define(**fields: Any) -> type[Any]:
    """Define the same class once more, with other fields."""
    names = {name: kind for name, (kind, _) in fields.items()}
    values = {name: default for name, (_, default) in fields.items()}
    body = {"__annotations__": names, "__module__": __name__, "__qualname__": "Changing"}
    make: Any = type(Entity)
    return cast(
        "type[Any]",
        make(
            "Changing", (Entity,), {**body, **values, "_persistence_backend_class": DatastarRepo}
        ),
    )


def test_a_class_with_other_fields_does_not_believe_the_old_ones() -> None:
    sent = after(define(theme=(str, "light"))(id="me", theme="dark"))

    for fields in (
        {"theme": (int, 0)},
        {"theme": (str | None, None)},
        {"theme": (str, ""), "size": (int, 0)},
        {"size": (int, 0)},
    ):
        with browser_session(browser(sent)):
            assert define(**fields).all() == []


def test_a_class_with_other_words_and_defaults_is_the_same() -> None:
    sent = after(define(theme=(str, "light"))(id="me", theme="dark"))

    with browser_session(browser(sent)):
        assert define(theme=(str, "grey")).get("me").theme == "dark"


def test_a_class_can_bring_old_values_up_to_date() -> None:
    sent = after(define(theme=(str, "light"))(id="me", theme="dark"))
    new = define(dark=(bool, False))
    new.__upgrade__ = staticmethod(lambda values: {"dark": values["theme"] == "dark"})

    with browser_session(browser(sent)) as session:
        me = new.get("me")
        assert me.dark is True
        me.dark = False
        me.save()
    sent = merged(sent, session.reply())

    with browser_session(browser(sent)):
        assert new.get("me").dark is False


@pytest.mark.parametrize(
    "upgrade", [lambda values: None, lambda values: {"dark": "no"}, lambda values: 1 / 0]
)
def test_an_upgrade_that_fails_is_a_refusal(upgrade: Any) -> None:
    sent = after(define(theme=(str, "light"))(id="me"))
    new = define(dark=(int, 0))
    new.__upgrade__ = staticmethod(upgrade)

    with browser_session(browser(sent)):
        assert new.all() == []


def test_the_digest_of_a_class_follows_its_models() -> None:
    class One(BaseModel):
        title: str

    class Two(BaseModel):
        title: int

    one, two = define(part=(list[One], [])), define(part=(list[Two], []))

    assert schema_of(one) != schema_of(two)


def test_values_that_the_class_refuses_by_now_are_not_believed() -> None:
    from pydantic import Field

    sent = after(define(size=(int, 0))(id="me", size=50))

    with browser_session(browser(sent)):
        assert define(size=(int, Field(default=0, le=10))).all() == []


def test_secret_fields_are_refused() -> None:
    with pytest.raises(DefinitionError, match=r"Login\.token is secret"):

        class Login(Entity):
            _persistence_backend_class = DatastarRepo
            token: Secret[str] = ""


def test_unique_fields_are_refused() -> None:
    with pytest.raises(DefinitionError, match=r"Account\.email cannot be unique"):

        class Account(Entity):
            _persistence_backend_class = DatastarRepo
            email: Unique[str]


def test_it_says_what_it_cannot() -> None:
    abilities = Prefs.repository().abilities

    assert abilities == {Ability.QUERY, Ability.TRANSACTIONS}


def test_a_subclass_of_the_store_has_no_more_abilities() -> None:
    class Roomy(DatastarRepo[Any]):
        total_limit = 20_000

    assert Roomy.abilities == DatastarRepo.abilities
    assert Roomy.blocking is False


def test_an_entity_that_is_too_large_is_not_storable() -> None:
    session = browser()

    with browser_session(session), pytest.raises(NotStorable, match="4096 are allowed") as caught:
        Prefs.create(id="me", theme="x" * 3000)

    assert caught.value.field == "theme"
    assert session.reply() == {}


@pytest.mark.parametrize("in_unit", [False, True])
def test_all_entities_together_have_a_limit(in_unit: bool) -> None:
    session = browser()

    def fill() -> None:
        for n in range(100):
            Prefs.create(id=f"p{n}", theme="x" * 1000)

    with browser_session(session), pytest.raises(NotStorable, match="6144 are allowed"):
        if in_unit:
            with UnitOfWork():
                fill()
        else:
            fill()

    assert len(json.dumps(session.reply().get("kept_sealed", {}))) < 6300


def test_a_subclass_allows_more() -> None:
    class Roomy(DatastarRepo[Any]):
        entity_limit = 20_000
        total_limit = 40_000

    class Draft(Entity):
        _persistence_backend_class = Roomy
        text: str

    sent = after(Draft(id="d", text="x" * 10_000))

    with browser_session(browser(sent)):
        assert len(Draft.get("d").text) == 10_000


@pytest.mark.parametrize("id", ["me", "a_b", "x" * 64])
def test_an_id_that_is_a_name_is_the_name_of_the_signal(id: str) -> None:
    assert path_of(Prefs, id) == ("prefs", id)


@pytest.mark.parametrize(
    "id", ["", "_hidden", "a__b", "a.b", "a-b", "1", "é", "a b", "__proto__", "x" * 65, "\ud800"]
)
def test_any_other_id_has_a_digest_for_a_name(id: str) -> None:
    kind, name = path_of(Prefs, id)

    assert kind == "prefs"
    assert name == slot_of(Prefs, id)
    assert name.isascii()
    assert name.isalnum()
    assert name[0] == "k"


def test_class_names_become_small_words() -> None:
    class UIPreferences(Entity):
        pass

    class _Ärger(Entity):
        pass

    assert path_of(UIPreferences, "me")[0] == "ui_preferences"
    assert path_of(_Ärger, "me")[0].startswith("k")


def test_without_a_request_what_is_saved_can_be_got_again() -> None:
    Prefs.create(id="me", theme="dark")

    assert Prefs.get("me").theme == "dark"


def test_another_thread_has_a_session_of_its_own() -> None:
    Prefs.create(id="me")

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(Prefs.all).result() == []


def test_each_task_has_a_session_of_its_own() -> None:
    async def visit(name: str) -> list[str]:
        await Prefs.acreate(id=name)
        await asyncio.sleep(0.01)
        return [prefs.id for prefs in await Prefs.aall()]

    async def visits() -> list[list[str]]:
        await Prefs.acreate(id="before")
        return list(await asyncio.gather(visit("a"), visit("b")))

    Prefs.create(id="at import")

    assert asyncio.run(visits()) == [["a"], ["b"]]


def test_a_session_is_left_with_its_block() -> None:
    with browser_session() as session:
        Prefs.create(id="me")
        assert current_session() is session

    assert Prefs.all() == []


def test_threads_with_a_copy_of_the_context_share_the_session_of_the_block() -> None:
    async def main() -> int:
        with browser_session():
            await asyncio.to_thread(Prefs.create, id="me")
            return await Prefs.acount()

    assert asyncio.run(main()) == 1


def test_the_caller_is_asked_for_when_it_is_needed() -> None:
    def nobody() -> str:
        raise AssertionError

    with browser_session(BrowserSession({"kept_sealed": {}}, caller=nobody)) as session:
        assert Prefs.all() == []

    assert session.reply() == {}


def test_the_text_does_not_name_the_caller() -> None:
    body = text_in(after(Prefs(), caller="user:ann@example.org")).split(".")[2]

    payload = base64.urlsafe_b64decode(body + "==").decode()
    assert "ann" not in payload
    assert digest_of("user:ann@example.org") in payload


def test_the_store_is_loaded_only_when_it_is_named() -> None:
    code = "import sys, nitro_entities.entity; print('nitro_entities.stores.rows' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
