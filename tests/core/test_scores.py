"""Scales of scores, and what became of a score."""

import pytest

from plans.core.scores import SPANS, Change, Scale, Scored, change, over_the_course


def test_a_scar_grade_counts_on_its_own_scale():
    assert Scored(scar=2).values() == {Scale.GOODMAN_BARON: 2}
    assert Scored(scar=2, scar_scale=Scale.VANCOUVER).values() == {Scale.VANCOUVER: 2}


def test_no_pain_is_a_score_and_not_an_empty_one():
    assert not Scored(pain=0).is_empty
    assert Scored().is_empty


@pytest.mark.parametrize(
    ("scored", "wrong"),
    [
        (Scored(pain=10, satisfaction=0, scar=4, pigmentation=4), ()),
        (Scored(pain=11), (Scale.PAIN,)),
        (Scored(scar=0), (Scale.GOODMAN_BARON,)),
        (Scored(scar=13, scar_scale=Scale.VANCOUVER), ()),
        (Scored(pigmentation=5, satisfaction=-1), (Scale.SATISFACTION, Scale.DARKNESS)),
    ],
)
def test_a_score_beyond_its_scale_is_wrong(scored: Scored, wrong: tuple[Scale, ...]):
    assert scored.wrong() == wrong


@pytest.mark.parametrize("scale", Scale)
def test_every_scale_knows_which_end_is_good(scale: Scale):
    span = SPANS[scale]
    up = change(scale, span.least, span.most)
    assert up == (Change.BETTER if scale == Scale.SATISFACTION else Change.WORSE)
    assert change(scale, span.most, span.least) != up
    assert change(scale, span.most, span.most) == Change.SAME


def test_the_course_is_told_by_its_first_and_last_score():
    course = [Scored(pain=7), Scored(satisfaction=5), Scored(pain=4), Scored(pain=6)]
    assert over_the_course(course, Scale.PAIN) == (7, 6)
    assert over_the_course(course, Scale.SATISFACTION) is None
