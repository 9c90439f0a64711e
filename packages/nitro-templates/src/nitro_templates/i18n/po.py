"""Catalogues of texts as translators write them (.po), and as gettext's tools compile them (.mo).

This file imports nothing of ours: the build hook runs it alone.
"""

from __future__ import annotations

import ast
import struct
from collections.abc import Iterator

__all__ = ["Entry", "mo_of", "read_mo", "read_po"]

Entry = tuple[str, str, tuple[str, ...]]
"""The text, its plural ("" for most), and what stands for them: one form, or one per number."""

_MAGIC = 0x950412DE


def read_po(text: str) -> list[Entry]:
    """List the translated texts in a .po file; the header is the one whose text is empty.

    Texts that are missing, fuzzy or obsolete are left out.
    """
    return [entry for block in text.replace("\r\n", "\n").split("\n\n") if (entry := _read(block))]


def _read(block: str) -> Entry | None:
    lines = [line.strip() for line in block.split("\n")]
    if any(line.startswith("#,") and "fuzzy" in line for line in lines):
        return None
    said: dict[str, str] = {}
    keyword = ""
    for line in lines:
        if not line or line.startswith("#"):
            continue
        if not line.startswith('"'):
            keyword, _, line = line.partition(" ")
        said[keyword] = said.get(keyword, "") + ast.literal_eval(line.strip())
    forms = tuple(said[name] for name in sorted(said) if name.startswith("msgstr"))
    if "msgid" not in said or not any(forms):
        return None
    return said["msgid"], said.get("msgid_plural", ""), forms


def mo_of(entries: list[Entry]) -> bytes:
    """Compile *entries* to the bytes of a .mo file."""
    pairs = sorted(
        (
            (f"{one}\0{many}" if many else one).encode("utf-8"),
            "\0".join(forms).encode("utf-8"),
        )
        for one, many, forms in entries
    )
    count = len(pairs)
    at = 28 + 16 * count
    tables: tuple[list[bytes], list[bytes]] = ([], [])
    body = b""
    for column, table in enumerate(tables):
        for pair in pairs:
            table.append(struct.pack("<II", len(pair[column]), at + len(body)))
            body += pair[column] + b"\0"
    head = struct.pack("<7I", _MAGIC, 0, count, 28, 28 + 8 * count, 0, at)
    return head + b"".join(tables[0]) + b"".join(tables[1]) + body


def read_mo(data: bytes) -> list[Entry]:
    """List the texts in a .mo file; ValueError for what is none."""
    order = "<" if data[:4] == struct.pack("<I", _MAGIC) else ">"
    if len(data) < 28 or struct.unpack(f"{order}I", data[:4])[0] != _MAGIC:
        msg = "This is no .mo file"
        raise ValueError(msg)
    count, texts, said = struct.unpack(f"{order}3I", data[8:20])
    keys = _strings(data, order, texts, count)
    values = _strings(data, order, said, count)
    entries: list[Entry] = []
    for key, value in zip(keys, values, strict=True):
        one, _, many = key.rpartition("\4")[2].partition("\0")
        entries.append((one, many, tuple(value.split("\0"))))
    return entries


def _strings(data: bytes, order: str, table: int, count: int) -> Iterator[str]:
    for index in range(count):
        length, at = struct.unpack(f"{order}II", data[table + 8 * index : table + 8 * index + 8])
        yield data[at : at + length].decode("utf-8")
