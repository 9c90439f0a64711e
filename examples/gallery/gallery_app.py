"""The gallery: every building block with the code that made it, in light, dark and right to left.

Each page is a section of `showcase`; what is shown beside an example is the code that was run.
"""

from fastapi import FastAPI, HTTPException
from showcase import SECTIONS, look
from showcase.section import Section

import nitro
from nitro import Page
from nitro_templates import Element

app = FastAPI()
nitro.install(app)


@app.get("/")
@app.get("/rtl")
def start() -> Page:
    return look.start()


@app.get("/again/{slug}/{name}")
def again(slug: str, name: str) -> Element:
    """Answer an example anew, as a live page patches it."""
    return look.demo(section_of(slug).named(name))


@app.get("/{slug}")
@app.get("/rtl/{slug}")
def section(slug: str) -> Page:
    return look.page(section_of(slug))


def section_of(slug: str) -> Section:
    """Answer the section called *slug*; 404 if there is none."""
    for one in SECTIONS:
        if one.slug == slug:
            return one
    raise HTTPException(404)
