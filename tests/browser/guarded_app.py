"""A shop whose pages have a Content-Security-Policy: on FastAPI, or with NITRO_ON=flask on Flask.

NITRO_CSP says which one.
"""

import os
import sys
from typing import Any
from wsgiref.simple_server import WSGIServer, make_server

from sqlmodel import Field

import nitro
from nitro import Column, Page, Patch, SQLEntity, Table, UnitOfWork, action, call, toast
from nitro_events.scripts import patch_script
from nitro_templates import Button, Div, Fragment, js


class GuardedMaker(SQLEntity, table=True):
    name: str


class GuardedLamp(SQLEntity, table=True):
    name: str = Field(min_length=1, max_length=80)
    price: float = Field(default=0, ge=0)
    maker_id: str | None = Field(default=None, foreign_key="guardedmaker.id")

    @action
    def discount(self) -> None:
        self.price = round(self.price / 2, 2)

    @action
    def greet(self) -> Patch:
        return toast(f"Hello from {self.name}")

    @action
    def run(self) -> Patch:
        return patch_script("document.title = title", values={"title": "A script has run"})


def shop() -> Page:
    lamp = GuardedLamp.get("l1")
    table = (
        Table.from_entity(GuardedLamp)
        .columns("name", "price", "maker_id", Column("twice", lambda lamp: lamp.price * 2))
        .with_search("name")
        .with_filters("price", "maker_id")
        .with_actions(["create", "edit", GuardedLamp.discount, "delete"])
        .with_bulk([GuardedLamp.discount, "delete"])
        .with_export("csv", "xlsx", "json")
        .editable("name", "price")
        .reactive()
    )
    buttons = Fragment(
        Button("Greet", on_click=call(lamp.greet)),
        Button("Run", on_click=call(lamp.run)),
        # what the application says itself has to be named where nothing is evaluated
        Button("Own", on_click=js("$pressed = $pressed + 1")),
        Div(id="pressed", text=js("$pressed"), signals={"pressed": 0}),
    )
    return Page(buttons, table, title="Lamps")


def fill() -> None:
    with UnitOfWork():
        for number in range(1, 41):
            maker, lamp = f"m{number}", f"l{number}"
            GuardedMaker.create(id=maker, name=f"Maker {number:02}")
            GuardedLamp.create(id=lamp, name=f"Lamp {number:02}", price=number, maker_id=maker)


app: Any
if os.environ.get("NITRO_ON") == "flask":
    from flask import Flask

    app = Flask(__name__)
    app.add_url_rule("/", view_func=shop)
else:
    from fastapi import FastAPI

    app = FastAPI()
    app.add_api_route("/", shop, response_model=None)
nitro.install(app)
nitro.configure(
    policy=lambda caller, operation, target: True,
    csp="no-eval" if os.environ.get("NITRO_CSP") == "no-eval" else "strict",
    expressions=["$pressed = $pressed + 1", "$pressed"],
)
if GuardedLamp.first() is None:
    fill()

if __name__ == "__main__":  # a host with threads
    from socketserver import ThreadingMixIn

    class Threads(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    make_server("127.0.0.1", int(sys.argv[1]), app, server_class=Threads).serve_forever()
