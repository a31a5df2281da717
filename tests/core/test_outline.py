"""The small drawing of a protocol: what is written on it."""

from plans.core.outline import outline
from plans.core.protocol import Starts, Step, Treatment

CREAM = Step(1, "cream", Starts(), days=200)


def test_the_lines_of_the_grid_carry_their_months_from_the_start():
    drawn = outline([CREAM], {"cream": Treatment("cream", is_home=True)})
    assert [tick.months for tick in drawn.ticks] == [0, 3, 6]
    assert drawn.ticks[0].x == drawn.gutter == drawn.shapes[0].x


def test_every_row_stays_below_the_months_and_inside_the_drawing():
    drawn = outline([CREAM], {"cream": Treatment("cream", is_home=True)})
    assert drawn.head < drawn.shapes[0].top < drawn.shapes[0].foot < drawn.height
