"""What a person sees before a visit moves."""

import datetime as dt
from dataclasses import replace

from plans.core.preview import Wish, first_day, preview, preview_split, preview_without
from plans.core.scene import Scene
from plans.core.screening import Fact, Line, Patient, Rulebook
from plans.core.spacing import Period
from tests.core.scenes import BOOK, NURSE, OTHER, ROOM, at, loose, on, scene, track

THREE = ("2026-11-23", "2026-12-07", "2026-12-21")
FAR = on("2026-12-14")
DRUG = "ci:peel:drug"


def until(day: str) -> Scene:
    """The patient takes a drug until `day`, and a peel waits ten days after it."""
    made = scene(*THREE)
    line = Line("drug", "temporary", Period(10, "days"))
    peel = replace(BOOK.rules("peel"), lines=(line,))
    book = Rulebook({**BOOK.procedures, "peel": peel}, {"drug": Period(6, "months")}, BOOK.gaps)
    fact = Fact("drug", "present", on("2026-11-01"), on(day))
    patient = Patient(made.patient.birth, (fact,))
    return replace(made, book=book, patient=patient)


def test_the_present_hour_and_people_are_chosen_unless_others_are_asked_for():
    found = preview(scene(*THREE), 12, Wish(on("2026-12-09")))
    assert (found.start.minute, found.start.resources["practitioner"]) == (600, NURSE)
    assert found.is_exact
    other = preview(scene(*THREE), 12, Wish(on("2026-12-09"), 660, (OTHER,)))
    assert (other.start.minute, other.start.resources["practitioner"]) == (660, OTHER)
    assert other.start.resources["room"] == ROOM


def test_a_time_that_is_not_free_is_told():
    busy = {2: ("laser", at("2026-12-09", 600))}
    found = preview(scene(*THREE, others=busy), 12, Wish(on("2026-12-09"), 600))
    assert (found.start.minute, found.is_exact) == (570, False)
    nobody = preview(scene(*THREE), 12, Wish(on("2026-12-09"), 600, (99,)))
    assert not nobody.is_exact


def test_a_day_with_nothing_free_has_no_plan_but_days_nearby():
    found = preview(scene(*THREE), 12, Wish(on("2026-12-12")))
    assert found.plan is None
    assert not found.may_stand
    assert not found.is_alone
    assert on("2026-12-11") in found.near


def test_all_that_moves_is_accepted_unless_a_part_is_chosen():
    found = preview(scene(*THREE), 12, Wish(FAR))
    assert found.accepted == {12, 13}
    assert found.may_stand
    assert not found.is_alone
    part = preview(scene(*THREE), 12, Wish(FAR, part=frozenset()))
    assert not part.may_stand
    assert part.refused[0].needs == (13,)


def test_a_move_that_leaves_all_others_is_alone():
    assert preview(scene(*THREE), 12, Wish(on("2026-12-09"))).is_alone


def test_a_physician_is_shown_what_to_sign_and_what_follows_then():
    made = until("2026-12-05")
    refused = preview(made, 12, Wish(on("2026-12-09")))
    assert not refused.may_stand
    assert refused.first_allowed == on("2026-12-15")
    found = preview(made, 12, Wish(on("2026-12-09")), may_excuse=True)
    assert [each.rule for each in found.excusable] == [DRUG]
    assert found.may_stand


def test_the_first_day_allowed_is_in_the_session_s_window():
    # session 1 on 23 Nov, 2 on 7 Dec, 3 on 21 Dec; at least 10 days apart
    course = scene(*THREE)
    found = preview(course, 13, Wish(on("2026-11-25")))
    assert found.first_allowed == on("2026-12-17")
    # by itself the screening would let it come between the first and the second
    early = scene("2026-11-16", "2026-12-14", "2026-12-28")
    assert preview(early, 13, Wish(on("2026-11-18"))).first_allowed == on("2026-12-24")


def test_later_sessions_that_follow_put_off_no_first_day():
    # the drug puts it off until 18 Dec; the third session stands the day before that
    made = until("2026-12-08")
    made = replace(made, state={**made.state, 13: at("2026-12-17")})
    wish = Wish(on("2026-12-04"), mode="stay")
    assert preview(made, 12, wish).first_allowed == on("2026-12-18")


def test_no_first_day_is_named_after_the_window():
    assert preview(until("2027-01-20"), 12, Wish(on("2026-12-09"))).first_allowed is None


def test_what_nobody_can_sign_for_stays_forbidden():
    made = until("2026-12-05")
    absolute = replace(made.book.rules("peel"), lines=(Line("drug", "absolute", None),))
    book = replace(made.book, procedures={**made.book.procedures, "peel": absolute})
    found = preview(replace(made, book=book), 12, Wish(on("2026-12-04")), may_excuse=True)
    assert found.excusable == ()
    assert not found.may_stand


def test_the_first_day_shown_is_the_visit_s_own_or_the_first_one_allowed():
    assert first_day(scene(*THREE), 12) == on("2026-12-07")
    assert first_day(until("2026-12-05"), 12) == on("2026-12-15")
    past = replace(scene(*THREE), as_of=on("2026-12-10"))
    assert first_day(past, 12) == on("2026-12-10")
    talk = scene(*THREE, loose=(loose(-5),))
    assert first_day(replace(talk, state={**talk.state, -5: at("2026-11-24")}), -5) == on(
        "2026-11-24"
    )


def test_new_dates_of_what_falls_out_are_accepted_unless_some_are_declined():
    found = preview_without(scene(*THREE), 12, None)
    assert found.accepted == {12}
    assert found.may_stand
    assert preview_without(scene(*THREE), 12, frozenset()).refused == ()


def test_a_new_date_that_may_not_stand_is_not_proposed_as_accepted():
    # The last day of the window: whatever comes next is behind it.
    late = scene("2026-11-23", "2026-12-21")
    found = preview_without(late, 12, None)
    assert found.plan is not None
    assert [line.key for line in found.plan.moved] == [12]
    assert found.accepted == frozenset()
    assert found.refused == ()
    assert preview_without(late, 12, frozenset({12})).refused != ()


def split(minutes: int = 10) -> Scene:
    """The second visit is about to keep twenty minutes, and the rest is the key 0."""
    made = scene(*THREE, loose=(loose(0, after=12, minutes=minutes),))
    short = tuple(replace(phase, to_minute=20) for phase in made.tracks[0].stops[1].phases)
    stops = tuple(replace(s, phases=short) if s.key == 12 else s for s in track(1, "peel", 3).stops)
    return replace(made, tracks=(replace(made.tracks[0], stops=stops),))


def test_the_second_part_is_proposed_as_soon_as_can_be():
    found = preview_split(split(), 12, 0, None, ())
    assert (found.to.start_minute, found.to.end_minute) == (630, 640)
    assert found.to.resources["practitioner"] == NURSE
    later = preview_split(split(), 12, 0, 720, (OTHER,))
    assert (later.to.start_minute, later.to.resources["practitioner"]) == (720, OTHER)


def test_no_room_for_a_second_part_is_no_proposal():
    made = replace(split(), days=lambda day: {})
    assert preview_split(made, 12, 0, None, ()).to is None
    assert isinstance(made.as_of, dt.date)
