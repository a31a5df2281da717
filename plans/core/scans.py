"""What a file that was sent really is, told by its bytes and never by its name."""

import re
import zlib
from collections.abc import Iterator
from typing import Literal

Kind = Literal["pdf", "jpeg", "png"]

MOST_BYTES = 12 * 1024 * 1024
_BEGINNINGS: dict[Kind, bytes] = {
    "pdf": b"%PDF-",
    "jpeg": b"\xff\xd8\xff",
    "png": b"\x89PNG\r\n\x1a\n",
}
# What makes a PDF do something, carry other files, or hide what it holds. A name may spell letters as #4A.
_ACTIVE = re.compile(
    rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|OpenAction|AA|SubmitForm|ImportData|GoToR|GoToE)"
    rb"(?![A-Za-z0-9])"
)
_ENCRYPTED = re.compile(rb"/Encrypt(?![A-Za-z0-9])")
_HEX = re.compile(rb"#([0-9A-Fa-f]{2})")
_OBJECTS = re.compile(rb"/ObjStm.{0,400}?stream\r?\n", re.DOTALL)
# Object streams hold small objects. One that unpacks to more is a bomb.
_MOST_UNPACKED = 8 * 1024 * 1024


def kind_of(data: bytes) -> Kind | None:
    """PDF, JPEG or PNG by the first bytes; None for anything else.

    >>> kind_of(b"%PDF-1.7"), kind_of(b"<svg>"), kind_of(b" %PDF-1.7")
    ('pdf', None, None)
    """
    return next((kind for kind, start in _BEGINNINGS.items() if data.startswith(start)), None)


def fault_of(pdf: bytes) -> Literal["", "broken", "active", "locked"]:
    """Why a PDF is not kept: it is cut off, it can do something, or it is encrypted; "" for a plain one."""
    if b"%%EOF" not in pdf[-2048:]:
        return "broken"
    parts = [pdf]
    try:
        parts += _unpacked(pdf)
    except (zlib.error, ValueError):
        return "broken"
    names = [_HEX.sub(lambda found: bytes([int(found[1], 16)]), part) for part in parts]
    if any(_ENCRYPTED.search(part) for part in names):
        return "locked"
    return "active" if any(_ACTIVE.search(part) for part in names) else ""


def _unpacked(pdf: bytes) -> Iterator[bytes]:
    """The objects that a PDF keeps packed.  Raises ValueError for a bomb, zlib.error for what cannot be read."""
    for found in _OBJECTS.finditer(pdf):
        unpacker = zlib.decompressobj()
        yield unpacker.decompress(pdf[found.end() :], _MOST_UNPACKED)
        if unpacker.unconsumed_tail and not unpacker.eof:
            raise ValueError("too much")
