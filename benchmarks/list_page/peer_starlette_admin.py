"""starlette-admin's list page over the atlas."""

import sys

from alchemy_city import COLUMNS, City, engine_and_counter
from measure import serve
from starlette.applications import Starlette
from starlette_admin.contrib.sqla import Admin, ModelView


class CityView(ModelView):
    """All eight columns, searchable by name."""

    fields = COLUMNS
    searchable_fields = ("name",)
    page_size = 20


engine, statements = engine_and_counter(sys.argv[1])
app = Starlette()
admin = Admin(engine)
admin.add_view(CityView(City))
admin.mount_to(app)
serve(app, "/admin/city/list", statements)
