"""Which events the source of the application emits, read without running it.

It is a best effort: a name put together at run time is known by its fixed parts (``cmd.*``) or
not at all.
"""

from __future__ import annotations

import ast
import sys
import sysconfig
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blinker import Signal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

__all__ = ["Emitter", "application_modules", "emitters_in"]

_EMITS = {"emit", "emit_async"}
_SENDS = {"send", "send_async"}
_OURS = ("nitro", "nitro_")


@dataclass(frozen=True, slots=True)
class Emitter:
    """A place that emits; *name* is a pattern where a part of the name is not fixed."""

    name: str
    where: str


def application_modules() -> list[ModuleType]:
    """Return the loaded modules that are neither installed packages nor of Python itself."""
    paths = sysconfig.get_paths()
    foreign = {paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")}
    found = [module for module in list(sys.modules.values()) if _is_application(module, foreign)]
    return sorted(found, key=lambda module: module.__name__)


def emitters_in(modules: Iterable[ModuleType]) -> list[Emitter]:
    """Return the places of *modules* that emit, as far as their source is there."""
    return [emitter for module in modules for emitter in _emitters(module)]


def _is_application(module: object, foreign: set[str]) -> bool:
    file = getattr(module, "__file__", None)
    name = getattr(module, "__name__", "")
    if not isinstance(file, str) or not file.endswith(".py"):
        return False
    if name.partition(".")[0] == "nitro" or name.startswith("nitro_"):
        return False
    return not any(file.startswith(path) for path in foreign)


def _emitters(module: ModuleType) -> Iterator[Emitter]:
    file = module.__file__
    try:
        with open(file or "", encoding="utf-8") as source:
            tree = ast.parse(source.read())
    except (OSError, SyntaxError, ValueError):
        return
    reader = _Reader(vars(module), tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (name := reader.emits(node)) is not None:
            yield Emitter(name, f"{file}:{node.lineno}")


class _Reader:
    """Reads calls with the names that their module knows."""

    def __init__(self, known: dict[str, Any], tree: ast.Module) -> None:
        self._known = known
        self._imported = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_OURS)
            for alias in node.names
            if alias.name in _EMITS
        }

    def emits(self, call: ast.Call) -> str | None:
        """Return the name of the event that *call* emits, None if it emits none."""
        function = call.func
        if isinstance(function, ast.Name) and self._is_emit(function):
            return self._name(call.args[0]) if call.args else None
        if not isinstance(function, ast.Attribute):
            return None
        if function.attr in _EMITS and self._is_ours(function.value):
            return self._name(call.args[0]) if call.args else None
        if function.attr in _SENDS:
            return _name_of(self._value(function.value))
        return None

    def _is_emit(self, node: ast.Name) -> bool:
        value = self._known.get(node.id)
        ours = getattr(value, "__module__", None) == "nitro_events.events"
        return node.id in self._imported or (ours and getattr(value, "__name__", "") in _EMITS)

    def _is_ours(self, node: ast.expr) -> bool:
        value = self._value(node)
        return getattr(value, "__name__", "").startswith(_OURS)

    def _name(self, node: ast.expr) -> str | None:
        if isinstance(node, ast.JoinedStr):
            return "".join(_part(part) for part in node.values)
        if isinstance(node, ast.Call) and node.args and not isinstance(node.func, ast.Attribute):
            # emit(OrderPlaced(…)), emit(event("order.placed"))
            named = _name_of(self._value(node.func))
            return named or self._name(node.args[0])
        if isinstance(node, ast.Call):
            return _name_of(self._value(node.func))
        return _name_of(self._value(node))

    def _value(self, node: ast.expr) -> object:
        """Return what *node* stands for at the top of the module, None if that cannot be said."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return self._known.get(node.id)
        if isinstance(node, ast.Attribute):
            return getattr(self._value(node.value), node.attr, None)
        if isinstance(node, ast.Call) and node.args:  # signal("order.placed").send(…)
            return self._value(node.args[0])
        return None


def _part(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else "*"


def _name_of(value: object) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, Signal):
        return getattr(value, "name", None)
    name = getattr(value, "__event_name__", None)
    return name if isinstance(name, str) else None
