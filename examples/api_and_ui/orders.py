"""Orders: what the API takes and the pages show."""

from sqlmodel import Field

from nitro import SQLEntity, action


class Order(SQLEntity, table=True):
    customer: str = Field(min_length=1, max_length=80)
    product: str = Field(min_length=1, max_length=80)
    quantity: int = Field(1, ge=1)
    shipped: bool = False

    @action
    def ship(self) -> None:
        if self.shipped:
            raise ValueError("This order has been shipped already")
        self.shipped = True
