"""What the forms, tables and cards of the gallery are about."""

from enum import Enum
from typing import Annotated

from pydantic import Field

from nitro import Entity, action, ui


class Shade(Enum):
    """The colours that a lamp comes in."""

    WHITE = "white"
    GREEN = "green"
    BRASS = "brass"


class DeskLamp(Entity):
    """A lamp of the shop."""

    name: str = Field(min_length=2, max_length=60, description="As in the catalogue")
    price: Annotated[float, ui(currency="EUR")] = Field(49, ge=0)
    stock: int = Field(0, ge=0)
    shade: Shade = Shade.WHITE
    sold: bool = False

    @action(label="Sell one")
    def sell(self) -> None:
        """Take one from the stock."""
        self.stock -= 1


def load() -> None:
    """Fill the shop, unless it is."""
    if DeskLamp.first() is not None:
        return
    shades = list(Shade)
    for n in range(1, 13):
        DeskLamp.create(
            id=f"lamp-{n}",
            name=f"Lamp {n}",
            price=29 + n * 7.5,
            stock=n * 3 % 11,
            shade=shades[n % 3],
            sold=n % 4 == 0,
        )


load()
