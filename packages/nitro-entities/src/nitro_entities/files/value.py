"""What an entity holds of a file: everything but its content."""

import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from nitro_entities.files import places
from nitro_entities.files.content import SAFE_TO_SHOW
from nitro_entities.files.rules import FileRules

FROM_CLIENT = "nitro_from_client"
"""In the context of a validation: the values were sent by somebody, so none of them is a file."""


class StoredFile(BaseModel):
    """A file that an entity holds; the content is in the storage, under *key*.

    *type* and *hash* (SHA-256) are of the content, never what somebody said of it. Each entity has
    a content of its own: what is assigned to a second one is copied when that is saved.

    *key* names a place inside of the application, so it is in `model_dump`, for stores, and in no
    `signals` and no JSON of an entity. It is no secret that protects anything: what a client sends
    is never read as a file, only as the signed text that stands for its own upload.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    __nitro_file__: ClassVar[FileRules] = FileRules()

    key: str = Field(pattern=r"^[a-z0-9_-]+(/[a-z0-9_-]+)*$", max_length=300)
    name: str = Field(max_length=200)
    size: int = Field(ge=0)
    type: str = Field(max_length=200)
    hash: str = Field(pattern=r"^[0-9a-f]{64}$")
    width: int | None = None
    height: int | None = None

    @model_validator(mode="before")
    @classmethod
    def _is_no_text_of_a_client(cls, data: Any, info: ValidationInfo) -> Any:
        # who could say the key could have the file of anybody
        if info.context and FROM_CLIENT in info.context and not isinstance(data, StoredFile):
            kind, words = "nitro_no_upload", "Upload the file first, and send its token"
            raise PydanticCustomError(kind, words)
        return data

    @classmethod
    def store(
        cls,
        content: bytes | BinaryIO | Iterable[bytes],
        *,
        name: str = "file",
        rules: FileRules | None = None,
    ) -> Self:
        """Put *content* into the storage and answer what an entity can hold of it.

        What no entity holds after some days is removed. Raises FileRefused.
        """
        from nitro_entities.files.arriving import begin

        arriving = begin(cls, rules or cls.__nitro_file__, name)
        with arriving:
            for piece in _pieces(content):
                arriving.write(piece)
            return arriving.end()  # type: ignore[return-value]

    @classmethod
    async def astore(
        cls,
        content: bytes | BinaryIO | Iterable[bytes],
        *,
        name: str = "file",
        rules: FileRules | None = None,
    ) -> Self:
        """Await `store`."""
        from nitro_entities.threads import in_thread

        return await in_thread(cls.store, content, name=name, rules=rules)

    def chunks(self, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield the content, or a part of it, piece by piece. Raises FileMissing."""
        return places.read(self.key, start, length)

    def read(self) -> bytes:
        """Answer the whole content. Raises FileMissing."""
        return b"".join(self.chunks())

    async def aread(self) -> bytes:
        """Await `read`."""
        from nitro_entities.threads import in_thread

        return await in_thread(self.read)

    @property
    def is_image(self) -> bool:
        """Whether a page can show it as a picture."""
        return self.width is not None and self.is_safe_to_show

    @property
    def is_safe_to_show(self) -> bool:
        """Whether a browser may open it, and need not save it."""
        return self.type in SAFE_TO_SHOW


class ImageFile(StoredFile):
    """A picture: PNG, JPEG, GIF, WebP or AVIF, unless `FileRules` say otherwise."""

    __nitro_file__: ClassVar[FileRules] = FileRules(
        types=tuple(sorted(type for type in SAFE_TO_SHOW if type.startswith("image/")))
    )


_FOLDER = re.compile(r"[^a-z0-9_-]+")


def folder_of(slug: str) -> str:
    """Answer the folder for the files of the class called *slug*, another one for each slug."""
    plain = _FOLDER.sub("-", slug)
    return plain if plain == slug else f"{plain}-{hashlib.sha256(slug.encode()).hexdigest()[:8]}"


def _pieces(content: bytes | BinaryIO | Iterable[bytes]) -> Iterator[bytes]:
    if isinstance(content, bytes):
        content = io.BytesIO(content)
    read: Callable[[int], bytes] | None = getattr(content, "read", None)
    if read is None:
        yield from content
    else:
        while piece := read(places.PIECE):
            yield piece
