"""The drawing of a patient's courses: where things stand, and what a page paints."""

import datetime as dt
import enum
import re

import pytest
from django.template import Context, Template
from django.test.html import parse_html
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from plans.core.drawing import (
    LEAST_MONTHS,
    MOST_MONTHS,
    STATES,
    WIDTH,
    Axis,
    Bar,
    Lane,
    Mark,
    timeline,
    window_bar,
)
from plans.core.placing import TODAY_CLEAR, place
from plans.core.spacing import Window
from plans.core.verdicts import Verdict

D = dt.date
TODAY = D(2027, 2, 22)
# Path letters, points and minus signs: no decimal comma, no space for thousands.
PLAIN_NUMBERS = r"[-\d. A-Za-z()]+"
days = st.dates(D(2024, 1, 1), D(2029, 12, 31))
marks = st.builds(
    Mark, days, st.sampled_from(STATES), st.sampled_from(["", "2 · 26 Feb", "4 · прошло 27 окт"])
)


@st.composite
def bars(draw):
    start, end = sorted((draw(days), draw(days)))
    kind = draw(st.sampled_from(["window", "past", "gap", "lapsed", "home", "home_planned"]))
    return Bar(start, end, kind, draw(st.none() | days), draw(st.sampled_from(["", "retinol"])))


lanes = st.lists(
    st.builds(
        Lane,
        st.just("Peel"),
        marks=st.lists(marks, max_size=7).map(tuple),
        bars=st.lists(bars(), max_size=5).map(tuple),
    ),
    max_size=4,
)

PEEL = Lane(
    "Medium TCA peel",
    ("1 of 3 done", "Dr Weiss"),
    (
        Mark(D(2026, 11, 26), "done", "1 · 26 Nov"),
        Mark(D(2027, 2, 26), "halt", "2 · 26 Feb"),
        Mark(D(2027, 5, 26), "booked", "3 · 26 May"),
    ),
    (
        Bar(D(2026, 5, 23), D(2026, 11, 22), "gap", label="after isotretinoin"),
        Bar(D(2027, 2, 26), D(2027, 5, 26), "window", D(2027, 2, 26)),
        Bar(D(2027, 5, 26), D(2027, 8, 26), "window", D(2027, 5, 26)),
        Bar(D(2027, 2, 22), D(2027, 3, 7), "gap"),
    ),
)


def paint(text, **context):
    return Template("{% load cadence %}" + text).render(Context(context)).strip()


def words_of(drawing):
    return {words.text: words for lane in drawing.lanes for words in lane.words}


@given(lanes, days)
def test_an_axis_runs_from_a_first_to_a_first_and_shows_today(lanes, today):
    drawn = timeline(lanes, today)
    months = (drawn.last.year - drawn.first.year) * 12 + drawn.last.month - drawn.first.month
    assert drawn.first.day == drawn.last.day == 1
    assert LEAST_MONTHS <= months <= MOST_MONTHS
    assert drawn.first <= today < drawn.last


@given(lanes, days)
def test_nothing_stands_outside_the_box(lanes, today):
    drawing = place(timeline(lanes, today), "Today, Mon 22 Feb")
    for lane in drawing.lanes:
        assert all(band.x >= 0 and band.right <= WIDTH for band in lane.bands)
        assert all(lane.top <= dot.y <= lane.top + lane.height for dot in lane.dots)
        assert all(words.extent[1] <= WIDTH for words in lane.words)
    assert drawing.flag_left >= 0
    assert drawing.flag_left + drawing.flag_width <= WIDTH + 0.1


@given(lanes, days)
def test_no_words_meet_each_other_or_the_line_of_today(lanes, today):
    drawing = place(timeline(lanes, today), "Today")
    for lane in drawing.lanes:
        for n, one in enumerate(lane.words):
            left, right = one.extent
            assert right <= drawing.today_x - TODAY_CLEAR or left >= drawing.today_x + TODAY_CLEAR
            for other in lane.words[:n]:
                assert one.y != other.y or right <= other.extent[0] or other.extent[1] <= left


@given(days, days)
def test_a_later_day_never_stands_further_left(one, other):
    axis = Axis(D(2026, 5, 1), D(2027, 10, 1))
    early, late = sorted((one, other))
    assert axis.x(early) <= axis.x(late)


def test_a_long_history_gives_way_to_the_last_nine_months_and_the_future():
    lane = Lane("IPL", marks=(Mark(D(2020, 1, 1), "done"), Mark(D(2028, 2, 1), "due")))
    drawn = timeline([lane], TODAY)
    assert (drawn.first, drawn.last) == (D(2026, 5, 1), D(2027, 11, 1))
    assert not place(drawn, "Today").lanes[0].dots


def test_more_history_is_shown_when_the_future_is_short():
    lane = Lane("IPL", marks=(Mark(D(2020, 1, 1), "done"), Mark(D(2027, 3, 1), "due")))
    assert timeline([lane], TODAY).first == D(2025, 10, 1)


