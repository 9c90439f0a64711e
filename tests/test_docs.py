"""Every Python block of the documentation runs, and what it says of its results is true.

The blocks of one page run in order and share their names, as one module ``app`` in an empty
folder. Behind a statement, ``# -> text`` says what comes of it: the ``repr`` of an expression,
what a ``print`` writes, or ``SomeError: message``; ``...`` stands for anything. A comment
``<!-- test: … -->`` holds Python that runs too, and that readers do not see.
"""

import ast
import re
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

import nitro_entities.state
import nitro_events.state
import nitro_templates.state
from nitro_entities.classes import Registry

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from support.server import Server

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    str(path.relative_to(ROOT))
    for pattern in ("README.md", "docs/**/*.md", "packages/*/README.md")
    for path in ROOT.glob(pattern)
)
BLOCK = re.compile(r"^(?:```python\n(.*?)^```$|<!-- test:\n(.*?)^-->$)", re.MULTILINE | re.DOTALL)
# a fence that the pattern above would pass over in silence
ODD_FENCE = re.compile(r"^(?: +```|```(?:py|python\d?|Python|pycon)\b(?!\n)).*$", re.MULTILINE)
PROMISE = re.compile(r"# -> (.*)$")
VARIABLES = (
    "NITRO_DATABASE_URL",
    "NITRO_DURABLE_CHANGES",
    "NITRO_ENV",
    "NITRO_PREFIX",
    "NITRO_REDIS_URL",
    "NITRO_SECRET",
    "NITRO_STRICT_EVENTS",
    "NITRO_STRICT_LOOP",
)


class Block(NamedTuple):
    """A piece of Python and the line of the page on which it begins."""

    line: int
    code: str
    hidden: bool


def blocks_of(text: str) -> Iterator[Block]:
    for match in BLOCK.finditer(text):
        line = text.count("\n", 0, match.start()) + 2
        yield Block(line, match[1] or match[2] or "", hidden=match[1] is None)


def run(block: Block, page: Path, names: dict[str, object]) -> None:
    """Execute *block* statement by statement, and compare what it promises."""
    tree = ast.parse(block.code, str(page))
    promised = {
        number: match[1]
        for number, line in enumerate(block.code.splitlines(), 1)
        if (match := PROMISE.search(line))
    }
    for statement in tree.body:
        promise = promised.pop(statement.end_lineno or 0, None)
        ast.increment_lineno(statement, block.line - 1)
        said = outcome(statement, page, names, fails=promise is not None)
        if promise is not None:
            pattern = re.escape(promise).replace(re.escape("..."), ".*")
            place = f"{page.relative_to(ROOT)}:{statement.end_lineno}"
            assert re.fullmatch(pattern, said, re.DOTALL), f"{place}: got {said}"
    assert promised == {}, "a promise stands behind the last line of a statement"


def outcome(statement: ast.stmt, page: Path, names: dict[str, object], *, fails: bool) -> str:
    """Run *statement* and say what came of it; with *fails*, an exception is an outcome too."""
    printed = StringIO()
    value: object = None
    try:
        with redirect_stdout(printed):
            if isinstance(statement, ast.Expr):
                value = eval(compile(ast.Expression(statement.value), str(page), "eval"), names)
            else:
                exec(compile(ast.Module([statement], []), str(page), "exec"), names)
    except Exception as error:
        if not fails:
            raise
        return f"{type(error).__name__}: {error}"
    return printed.getvalue().strip() if value is None and printed.getvalue() else repr(value)


def forget_everything() -> None:
    for module in (nitro_events.state, nitro_templates.state, nitro_entities.state):
        module.state.reset()


@pytest.fixture
def names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, object]]:
    """The names of a fresh module ``app``, with nothing set, defined or stored before."""
    monkeypatch.chdir(tmp_path)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    # the documentation of FastHTML, once loaded, has paths represent themselves in its own way
    if "__repr__" in vars(Path):
        monkeypatch.delattr(Path, "__repr__")
    module = types.ModuleType("app")
    monkeypatch.setitem(sys.modules, "app", module)
    forget_everything()
    # other tests define classes too, and two modules' "cities" cannot both be at /cities
    monkeypatch.setattr(nitro_entities.state.state.part(Registry), "classes", {})
    yield module.__dict__
    forget_everything()


@pytest.mark.parametrize("name", PAGES)
def test_every_block_of_the_page_runs_and_keeps_its_promises(
    name: str, names: dict[str, object]
) -> None:
    page = ROOT / name
    text = page.read_text(encoding="utf-8")

    assert ODD_FENCE.findall(text) == [], "write ```python at the beginning of a line"
    for block in blocks_of(text):
        run(block, page, names)


def test_the_first_app_is_live_in_two_windows(
    tmp_path: Path, run_server: Callable[..., "Server"], open_page: Callable[..., "Page"]
) -> None:
    from playwright.sync_api import expect

    text = (ROOT / "docs/first-app.md").read_text(encoding="utf-8")
    shown = [block.code for block in blocks_of(text) if not block.hidden]
    (tmp_path / "app.py").write_text(next(code for code in reversed(shown) if "FastAPI()" in code))
    server = run_server(tmp_path / "app.py")
    ann, ben = open_page(f"{server.url}/i-am/Ann"), open_page(f"{server.url}/i-am/Ben")
    for window in (ann, ben):
        expect(window.locator("#nitro-live")).to_have_attribute("data-state", "live")

    ann.get_by_role("link", name="New task").click()
    ann.get_by_label("Title").fill("Water the plants")
    ann.get_by_role("button", name="Create task").click()

    expect(ben.get_by_role("rowheader", name="Water the plants")).to_be_visible()
