"""Components that are compiled: run once for their HTML, filled for each use."""

from __future__ import annotations

import dis
import inspect
from collections.abc import Callable, Iterable
from functools import update_wrapper
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Generic, NoReturn, ParamSpec, TypeAlias, cast

from nitro_templates.filling import Fill, Place, Unprepared, Writer, write_fill
from nitro_templates.holes import Argument, Hole, Sheet, evaluate
from nitro_templates.html import Element, Part, joined
from nitro_templates.i18n.reader import reading

if TYPE_CHECKING:
    from nitro_templates.i18n.reader import Reader

__all__ = ["Compiled", "compiled"]

P = ParamSpec("P")
Values: TypeAlias = "tuple[Any, ...]"
_MOST_TYPES = 32
"""Types of values that one place is prepared for; others are built the ordinary way."""
_OTHERWISE = (Unprepared, AttributeError, LookupError)
"""After these the function itself is asked: it knows what to do, or raises as it should."""
_new = object.__new__


def compiled(function: Callable[P, Element], /) -> Compiled[P]:
    """Make a component of *function* that is compiled: its HTML is put together only once.

    The function answers an element and only places its arguments: as children, as attributes,
    and what is reached from them by ``.name``, ``["key"]`` and ``"text" + …``. It must not look
    at them (no ``if``, no ``f"{…}"``, no ``len``) nor ask who reads (no ``_("…")``): that raises
    TypeError at the first call.
    """
    return Compiled(function)


class Compiled(Generic[P]):
    """A component whose HTML is put together once. Make one with `compiled`.

    A call answers just what the function would answer. When a place gets a value of a type
    that it has not had before, both are made and compared; from then on it is only filled in.
    """

    def __init__(self, function: Callable[P, Element]) -> None:
        self._names, self._defaults = _parameters(function)
        self._function: Callable[..., Element] = function
        self._skeleton: _Skeleton | None = None
        self._quick: Fill = _not_yet
        self._close = ""
        update_wrapper(self, function)

    def __repr__(self) -> str:
        return f"<Compiled {self._function.__qualname__}>"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Element:
        """Answer the element for these values."""
        given: Values = args
        if kwargs or len(args) != len(self._names):
            given = self._bound(args, kwargs)
        try:
            text = self._quick(*given)
        except _OTHERWISE:
            text = None
        if text is None:
            return self._slowly(given)
        made = _new(Element)  # what Element(text, (), self._close) does, in half the time
        made.static = text
        made.close = self._close
        return made

    def each(self, items: Iterable[Any], *rest: object) -> Element:
        """Answer the elements of all *items* side by side, each called with *item* and *rest*."""
        if len(rest) + 1 != len(self._names):
            rest = self._bound((None, *rest), {})[1:]
        parts: list[Part] = []
        for item in items:
            try:
                parts.append(self._quick(item, *rest))
                continue
            except _OTHERWISE:
                pass
            parts.extend(self._slowly((item, *rest)).parts)
        return joined(parts, "")

    def _bound(self, args: Values, kwargs: dict[str, Any]) -> Values:
        missing = self._names[len(args) :]
        given = {**self._defaults, **kwargs}
        if len(args) > len(self._names) or not kwargs.keys() <= set(missing) <= given.keys():
            inspect.signature(self._function).bind(
                *args, **kwargs
            )  # raises, and says what is wrong
        return (*args, *[given[name] for name in missing])

    def _slowly(self, args: Values) -> Element:
        if Hole in map(type, args):  # a part of another component that is being compiled
            return self._function(*args)
        if self._skeleton is None:
            self._skeleton, self._close = _compile(self._function, self._names)
        try:
            return Element(self._skeleton.full(*args), (), self._close)
        except _OTHERWISE:
            pass
        made = self._function(*args)
        self._learn(self._skeleton, args, made)
        return made

    def _learn(self, skeleton: _Skeleton, args: Values, made: Element) -> None:
        try:
            text = skeleton.learn(args, made.static)
        except _OTHERWISE:
            return
        if text not in (None, made.static):
            msg = (
                f"{self._function.__qualname__} cannot be compiled: it answers {made!r}, and what "
                f"was compiled gives {text!r}. It depends on something besides its arguments, or "
                f"on their types. Leave the decorator away"
            )
            raise TypeError(msg)
        self._quick = skeleton.quick


def _not_yet(*_args: object) -> str:
    raise Unprepared


