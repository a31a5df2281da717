"""Marks of groups of procedures."""

from plans.core.marks import HUES, SHAPES, mark


def test_groups_of_a_whole_catalogue_have_marks_of_their_own():
    count = len(SHAPES) * HUES
    assert len({mark(place) for place in range(count)}) == count


def test_neighbours_differ_in_both():
    first, second = mark(3), mark(4)
    assert first.icon != second.icon
    assert first.hue != second.hue
