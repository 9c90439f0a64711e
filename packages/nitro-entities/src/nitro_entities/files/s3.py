"""Contents in a bucket of Amazon S3, or of anything else that speaks its protocol."""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from nitro_entities.errors import EntityError
from nitro_entities.extras import needed_for
from nitro_entities.files.places import PIECE, checked_key
from nitro_entities.files.rules import FileMissing
from nitro_entities.files.s3_errors import BehindTheEnd, explained
from nitro_entities.log import log_exception

PART = 8 * 1024 * 1024
"""How much is in memory at once: S3 takes parts of 5 MiB or more, up to 10,000 of them."""
_CONNECT_SECONDS, _ATTEMPTS = 5, 3
"""A request waits for a bucket that is away, and with it who has sent it."""


class S3Storage:
    """Keeps contents in *bucket*, below *prefix*, which belongs to this application alone.

    Keys, region and endpoint come from where boto3 looks for them (``AWS_ACCESS_KEY_ID``,
    ``AWS_ENDPOINT_URL``, profiles, the role of the machine), or from a *client* of your own.
    """

    def __init__(
        self, bucket: str, *, prefix: str = "", endpoint: str | None = None, client: Any = None
    ) -> None:
        self.bucket = bucket
        self.prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._endpoint = endpoint
        self._given = client
        self._clients: dict[int, Any] = {}

    def __repr__(self) -> str:
        return f"<S3Storage {self.bucket}/{self.prefix}>"

    @property
    def client(self) -> Any:
        """The client of boto3; connections do not survive a fork."""
        if self._given is not None:
            return self._given
        pid = os.getpid()
        if pid not in self._clients:
            with needed_for("Files in S3"):
                import boto3  # type: ignore[import-untyped]
                from botocore.config import Config  # type: ignore[import-untyped]

            library: Any = boto3
            session = library.session.Session()
            patience = Config(
                connect_timeout=_CONNECT_SECONDS,
                retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
            )
            with explained(self.bucket):
                client = session.client("s3", endpoint_url=self._endpoint, config=patience)
            self._clients = {pid: client}
        return self._clients[pid]

    def writer(self, key: str, /) -> "S3Writer":
        """Begin a content."""
        return S3Writer(self.client, self._at(key))

    def read(self, key: str, /, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield a content, or a part of it. Raises FileMissing."""
        if length == 0:  # a range of S3 has one byte at least
            self._asked(key, "head_object", **self._there(key))
            return iter(())
        part: dict[str, str] = {}
        if start or length is not None:
            end = "" if length is None else str(start + length - 1)
            part = {"Range": f"bytes={start}-{end}"}
        try:
            found = self._asked(key, "get_object", **self._there(key), **part)
        except BehindTheEnd:
            return iter(())
        return _pieces(found["Body"], self.bucket)

    def copy(self, key: str, to: str, /) -> None:
        """Let the server copy it."""
        target = self._at(to)
        self._asked(key, "copy_object", CopySource=self._there(key), **target)

    def move(self, key: str, to: str, /) -> None:
        """Copy, and remove the first one."""
        self.copy(key, to)
        self.delete(key)

    def delete(self, key: str, /) -> None:
        """Remove a content."""
        with suppress(FileMissing):  # Google's buckets say so, Amazon's do not
            self._asked(key, "delete_object", **self._at(key))

    def total(self, beginning: str, /) -> int:
        """Count the bytes of what has a key with this beginning."""
        below = f"{self.prefix}{checked_key(beginning)}"
        pages = self.client.get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=self.bucket, Prefix=below)
        with explained(self.bucket):
            return sum(item["Size"] for page in found for item in page.get("Contents", ()))

    def keys(self, folder: str, /) -> Iterator[tuple[str, datetime]]:
        """Yield the keys in *folder*, and since when each is there."""
        below = f"{self.prefix}{checked_key(folder)}/"
        pages = self.client.get_paginator("list_objects_v2")
        with explained(self.bucket):
            for page in pages.paginate(Bucket=self.bucket, Prefix=below):
                for item in page.get("Contents", ()):
                    yield item["Key"].removeprefix(self.prefix), item["LastModified"]

    def drop_unfinished(self, before: datetime, /) -> None:
        """Remove what writers have left that were killed before that moment."""
        pages = self.client.get_paginator("list_multipart_uploads")
        with explained(self.bucket):
            found = pages.paginate(Bucket=self.bucket, Prefix=self.prefix)
            old = [
                {"Key": item["Key"], "UploadId": item["UploadId"]}
                for page in found
                for item in page.get("Uploads", ())
                if item["Initiated"] < before
            ]
        for item in old:
            with suppress(FileMissing), explained(self.bucket, item["Key"]):
                self.client.abort_multipart_upload(Bucket=self.bucket, **item)

    def _at(self, key: str) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": f"{self.prefix}{checked_key(key)}"}

    def _there(self, key: str) -> dict[str, str]:
        """Answer where to read: what cannot be a key is the name of no content."""
        try:
            return self._at(key)
        except ValueError:
            raise FileMissing(key) from None

    def _asked(self, key: str, ask: str, **said: Any) -> Any:
        with explained(self.bucket, key):
            return getattr(self.client, ask)(**said)


class S3Writer:
    """Sends parts as they come together; what is small goes in one piece."""

    def __init__(self, client: Any, at: dict[str, str]) -> None:
        self._client = client
        self._at = at
        self._held = bytearray()
        self._upload: dict[str, Any] | None = None
        self._parts: list[dict[str, Any]] = []

    def write(self, piece: bytes, /) -> None:
        """Add *piece*."""
        self._held += piece
        if len(self._held) >= PART:
            self._send()

    def end(self) -> None:
        """Put it together."""
        if self._upload is None:
            self._ask("put_object", **self._at, Body=bytes(self._held))
            return
        if self._held:
            self._send()
        self._ask(
            "complete_multipart_upload", **self._upload, MultipartUpload={"Parts": self._parts}
        )
        self._upload = None

    def cancel(self) -> None:
        """Forget what was sent."""
        self._held.clear()
        upload, self._upload = self._upload, None
        if upload is not None:
            try:
                self._ask("abort_multipart_upload", **upload)
            except (EntityError, OSError):  # what went wrong before it is what counts
                log_exception("An upload that was given up is swept later: %s", upload["Key"])

    def _send(self) -> None:
        if self._upload is None:
            begun = self._ask("create_multipart_upload", **self._at)
            self._upload = {**self._at, "UploadId": begun["UploadId"]}
        number = len(self._parts) + 1
        body = bytes(self._held)
        sent = self._ask("upload_part", **self._upload, PartNumber=number, Body=body)
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})
        self._held.clear()

    def _ask(self, ask: str, **said: Any) -> Any:
        with explained(self._at["Bucket"]):
            return getattr(self._client, ask)(**said)


def _pieces(body: Any, bucket: str) -> Iterator[bytes]:
    try:
        with explained(bucket):
            while piece := body.read(PIECE):
                yield piece
    finally:
        body.close()
