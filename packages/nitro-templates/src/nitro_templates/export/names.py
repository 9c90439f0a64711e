"""What a file that is downloaded is called."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

# path separators, what shells and Windows refuse, and what turns the direction of reading
_UNFIT = re.compile(
    r"[\x00-\x1f\x7f-\x9f/\\:*?\"<>|%;,'`$\u200b-\u200f\u2028-\u202e\u2066-\u2069]"
)
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
_LONGEST = 80


def file_name(title: str, extension: str) -> str:
    """Make a name for a file out of *title*: no path, nothing hidden, no device of Windows."""
    text = title.encode("utf-8", "ignore").decode()
    text = " ".join(_UNFIT.sub(" ", text).split()).strip(". ")[:_LONGEST].strip(". ")
    if not text or _RESERVED.fullmatch(text.partition(".")[0].strip()):
        text = f"export {text}".strip()
    return f"{text}.{extension}"


def disposition(name: str) -> str:
    """Write the header Content-Disposition: an ASCII name for all, the real one beside it.

    *name* is one that `file_name` made.
    """
    # what was fit in full width may not be any more: a slash, a quote
    flat = _UNFIT.sub(" ", unicodedata.normalize("NFKD", name))
    flat = " ".join(flat.encode("ascii", "ignore").decode().split())
    if flat.startswith("."):
        flat = f"export{flat}"
    header = f'attachment; filename="{flat}"'
    return header if flat == name else f"{header}; filename*=UTF-8''{quote(name, safe='')}"