class _Skeleton:
    """The HTML around the places, one text more than there are places, and what fills it."""

    __slots__ = ("arguments", "full", "places", "quick", "texts")

    def __init__(self, texts: list[str], places: list[Place], arguments: int) -> None:
        self.texts = texts
        self.places = places
        self.arguments = arguments
        self.write()

    def write(self) -> None:
        """Write the functions that fill it, for the types known by now."""
        self.quick = write_fill(self.texts, self.places, self.arguments, guarded=True)
        self.full = write_fill(self.texts, self.places, self.arguments, guarded=False)

    def learn(self, args: Values, wanted: str | None) -> str | None:
        """Answer the text for *args*; if it is the *wanted* one, be ready for their types.

        None means that their types are for the function itself.
        """
        values: list[object] = [evaluate(place.slot.source, args) for place in self.places]
        writers: list[Writer] = []
        for place, value in zip(self.places, values, strict=True):
            kind: type = type(value)
            write = place.writers.get(kind) or place.writer(kind)
            if write is None or len(place.writers) >= _MOST_TYPES:
                return None
            writers.append(write)
        pieces = [self.texts[0]]
        for write, value, after in zip(writers, values, self.texts[1:], strict=True):
            pieces += (write(value), after)
        text = "".join(pieces)
        if text == wanted:
            for place, write, value in zip(self.places, writers, values, strict=True):
                place.learn(type(value), write)
            self.write()
        return text


def _parameters(function: Callable[..., Element]) -> tuple[list[str], dict[str, Any]]:
    """Answer names and defaults; TypeError for a function that cannot be compiled."""
    name = getattr(function, "__qualname__", repr(function))
    if not isinstance(function, FunctionType) or inspect.iscoroutinefunction(function):
        msg = f"{name} cannot be compiled: @compiled takes a plain function, not async"
        raise TypeError(msg)
    parameters = inspect.signature(function).parameters.values()
    if any(p.kind not in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters):
        msg = f"{name} cannot be compiled: it takes *, *args or **kwargs. Name its arguments"
        raise TypeError(msg)
    if _asks_for_identity(function.__code__):
        msg = (
            f"{name} cannot be compiled: it asks `is`, and would get the answer only once, for "
            f"all values. Ask before and pass the answer in, or leave the decorator away"
        )
        raise TypeError(msg)
    defaults = {p.name: p.default for p in parameters if p.default is not p.empty}
    return [p.name for p in parameters], defaults


def _asks_for_identity(code: CodeType) -> bool:
    # the one question to an object that it cannot notice
    names = {instruction.opname for instruction in dis.get_instructions(code)}
    inner = (const for const in code.co_consts if isinstance(const, CodeType))
    asks = "IS_OP" in names or any(name.endswith(("IF_NONE", "IF_NOT_NONE")) for name in names)
    return asks or any(map(_asks_for_identity, inner))


class _Anybody:
    """Stands for the reader while a component is compiled, which is once for all readers."""

    def __getattr__(self, name: str) -> NoReturn:
        msg = (
            "It asks for the language of the reader, as _(…) does, and would get the answer only "
            "once, for all readers. Ask before and pass the text in, or leave the decorator away"
        )
        raise TypeError(msg)


def _compile(function: Callable[..., Element], names: list[str]) -> tuple[_Skeleton, str]:
    """Answer what *function* is filled into, and the closing tag at its end."""
    sheet = Sheet()
    holes = [Hole(sheet, Argument(index, name)) for index, name in enumerate(names)]
    called = function.__qualname__
    try:
        with reading(cast("Reader", _Anybody())):
            element = function(*holes)
    except TypeError as exc:
        msg = f"{called} cannot be compiled. {exc}"
        raise TypeError(msg) from exc
    if type(element) is not Element:
        msg = f"{called} cannot be compiled: it answered {type(element).__name__}, not an element"
        raise TypeError(msg)
    if element.static is None:
        msg = (
            f"{called} cannot be compiled: there is a component inside, which depends on the "
            f"request. Pass it in as an argument"
        )
        raise TypeError(msg)
    if sheet.unused:
        source = min(sheet.unused, key=str)
        msg = f"{called} cannot be compiled: it reads {source} and does not show it"
        raise TypeError(msg)
    found = sheet.marks.split(element.static)
    pairs = zip(found[1::3], found[2::3], strict=True)
    places = [Place(sheet.slots[int(number)], lines=bool(lines)) for lines, number in pairs]
    return _Skeleton(found[::3], places, len(names)), element.close
