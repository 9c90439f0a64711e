"""What an entity remembers of the store that it came from."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nitro_entities.verbs import Verbs


class Loaded:
    """The stored form of an entity when it was loaded or saved last. Never changed in place."""

    __slots__ = ("row", "version")

    def __init__(self, row: Any, version: int | None) -> None:
        self.row = row
        self.version = version

    def __repr__(self) -> str:
        return f"<Loaded version={self.version}>"


def loaded(entity: "Verbs") -> Any:
    """Answer what *entity* was loaded from; None if it never was in a store."""
    try:
        # through the slot itself: pydantic's __getattr__ makes a missing attribute expensive
        return type(entity)._nitro_loaded.__get__(entity)  # pyright: ignore[reportPrivateUsage]
    except AttributeError:
        return None


def set_loaded(entity: "Verbs", value: Loaded | None) -> None:
    """Remember what *entity* was loaded from."""
    type(entity)._nitro_loaded.__set__(entity, value)  # pyright: ignore[reportPrivateUsage]