def test_windows_that_touch_take_turns_above_and_below_the_line():
    lane = place(timeline([PEEL], TODAY), "Today").lanes[0]
    windows = [band for band in lane.bands if band.kind == "window"]
    assert [(band.middle - lane.y, band.height) for band in windows] == [(-4, 8), (4, 8)]


def test_a_wait_lies_on_the_window_that_it_blocks():
    lane = place(timeline([PEEL], TODAY), "Today").lanes[0]
    long_ago, cold_sore = (band for band in lane.bands if band.kind == "gap")
    assert (long_ago.middle - lane.y, long_ago.height) == (0, 12)
    assert (cold_sore.middle - lane.y, cold_sore.height) == (-4, 8)


def test_the_label_of_a_session_near_today_moves_to_the_right_of_the_line():
    drawing = place(timeline([PEEL], TODAY), "Today")
    words = words_of(drawing)
    assert words["2 · 26 Feb"].anchor == "start"
    assert words["1 · 26 Nov"].anchor == "middle"


def test_home_care_that_would_cover_a_label_goes_a_row_lower():
    care = Lane(
        "Home care",
        bars=(
            Bar(D(2026, 12, 10), D(2026, 12, 30), "home", label="azelaic gel"),
            Bar(D(2027, 1, 7), D(2027, 2, 18), "home", label="retinol"),
        ),
    )
    first, second = place(timeline([PEEL, care], TODAY), "Today").lanes[1].bands
    assert second.y - first.y == 19


def test_crowded_sessions_are_smaller_and_name_only_their_ends():
    weekly = tuple(Mark(TODAY + dt.timedelta(days=20 + 5 * n), "booked", f"{n}") for n in range(5))
    lane = place(timeline([PEEL, Lane("IPL", marks=weekly)], TODAY), "Today").lanes[1]
    assert {dot.scale for dot in lane.dots} == {0.7}
    assert [words.text for words in lane.words] == ["0", "4"]


def test_a_bar_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="ends after it starts"):
        Bar(TODAY, TODAY - dt.timedelta(days=1), "window")


def test_a_window_of_one_day_can_be_drawn():
    assert window_bar(TODAY, TODAY, TODAY, TODAY).chosen_x == 6


@pytest.mark.parametrize("language", ["en", "ru", "es", "de"])
def test_a_drawing_is_sound_in_every_language(language):
    with translation.override(language):
        svg = paint("{% timeline t %}", t=timeline([PEEL], TODAY))
    parse_html(svg)  # raises on an element that is not closed
    numbers = re.findall(r' (?:x|y|width|height|r|d|transform|viewBox)="([^"]*)"', svg)
    assert numbers
    assert not [value for value in numbers if not re.fullmatch(PLAIN_NUMBERS, value)]
    assert re.search(r"<title[^>]*>[^<]*2026[^<]*</title>", svg)
    assert ' role="img"' in svg


def test_two_drawings_on_a_page_share_no_id():
    page = paint("{% timeline t %}{% timeline t %}{% legend %}", t=timeline([PEEL], TODAY))
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", page)) <= set(ids)


def test_names_are_never_markup():
    lane = Lane("<script>", marks=(Mark(TODAY, "due", "<b>"),))
    svg = paint("{% timeline t %}", t=timeline([lane], TODAY))
    assert "<script>" not in svg
    assert "<b>" not in svg


@pytest.mark.parametrize("value", [Verdict.WAIT, "wait"])
def test_a_verdict_is_a_shape_and_a_word(value):
    assert paint("{% verdict v %}", v=value) == (
        '<span class="verdict is-wait"><i class="bi bi-hourglass-split" aria-hidden="true"></i>Wait</span>'
    )


@pytest.mark.parametrize("member", list(Verdict))
def test_every_verdict_of_the_rules_has_its_sign(member: enum.Enum):
    assert f"is-{member.name.lower()}" in paint("{% verdict v %}", v=member)


def test_a_verdict_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="no verdict"):
        paint('{% verdict "maybe" %}')


def test_a_status_is_shown_from_the_word_that_is_stored():
    assert "st-treating" in paint('{% status "in_treatment" %}')
    assert "No-show" in paint('{% status "no_show" %}')


def test_a_strip_counts_what_is_done():
    strip = paint("{% strip m %}", m=["done", "booked", "due"])
    assert strip.endswith("1 of 3</span>")
    assert strip.count("<g ") == 3


def test_a_strip_takes_the_words_it_is_given():
    assert paint('{% strip m "2 of 3" %}', m=["done", "booked", "due"]).endswith("2 of 3</span>")


def test_an_unknown_state_is_refused():
    with pytest.raises(ValueError, match="no state"):
        paint("{% strip m %}", m=["planned"])


def test_a_window_says_its_days_to_those_who_cannot_see_it():
    window = Window(D(2027, 2, 26), D(2027, 2, 26), D(2027, 5, 26))
    bar = paint("{% window_bar w d %}", w=window, d=D(2027, 3, 19))
    assert "Window Fri 26 Feb" in bar
    assert "chosen Fri 19 Mar" in bar


def test_no_window_is_no_drawing():
    assert paint("{% window_bar w %}", w=None) == ""
