"""What goes wrong with a bucket, as errors of ours: gone, busy, or not to be used like this."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from nitro_entities.errors import EntityError, StoreBusy, StoreUnusable
from nitro_entities.extras import needed_for
from nitro_entities.files.rules import FileMissing

_GONE = {"404", "NoSuchKey", "NoSuchUpload", "NotFound"}
_BEHIND = {"416", "InvalidRange"}
_BUSY = {"OperationAborted", "RequestTimeout", "SlowDown", "Throttling"}
_BUSY_STATUS = {429, 500, 502, 503, 504}


class BehindTheEnd(EntityError):
    """A part was asked for that begins where the content has ended."""


@contextmanager
def explained(bucket: str, key: str = "") -> Generator[None]:
    """Raise FileMissing, StoreBusy or StoreUnusable in place of what boto3 raises."""
    with needed_for("Files in S3"):
        from botocore import exceptions  # type: ignore[import-untyped]
    known: Any = exceptions
    try:
        yield
    except known.ClientError as exc:
        said = str(exc.response.get("Error", {}).get("Code", ""))
        if said in _GONE and key:
            raise FileMissing(key) from None
        if said in _BEHIND:
            raise BehindTheEnd from None
        status = exc.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        if said in _BUSY or status in _BUSY_STATUS:
            msg = f"The bucket {bucket!r} has no time now: {said}"
            raise StoreBusy(msg) from exc
        msg = (
            f"The bucket {bucket!r} refuses {exc.operation_name}: {said or exc}. Look at its name "
            f"in configure(files=…) or NITRO_FILES, and at what the keys of AWS may do there"
        )
        raise StoreUnusable(msg) from exc
    except (known.ConnectionError, known.HTTPClientError, known.IncompleteReadError) as exc:
        msg = f"The bucket {bucket!r} does not answer: {type(exc).__name__}"
        raise StoreBusy(msg) from exc
    except known.BotoCoreError as exc:
        msg = (
            f"The bucket {bucket!r} cannot be used: {exc}. boto3 looks for keys, region and "
            f"endpoint in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_DEFAULT_REGION, "
            f"AWS_ENDPOINT_URL"
        )
        raise StoreUnusable(msg) from exc
