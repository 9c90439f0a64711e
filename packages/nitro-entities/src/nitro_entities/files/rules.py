"""What a field takes: types that are told by the content, and how large a file may be."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from nitro_entities.errors import DefinitionError, EntityError

# what runs scripts where it is opened; "image/*" does not mean it
ACTIVE = frozenset({"image/svg+xml"})


class FileRefused(EntityError, ValueError):
    """A file that a field does not take; the text is for who has chosen it.

    It is made of a *template* and of *values* for the places in it, so that it can be translated.
    """

    def __init__(self, template: str, **values: object) -> None:
        super().__init__(template.format(**values))
        self.template = template
        self.values = values


class FileMissing(EntityError, FileNotFoundError):
    """The content of a file is not in the storage; *field* is where it was to be kept, if any."""

    def __init__(self, key: str, *, field: str | None = None) -> None:
        where = "" if field is None else f" for {field!r}"
        super().__init__(f"No file {key!r} in the storage{where}. Upload it again")
        self.key = key
        self.field = field


class UploadsFull(EntityError):
    """Somebody has as many bytes of uploads as they may, *most*, that nothing holds yet."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"There are {said(most)} of uploads that nothing holds, which is all of one owner"
        )
        self.most = most


@dataclass(frozen=True, slots=True)
class FileRules:
    """Say beside the type what a field takes: `Annotated[StoredFile, FileRules(size=5_000_000)]`.

    *types* are media types, or all of a kind: ``("application/pdf", "image/*")``; none means any.
    They are compared with the type that the content has. *size* is in bytes, *pixels* how many an
    image may have.
    """

    types: tuple[str, ...] = ()
    size: int = 10_000_000
    pixels: int = 50_000_000

    def __post_init__(self) -> None:
        if isinstance(self.types, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            msg = f"FileRules(types={self.types!r}): give a tuple, such as types=({self.types!r},)"
            raise DefinitionError(msg)

    def takes(self, type: str) -> bool:
        """Say whether content of *type* may be stored."""
        if not self.types or type in self.types:
            return True
        return type not in ACTIVE and f"{type.partition('/')[0]}/*" in self.types

    def check_type(self, type: str) -> None:
        """Raise FileRefused for content of another type."""
        if not self.takes(type):
            taken = ", ".join(map(_called, self.types))
            msg = "This is {found}, whatever it is called. Choose {wanted}"
            raise FileRefused(msg, found=_called(type), wanted=taken)

    def check_size(self, size: int) -> None:
        """Raise FileRefused for more than *size* bytes."""
        if size > self.size:
            msg = "This file is too large. Choose one of {size} at most"
            raise FileRefused(msg, size=said(self.size))

    def check_pixels(self, width: int, height: int) -> None:
        """Raise FileRefused for what would fill the memory of who looks at it."""
        if width * height > self.pixels:
            msg = "This image has {width} by {height} pixels, which is too many"
            raise FileRefused(msg, width=width, height=height)


def rules_of(annotation: Any) -> tuple[type[Any], FileRules] | None:
    """Answer the class of file that *annotation* holds, one or several, and what it takes.

    None for anything else.
    """
    kind: Any = None
    said: FileRules | None = None
    for part in _parts(annotation):
        if isinstance(part, FileRules):
            said = said or part
        elif isinstance(part, type) and hasattr(part, "__nitro_file__"):
            kind = part
    return None if kind is None else (kind, said or kind.__nitro_file__)


def said(size: int) -> str:
    """Write a number of bytes for people, rounded down: "12 KB"."""
    for unit, length in (("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if size >= length:
            whole, tenth = divmod(size * 10 // length, 10)
            return f"{whole}.{tenth} {unit}" if tenth and whole < 10 else f"{whole} {unit}"
    return f"{size} bytes"


_CALLED = {
    "application/octet-stream": "no file of a known type",
    "application/pdf": "PDF",
    "image/*": "an image",
    "text/plain": "text",
    "video/*": "a video",
    "audio/*": "a sound",
}


def _called(type: str) -> str:
    if type in _CALLED:
        return _CALLED[type]
    kind, _, name = type.partition("/")
    return name.upper().partition("+")[0] if kind == "image" else type


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    if get_origin(annotation) is Annotated:
        inner, *said = get_args(annotation)
        for one in said:
            yield one
            yield from getattr(one, "metadata", ())  # a Field(…) with rules of its own
        yield from _parts(inner)
        return
    for inner in get_args(annotation):
        yield from _parts(inner)
