"""Refuse what an option cannot be where it is given, and not where it is first used."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Taken", "expect", "expect_all", "is_a", "is_some", "one_by_one", "pairs", "takes"]

Taken: TypeAlias = "Mapping[str, tuple[str, Callable[[Any], bool], str]]"
"""By the name of a setting: how it is written, whether a value fits, and what is taken."""


def expect(
    fits: bool, option: str, wanted: str, got: object, error: type[Exception] = TypeError
) -> None:
    """Raise *error*, which says what *option* takes, unless what it *got* fits."""
    if not fits:
        msg = f"{option} takes {wanted}, got {got!r}"
        raise error(msg)


def expect_all(
    given: Mapping[str, object], taken: Taken, error: type[Exception] = TypeError
) -> None:
    """Look at each of the *given* settings that is not None by what is *taken* there."""
    for name, value in given.items():
        if value is not None and name in taken:
            option, fits, wanted = taken[name]
            expect(fits(value), option, wanted, value, error)


def is_a(*kinds: type) -> Callable[[Any], bool]:
    """Answer what tells whether a value is one of *kinds*; True is no number here."""
    return lambda value: (
        isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))
    )


def is_some(*kinds: type) -> Callable[[Any], bool]:
    """Answer what tells whether a value is one of *kinds*, or several of them."""
    one = is_a(*kinds)

    def fits(value: Any) -> bool:
        if one(value):
            return True
        if isinstance(value, list | tuple | set | frozenset):
            return all(map(one, cast("Iterable[object]", value)))
        return isinstance(value, Iterable) and not isinstance(value, str | bytes | type)

    return fits


def takes(count: int) -> Callable[[Any], bool]:
    """Answer what tells whether a value can be called with so many others."""

    def fits(value: Any) -> bool:
        if not callable(value):
            return False
        try:
            inspect.signature(value).bind(*[None] * count)
        except TypeError:
            return False
        except ValueError:  # written in C, and tells nothing
            return True
        return True

    return fits


def one_by_one(option: str, given: Iterable[object], *kinds: type, wanted: str) -> None:
    """Raise TypeError for what is none of *kinds* among the names that *option* was given."""
    for one in given:
        expect(isinstance(one, kinds), option, f"{wanted}, one by one", one)


def pairs(option: str, given: Any) -> tuple[Any, ...]:
    """Answer the links *given* to *option*; TypeError if one is no text with an address."""
    wanted = 'links such as ("Cities", "/cities")'
    expect(is_some(tuple, list)(given), option, f"a list of {wanted}", given)
    links = tuple(cast("Iterable[Any]", given))
    for link in links:
        expect(_is_pair(link), option, wanted, link)
    return links


def _is_pair(value: Any) -> bool:
    return isinstance(value, tuple | list) and len(cast("Any", value)) == 2
