"""A signature drawn on the screen: strokes of points on a field of fixed size."""

import itertools
import re
from math import dist

WIDTH, HEIGHT = 600, 200
MOST_LETTERS = 60_000
# Shorter than this is a slip of the finger.
LEAST_INK = 60.0

Point = tuple[int, int]
Stroke = tuple[Point, ...]

_SHAPE = re.compile(r"[0-9]{1,3},[0-9]{1,3}(?:[ ;][0-9]{1,3},[0-9]{1,3})*")


class NoSignature(ValueError):
    """What was sent is no drawing, or nearly nothing was drawn."""


def read(text: str) -> tuple[Stroke, ...]:
    """The strokes in `text`: points "x,y" apart by spaces, strokes by semicolons.

    Raises NoSignature for anything else, for points outside the field, and for too little ink.

    >>> read("0,0 60,0;10,10 10,20")
    (((0, 0), (60, 0)), ((10, 10), (10, 20)))
    """
    if len(text) > MOST_LETTERS or not _SHAPE.fullmatch(text):
        raise NoSignature("no strokes")
    strokes = tuple(tuple(map(_point, stroke.split(" "))) for stroke in text.split(";"))
    if any(x > WIDTH or y > HEIGHT for stroke in strokes for x, y in stroke):
        raise NoSignature("outside the field")
    if ink(strokes) < LEAST_INK:
        raise NoSignature("too little ink")
    return strokes


def _point(text: str) -> Point:
    across, down = text.split(",")
    return int(across), int(down)


def ink(strokes: tuple[Stroke, ...]) -> float:
    """How long the lines are together."""
    return sum(dist(a, b) for stroke in strokes for a, b in itertools.pairwise(stroke))
