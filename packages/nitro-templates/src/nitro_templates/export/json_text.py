"""Rows as one JSON array of objects, the keys being the names of the columns."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from datetime import date, time
from decimal import Decimal

from .files import Sheet
from .values import Plain


def chunks(sheet: Sheet) -> Iterator[bytes]:
    """Yield the begin of the array with the first rows, then batch by batch, then its end."""
    keys = [json.dumps(name, ensure_ascii=False) for name, _ in sheet.columns]
    before = "[\n"
    for batch in sheet.batches:
        if batch:
            yield (before + ",\n".join([_object(keys, row) for row in batch])).encode(
                "utf-8", "replace"
            )
            before = ",\n"
    yield b"[]\n" if before == "[\n" else b"\n]\n"


def _object(keys: Sequence[str], row: Sequence[Plain]) -> str:
    pairs = [f"{key}: {_json(value)}" for key, value in zip(keys, row, strict=True)]
    return "{" + ", ".join(pairs) + "}"


def _json(value: Plain) -> str:
    if isinstance(value, Decimal):  # all of its digits, which a float has not
        return str(value) if value.is_finite() else "null"
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else "null"
    if isinstance(value, date | time):
        return f'"{value.isoformat()}"'
    if isinstance(value, list):
        return "[" + ", ".join(map(_json, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
