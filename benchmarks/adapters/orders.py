"""What every application here is about: an order whose total grows when it is touched."""

from pydantic import BaseModel

import nitro
from nitro import Entity, action

ID = 7


class Touch(BaseModel):
    """What a hand-written route reads."""

    quantity: int
    note: str = ""


class Kept:
    """What a hand-written route changes: an object in a dict."""

    total = 0


KEPT = {ID: Kept()}


def touched(id: int, given: Touch) -> dict[str, object]:
    """Do what the hand-written routes do, with nothing around it."""
    order = KEPT[id]
    order.total += given.quantity
    return {"id": id, "total": order.total, "note": given.note}


@action(path="/touch")
def touch_kept(id: int, quantity: int, note: str = "") -> dict[str, object]:
    """Do what the hand-written routes do, as a declared function."""
    order = KEPT[id]
    order.total += quantity
    return {"id": id, "total": order.total, "note": note}


@action(path="/atouch")
async def atouch_kept(id: int, quantity: int, note: str = "") -> dict[str, object]:
    """Do what the hand-written routes do, as an async declared function."""
    order = KEPT[id]
    order.total += quantity
    return {"id": id, "total": order.total, "note": note}


class Order(Entity):
    """The same as an entity in memory; what its actions change is committed."""

    id: int = ID
    total: int = 0

    @action
    def touch(self, quantity: int, note: str = "") -> dict[str, object]:
        """Add to the total."""
        self.total += quantity
        return {"id": self.id, "total": self.total, "note": note}

    @action
    async def atouch(self, quantity: int, note: str = "") -> dict[str, object]:
        """Add to the total, in an async function."""
        self.total += quantity
        return {"id": self.id, "total": self.total, "note": note}


def begin() -> None:
    """Store the one order that there is."""
    nitro.configure(secret="a secret for this alone, of 32 bytes")
    Order(id=ID).save()
