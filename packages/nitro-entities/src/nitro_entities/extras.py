"""What has to be installed for what, said where it is missing."""

from collections.abc import Generator
from contextlib import contextmanager

_EXTRA_OF = {
    "boto3": "s3",
    "botocore": "s3",
    "imagesize": "files",
    "puremagic": "files",
    "redis": "redis",
    "sqlalchemy": "sql",
    "sqlmodel": "sql",
}


@contextmanager
def needed_for(what: str) -> Generator[None]:
    """Name the extra to install when an import inside finds that something is missing."""
    try:
        yield
    except ModuleNotFoundError as exc:
        package = (exc.name or "").partition(".")[0]
        extra = _EXTRA_OF.get(package)
        if extra is None:
            raise
        msg = f"{what} needs {package}. Run: pip install 'nitro-entities[{extra}]'"
        raise ImportError(msg, name=package) from exc
