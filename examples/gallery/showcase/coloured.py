"""Python in colours, by the tokenizer of Python."""

import io
import keyword
import token
import tokenize
from collections.abc import Iterator

from nitro_templates import Code, Element, Pre, Span
from nitro_templates.html import Child

KINDS = {token.STRING: "text", token.NUMBER: "number", token.COMMENT: "comment"}


def coloured(source: str) -> Element:
    """Answer *source* as it is, its parts marked."""
    # in sight for the keyboard too, since it scrolls
    return Pre(
        Code(list(_marked(source))), cls="code", tabindex=0, role="region", aria_label="Code"
    )


def _marked(source: str) -> Iterator[Child]:
    lines = source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    at = 0
    for found in tokenize.generate_tokens(io.StringIO(source).readline):
        kind = _kind(found)
        if kind is None:
            continue
        start = starts[found.start[0] - 1] + found.start[1]
        end = starts[found.end[0] - 1] + found.end[1]
        yield source[at:start]
        yield Span(source[start:end], cls=kind)
        at = end
    yield source[at:]


def _kind(found: tokenize.TokenInfo) -> str | None:
    if found.type == token.NAME and keyword.iskeyword(found.string):
        return "word"
    if found.type == token.NAME and found.string[0].isupper():
        return "name"
    return KINDS.get(found.type)
