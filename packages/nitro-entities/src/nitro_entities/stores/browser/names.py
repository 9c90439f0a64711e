"""What the signals are called in which a browser keeps entities."""

import hashlib
import re

from nitro_entities import classes

SEALED = "kept_sealed"
"""The signal with the sealed texts by slot: only these are believed when they come back."""

SHOWN = "kept"
"""The signal that shows the values: ``$kept.ui_preferences.me.theme``."""

# what an expression reads as one name; Datastar sends no name that starts with "_", and takes
# two of them for the start of a modifier
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*", re.ASCII)
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def slot_of(cls: type, key: str) -> str:
    """Answer the slot of one entity: made of its class and id, and neither can be read in it."""
    return f"k{_digest(classes.key(cls), key)}"


def path_of(cls: type, key: str) -> tuple[str, str]:
    """Answer the names below `SHOWN`: ``("ui_preferences", "me")``.

    A class or an id that is no name stands there as a digest, as in its slot.
    """
    kind = _WORDS.sub("_", cls.__name__).lower().strip("_")
    if not _NAME.fullmatch(kind):
        kind = f"k{_digest(classes.key(cls))}"
    named = len(key) <= 64 and _NAME.fullmatch(key)
    return kind, key if named else slot_of(cls, key)


def _digest(*parts: str) -> str:
    text = "\n".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()[:20]
