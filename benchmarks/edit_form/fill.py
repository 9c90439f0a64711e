"""Fill a database: ``python fill.py PATH CATEGORIES``."""

import sys

import nitro
from nitro import UnitOfWork
from nitro_shop import Category, Product

nitro.configure(database_url=f"sqlite:///{sys.argv[1]}")
with UnitOfWork():
    Category.create_many(
        [
            {"id": f"c{number}", "name": f"Category {number:05}"}
            for number in range(int(sys.argv[2]))
        ]
    )
    Product.create(id="p1", name="Lamp", price=12.5, stock=3, category_id="c7")
