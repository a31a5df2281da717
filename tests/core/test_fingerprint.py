"""What was seen of a day, and whether it still is so."""

import pytest

from plans.core.fingerprint import Seen, read_seen, seen

VISITS = [(1, 10), (2, 12), (3, None)]


def test_the_order_of_rows_says_nothing():
    assert seen(VISITS, [(5, "lunch")]) == seen(reversed(VISITS), [(5, "lunch")])
    assert seen(VISITS).latest == 12


@pytest.mark.parametrize(
    "changed",
    [
        seen([(1, 10), (2, 13), (3, None)]),
        seen(VISITS[:2]),
        seen([]),
        seen(VISITS, [(5, "lunch")]),
    ],
)
def test_every_change_shows(changed):
    assert changed.digest != seen(VISITS).digest


def test_it_goes_through_an_address():
    assert read_seen(str(seen(VISITS))) == seen(VISITS)


@pytest.mark.parametrize("text", ["", "x", "12", "-1-a", "١-a", "9" * 30 + "-a", "12-"])
def test_anything_else_was_not_seen(text):
    assert read_seen(text) is None


def test_a_long_digest_is_cut():
    assert read_seen("1-" + "a" * 99) == Seen(1, "a" * 20)
