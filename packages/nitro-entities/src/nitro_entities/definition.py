"""What a class must be to be an entity, checked when it is defined."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from nitro_entities.errors import DefinitionError

A_BACKEND = "a class that keeps entities, such as MemoryRepo, SQLModelBackend or RedisRepo"

INSTANCE_VERBS = frozenset(
    {"save", "asave", "delete", "adelete", "refresh", "arefresh", "incr", "aincr", "update",
     "restore", "arestore", "load", "aload",
     "changed", "is_new", "signals", "to_card", "to_form", "to_row"}
)  # fmt: skip

CLASS_VERBS = frozenset(
    {"get", "aget", "get_or_none", "aget_or_none", "get_many", "aget_many", "create", "acreate",
     "upsert", "aupsert", "create_many", "acreate_many", "save_many", "asave_many",
     "delete_many", "adelete_many", "all", "aall", "first", "afirst", "where", "count",
     "acount", "purge", "apurge", "exists", "aexists", "repository"}
)  # fmt: skip

# A counter has a count. On a plain entity the field and the class verb do not meet: the verb
# is asked of the class, the value of the object.
SHARED = frozenset({"count"})


def check_names(cls_name: str, names: "list[str]", *, mapped: bool) -> None:
    """Refuse fields named like verbs. Raises DefinitionError."""
    allowed = frozenset[str]() if mapped else SHARED
    for name in names:
        if name in (INSTANCE_VERBS | CLASS_VERBS) - allowed:
            msg = (
                f"{cls_name}.{name} cannot be a field: every entity has a verb of that name. "
                f"Call the field {name}_ or find another word"
            )
            raise DefinitionError(msg)


def check_config(cls: "type[Any]") -> None:
    """Refuse classes whose objects hold more than their fields. Raises DefinitionError."""
    if cls.model_config.get("extra") == "allow":
        msg = (
            f"{cls.__name__} allows extra values, which no store would keep. "
            f"Declare them as fields, or one field for all: extras: dict[str, Any] = {{}}"
        )
        raise DefinitionError(msg)


def is_backend(given: object) -> bool:
    """Say whether *given* makes repositories: it tells what these are able to do."""
    return callable(given) and hasattr(given, "abilities")


def check_options(cls: "type[Any]") -> None:
    """Refuse what an option of a class cannot be. Raises DefinitionError."""
    for name, (fits, wanted) in _OPTIONS.items():
        said = getattr(cls, name, None)
        if said is not None and not fits(said):
            msg = f"{cls.__name__}.{name} takes {wanted}, got {said!r}"
            raise DefinitionError(msg)


def _is_text(said: Any) -> bool:
    return isinstance(said, str) and bool(said)


def _are_groups(said: Any) -> bool:
    return _is_several(said) and all(map(_is_several, said))


def _is_several(said: Any) -> bool:
    return isinstance(said, list | tuple | set | frozenset)


_OPTIONS: "dict[str, tuple[Callable[[Any], bool], str]]" = {
    "__abstract__": (lambda said: isinstance(said, bool), "True or False"),
    "__label__": (_is_text, "a text such as 'Order line'"),
    "__plural__": (_is_text, "a text such as 'Order lines'"),
    "__ttl__": (lambda said: isinstance(said, timedelta), "a timedelta: timedelta(hours=1)"),
    "__unique__": (_are_groups, "groups of fields such as [('street', 'number')]"),
    "__search__": (
        lambda said: isinstance(said, str) or _is_several(said),  # of a text more is said later
        "names of fields such as ('name', 'notes')",
    ),
}


def annotated_names(namespace: dict[str, Any]) -> "list[str]":
    """List what a class body annotates."""
    return list(namespace.get("__annotations__", {}))
