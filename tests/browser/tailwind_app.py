"""A page with Tailwind's classes beside our own parts; its stylesheet is named by SHEET."""

import os

from fastapi import FastAPI

import nitro
from nitro import Page
from nitro.components import Dialog
from nitro_templates import H1, Button, Div

app = FastAPI()
nitro.configure(stylesheets=os.environ["SHEET"])
nitro.install(app)


@app.get("/")
def show() -> Page:
    return Page(
        H1("Both", id="head"),
        Dialog("In the middle", id="over", title="Over"),
        Div("surface", cls="bg-surface p-4 rounded-nitro", id="box"),
        Button("Ours", cls="nitro-button primary", id="ours"),
        Button("Ours, wider", cls="nitro-button px-8", id="wider"),
        title="Both",
        live=False,
    )
