import re
from typing import Any

import pytest

from nitro_events import action, action_of, call, command, query
from nitro_events.actions import Functions, functions


class Product:
    @action
    def restock(self, quantity: int, note: str = "") -> int:
        return quantity

    @command(label="Empty it", confirm="Really?", icon="bin", path="/empty")
    def clear_all(self) -> None: ...

    @query
    def total(self) -> int:
        return 1

    @action
    @classmethod
    def outside(cls) -> str:
        return cls.__name__

    @staticmethod
    @action(method="put")
    def inside() -> str:
        return "static"

    def undeclared(self) -> None: ...


def test_the_function_stays_what_it_was() -> None:
    assert Product().restock(3) == 3
    assert Product.outside() == "Product"
    assert Product.inside() == "static"


def test_what_was_declared_can_be_read() -> None:
    restock = action_of(Product.restock)
    assert restock is not None
    assert (restock.name, restock.kind, restock.method) == ("restock", "action", "POST")
    assert restock.label == "Restock"
    assert action_of(Product().restock) is restock
    clear = action_of(Product.clear_all)
    assert clear is not None
    assert (clear.kind, clear.label, clear.confirm) == ("command", "Empty it", "Really?")
    assert (clear.icon, clear.path) == ("bin", "/empty")
    total = action_of(Product.total)
    assert total is not None
    assert (total.kind, total.method) == ("query", "GET")


def test_class_and_static_methods_are_read_through_the_class() -> None:
    outside, inside = action_of(Product.outside), action_of(Product.inside)

    assert outside is not None
    assert inside is not None
    assert inside.method == "PUT"


def test_what_was_not_declared_has_no_action() -> None:
    assert action_of(Product.undeclared) is None
    assert action_of(3) is None


def test_an_action_never_answers_get() -> None:
    with pytest.raises(ValueError, match="@query"):
        action(method="GET")
    with pytest.raises(ValueError, match="POST, PUT, PATCH, DELETE"):
        command(method="BREW")


def test_only_functions_of_a_module_are_listed() -> None:
    def local() -> None: ...

    local.__qualname__ = "local"
    action(local)

    assert functions() == {"local": local}


def test_a_call_holds_target_and_arguments() -> None:
    product = Product()

    made = call(product.restock, quantity=5)

    assert made.target is product
    assert made.action is action_of(Product.restock)
    assert made.arguments == {"quantity": 5}


def test_a_call_of_a_class_method_has_the_class_as_target() -> None:
    assert call(Product.outside).target is Product


def test_a_wrong_call_is_refused_where_it_is_written() -> None:
    with pytest.raises(TypeError, match="quantitty"):
        call(Product().restock, quantitty=5)
    with pytest.raises(TypeError, match="Declare it with @action"):
        call(print)


@pytest.mark.parametrize("name", ["create", "delete", "edit", "new", "update"])
def test_a_name_that_every_entity_has_is_no_action(name: str) -> None:
    def function() -> None: ...

    function.__name__ = name

    with pytest.raises(ValueError, match="already"):
        action(function)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"method": 3}, "method= takes the name of an HTTP method, got 3"),
        ({"label": 3}, "label= takes a text, got 3"),
        ({"confirm": True}, "confirm= takes the question to ask before, such as 'Really?', got"),
        ({"path": 3}, "path= takes a path such as '/orders/{id}/ship', got 3"),
        ({"retry": "no"}, "retry= takes how often a call is tried once more, 0 for never, got"),
        ({"idempotent": 60}, "idempotent= takes True, False or a timedelta, got 60"),
        ({"undo": "no"}, "undo= takes True or False, got 'no'"),
    ],
)
def test_what_an_option_cannot_be_is_refused_where_it_is_given(
    options: dict[str, Any], said: str
) -> None:
    with pytest.raises(TypeError, match=re.escape(said)):
        action(**options)


def test_a_class_is_no_action() -> None:
    with pytest.raises(TypeError, match=r"@action goes on a function or method, got <class .*"):
        action(Functions)
