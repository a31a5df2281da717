"""An address as a QR code that is drawn: the outline of its dark modules as the path of an SVG."""

import re
from dataclasses import dataclass

import segno

# Read also from a creased or stained sheet: 15 % of the code may be missing.
ERROR_LEVEL = "m"
# The pattern laid over the code. Every reader undoes any of the eight; to look for the one with the best looks takes
# most of the time that a code costs. This one (columns of three) leaves addresses no large plain areas.
MASK = 2
# White around the code, in modules; ISO/IEC 18004 asks for four.
QUIET = 4
_DARK = re.compile(b"\x01+")


@dataclass(frozen=True, slots=True)
class Code:
    """`size`: modules on a side, the quiet zone included; `path`: one rectangle for each run of dark modules."""

    address: str
    size: int
    path: str

    @property
    def svg(self) -> str:
        """A picture of its own, for paper; black on white."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.size} {self.size}">'
            f'<path fill="#ffffff" d="M0 0h{self.size}v{self.size}h-{self.size}z"/>'
            f'<path fill="#000000" d="{self.path}"/></svg>'
        )


def code_of(address: str) -> Code:
    """The smallest code that holds `address`; the same address gives the same code."""
    made = segno.make(address, error=ERROR_LEVEL, micro=False, mask=MASK, boost_error=False)
    path = [
        f"M{run.start() + QUIET} {y + QUIET}h{len(run[0])}v1h-{len(run[0])}z"
        for y, row in enumerate(made.matrix)
        for run in _DARK.finditer(bytes(row))
    ]
    return Code(address, len(made.matrix) + 2 * QUIET, "".join(path))
