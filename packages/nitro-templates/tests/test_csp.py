from __future__ import annotations

import ast
from pathlib import Path

import pytest

import nitro_templates
from nitro_templates import Page, assets, configure
from nitro_templates.context import RenderContext, rendering
from nitro_templates.csp import policy
from nitro_templates.expressions import OURS, script

SOURCE = Path(nitro_templates.__file__).parent


def test_a_policy_allows_what_is_ours_and_what_is_named() -> None:
    configure(
        csp="strict",
        csp_sources={"img-src": "https://a.example https://b.example", "object-src": ["'self'"]},
    )

    said = dict(part.split(" ", 1) for part in policy("abc").split("; "))

    assert said["script-src"] == "'self' 'nonce-abc' 'unsafe-eval'"
    assert said["style-src"] == "'self' 'nonce-abc'"
    assert said["img-src"] == "'self' data: blob: https://a.example https://b.example"
    assert said["object-src"] == "'self'"
    assert (said["base-uri"], said["form-action"]) == ("'none'", "'self'")

    configure(csp="no-eval")
    assert "eval" not in policy("abc")


@pytest.mark.parametrize("name", ["img-src; script-src *", "IMG", ""])
def test_a_source_cannot_end_its_directive(name: str) -> None:
    with pytest.raises(ValueError, match="csp_sources"):
        configure(csp_sources={name: "x"})
    with pytest.raises(ValueError, match="csp_sources"):
        configure(csp_sources={"img-src": ["a;script-src"]})


def test_a_page_loads_what_the_policy_needs_before_datastar() -> None:
    context = RenderContext(live=True, nonce="abc")
    with rendering(context):
        assert "strict.js" not in str(Page("x"))
        configure(csp="no-eval")
        page = str(Page("x"))

    places = [page.index(name) for name in ("/nitro.js", "/strict.js", "/expressions.js")]
    assert places == sorted(places)
    assert page.count("<script") == page.count('nonce="abc"')


def test_every_expression_of_ours_is_sent_where_none_is_evaluated() -> None:
    found: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "js"
                and isinstance(node.args[0], ast.Constant)
            ):
                found.add(str(node.args[0].value))

    assert found
    assert not found - set(OURS), "name them in nitro_templates/expressions.py"


def test_expressions_are_compiled_as_the_client_does_it() -> None:
    configure(expressions=["$a.b = '$not; @me(' + $c; @post('/x', {n: $c})"])

    line = next(line for line in script().splitlines() if "$not" in line)

    assert (
        line.endswith(
            "=> { $['a']['b'] = '$not; @me(' + $['c'];"
            """return (__action("post",evt,'/x', {n: $['c']})); },"""
        )
        or "'$not; __action" in line
    )  # it knows no strings when it looks for actions
    assert assets.asset("expressions.js").body == script().encode()
