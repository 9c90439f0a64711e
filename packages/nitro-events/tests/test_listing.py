"""Nitro's own routes by name."""

from collections.abc import Callable

import pytest

from nitro_events import action
from nitro_events.http.listing import listed, reverse
from nitro_events.settings import configure


@pytest.fixture(autouse=True)
def open_shop() -> Callable[..., None]:
    """Declare a function anew: the end of each test forgets it."""

    @action(path="/shops/{shop}/open")
    def open_shop(shop: str) -> None:
        """Let customers in."""

    return open_shop


def test_declared_functions_and_commands_are_listed_with_their_methods() -> None:
    found = {(one.name, one.pattern): one.methods for one in listed()}

    assert found["open_shop", "/shops/{shop}/open"] == {"POST"}
    assert found["cmds", "/cmds/{command}/{sender}"] == {"POST"}


def test_a_route_is_reversed_by_its_name_with_its_parameters_quoted() -> None:
    assert reverse("open_shop", {"shop": "a/b c"}) == "/shops/a%2Fb%20c/open"


def test_the_prefix_is_a_part_of_every_route() -> None:
    configure(prefix="/app")

    assert reverse("cmds", {"command": "x"}) == "/app/cmds/x"
    assert all(one.pattern.startswith("/app/") for one in listed())


def test_an_unknown_name_and_a_wrong_parameter_are_told() -> None:
    with pytest.raises(LookupError, match="no route 'close_shop'"):
        reverse("close_shop", {})
    with pytest.raises(LookupError, match=r"is /shops/\{shop\}/open, and was given town"):
        reverse("open_shop", {"town": "x"})
