"""Patches that run a script in the page, or lead it elsewhere: kept apart, as they are programs.

The words of a script are the application's own. Values go in as *values*, which arrive in it as
JSON; pasted into the text they would be a program too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final
from urllib.parse import urlsplit

from pydantic_core import to_jsonable_python

from nitro_events.http.response import is_local
from nitro_events.patches import Patch, patch_elements

__all__ = ["patch_location", "patch_script"]

_ATTRIBUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]*")
_ENDS: Final = re.compile(r"<(?=/script|!--|script)", re.IGNORECASE)


def patch_script(
    script: str,
    *,
    values: Mapping[str, object] | None = None,
    attributes: Mapping[str, str] | None = None,
    keep: bool = False,
) -> Patch:
    """Return the patch that runs *script* once, with *values* as its constants.

    *script* must not hold what a user wrote: that belongs into *values*. The element is gone
    afterwards, unless *keep*. Raises ValueError for the name of an attribute or of a value that
    is none, and for a script that would end its own element, which JavaScript can write as
    ``<\\/script>``.
    """
    if _ENDS.search(script):
        msg = "A script must not hold </script, <script or <!--: give such text in values="
        raise ValueError(msg)
    constants = "".join(f"const {_name(key)}={_literal(value)};" for key, value in _all(values))
    # in a block, or a second script with the same constants would fail
    text = f"{{{constants}{script}}}" if constants else script
    given = {**(attributes or {}), **({} if keep else {"data-effect": "el.remove()"})}
    written = "".join(f' {_attribute(key)}="{escape(value)}"' for key, value in given.items())
    return patch_elements(f"<script{written}>{text}</script>", selector="body", mode="append")


def patch_location(url: str, *, allowed: Sequence[str] = ()) -> Patch:
    """Return the patch that leads the page to *url*: a path of this application.

    Another site is only gone to if its origin (``https://pay.example``) is in *allowed*. Raises
    ValueError for anything else, and for what a browser would not read as it looks.
    """
    if not is_local(url) and not _is_allowed(url, allowed):
        origins = f", or below {', '.join(allowed)}" if allowed else ""
        msg = f"A page is led to a path of this application such as '/'{origins}; got {url!r}"
        raise ValueError(msg)
    # after the event: the rest of the answer is still applied
    return patch_script("setTimeout(()=>window.location.assign(url))", values={"url": url})


def _is_allowed(url: str, allowed: Sequence[str]) -> bool:
    if "\\" in url or any(character <= " " or character == "\x7f" for character in url):
        return False
    try:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}".lower()
    except ValueError:
        return False
    known = {one.rstrip("/").lower() for one in allowed}
    return parts.scheme in ("http", "https") and "@" not in parts.netloc and origin in known


def _all(values: Mapping[str, object] | None) -> list[tuple[str, object]]:
    return list((values or {}).items())


def _literal(value: object) -> str:
    text = json.dumps(to_jsonable_python(value), ensure_ascii=True, allow_nan=False)
    # inside of JSON these stand in texts only, where the escape means the same
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _name(name: str) -> str:
    if name.isidentifier() and name.isascii():
        return name
    msg = f"The values of a script are named like variables, got {name!r}"
    raise ValueError(msg)


def _attribute(name: str) -> str:
    if _ATTRIBUTE.fullmatch(name):
        return name
    msg = f"A script has attributes such as 'type', got {name!r}"
    raise ValueError(msg)
