"""Values as bytes that sort like the values, for indexes that know nothing but bytes.

Two values that are equal have the same bytes: 1.0 and 1.00 as decimals, 0.0 and -0.0.
"""

import struct
from decimal import Decimal
from typing import Any

from nitro_entities.fields import FieldSpec, Kind, sortable

_COMPLEMENT = bytes.maketrans(b"0123456789", b"9876543210")
_MIDDLE = 10**19  # between the exponents that a Decimal can have


def sort_key(spec: FieldSpec, value: Any) -> bytes:
    """Answer the bytes for a value that is not None. There is no byte 0 in them."""
    if not spec.comparable:
        return str(spec.primitive(value)).encode("utf-8", "surrogatepass")
    return primitive_key(spec.kind, spec.primitive(value))


def primitive_key(kind: Kind, primitive: Any) -> bytes:
    """Answer the bytes for a primitive of a kind that can be compared."""
    if type(primitive) is str and kind is not Kind.DECIMAL:
        return primitive.encode("utf-8", "surrogatepass")  # code points keep their order
    value = sortable(kind, primitive)
    if kind is Kind.NUMBER:
        return _float_key(float(value))
    if isinstance(value, Decimal):
        return _decimal_key(value)
    if isinstance(value, bytes):
        return value.hex().encode()
    if isinstance(value, int):
        return _whole_key(int(value))
    return str(value).encode("utf-8", "surrogatepass")


def _whole_key(value: int) -> bytes:
    digits = str(abs(value)).encode()
    sized = b"%04d%s" % (len(digits), digits)
    return b"1" + sized if value >= 0 else b"0" + sized.translate(_COMPLEMENT)


def _float_key(value: float) -> bytes:
    (bits,) = struct.unpack(">Q", struct.pack(">d", value + 0.0))  # -0.0 becomes 0.0
    bits = bits ^ 0xFFFFFFFFFFFFFFFF if bits >> 63 else bits | 1 << 63
    return b"%016x" % bits


def _decimal_key(value: Decimal) -> bytes:
    if not value:
        return b"1"
    _, digits, _ = value.as_tuple()
    text = "".join(map(str, digits)).rstrip("0").encode()
    sized = b"%020d%s" % (value.adjusted() + _MIDDLE, text)
    # of two negative numbers the one with more digits is the smaller: "~" sorts after digits
    return b"2" + sized if value > 0 else b"0" + sized.translate(_COMPLEMENT) + b"~"
