"""Parcels, shown by the code that `nitro eject` wrote into the folder where this is served."""

from datetime import date
from importlib import import_module
from typing import Annotated, Any, Literal

from fastapi import FastAPI
from pydantic import Field

import nitro
from nitro import Entity, Page, ui


class Parcel(Entity):
    name: str = Field(min_length=2, description="As on the label")
    weight: Annotated[float, ui(unit="kg")] = 1
    price: Annotated[float, ui(currency="EUR")] = 2.5
    kind: Literal["box", "tube"] = "box"
    due: date | None = None
    fragile: bool = False
    marks: list[str] = []


app = FastAPI()
nitro.configure(user=lambda request: request.cookies.get("who"))
nitro.install(app)


def own() -> Any:
    """What was written."""
    return import_module("parcels_views")


@app.get("/")
def parcels() -> Page:
    return Page(own().ParcelTable.from_entity(Parcel).with_actions(["edit"]), title="Parcels")


@app.get("/new")
def add() -> Page:
    return Page(own().ParcelForm.from_entity(Parcel).on_saved("/"), title="New")


@app.get("/one/{id}")
def one(id: str) -> Page:
    parcel = Parcel.get(id)
    card = own().ParcelCard.from_entity(parcel).reactive()
    return Page(card, own().ParcelForm.from_entity(parcel), title="One")


@app.get("/parcels/{id}/edit")
def edit(id: str) -> Page:
    return Page(own().ParcelForm.from_entity(Parcel.get(id)), title="Edit")
