"""What a class must be to be an entity, checked when it is defined."""

from typing import Any

from nitro_entities.errors import DefinitionError

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


def annotated_names(namespace: dict[str, Any]) -> "list[str]":
    """List what a class body annotates."""
    return list(namespace.get("__annotations__", {}))
