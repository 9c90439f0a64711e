"""Where the value of each setting comes from: what ``nitro config`` prints."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from dataclasses import fields as fields_of
from typing import Any

from nitro.settings import KNOWN, SETTINGS_OF

__all__ = ["DEFAULTS", "VARIABLES", "Kept", "Value", "stores", "values"]

# settings that the environment can say as well, each by NITRO_ and its name
VARIABLES = (
    "database_url",
    "redis_url",
    "strict_loop",
    "durable_changes",
    "files",
    "env",
    "secret",
    "prefix",
    "public_origin",
    "events_url",
    "strict_events",
    "datastar",
    "datastar_integrity",
)

# what there is without a word said, where it is not plainly "nothing"
DEFAULTS = {
    "database_url": "sqlite:///.nitro/data.db",
    "redis_url": "redis://127.0.0.1:6379/0",
    "backend": "MemoryRepo",
    "clock": "that of the system, in UTC",
    "new_id": "32 hexadecimal digits, sortable by time",
    "strict_loop": "off",
    "durable_changes": "off",
    "files": ".nitro/files",
    "env": "development",
    "policy": "own machine only in development, nobody in production",
    "public_origin": "the Host of the request",
    "limits": "see docs/configuration.md",
    "durable": "see docs/durable.md",
    "protect_all": "off",
    "strict_events": "off",
    "events_url": "none: this process is alone",
    "datastar": "the packaged client",
    "asset_base": "/_nitro",
    "theme": "system",
    "lang": "en",
    "icon": "ours",
}

_PASSWORD = re.compile(r"(?<=://)([^/@:]*):[^/@]*(?=@)")
_QUERY_PASSWORD = re.compile(r"(?<=[?&])(password|sslpassword)=[^&#]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Value:
    """A setting, what it is now, and who said so: configure, environment or default."""

    name: str
    value: str
    source: str
    variable: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """Where an entity class is kept, and who said so: class, configure or default."""

    entity: str
    store: str
    source: str


def values() -> list[Value]:
    """List every setting; secrets are hidden, and so are passwords in URLs."""
    return [_value(name) for name in KNOWN]


def stores() -> list[Kept]:
    """List the entity classes of the application with the stores that keep them."""
    from nitro_entities import classes
    from nitro_entities.backends import backend_of, names_backend

    found: list[Kept] = []
    for cls in sorted(classes.all(), key=classes.key):
        backend = backend_of(cls)
        source = "class" if names_backend(cls) else "default"
        if source == "default" and _given("backend") is not None and cls.__nitro_any_backend__:
            source = "configure"
        found.append(Kept(classes.key(cls), backend.__name__, source))
    return found


def shown(name: str, value: object) -> str:
    """Return *value* of the setting *name* as people may see it."""
    if name == "secret":
        return _hidden(value)
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str):
        return without_password(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(shown(name, one) for one in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, type) or callable(value):
        place: Any = value if hasattr(value, "__qualname__") else type(value)
        return f"{place.__module__}.{place.__qualname__}"
    changed = _changes_of(value)
    return str(value) if changed is None else changed


def without_password(text: str) -> str:
    """Return *text* with the passwords of URLs hidden."""
    return _QUERY_PASSWORD.sub(r"\1=•••", _PASSWORD.sub(r"\1:•••", text))


def _value(name: str) -> Value:
    variable = f"NITRO_{name.upper()}" if name in VARIABLES else None
    given = _given(name)
    if given is not None:
        return Value(name, shown(name, given), "configure", variable)
    said = os.environ.get(variable, "") if variable is not None else ""
    if said:
        return Value(name, shown(name, said), "environment", variable)
    return Value(name, _default(name), "default", variable)


def _given(name: str) -> object:
    for owner, names in SETTINGS_OF.items():
        if name in names:
            found = _ASK[owner](name)
            if found is not None:
                return found
    return None


def _of_entities(name: str) -> object:
    from nitro_entities.config import Settings, settings

    place = "secrets" if name == "secret" else name
    now: object = getattr(settings(), place, None)
    return None if now == getattr(Settings(), place, None) else now


def _of_events(name: str) -> object:
    from nitro_events.state import state

    return state.settings.given(name)


def _of_templates(name: str) -> object:
    from nitro_templates.state import State, state

    now: object = getattr(state, name, None)
    return None if now == getattr(State(), name, None) else now


_ASK = {
    "nitro_entities": _of_entities,
    "nitro_events": _of_events,
    "nitro_templates": _of_templates,
}


def _default(name: str) -> str:
    if name == "secret":
        from nitro_events.state import state

        production = state.settings.production
        return "none" if production else "made for this folder, in .nitro/secret"
    if name in DEFAULTS:
        return DEFAULTS[name]
    from nitro_entities.config import Settings
    from nitro_templates.state import State

    value: object = getattr(Settings(), name, None)
    if value is None:
        value = getattr(State(), name, None)
    return shown(name, value) if isinstance(value, bool) or value else "none"


def _hidden(value: object) -> str:
    texts = value.split(",") if isinstance(value, str) else value
    several = [str(one).strip() for one in texts if str(one).strip()]  # type: ignore[attr-defined]  # pyright: ignore
    long = ", ".join(f"{len(one)} characters" for one in several)
    return f"••• ({long})"


def _changes_of(value: object) -> str | None:
    """Say how a dataclass such as the limits differs from what it is by itself."""
    if not hasattr(value, "__dataclass_fields__"):
        return None
    plain, dataclass_value = type(value)(), value
    said = [
        f"{field.name}={getattr(dataclass_value, field.name)!r}"
        for field in fields_of(dataclass_value)  # type: ignore[arg-type]  # pyright: ignore
        if getattr(dataclass_value, field.name) != getattr(plain, field.name)
    ]
    return ", ".join(said) or "as by default"
