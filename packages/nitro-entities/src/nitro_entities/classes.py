"""The entity classes of this process: listed, named, announced."""

import contextlib
import re
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nitro_entities.errors import AmbiguousClass, UnknownClass
from nitro_entities.plurals import plural_of
from nitro_entities.state import state

if TYPE_CHECKING:
    from nitro_entities.verbs import Verbs

Callback = Callable[["type[Verbs]"], None]

_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+|[0-9]+|[^\W_A-Za-z0-9]+")


class Registry:
    """Remember classes by their qualified name, and who wants to hear of new ones."""

    def __init__(self) -> None:
        self.classes: dict[str, type[Verbs]] = {}
        self.callbacks: list[Callback] = []
        self.lock = threading.RLock()

    def reset(self) -> None:
        """Forget callbacks and the classes that were defined inside functions."""
        self.callbacks.clear()
        self.classes = {k: c for k, c in self.classes.items() if "<locals>" not in k}


def _registry() -> Registry:
    return state.part(Registry)


def register(cls: "type[Verbs]") -> None:
    """Enter *cls*; a class of the same qualified name is replaced."""
    registry = _registry()
    with registry.lock:
        registry.classes[key(cls)] = cls
        callbacks = tuple(registry.callbacks)
    for callback in callbacks:
        callback(cls)


def all() -> "list[type[Verbs]]":
    """List the concrete entity classes in the order of their definition."""
    return list(_registry().classes.values())


def named(slug: str) -> "type[Verbs]":
    """Answer the class whose plural slug is *slug*, such as "cities".

    Raises UnknownClass, or AmbiguousClass when classes of several modules share the slug.
    """
    found = [cls for cls in all() if _slug_of(cls) == slug]
    if len(found) == 1:
        return found[0]
    if not found:
        known = ", ".join(sorted({_slug_of(cls) for cls in all()})) or "none"
        msg = f"No entity class is called {slug!r}. Known names: {known}"
        raise UnknownClass(msg)
    names = " and ".join(key(cls) for cls in found)
    msg = f"{slug!r} could be {names}. Set __plural__ on one of them"
    raise AmbiguousClass(msg)


def on_defined(callback: Callback, *, replay: bool = True) -> Callable[[], None]:
    """Call *callback* with each class defined from now on; *replay* begins with those there are.

    Answers a function that ends it.
    """
    registry = _registry()
    with registry.lock:
        registry.callbacks.append(callback)
        known = all() if replay else []
    for cls in known:
        callback(cls)

    def end() -> None:
        with contextlib.suppress(ValueError):
            registry.callbacks.remove(callback)

    return end


def key(cls: type[Any]) -> str:
    """Answer "module.QualName", which tells classes of the same name apart."""
    return f"{cls.__module__}.{cls.__qualname__}"


def label(cls: type[Any]) -> str:
    """Answer what one of them is called: "City", "Order line"."""
    own = getattr(cls, "__label__", None)
    return own if isinstance(own, str) else _sentence(cls.__name__)


def plural_label(cls: type[Any]) -> str:
    """Answer what several are called: "Cities", "Order lines"."""
    own = getattr(cls, "__plural__", None)
    return own if isinstance(own, str) else plural_of(label(cls))


def slug(cls: type[Any]) -> str:
    """Answer the plural name for URLs: "cities", "order-lines"."""
    return _slug_of(cls)


def _slug_of(cls: type[Any]) -> str:
    words = re.findall(r"\w+", plural_label(cls).lower().replace("_", " "))
    return "-".join(words)


def _sentence(name: str) -> str:
    words = _WORDS.findall(name) or [name]
    first, *rest = words
    return " ".join([first[:1].upper() + first[1:], *(_lower(word) for word in rest)])


def _lower(word: str) -> str:
    return word if len(word) > 1 and word.isupper() else word.lower()
