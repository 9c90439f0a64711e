"""The entity classes of the contract, made anew on the root and the backend that are tried."""

from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from nitro_entities.fields import Unique


class Colour(Enum):
    """A choice that is kept as text; the values do not sort like the names."""

    RED = "b"
    GREEN = "C"
    BLUE = "a"


class Grade(Enum):
    """A choice that is kept as a number."""

    LOW = 1
    HIGH = 10
    TOP = 9


class Part(BaseModel):
    """A model inside of an entity."""

    name: str
    sizes: list[int] = []
    more: dict[str, "Part"] = {}


def item(base: Any) -> Any:
    """Answer a class with a little of everything."""

    class ContractItem(base):  # type: ignore[misc]
        name: str = ""
        number: int = 0
        note: str | None = None
        price: float | None = None
        tags: list[str] = []
        part: Part | None = None

    return ContractItem


def account(base: Any) -> Any:
    """Answer a class whose balance cannot become negative."""

    class ContractAccount(base):  # type: ignore[misc]
        owner: str = ""
        balance: int = Field(default=0, ge=0)
        limit_: int | None = None

    return ContractAccount


def entry(base: Any) -> Any:
    """Answer a class of lines in a ledger."""

    class ContractEntry(base):  # type: ignore[misc]
        account: str
        amount: int

    return ContractEntry


def thing(base: Any) -> Any:
    """Answer a class with one field of each kind that can be compared and sorted."""

    class ContractThing(base):  # type: ignore[misc]
        text: str
        number: int
        flag: bool
        note: str | None = None
        count_: int | None = None
        price: float | None = None
        amount: Decimal | None = None
        day: date | None = None
        hour: time | None = None
        moment: AwareDatetime | None = None
        span: timedelta | None = None
        raw: bytes | None = None
        key: UUID | None = None
        colour: Colour | None = None
        grade: Grade | None = None
        tags: list[str] | None = None

    return ContractThing


def texts(base: Any) -> Any:
    """Answer a class with several fields of text."""

    class ContractTexts(base):  # type: ignore[misc]
        one: str = ""
        two: str = ""
        three: str | None = None
        four: str = ""

    return ContractTexts


def searched(base: Any) -> Any:
    """Answer a class that asks for a text index, which a store may keep or not."""

    class ContractSearched(base):  # type: ignore[misc]
        __search__ = ("one", "two")
        one: str = ""
        two: str | None = None
        three: str = ""

    return ContractSearched


def numbered(base: Any) -> Any:
    """Answer a class whose ids are whole numbers."""

    class ContractNumbered(base):  # type: ignore[misc]
        id: int = _key(base)
        name: str = ""

    return ContractNumbered


def keyed(base: Any) -> Any:
    """Answer a class whose ids are UUIDs."""

    class ContractKeyed(base):  # type: ignore[misc]
        id: UUID = _key(base)
        name: str = ""

    return ContractKeyed


def member(base: Any) -> Any:
    """Answer a class with a value that is unique, and two that are so together."""

    class ContractMember(base):  # type: ignore[misc]
        __unique__ = [("street", "house")]
        email: Unique[str | None] = None
        street: str | None = None
        house: int | None = None
        name: str = ""

    return ContractMember


def _key(base: Any) -> Any:
    """Answer what declares a primary key on this root."""
    if not hasattr(base, "metadata"):
        return Field()
    from sqlmodel import Field as Column  # a mapped root brings it along

    return Column(primary_key=True)
