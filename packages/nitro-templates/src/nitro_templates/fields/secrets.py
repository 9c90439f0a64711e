"""Which fields hold secrets: these are never shown."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import SecretBytes, SecretStr
from pydantic.fields import FieldInfo


def is_secret(kind: object, metadata: Iterable[object], info: FieldInfo) -> bool:
    """Whether a field of this type must not be shown: it is secret, or left out of dumps."""
    return info.exclude is True or _is_marked(kind, metadata, info)


def _is_marked(kind: object, metadata: Iterable[object], info: FieldInfo) -> bool:
    if isinstance(kind, type) and issubclass(kind, SecretStr | SecretBytes):
        return True
    extra = info.json_schema_extra
    if isinstance(extra, dict) and "secret" in extra and extra["secret"]:
        return True
    return any(_marks_secret(item) for item in metadata)


def _marks_secret(item: object) -> bool:
    # by name: the marker lives in nitro_entities, which this package does not import
    marker = item if isinstance(item, type) else type(item)
    return marker.__name__ in ("Secret", "SecretMark")
