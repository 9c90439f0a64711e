"""What comes from input, and what never does."""

from __future__ import annotations

import asyncio
import json
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import Field

from nitro_events import Caller, Command, Request, Response, Signals, action, command
from nitro_events.arguments import Arguments
from nitro_events.handed import Handed
from nitro_events.http.dispatch import answer
from nitro_events.outcomes import Invalid
from nitro_events.resources import Given
from nitro_events.settings import configure

if TYPE_CHECKING:
    from nitro_events.policy import Caller as Someone

MADE_UP = {"request": "mine", "sender": "mine", "user": "mine", "caller": "mine", "who": "mine"}


def asked(path: str, body: object) -> Any:
    headers = {"host": "localhost", "content-type": "application/json"}
    raw = json.dumps(body).encode()
    request = Request("POST", path, headers=headers, body=raw, client="127.0.0.1")
    response: Response | None = asyncio.run(answer(request))
    assert response is not None
    assert response.status == 200, response.body
    return json.loads(response.body)


def read(function: Any, form: bool = False, complete: bool = False, **values: Any) -> Any:
    lists = {name: value if isinstance(value, list) else [value] for name, value in values.items()}
    given = Given(values, lists if form else {}, form=form)
    return Arguments.of(function).read(given, Handed(Caller("ann")), complete=complete)


@action
def by_name(request: Any, sender, user, quantity: int = 1) -> list[str]:  # type: ignore[no-untyped-def]
    return [type(request).__name__, type(sender).__name__, type(user).__name__]


@action
def by_type(who: Caller, asked: Request | None, sent: Signals) -> list[str]:
    return [type(who).__name__, type(asked).__name__, type(sent).__name__]


@pytest.fixture(autouse=True)
def _declared(_fresh_state: None) -> None:
    action(by_name)
    action(by_type)
    configure(user=lambda _: "ann", policy=lambda *_: True)


def test_what_is_called_request_sender_or_user_never_comes_from_input() -> None:
    assert asked("/by_name", MADE_UP) == ["Request", "NoneType", "Caller"]


def test_what_is_annotated_so_never_comes_from_input() -> None:
    body = {"who": {"id": "admin"}, "asked": "x", "sent": {"a": 1}}

    assert asked("/by_type", body) == ["Caller", "Request", "Signals"]


def test_the_caller_of_a_message_handler_never_comes_from_input() -> None:
    class Place(Command):
        item: str

    @command(path="/place")
    def place(order: Place, user: Caller, caller: Caller) -> list[str | None]:
        return [order.item, user.id, caller.id]

    body = {"item": "tea", "order": {"item": "other"}, **MADE_UP}

    assert asked("/place", body) == ["tea", "ann", "ann"]


@pytest.mark.parametrize("name", ["request", "user"])
def test_a_value_of_input_may_not_have_the_name_of_what_is_handed_in(name: str) -> None:
    space: dict[str, Any] = {}
    exec(f"def assign({name}: str) -> None: ...", space)

    with pytest.raises(TypeError, match=f"{name}_id"):
        action(space["assign"])


def test_a_message_with_such_a_field_is_not_opened() -> None:
    class Assign(Command):
        user: str

    with pytest.raises(TypeError, match="may not say what its field 'user' is"):

        @command(path="/assign")
        def assign(message: Assign) -> None: ...


def test_a_type_that_only_checkers_see_is_handed_in_too() -> None:
    def function(who: Someone | None, quantity: int) -> None: ...

    def plain(who: nowhere.Caller | None, quantity: int) -> None: ...  # type: ignore[name-defined]  # noqa: F821

    assert Arguments.of(plain).handed_in == {"who": "caller"}
    assert read(plain, who={"id": "x"}, quantity="3") == {"who": Caller("ann"), "quantity": 3}
    # one annotation that cannot be evaluated leaves the others as strict as they are
    with pytest.raises(Invalid):
        read(function, who=None, quantity="x")


class Size(Enum):
    SMALL = 1
    LARGE = 2


def order(
    size: Size,
    count: Annotated[int, Field(ge=1)],
    price: float = 1.0,
    tags: list[str] | None = None,
    gift: bool = False,
    note: str = "",
) -> None: ...


def test_all_arguments_are_read_at_once() -> None:
    assert read(order, size=2, count="3", extra="left alone") == {"size": Size.LARGE, "count": 3}
    with pytest.raises(Invalid) as caught:
        read(order, count=0, price="nan", gift="maybe")
    assert caught.value.errors == {
        "size": "This is missing",
        "count": "Enter 1 or more",
        "price": "Enter a number",
        "gift": "Enter yes or no",
    }


def test_a_form_is_read_as_it_writes() -> None:
    values = {"size": "2", "count": "3", "price": "", "tags": ["a", "b"], "note": ""}

    read_form = read(order, form=True, complete=True, **values)

    assert read_form == {
        "size": Size.LARGE,
        "count": 3,
        "tags": ["a", "b"],
        "gift": False,
        "note": "",
    }


def test_what_a_form_leaves_blank_is_told_with_the_rest() -> None:
    with pytest.raises(Invalid) as caught:
        read(order, form=True, size="", count="x")

    assert caught.value.errors == {"size": "Fill in this field", "count": "Enter a whole number"}
    assert caught.value.values == {"size": "", "count": "x"}


def test_recursive_and_odd_names_are_arguments_too() -> None:
    def odd(_private: int, model_config: dict[str, int], copy: list[int]) -> None: ...

    assert read(odd, _private="1", model_config={"a": "2"}, copy=["3"]) == {
        "_private": 1,
        "model_config": {"a": 2},
        "copy": [3],
    }
