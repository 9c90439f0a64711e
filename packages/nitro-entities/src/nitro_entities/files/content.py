"""What a file is, told by its first bytes and by nothing that anybody says of it."""

import io
import re
from typing import Any

from nitro_entities.extras import needed_for

HEAD = 256 * 1024
"""How much of a file is looked at: images say their size behind what cameras write first."""
UNKNOWN = "application/octet-stream"
SAFE_TO_SHOW = frozenset(
    {"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "application/pdf"}
)
"""What a browser may show by itself: it holds nothing that could run in the page's name."""

_OFFICE = "application/vnd.openxmlformats-officedocument"
_IN_ZIP = (
    (b"word/", f"{_OFFICE}.wordprocessingml.document"),
    (b"xl/", f"{_OFFICE}.spreadsheetml.sheet"),
    (b"ppt/", f"{_OFFICE}.presentationml.presentation"),
)
_MARKUP = re.compile(rb"<(!doctype html|html|head|body|script|iframe|svg|\?xml)\b", re.IGNORECASE)
_CONTROLS = bytes([*range(9), 11, *range(14, 27), *range(28, 32), 127])


def type_of(head: bytes) -> str:
    """Answer the media type of content that begins with *head*."""
    if head.startswith(b"PK\x03\x04"):
        return next((type for mark, type in _IN_ZIP if mark in head), "application/zip")
    text = _text_type(head)
    return text or _by_magic(head)


def size_of_image(head: bytes, type: str) -> tuple[int, int] | None:
    """Answer width and height of an image; None for what is none, or cannot be read as one."""
    if not type.startswith("image/"):
        return None
    with needed_for("A stored file"):
        import imagesize  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs]
    library: Any = imagesize
    try:
        width, height = library.get(io.BytesIO(head))
    except Exception:  # whatever a hostile file makes of the library
        return None
    return (int(width), int(height)) if width > 0 and height > 0 else None


def _text_type(head: bytes) -> str | None:
    """Answer the type of what can be read as text; markup anywhere in the beginning counts."""
    if head.translate(None, _CONTROLS) != head:
        return None
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as exc:
        if exc.end < len(head) - 3:  # else only the last character is cut off
            return None
    if head.startswith((b"%PDF-", b"GIF8")):
        return None
    found = _MARKUP.search(head[:1024])
    if found is None:
        return "text/plain"
    if b"<svg" in head[:4096].lower():
        return "image/svg+xml"
    return "application/xml" if found[1].lower() == b"?xml" else "text/html"


def _by_magic(head: bytes) -> str:
    with needed_for("A stored file"):
        import puremagic
    library: Any = puremagic
    try:
        found: list[Any] = library.magic_string(head)
    except (ValueError, library.PureError):
        return UNKNOWN
    # at the beginning: anybody can write a mark at the end; the longest mark says the most
    fit = [one for one in found if 0 <= one.offset <= 64 and one.mime_type]
    best = max(fit, key=_certainty, default=None)
    return UNKNOWN if best is None else str(best.mime_type).lower()


def _certainty(match: Any) -> tuple[int, float]:
    return len(match.byte_match), match.confidence
