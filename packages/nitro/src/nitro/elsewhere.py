"""What is said of a name that is not in `nitro`."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec

__all__ = ["missing"]


def missing(name: str) -> Exception:
    """Answer the error for *name*: where it is, if it is a name of ours, or what it is like.

    An ImportError where it is known better: of ``from nitro import Div``, Python would keep the
    text of an AttributeError to itself.
    """
    text = f"module 'nitro' has no attribute {name!r}"
    if not name[:1].isupper():
        return AttributeError(text)
    for home in ("nitro.components", "nitro_templates"):
        if find_spec("nitro_templates") and name in import_module(home).__all__:
            return ImportError(f"{name} is in {home}. Write: from {home} import {name}", name=name)
    if name == "Field":
        said = "Field comes from pydantic, and for SQLEntity from sqlmodel"
        return ImportError(f"{said}. Write: from pydantic import Field", name=name)
    known: list[str] = import_module("nitro").__all__
    near = get_close_matches(name, known, 1)
    return AttributeError(f"{text}. Is it {near[0]}?" if near else text)
