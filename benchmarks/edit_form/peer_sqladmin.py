"""SQLAdmin's form, as it is without further settings."""

import sys

from alchemy_shop import Product, engine_and_counter
from measure import serve
from sqladmin import Admin, ModelView
from starlette.applications import Starlette


class ProductAdmin(ModelView, model=Product):
    """The four fields."""

    form_columns = ("name", "price", "stock", "category")


engine, statements = engine_and_counter(sys.argv[1])
app = Starlette()
Admin(app, engine).add_view(ProductAdmin)
serve(app, "/admin/product/edit/p1", statements)
