"""A file that is on its way into the storage, checked while it comes."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any, Self

from nitro_entities.files.content import HEAD, size_of_image, type_of
from nitro_entities.files.names import clean_name
from nitro_entities.files.places import ARRIVING, Storage, Writer, storage
from nitro_entities.files.rules import ACTIVE, FileRefused, FileRules, UploadsFull
from nitro_entities.files.sweeping import tidy_sometimes
from nitro_entities.files.value import StoredFile


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many bytes of uploads that nothing holds yet *owner* may have, here and elsewhere.

    *owner* is of small letters and digits. It is in the keys, so the storage is what is asked.
    """

    owner: str
    most: int

    @property
    def beginning(self) -> str:
        """What the keys of these uploads begin with."""
        return f"{ARRIVING}/{self.owner}-"


class Arriving:
    """Takes the content of one file, in bounded memory. Left without `end`, it leaves nothing."""

    def __init__(
        self,
        kind: type[StoredFile],
        rules: FileRules,
        name: str,
        to: Storage,
        allowance: Allowance | None = None,
    ) -> None:
        self._kind, self._rules, self._name, self._storage = kind, rules, name, to
        self._allowance = allowance
        beginning = f"{ARRIVING}/" if allowance is None else allowance.beginning
        self._key = f"{beginning}{secrets.token_hex(16)}"
        self._others = 0
        self._ended = False
        self._hash = hashlib.sha256()
        self._size = 0
        self._head = bytearray()
        self._writer: Writer | None = None
        self._known: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.cancel()

    def write(self, piece: bytes) -> None:
        """Add *piece*. Raises FileRefused and UploadsFull as soon as that can be known."""
        self._size += len(piece)
        self._rules.check_size(self._size)
        if self._allowance is not None and self._others + self._size > self._allowance.most:
            raise UploadsFull(self._allowance.most)
        self._hash.update(piece)
        if self._writer is not None:
            self._writer.write(piece)
            return
        self._head += piece
        if len(self._head) >= HEAD:
            self._begin()

    def end(self) -> StoredFile:
        """Keep it, and answer what an entity can hold of it. Raises FileRefused, UploadsFull."""
        if self._writer is None:
            self._begin()
        assert self._writer is not None
        writer, self._writer = self._writer, None
        try:
            writer.end()
        except BaseException:
            writer.cancel()
            raise
        self._ended = True
        self._check_others()
        tidy_sometimes(self._storage)
        return self._kind(
            key=self._key, size=self._size, hash=self._hash.hexdigest(), **self._known
        )

    def cancel(self) -> None:
        """Forget it; after `end` this does nothing."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.cancel()

    def discard(self) -> None:
        """Forget it, also after `end`: nobody was told of it."""
        self.cancel()
        if self._ended:
            self._storage.delete(self._key)

    def _check_others(self) -> None:
        # several may have begun at once, in any process: now each is seen by the others
        allowance = self._allowance
        if allowance is not None and self._storage.total(allowance.beginning) > allowance.most:
            self.discard()
            raise UploadsFull(allowance.most)

    def _begin(self) -> None:
        head = bytes(self._head)
        if not head:
            msg = "This file is empty"
            raise FileRefused(msg)
        type = type_of(head)
        self._rules.check_type(type)
        measured = size_of_image(head, type)
        if measured is None and type.startswith("image/") and type not in ACTIVE:
            msg = "This image cannot be read"
            raise FileRefused(msg)
        width, height = measured or (None, None)
        if width is not None and height is not None:
            self._rules.check_pixels(width, height)
        if self._allowance is not None:
            self._others = self._storage.total(self._allowance.beginning)
            if self._others + len(head) > self._allowance.most:
                raise UploadsFull(self._allowance.most)
        name = clean_name(self._name, type)
        self._known = {"name": name, "type": type, "width": width, "height": height}
        self._writer = self._storage.writer(self._key)
        self._writer.write(head)
        self._head.clear()


def begin(
    kind: type[StoredFile], rules: FileRules, name: str, *, allowance: Allowance | None = None
) -> Arriving:
    """Begin to take a file of the class *kind*, called *name* by who sends it."""
    return Arriving(kind, rules, name, storage(), allowance)
