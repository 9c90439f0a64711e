"""Write docs/frameworks.md: what each framework does under each server, from a run of all tests.

``python tests/write_frameworks.py`` runs ``tests/behaviour`` in full (NITRO_PROOF=1), which takes
half an hour; with the names of files that ``pytest --junitxml`` wrote it takes the results from
there, of a test that is in several from the last. It ends with 1 if something failed.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from behaviour.hosts import FRAMEWORKS, HOSTS, WITHOUT

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests/behaviour"
PAGE = ROOT / "docs/frameworks.md"
NAMES = {
    "fastapi": "FastAPI", "starlette": "Starlette", "fasthtml": "FastHTML", "litestar": "Litestar",
    "sanic": "Sanic", "flask": "Flask", "django": "Django",
}  # fmt: skip
SERVERS = {
    "sanic-sanic": "its own", "flask-gunicorn": "gunicorn, threads",
    "flask-gevent": "gunicorn, gevent", "django-gunicorn": "gunicorn, threads",
}  # fmt: skip
PARTS = {
    "test_resources": "Create, change, delete, call, return",
    "test_validation": "Validation",
    "test_conflict": "Conflicts and merging",
    "test_stored_files": "Files",
    "test_units": "One request, one unit",
    "test_live": "Live pages",
    "test_tabs": "Many tabs, one stream",
    "test_restart": "Restarts",
    "test_identity": "Login and logout",
    "test_origin": "Requests of other sites",
    "test_errors": "Errors",
    "test_malformed": "Malformed requests",
    "test_golden": "Patches as the official SDKs write them",
    "test_untouched": "Routes without Nitro unchanged",
    "test_settings": "A prefix, and all routes guarded",
    "test_browser": "Two people in a browser",
}
TOGETHER = "test_together"
HEAD = """\
# What works on which framework

One suite of tests, `tests/behaviour`, is run over HTTP and in Chromium against the same
application in every framework, each a real server process. `python tests/write_frameworks.py`
runs it and writes this page. "yes" means that every test passed.

"""
PAIRS = """
Hypercorn tells its workers of a stop by no signal, so open streams end when its own patience does,
after three seconds. The others end them at once. Flask and Django have no background tasks of
their own.

## Together

Two processes, each of another framework, on one database and one Redis: what one stores, the pages
of the other show; events, forms and streams of one go on at the other.

"""
MOUNTED = """
FastHTML mounted in FastAPI, both in one process over the same entities: {}.

## What the words stand for

"""


class Result(NamedTuple):
    """How one test ended: passed, failed, or neither; *case* is what stands in its brackets."""

    module: str
    test: str
    case: str
    outcome: str


def page(results: Iterable[Result]) -> str:
    """Write the page."""
    every = [one for one in results if one.outcome]
    rows = [["", *(_title(str(host)) for host in HOSTS)], ["---", *[":-:"] * len(HOSTS)]]
    for module, title in PARTS.items():
        of_part = [one for one in every if one.module == module]
        rows.append([title, *(_cell(_of(of_part, str(host))) for host in HOSTS)])
    together = [one for one in every if one.module == TOGETHER]
    mounted = [one for one in together if "-and-" not in one.case]
    text = HEAD + _table(rows) + PAIRS + _table(_pairs(together))
    return text + MOUNTED.format(_cell(mounted)) + _sentences()


def _pairs(results: list[Result]) -> Iterator[list[str]]:
    yield ["", *(NAMES[name] for name in FRAMEWORKS[1:])]
    yield ["---", *[":-:"] * len(FRAMEWORKS[1:])]
    for at, one in enumerate(FRAMEWORKS[:-1]):
        cells = [""] * at
        cells += [_cell(_of(results, f"{one}-and-{two}")) for two in FRAMEWORKS[at + 1 :]]
        yield [NAMES[one], *cells]


def _of(results: list[Result], case: str) -> list[Result]:
    return [one for one in results if one.case == case or one.case.startswith(f"{case}-")]


def _cell(results: list[Result]) -> str:
    failed = sum(one.outcome == "failed" for one in results)
    if failed:
        return f"no ({failed} of {len(results)} fail)"
    return "yes" if results else "not tried"


def _table(rows: Iterable[list[str]]) -> str:
    return "".join("| " + " | ".join(row) + " |\n" for row in rows)


def _title(host: str) -> str:
    framework, _, server = host.partition("-")
    return f"{NAMES[framework]}, {SERVERS.get(host, server)}"


def _sentences() -> str:
    """Write what each part tests, as its tests are called."""
    text = ""
    for module, title in [*PARTS.items(), (TOGETHER, "Together")]:
        tests = [name.removeprefix("test_").replace("_", " ") for name in _tests_in(module)]
        text += f"### {title}\n\n" + "".join(f"- {test}\n" for test in tests) + "\n"
    return text.rstrip() + "\n"


def _tests_in(module: str) -> Iterator[str]:
    """Yield the names of the tests of a file, those that it takes over from another one too."""
    for node in ast.walk(ast.parse((TESTS / f"{module}.py").read_text("utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []
        names += [node.name] if isinstance(node, ast.FunctionDef) else []
        yield from (name for name in names if name.startswith("test_"))


def declared() -> Iterator[Result]:
    """Answer what would come of a run in which no test fails."""
    for module in PARTS:
        for test in _tests_in(module):
            for host in HOSTS:
                if host.framework not in WITHOUT.get(test, ()):
                    yield Result(module, test, str(host), "passed")
    for one, two in combinations(FRAMEWORKS, 2):
        yield Result(TOGETHER, "", f"{one}-and-{two}", "passed")
    yield Result(TOGETHER, "", "", "passed")


def results_in(file: Path) -> Iterator[Result]:
    """Read what ``pytest --junitxml`` wrote."""
    for case in ElementTree.parse(file).iter("testcase"):
        name, _, rest = case.attrib["name"].partition("[")
        ended = {child.tag for child in case}
        outcome = "failed" if ended & {"failure", "error"} else "passed"
        module = case.attrib["classname"].rpartition(".")[2]
        yield Result(module, name, rest.rpartition("]")[0], "" if "skipped" in ended else outcome)


def _run() -> Path:
    file = Path(tempfile.mkdtemp()) / "results.xml"
    command = [sys.executable, "-m", "pytest", "-q", str(TESTS), f"--junitxml={file}"]
    command += ["-n=2", "--dist=loadgroup", "--no-loadscope-reorder"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "NITRO_PROOF": "1"}, check=False)
    return file


if __name__ == "__main__":
    files = [Path(name) for name in sys.argv[1:]] or [_run()]
    last = {one[:3]: one for file in files for one in results_in(file)}
    results = list(last.values())
    PAGE.write_text(page(results), "utf-8")
    sys.exit(any(one.outcome == "failed" for one in results))
