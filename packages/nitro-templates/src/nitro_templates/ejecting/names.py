"""What things are called in the code that is written."""

from __future__ import annotations

import builtins
import re
import sys
from keyword import iskeyword
from typing import Any
from unicodedata import normalize

from .code import literal

__all__ = ["CannotEject", "Names", "argument", "attribute", "called", "place_of"]

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
RESERVED = frozenset({"ROWS", "TYPE_CHECKING", "annotations", "label", "row", "self", "thing"})
"""Names that the code uses itself, besides those that it imports."""


class CannotEject(ValueError):
    """A class cannot be named in another module."""


class Names:
    """Names of functions, each given once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, field: str, kind: str) -> str:
        """Answer the name of a function about *field*: "unit_price_cell"."""
        wanted = name = f"{_snake(field)}_{kind}"
        number = 2
        while name in self._taken:
            name, number = f"{wanted}_{number}", number + 1
        self._taken.add(name)
        return name


def argument(cls: type[object], taken: frozenset[str]) -> str:
    """Answer what an object of *cls* is called as the argument of a function."""
    name = _snake(cls.__name__)
    unfit = iskeyword(name) or hasattr(builtins, name) or name in taken or name in RESERVED
    return "thing" if unfit else name


def attribute(thing: str, name: str) -> str:
    """Write how the attribute *name* is read."""
    fit = name.isidentifier() and not iskeyword(name) and normalize("NFKC", name) == name
    return f"{thing}.{name}" if fit else f"getattr({thing}, {literal(name)})"


def called(field: str) -> str:
    """Write the name of *field* into a sentence."""
    return f"`{field}`" if field.isascii() and field.isidentifier() else "this field"


def place_of(cls: type[object]) -> tuple[str, str]:
    """Answer the module of *cls* and its name in there.

    Raises CannotEject if it could not be imported from there.
    """
    module, name = cls.__module__, cls.__qualname__
    parts = [*module.split("."), *name.split(".")]
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    if found is not cls or module == "__main__" or not all(map(_is_name, parts)):
        msg = (
            f"{module}.{name} cannot be imported, so no module can be written for it. "
            f"Define the class at the top of a module that has a name"
        )
        raise CannotEject(msg)
    return module, name


def _is_name(text: str) -> bool:
    return text.isidentifier() and not iskeyword(text)


def _snake(name: str) -> str:
    words = _WORD_START.sub("_", normalize("NFKC", name)).lower()
    fit = "".join(char if f"a{char}".isidentifier() else "_" for char in words).strip("_")
    return fit if fit.isidentifier() else f"field_{fit}"
