"""starlette-admin's form, whose choices are looked up while somebody types."""

import sys

from alchemy_shop import Category, Product, engine_and_counter
from measure import serve
from starlette.applications import Starlette
from starlette_admin.contrib.sqla import Admin, ModelView

engine, statements = engine_and_counter(sys.argv[1])
app = Starlette()
admin = Admin(engine)
admin.add_view(ModelView(Product))
admin.add_view(ModelView(Category))
admin.mount_to(app)
serve(app, "/admin/product/edit?pk=p1", statements)
