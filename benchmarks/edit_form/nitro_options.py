"""What the picker asks for while somebody types."""

import sys

from fastapi import FastAPI

import nitro
import nitro_shop

nitro.configure(database_url=f"sqlite:///{sys.argv[1]}", policy=lambda *_: True)
app = FastAPI()
nitro.install(app)

from measure import serve  # noqa: E402 - its folder was added by nitro_shop

ASKED = "/products/p1/edit?_ask=options:form-products-p1:category_id&_q=Category%20123"
serve(app, ASKED, nitro_shop.statements)
