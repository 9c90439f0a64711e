"""The pages, on FastHTML: live tables of what came in through the API of ``api_app.py``."""

# mypy: disable-error-code="import-untyped, untyped-decorator"

from typing import Any

from fasthtml.common import A, FastHTML
from orders import Order

import nitro
from nitro import Form, Page, Table

app: Any = FastHTML()
nitro.install(app)


@app.get("/")
def index() -> Page:
    table = Table.from_entity(Order).with_actions(["create", "edit", Order.ship])
    return Page(table.with_search().reactive(), A("By hand", href="/new"), title="Orders")


@app.get("/new")
def new() -> Page:
    return Page(Form.from_entity(Order).on_saved(redirect="/"), title="New order")
