"""The map on which treated areas are marked: a face from the front with neck and chest, drawn in 240 by 344."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

WIDTH, HEIGHT = 240, 344
OUTLINE = "M120 22 C176 22 202 66 202 128 C202 184 164 250 120 250 C76 250 38 184 38 128 C38 66 64 22 120 22 Z"
# What is offered where a procedure names no zones of its own.
USUAL = (
    "forehead", "temples", "periorbital", "cheeks", "nose", "perioral", "chin", "neck",
    "decollete", "other",
)  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """One piece of an area: its outline as SVG path data, and the box that is pressed: x, y, width, height."""

    path: str
    box: tuple[int, int, int, int]


@dataclass(frozen=True)
class Region:
    """An area as it is drawn; `is_on`: it was treated."""

    code: str
    shapes: tuple[Shape, ...]
    is_on: bool


_CHEST = (
    Shape(
        "M84 294 L156 294 C166 304 190 306 212 314 L216 342 L24 342 L28 314 C50 306 74 304 84 294 Z",
        (24, 296, 192, 46),
    ),
)
# In the order of painting: the small ones lie over the large ones.
_SHAPES: dict[str, tuple[Shape, ...]] = {
    "forehead": (Shape("M60 86 C72 46 92 32 120 32 C148 32 168 46 180 86 C144 76 96 76 60 86 Z", (62, 32, 116, 52)),),
    "temples": (
        Shape("M56 94 L68 92 L62 126 L44 138 C43 120 47 104 56 94 Z", (40, 92, 26, 46)),
        Shape("M184 94 L172 92 L178 126 L196 138 C197 120 193 104 184 94 Z", (174, 92, 26, 46)),
    ),
    "cheeks": (
        Shape("M48 148 L98 136 L98 166 C94 182 86 196 74 202 C58 188 50 168 48 148 Z", (48, 136, 50, 64)),
        Shape("M192 148 L142 136 L142 166 C146 182 154 196 166 202 C182 188 190 168 192 148 Z", (142, 136, 50, 64)),
    ),
    "periorbital": (
        Shape("M66 110 C72 96 100 96 106 110 C102 126 72 126 66 110 Z", (66, 98, 40, 26)),
        Shape("M134 110 C140 96 168 96 174 110 C168 126 138 126 134 110 Z", (134, 98, 40, 26)),
    ),
    "nose": (Shape("M112 100 L128 100 L138 156 C132 168 108 168 102 156 Z", (104, 100, 32, 64)),),
    "perioral": (Shape("M86 190 C92 168 148 168 154 190 C148 210 92 210 86 190 Z", (86, 174, 68, 32)),),
    "chin": (Shape("M82 210 C104 218 136 218 158 210 C148 234 134 246 120 246 C106 246 92 234 82 210 Z", (84, 212, 72, 34)),),
    "neck": (Shape("M88 244 C106 258 134 258 152 244 L156 290 L84 290 Z", (86, 254, 68, 36)),),
    "decollete": _CHEST,
    "chest": _CHEST,
}  # fmt: skip


def regions(offered: Iterable[str], chosen: Collection[str]) -> tuple[Region, ...]:
    """What is drawn of the areas that are offered; one without a place on the map has only its tick box.

    >>> [region.code for region in regions(["neck", "other"], ["neck"])]
    ['neck']
    """
    asked = set(offered)
    return tuple(
        Region(code, shapes, code in chosen) for code, shapes in _SHAPES.items() if code in asked
    )
