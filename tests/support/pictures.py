"""Small pictures, written without a library."""

import struct
import zlib


def png(width: int = 40, height: int = 30, grey: int = 0x90) -> bytes:
    """Write a grey PNG."""
    rows = b"".join(b"\0" + bytes([grey]) * width for _ in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def gif(width: int = 4, height: int = 3) -> bytes:
    """Write the beginning of a GIF, which is all that is looked at."""
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\x00\x00\x00;"
