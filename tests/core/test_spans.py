"""Half-open stretches of time."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.core.spans import Span, gaps

MORNING = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)


def span(start: int, end: int) -> Span:
    """From minute to minute after nine o'clock."""
    return Span(MORNING + dt.timedelta(minutes=start), MORNING + dt.timedelta(minutes=end))


spans = st.tuples(st.integers(-30, 150), st.integers(1, 60)).map(lambda t: span(t[0], t[0] + t[1]))


def minutes_of(some: Span) -> set[int]:
    first = int((some.start - MORNING).total_seconds() // 60)
    return set(range(first, first + some.minutes))


@pytest.mark.parametrize("end", [0, -1])
def test_a_span_ends_after_it_starts(end):
    with pytest.raises(ValueError, match="ends after it starts"):
        span(0, end)


def test_a_span_counts_whole_minutes():
    assert Span(MORNING, MORNING + dt.timedelta(minutes=2, seconds=59)).minutes == 2


def test_spans_that_touch_do_not_overlap():
    assert not span(0, 30).overlaps(span(30, 60))
    assert span(0, 31).overlaps(span(30, 60))


@given(spans, spans)
def test_spans_overlap_exactly_if_they_share_a_minute(one, other):
    shared = minutes_of(one) & minutes_of(other)

    assert one.overlaps(other) is other.overlaps(one) is bool(shared)


def test_what_is_left_of_an_hour():
    busy = [span(40, 50), span(10, 20), span(15, 30)]

    assert list(gaps(span(0, 60), busy)) == [span(0, 10), span(30, 40), span(50, 60)]


def test_nothing_is_left_of_a_full_hour():
    assert list(gaps(span(0, 60), [span(-10, 30), span(30, 90)])) == []


@given(st.lists(spans, max_size=12))
def test_every_minute_is_either_free_or_busy(busy):
    hour = span(0, 120)
    free = [minutes_of(gap) for gap in gaps(hour, busy)]
    taken = set().union(*(minutes_of(b) for b in busy)) & minutes_of(hour)

    assert sum(map(len, free)) == len(set().union(*free))
    assert set().union(*free) == minutes_of(hour) - taken


@given(st.lists(spans, max_size=12))
def test_free_stretches_come_in_order_and_never_touch(busy):
    free = list(gaps(span(0, 120), busy))

    assert all(a.end < b.start for a, b in pairwise(free))
