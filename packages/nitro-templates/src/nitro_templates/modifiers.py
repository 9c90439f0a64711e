"""What stands behind the two underscores: ``on_input__debounce_200ms``."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["modifiers"]

_PLAIN = frozenset(
    [
        "capture",
        "document",
        "exit",
        "full",
        "half",
        "ifmissing",
        "once",
        "outside",
        "passive",
        "prevent",
        "self",
        "stop",
        "terse",
        "viewtransition",
        "window",
    ]
)
_TIMES = {
    "delay": frozenset[str](),
    "debounce": frozenset({"leading", "notrailing"}),
    "throttle": frozenset({"noleading", "trailing"}),
    "duration": frozenset({"leading"}),
}
_TAGGED = {
    "case": frozenset({"camel", "kebab", "snake", "pascal"}),
    "threshold": frozenset(map(str, range(1, 101))),
}
_TIME = re.compile(r"[1-9][0-9]*(ms|s)?", re.ASCII)
_NEVER = (
    {"throttle", "noleading"},
    {"debounce", "notrailing"},
)
_RESCUE = {"throttle": "trailing", "debounce": "leading"}


def modifiers(keyword: str, given: Sequence[str]) -> str:
    """Answer what follows the attribute's name for the modifiers *given* in *keyword*.

    Raises ValueError for a modifier that Datastar does not know, and for one that it takes
    for something else without a word: a time with decimals, which would be none at all, or
    a throttle that never fires.
    """
    text = ""
    for modifier in given:
        name, *tags = modifier.replace(".", "_").split("_")
        if name in _TIMES:
            _check_time(keyword, name, tags)
        elif name in _TAGGED:
            if len(tags) != 1 or tags[0] not in _TAGGED[name]:
                known = ", ".join(sorted(_TAGGED[name])) if name == "case" else "1 to 100"
                msg = f"{keyword}: after {name} comes one of {known}, as in {name}_{_some(name)}"
                raise ValueError(msg)
        elif name not in _PLAIN or tags:
            known = ", ".join(sorted([*_PLAIN, *_TIMES, *_TAGGED]))
            msg = f"{keyword}: Datastar knows no modifier {modifier!r}. There are {known}"
            raise ValueError(msg)
        text += "__" + ".".join([name, *tags])
    return text


def _some(name: str) -> str:
    return "camel" if name == "case" else "25"


def _check_time(keyword: str, name: str, tags: Sequence[str]) -> None:
    time, flags = (tags[0], set(tags[1:])) if tags else ("", set[str]())
    if not _TIME.fullmatch(time) or any(flag[:1].isdigit() for flag in flags):
        msg = (
            f"{keyword}: {name} takes a whole number of ms or s, as in {name}_500ms or {name}_2s. "
            f"With decimals, or without a time, Datastar would not wait at all"
        )
        raise ValueError(msg)
    unknown = flags - _TIMES[name]
    if unknown:
        known = ", ".join(sorted(_TIMES[name])) or "nothing"
        msg = f"{keyword}: after the time of {name} may come {known}, not {min(unknown)}"
        raise ValueError(msg)
    if {name, *flags} in _NEVER:
        rescue = _RESCUE[name]
        msg = f"{keyword} would never fire. Add {rescue}: {name}_{time}_{min(flags)}_{rescue}"
        raise ValueError(msg)
