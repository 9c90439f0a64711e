"""The expressions of our attributes as functions, for pages that may not evaluate any text.

The client of Datastar makes a function of each expression, with ``Function(…)``, which a
Content-Security-Policy without ``unsafe-eval`` forbids. All our expressions are constant texts, so
they can be sent as what they become: a script with a table of functions, which ``strict.js``
answers from. What the client makes of a text before it compiles it is done here in the same way;
a test in a browser compares the two.
"""

from __future__ import annotations

import json
import re

from nitro_templates.state import state

__all__ = ["OURS", "script"]

OURS = (
    "$kept_sealed = evt.detail.kept_sealed; $kept = evt.detail.kept",
    "@get(evt.detail.url, nitro.cell())",
    "@get(evt.detail.url, nitro.dialog())",
    "@get(evt.detail.url, nitro.part())",
    "@post(evt.detail.url, nitro.run(el, evt.detail.link))",
    "@post(nitro.action(el), nitro.form(el))",
    "@post(nitro.target(el), nitro.call(el))",
    "el.remove()",
    "nitro.again()",
    "nitro.focusError(el)",
    "nitro.follow(el)",
    "nitro.go(el)",
    "nitro.keep($kept_sealed, $kept)",
    "nitro.kept()",
)
"""Every expression that our own components and patches bring into a page."""

_STRING = r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
_SIGNAL = re.compile(_STRING + r"|\$([a-zA-Z_\d]\w*(?:[.-]\w+)*)")
_ACTION = re.compile(r"@([A-Za-z_$][\w$]*)\(")
_STATEMENT = re.compile(rf"(?:{_STRING}|[^;])+")


def script() -> str:
    """Answer the module with our expressions and those of ``configure(expressions=…)``."""
    texts = dict.fromkeys((*OURS, *state.expressions))
    table = ",\n".join(f"{json.dumps(key)}: {code}" for key, code in map(_compiled, texts))
    return f'import {{ withoutEval }} from "./strict.js";\nwithoutEval({{\n{table},\n}});\n'


def _compiled(text: str) -> tuple[str, str]:
    """Answer what the client asks for *text* by, and the function that it gets."""
    body = _ACTION.sub(r'__action("\1",evt,', _SIGNAL.sub(_read, text.strip()))
    *before, last = (part[0].strip() for part in _STATEMENT.finditer(body) if part[0].strip())
    first = "".join(f"{statement};" for statement in before)
    code = f"(el, $, __action, evt, patch) => {{ {first}return ({last}); }}"
    return ";".join((*before, last)), code


def _read(found: re.Match[str]) -> str:
    if found[1] is not None:
        return found[1]
    return "$" + "".join(f"['{name}']" for name in found[2].split("."))
