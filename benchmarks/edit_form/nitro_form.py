"""The generated page with the form."""

import sys

from fastapi import FastAPI

import nitro
import nitro_shop

nitro.configure(database_url=f"sqlite:///{sys.argv[1]}", policy=lambda *_: True)
app = FastAPI()
nitro.install(app)

from measure import serve  # noqa: E402 - its folder was added by nitro_shop

serve(app, "/products/p1/edit", nitro_shop.statements)
