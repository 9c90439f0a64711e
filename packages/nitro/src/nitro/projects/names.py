"""The name of a project, and what follows from it."""

from __future__ import annotations

import keyword
import re
import sys
from dataclasses import dataclass
from importlib.util import find_spec

__all__ = ["Project", "ProjectError"]

# of a distribution, as the packaging standards have it; what is no module name is refused below
_NAME = re.compile(r"[a-z](?:[a-z0-9]|[-_.](?=[a-z0-9]))*", re.IGNORECASE)
_TAKEN = frozenset({"app", "entities", "migrations", "nitro", "pages", "tests", "test"})


class ProjectError(ValueError):
    """A project that cannot be written so; nothing was written."""


@dataclass(frozen=True, slots=True)
class Project:
    """A project by its *name*, such as ``to-do``; *package* is ``to_do`` and *title* ``To do``.

    Raises ProjectError, with another name to take, for one that cannot be imported or that
    would hide a module.
    """

    name: str

    def __post_init__(self) -> None:
        if not self.name.isascii() or not _NAME.fullmatch(self.name):
            msg = (
                f"{self.name!r} cannot be the name of a package: it begins with a letter and has "
                f"letters, digits, - and _ inside. Try: nitro new {_near(self.name)}"
            )
            raise ProjectError(msg)
        package = self.package
        if keyword.iskeyword(package) or keyword.issoftkeyword(package):
            msg = f"{package!r} is a word of Python. Try: nitro new {self.name}-app"
            raise ProjectError(msg)
        if package in _TAKEN or package in sys.stdlib_module_names or _is_installed(package):
            msg = (
                f"a package {package!r} would hide another one of that name. "
                f"Try: nitro new my-{self.name}"
            )
            raise ProjectError(msg)

    @property
    def package(self) -> str:
        """Return the name to import."""
        return re.sub(r"[-.]", "_", self.name).lower()

    @property
    def title(self) -> str:
        """Return the name to read."""
        words = re.sub(r"[-_.]+", " ", self.name)
        return words[:1].upper() + words[1:]


def _near(name: str) -> str:
    parts = re.findall(r"[a-z0-9]+", name.lower())
    near = "-".join(parts).lstrip("-0123456789")
    return near or "my-project"


def _is_installed(package: str) -> bool:
    spec = find_spec(package)
    # a folder in which somebody stands is no package to hide, as in: nitro new shop, twice
    return spec is not None and spec.origin is not None and "site-packages" in spec.origin
