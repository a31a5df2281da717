"""The clinic's own sign on paper: its logo and its colour, from the settings."""

import base64
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

# WCAG 2.2, 1.4.3: words in the colour must stand out from white paper.
LEAST_CONTRAST = 4.5
INK = "#17212b"
_KINDS = {".png": "png", ".svg": "svg"}
MOST_BYTES = 200_000


@dataclass(frozen=True)
class Logo:
    """`kind`: png or svg."""

    kind: str
    content: bytes

    @property
    def address(self) -> str:
        """For a page: the picture itself, as a data address."""
        kind = "svg+xml" if self.kind == "svg" else self.kind
        return f"data:image/{kind};base64,{base64.b64encode(self.content).decode()}"


def contrast_with_white(colour: str) -> float:
    """WCAG 2.2, relative luminance.  Raises ValueError for anything but #rrggbb.

    >>> round(contrast_with_white("#000000"))
    21
    """
    if len(colour) != len(INK) or not colour.startswith("#"):
        raise ValueError(f"CLINIC_ACCENT is written #rrggbb, not {colour!r}")
    parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def accent(colour: str) -> str:
    """The colour, ink where none is given.  Raises ValueError where words in it could not be read on white paper."""
    if not colour:
        return INK
    if contrast_with_white(colour) < LEAST_CONTRAST:
        raise ValueError(f"CLINIC_ACCENT {colour} is too light on white paper: take a darker one")
    return colour


@lru_cache(maxsize=1)
def logo(path: str) -> Logo | None:
    """The logo kept at `path`, read once; None without one.  Raises ValueError for what is no small PNG or SVG."""
    if not path:
        return None
    file = Path(path)
    content, kind = file.read_bytes(), _KINDS.get(file.suffix.lower())
    if kind is None or len(content) > MOST_BYTES:
        raise ValueError(f"CLINIC_LOGO is a PNG or SVG of at most {MOST_BYTES} bytes")
    return Logo(kind, content)
