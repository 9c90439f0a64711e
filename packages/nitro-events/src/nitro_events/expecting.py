"""Refuse what an option cannot be where it is given, and not where it is first used."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

__all__ = ["expect", "expect_all", "is_a", "is_function", "is_some", "takes"]


_SEVERAL = (list, tuple, set, frozenset)


def expect(
    fits: bool,
    option: str,
    wanted: str,
    got: object,
    error: type[Exception] = TypeError,
    *,
    secret: bool = False,
) -> None:
    """Raise *error*, which says what *option* takes, unless what it *got* fits.

    Of a *secret* only the type is shown.
    """
    if not fits:
        shown = f"something of type {type(got).__name__}" if secret else repr(got)
        msg = f"{option}= takes {wanted}, got {shown}"
        raise error(msg)


def expect_all(
    given: Mapping[str, object],
    known: Mapping[str, tuple[Callable[[Any], bool], str]],
    error: type[Exception] = TypeError,
    *,
    secrets: Collection[str] = (),
) -> None:
    """Look at each of the *given* options that is not None by what is *known* of it."""
    for option, value in given.items():
        if value is not None and option in known:
            fits, wanted = known[option]
            expect(fits(value), option, wanted, value, error, secret=option in secrets)


def is_a(*kinds: type) -> Callable[[Any], bool]:
    """Return what tells whether a value is one of *kinds*; True is no number here."""
    return lambda value: (
        isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))
    )


def is_function(value: object) -> bool:
    """Tell whether *value* can be called, and is no class."""
    return callable(value) and not isinstance(value, type)


def is_some(*kinds: type) -> Callable[[Any], bool]:
    """Return what tells whether a value is one of *kinds*, or a list of them."""
    one = is_a(*kinds)

    def fits(value: Any) -> bool:
        return one(value) or (isinstance(value, _SEVERAL) and all(map(one, cast("Any", value))))

    return fits


def takes(count: int) -> Callable[[Any], bool]:
    """Return what tells whether a value can be called with so many values; no class can."""

    def fits(value: Any) -> bool:
        if not is_function(value):
            return False
        try:
            inspect.signature(value).bind(*[None] * count)
        except TypeError:
            return False
        except ValueError:  # written in C, and tells nothing
            return True
        return True

    return fits
