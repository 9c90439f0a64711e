"""The application that a command is about: named, found and imported."""

from __future__ import annotations

import os
import sys
import tomllib
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nitro.cli.mistakes import USAGE, Mistake, own_error

__all__ = ["load", "load_named", "named"]

VARIABLE = "NITRO_APP"


def named(application: str | None) -> str | None:
    """Return *application*, else what NITRO_APP or ``[tool.nitro] app`` in pyproject.toml says."""
    return application or os.environ.get(VARIABLE) or _in_project(Path("pyproject.toml"))


def load_named(application: str | None) -> object:
    """Import the application that is meant, see `named`. Raises Mistake if there is none."""
    meant = named(application)
    if meant is None:
        msg = (
            "which application? Name it, as in: nitro … shop.main:app. To be asked no more, "
            'write into pyproject.toml:\n\n[tool.nitro]\napp = "shop.main:app"'
        )
        raise Mistake(msg, USAGE)
    return load(meant)


def load(application: str) -> object:
    """Import the module of an application and answer what is named in it.

    Raises Mistake with what to type instead; of an error inside the module it shows where it was.
    """
    name, _, attribute = application.partition(":")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)  # as `python -m` does, and not the entry script
    if not _is_there(name):
        msg = (
            f"there is no module {name!r} in {here} or among what is installed. Name the file of "
            f"your application without .py, with dots for folders, such as shop.main:app"
        )
        raise Mistake(msg, USAGE)
    module: Any = _import(name)
    if attribute and not hasattr(module, attribute):
        msg = f"{name} has no {attribute!r}. Leave it out, or name what {name} defines"
        raise Mistake(msg, USAGE)
    from nitro_events import joints

    joints.connect()
    return getattr(module, attribute) if attribute else module


def _import(name: str) -> object:
    try:
        return import_module(name)
    except SystemExit:
        msg = f"{name} ends the process when it is imported, so nothing can be learned of it"
        raise Mistake(msg) from None
    except Exception as exc:
        msg = f"{name} cannot be imported:\n\n{own_error(exc, Path.cwd())}"
        raise Mistake(msg) from exc


def _is_there(module: str) -> bool:
    parent, _, _ = module.rpartition(".")
    try:
        return (not parent or _is_there(parent)) and find_spec(module) is not None
    except (ValueError, ModuleNotFoundError):  # "" or a module that is no package
        return False
    except Exception as exc:  # the package it is in has been imported, and failed
        msg = f"{parent} cannot be imported:\n\n{own_error(exc, Path.cwd())}"
        raise Mistake(msg) from exc


def _in_project(file: Path) -> str | None:
    if not file.exists():
        return None
    try:
        said: Any = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        msg = f"{file} cannot be read: {exc}"
        raise Mistake(msg) from None
    app = said.get("tool", {}).get("nitro", {}).get("app")
    return app if isinstance(app, str) and app else None
