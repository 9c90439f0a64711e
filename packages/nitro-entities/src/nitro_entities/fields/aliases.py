"""What else a field is called: the names that its values are given by."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import AliasChoices

from nitro_entities.fields import specs

E = TypeVar("E")


def field_called(cls: type[Any], name: str) -> str:
    """Answer the field of *cls* that *name* is, or is an alias of; else *name*."""
    fields = specs(cls)
    if name in fields:
        return name
    return next((field for field in fields if name in _aliases(cls, field)), name)


def made_of(cls: type[E], values: Mapping[str, Any]) -> E:
    """Make an entity of values by field, as if they were given by what the class asks for."""
    config: Any = getattr(cls, "model_config", {})
    if config.get("validate_by_name") or config.get("populate_by_name"):
        return cls(**values)
    given: dict[str, Any] = {}
    for name, value in values.items():
        called = next(_aliases(cls, name), None) if _is_renamed(cls, name) else name
        if called is None:  # it comes from inside of another value, where we cannot put it
            made: E = cls.__nitro_load__(dict(values))  # type: ignore[attr-defined]
            return made
        given[called] = value
    return cls(**given)


def _is_renamed(cls: Any, name: str) -> bool:
    info = cls.__pydantic_fields__.get(name)
    return info is not None and (info.validation_alias or info.alias) is not None


def _aliases(cls: Any, name: str) -> Iterator[str]:
    info = cls.__pydantic_fields__[name]
    known = info.validation_alias or info.alias
    for alias in known.choices if isinstance(known, AliasChoices) else (known,):
        if isinstance(alias, str):
            yield alias
