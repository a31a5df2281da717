"""A shape and a colour for each group of procedures, so that neither alone has to tell them apart."""

from dataclasses import dataclass

# Names of icons; none is the sign of a status or of a verdict.
SHAPES = ("square", "diamond", "hexagon", "pentagon", "star", "suit-spade", "suit-club", "droplet")
HUES = 5


@dataclass(frozen=True, slots=True)
class Mark:
    """An icon's name, and a hue from 1 to HUES."""

    icon: str
    hue: int


def mark(place: int) -> Mark:
    """The mark of the group at `place` in the order of all; 40 of them differ.

    >>> mark(0), mark(41)
    (Mark(icon='square-fill', hue=1), Mark(icon='diamond-fill', hue=2))
    """
    return Mark(f"{SHAPES[place % len(SHAPES)]}-fill", place % HUES + 1)
