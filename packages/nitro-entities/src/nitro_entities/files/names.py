"""The name of a file as it may be shown, and offered to be saved under."""

import re
import unicodedata

LONGEST = 120
_LONGEST_ENDING = 12
_UNFIT = re.compile(r'[<>:"|?*\\/]')
# what a type is called by, the first being the usual one
_ENDINGS: dict[str, tuple[str, ...]] = {
    "application/pdf": ("pdf",),
    "image/avif": ("avif",),
    "image/gif": ("gif",),
    "image/jpeg": ("jpg", "jpeg", "jpe", "jfif"),
    "image/png": ("png",),
    "image/svg+xml": ("svg",),
    "image/webp": ("webp",),
    "text/html": ("html", "htm"),
}


def clean_name(said: str, type: str) -> str:
    """Answer *said* without folders and anything that is no plain name, with an ending for *type*.

    Where the content has a type that is known by its ending, another ending would lie.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", said))[-1]
    plain = "".join(one for one in last if unicodedata.category(one)[0] not in "CZ" or one == " ")
    plain = _UNFIT.sub("_", plain).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    if not dot or not stem or len(ending) > _LONGEST_ENDING:
        stem, ending = plain, ""
    right = _ENDINGS.get(type)
    if right is not None and ending.lower() not in right:
        stem, ending = plain, right[0]
    stem = stem[: LONGEST - len(ending)].rstrip(" .") or "file"
    return f"{stem}.{ending}" if ending else stem
