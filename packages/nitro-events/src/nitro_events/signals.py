"""What a browser sends along: the signals of its page, read carefully."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, NoReturn

from pydantic_core import from_json

from nitro_events.charsets import BadText, UnknownCharset, decoded

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BadSignals", "MissingSignal", "Signals", "parse_object", "parse_signals"]

MAX_BYTES = 64 * 1024
MAX_DEPTH = 32
MAX_KEYS = 1000
MAX_ITEMS = 10_000
# enough for any number of a form; long ones cost quadratic time to read and print
MAX_DIGITS = 100

_NESTED = frozenset({dict, list})
_SHORT_NUMBERS = range(-(10**18), 10**18)


class BadSignals(ValueError):
    """What came is not a set of signals. *status* is the fitting HTTP status, 400 or 413."""

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class MissingSignal(AttributeError):
    """A signal was asked for that did not come: the caller's mistake, status 422."""

    status = 422


class Signals:
    """The signals of a page, read by name: ``signals.quantity``.

    It has no public methods, so a signal may be called *items* or *get*. Nested objects read
    the same way (``signals.user.name``); ``signals["user"]`` gives the plain dict. Iterating
    gives pairs, hence ``dict(signals)``. Unknown names raise AttributeError or KeyError and
    name what is there.
    """

    __slots__ = ("__values",)
    __values: dict[str, Any]

    def __init__(self, values: dict[str, Any] | None = None, /) -> None:
        object.__setattr__(self, "_Signals__values", {} if values is None else values)

    def __getattr__(self, name: str) -> Any:
        # copy and pickle ask for special names before there are any values
        if name.startswith("__") or name == "_Signals__values":
            raise AttributeError(name)
        try:
            value = self.__values[name]
        except KeyError:
            raise MissingSignal(_unknown(name, self.__values), name=name, obj=self) from None
        return Signals(value) if isinstance(value, dict) else value  # pyright: ignore[reportUnknownArgumentType]

    def __getitem__(self, name: str) -> Any:
        try:
            return self.__values[name]
        except KeyError:
            raise KeyError(_unknown(name, self.__values)) from None

    def __setattr__(self, name: str, value: object) -> NoReturn:
        msg = f"Signals are what the browser sent and cannot be set, got {name!r}"
        raise AttributeError(msg)

    def __reduce__(self) -> tuple[type[Signals], tuple[dict[str, Any]]]:
        return Signals, (self.__values,)

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(self.__values.items())

    def __contains__(self, name: object) -> bool:
        return name in self.__values

    def __len__(self) -> int:
        return len(self.__values)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Signals):
            return self.__values == other.__values
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        # values may be secret, and a repr ends in logs
        return f"<Signals {', '.join(sorted(self.__values))}>"


def parse_signals(
    raw: bytes | str | None,
    *,
    max_bytes: int = MAX_BYTES,
    max_depth: int = MAX_DEPTH,
    max_keys: int = MAX_KEYS,
    charset: str | None = None,
) -> Signals:
    """Read signals from JSON text; nothing at all is an empty set.

    Bytes are read as *charset* says, without one as UTF-8, -16 or -32, whichever it looks like.
    Raises BadSignals: status 413 for more than *max_bytes*, 415 for a charset that is not read,
    400 for anything that is not a JSON object of at most *max_keys* keys and 10,000 list items
    (all levels together) and *max_depth* levels, each key once, with finite numbers and proper
    Unicode.
    """
    values = parse_object(
        raw, max_bytes=max_bytes, max_depth=max_depth, max_keys=max_keys, charset=charset
    )
    return Signals(values)


def parse_object(
    raw: bytes | str | None,
    *,
    max_bytes: int = MAX_BYTES,
    max_depth: int = MAX_DEPTH,
    max_keys: int = MAX_KEYS,
    charset: str | None = None,
) -> dict[str, Any]:
    """Read what `parse_signals` reads as a plain dict."""
    if raw is None:
        return {}
    size = len(raw) if isinstance(raw, bytes) else len(raw.encode("utf-8", "surrogatepass"))
    if size > max_bytes:
        msg = f"Signals may have {max_bytes} bytes, got {size}"
        raise BadSignals(msg, status=413)
    if charset is None and isinstance(raw, bytes):
        plain = _plain(raw, max_keys)
        if plain is not None:
            return plain
    text = _text(raw, charset) if isinstance(raw, bytes) else raw
    if not text.strip():
        return {}
    value = _load(text)
    if not isinstance(value, dict):
        msg = f"Signals must be a JSON object, got {type(value).__name__}"
        raise BadSignals(msg)
    if "\\" in text or not text.isascii() or not _is_flat(value, max_keys):  # pyright: ignore[reportUnknownArgumentType]
        _check(value, max_depth, max_keys)  # pyright: ignore[reportUnknownArgumentType]
    return value  # pyright: ignore[reportUnknownVariableType]


