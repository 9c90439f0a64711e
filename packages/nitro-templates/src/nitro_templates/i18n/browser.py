"""The texts of our scripts in another language than English: a script that only holds data."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from nitro_templates.state import state

from .reader import Reader, reader_for

if TYPE_CHECKING:
    from nitro_templates.assets import Asset

__all__ = ["script_for", "script_named"]

_MOST = 100
_KNOWN_FROM = "de"  # every language that is shipped has all of them


class Scripts(dict[Reader, "Asset | None"]):
    """The scripts made so far, by the language they are in."""


def script_for(reader: Reader) -> Asset | None:
    """Answer what a page for *reader* loads before our scripts; None if English is fine."""
    if reader.texts is None:
        return None
    plain = reader_for(reader.lang)
    made = state.part(Scripts)
    if plain not in made:
        if len(made) >= _MOST:  # the name of such a script comes from outside
            made.clear()
        made[plain] = _make(plain)
    return made[plain]


def script_named(name: str) -> Asset | None:
    """Answer the script called *name*, such as "texts.de.js"."""
    start, _, rest = name.partition(".")
    lang, _, end = rest.rpartition(".")
    return script_for(reader_for(lang)) if (start, end) == ("texts", "js") and lang else None


def _make(reader: Reader) -> Asset | None:
    from nitro_templates.assets import Asset

    from .catalogue import ours

    texts = dict(ours(reader.lang, "browser").texts)
    own = reader.own_texts
    if own is not None:
        known = ours(_KNOWN_FROM, "browser").texts
        texts |= {text: own.texts[text] for text in known if text in own.texts}
    if not texts:
        return None
    data = json.dumps(texts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    # data alone: what is in it comes from catalogues
    safe = data.replace("<", r"\u003c")
    body = f"window.nitroTexts={safe};\n".encode()
    digest = hashlib.sha256(body).hexdigest()[:16]
    return Asset(f"texts.{reader.lang}.js", body, "text/javascript; charset=utf-8", digest)
