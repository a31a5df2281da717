"""The drawing of scores: nothing but the day and the value decides where a dot stands."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from plans.core.chart import HEAD, LANE, Session, chart
from plans.core.scores import SPANS, Scale, Scored

DAY = dt.date(2026, 11, 9)
sessions = st.lists(
    st.builds(
        Session,
        st.integers(1, 9),
        st.dates(dt.date(2024, 1, 1), dt.date(2029, 12, 31)),
        st.builds(
            Scored, pain=st.none() | st.integers(0, 10), satisfaction=st.none() | st.integers(0, 10)
        ),
    ),
    max_size=9,
)


def test_nothing_scored_is_no_drawing():
    assert chart([]) is None
    assert chart([Session(1, DAY, Scored())]) is None


def test_each_scale_that_was_used_has_a_lane_of_its_own():
    scored = Scored(pain=3, scar_scale=Scale.VANCOUVER, scar=4)
    drawn = chart([Session(1, DAY, scored), Session(2, DAY, Scored(scar=2))])
    assert drawn is not None
    assert [lane.scale for lane in drawn.lanes] == [
        Scale.PAIN, Scale.GOODMAN_BARON, Scale.VANCOUVER,
    ]  # fmt: skip
    assert drawn.height == HEAD + 3 * LANE


def test_one_score_is_a_dot_without_a_line():
    drawn = chart([Session(1, DAY, Scored(pain=3))])
    assert drawn is not None
    assert (len(drawn.lanes[0].dots), drawn.lanes[0].points) == (1, "")


def test_figures_of_close_sessions_do_not_cover_each_other():
    close = [Session(n, DAY + dt.timedelta(days=n), Scored(pain=5)) for n in range(1, 4)]
    drawn = chart([*close, Session(9, DAY + dt.timedelta(days=500), Scored(pain=5))])
    assert drawn is not None
    above = [dot.label_y < dot.y for dot in drawn.lanes[0].dots]
    assert above == [True, False, True, True]


@given(sessions)
def test_a_dot_stands_where_its_day_and_value_say(told: list[Session]):
    drawn = chart(told)
    for lane in drawn.lanes if drawn else ():
        span = SPANS[lane.scale]
        for dot in lane.dots:
            assert span.least <= dot.value <= span.most
            assert 190 <= dot.x <= 992
            assert lane.most_y <= dot.y <= lane.least_y
        for one in lane.dots:
            for other in lane.dots:
                assert (one.day < other.day) <= (one.x <= other.x)
                assert (one.value < other.value) <= (one.y > other.y)


@given(sessions)
def test_at_least_three_and_at_most_eighteen_months_are_shown(told: list[Session]):
    drawn = chart(told)
    if drawn:
        assert 3 <= len(drawn.months) <= 18