def _plain(raw: bytes, max_keys: int) -> dict[str, Any] | None:
    """Return an object without levels, escapes or anything else to be careful about.

    None for all else, wrong or not: that is for who reads carefully. Most of what comes is plain.
    """
    if b"\\" in raw or not raw.isascii():
        return None
    try:
        value = from_json(raw, allow_inf_nan=False)
    except ValueError:
        return None
    if type(value) is not dict or len(value) > max_keys:  # pyright: ignore[reportUnknownArgumentType]
        return None
    texts = len(value)  # pyright: ignore[reportUnknownArgumentType]
    for item in value.values():  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        kind = type(item)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        if kind is str:
            texts += 1
        elif kind is int:
            if item not in _SHORT_NUMBERS:
                return None
        elif kind is not bool and item is not None:
            return None
    # of a key that is there twice one is lost, and its quotes are too many
    return value if raw.count(b'"') == 2 * texts else None  # pyright: ignore[reportUnknownVariableType]


def _text(raw: bytes, charset: str | None) -> str:
    try:
        return decoded(raw, charset)
    except UnknownCharset as exc:
        raise BadSignals(str(exc), status=415) from None
    except BadText:
        msg = f"Signals must be written in {(charset or 'UTF-8').upper()[:40]}"
        raise BadSignals(msg) from None


def _load(text: str) -> object:
    try:
        return _READER.decode(text)
    except BadSignals:
        raise
    except RecursionError:
        msg = "Signals may not be nested so deeply"
        raise BadSignals(msg) from None
    except ValueError:
        msg = "Signals must be valid JSON"
        raise BadSignals(msg) from None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    # of two values one reader takes the first and another the last
    if len(found) < len(pairs):
        msg = "Signals must have each key once, got one twice"
        raise BadSignals(msg)
    return found


def _is_flat(value: dict[str, object], max_keys: int) -> bool:
    """Tell whether there are few keys, and no levels below them."""
    return len(value) <= max_keys and _NESTED.isdisjoint(map(type, value.values()))


def _check(value: dict[str, object], max_depth: int, max_keys: int) -> None:
    keys = items = 0
    level: list[object] = [value]
    for _ in range(max_depth):
        below: list[object] = []
        for item in level:
            if isinstance(item, str):
                _check_text(item)
            elif isinstance(item, dict):
                keys += len(item)  # pyright: ignore[reportUnknownArgumentType]
                below.extend(item)  # pyright: ignore[reportUnknownArgumentType]
                below.extend(item.values())  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
            elif isinstance(item, list):
                items += len(item)  # pyright: ignore[reportUnknownArgumentType]
                below.extend(item)  # pyright: ignore[reportUnknownArgumentType]
        if keys > max_keys:
            msg = f"Signals may have {max_keys} keys in all, got more"
            raise BadSignals(msg)
        if items > MAX_ITEMS:
            msg = f"Signals may have {MAX_ITEMS} list items in all, got more"
            raise BadSignals(msg)
        if not below:
            return
        level = below
    if any(isinstance(item, dict | list) for item in level):
        msg = f"Signals may be nested {max_depth} levels deep, got more"
        raise BadSignals(msg)
    for item in level:
        if isinstance(item, str):
            _check_text(item)


def _check_text(text: str) -> None:
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError:
        msg = "Signals must be proper Unicode, got half of a surrogate pair"
        raise BadSignals(msg) from None


def _no_constant(name: str) -> NoReturn:
    msg = f"Signals must be valid JSON, got {name}"
    raise BadSignals(msg)


def _finite(text: str) -> float:
    number = float(text) if len(text) <= MAX_DIGITS else math.inf
    if not math.isfinite(number):
        msg = "Signals must have finite numbers of ordinary length"
        raise BadSignals(msg)
    return number


def _short_int(text: str) -> int:
    if len(text) > MAX_DIGITS:
        msg = f"Signals may have whole numbers of {MAX_DIGITS} digits, got {len(text)}"
        raise BadSignals(msg)
    return int(text)


_READER = json.JSONDecoder(
    parse_constant=_no_constant,
    parse_float=_finite,
    parse_int=_short_int,
    object_pairs_hook=_once,
)


def _unknown(name: str, values: dict[str, object]) -> str:
    known = ", ".join(sorted(values)) or "none"
    return f"No signal {name!r} was sent. Signals: {known}"
