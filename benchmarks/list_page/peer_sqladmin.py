"""SQLAdmin's list page over the atlas."""

import sys

from alchemy_city import COLUMNS, City, engine_and_counter
from measure import serve
from sqladmin import Admin, ModelView
from starlette.applications import Starlette


class CityAdmin(ModelView, model=City):
    """All eight columns, searchable by name."""

    column_list = COLUMNS
    column_searchable_list = ("name",)
    page_size = 20


engine, statements = engine_and_counter(sys.argv[1])
app = Starlette()
Admin(app, engine).add_view(CityAdmin)
serve(app, "/admin/city/list", statements)
