"""What counts as a drawn signature."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.core.strokes import HEIGHT, MOST_LETTERS, WIDTH, NoSignature, ink, read

points = st.tuples(st.integers(0, WIDTH), st.integers(0, HEIGHT))
drawings = st.lists(st.lists(points, min_size=1, max_size=20), min_size=1, max_size=5)


def written(strokes) -> str:
    return ";".join(" ".join(f"{x},{y}" for x, y in stroke) for stroke in strokes)


@given(drawings)
def test_what_was_drawn_is_read_or_too_little(strokes):
    drawn = tuple(map(tuple, strokes))
    try:
        assert read(written(strokes)) == drawn
    except NoSignature:
        assert ink(drawn) < 60


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0,0",
        "0,0 5,5",
        "0,0 700,10",
        "0,0 10,201",
        "0,0 100,0;",
        "0,0  100,0",
        "<svg>",
        "0,0 1e3,0",
        "-5,0 100,0",
        "0,0 100,0" * MOST_LETTERS,
    ],
)
def test_anything_else_is_no_signature(text):
    with pytest.raises(NoSignature):
        read(text)
