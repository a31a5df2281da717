"""What becomes of the other visits when one moves or falls out."""

import datetime as dt
from dataclasses import replace
from itertools import combinations

from hypothesis import assume, given
from hypothesis import strategies as st

from plans.core.cascade import accepted, cascade, refused
from plans.core.scene import Stop, faults, has_moved
from plans.core.screening import Gap
from plans.core.spacing import Period
from tests.core.scenes import (
    BOOK,
    INTERVAL,
    NURSE,
    OTHER,
    PHASES,
    TODAY,
    at,
    loose,
    on,
    scene,
    track,
    weekdays,
)

FOUR = ("2026-11-23", "2026-12-07", "2026-12-21", "2027-01-04")
TOXIN = {2: ("toxin", at("2026-12-22", 660))}


def days_of(plan):
    return [line.after.day.isoformat() for line in plan.lines if line.after]


def moved(plan):
    return [line.key for line in plan.moved]


def test_what_is_still_allowed_stays():
    plan = cascade(scene(*FOUR), 12, at("2026-12-09"))
    assert days_of(plan) == ["2026-12-09", "2026-12-21", "2027-01-04"]
    assert moved(plan) == [12]
    assert plan.is_legal


def test_only_what_comes_too_near_follows():
    plan = cascade(scene(*FOUR), 12, at("2026-12-14"))
    assert days_of(plan) == ["2026-12-14", "2026-12-25", "2027-01-04"]
    assert moved(plan) == [12, 13]
    assert [(line.gap_before, line.gap_after) for line in plan.lines] == [
        (14, 21),
        (14, 11),
        (14, 10),
    ]


def test_shifting_counts_all_later_sessions_anew():
    plan = cascade(scene(*FOUR), 12, at("2026-12-09"), mode="shift")
    assert days_of(plan) == ["2026-12-09", "2026-12-23", "2027-01-06"]
    assert (plan.last_before, plan.last_after) == (on("2027-01-04"), on("2027-01-06"))


def test_staying_shows_what_comes_too_near_and_is_not_allowed():
    plan = cascade(scene(*FOUR), 12, at("2026-12-14"), mode="stay")
    assert moved(plan) == [12]
    assert [(fault.key, fault.kind) for fault in plan.faults] == [(13, "early")]
    assert not plan.is_legal


def test_staying_may_leave_a_session_behind_its_window():
    plan = cascade(
        scene("2026-11-23", "2026-12-07", "2027-01-04"), 12, at("2026-12-03"), mode="stay"
    )
    assert [(fault.key, fault.kind) for fault in plan.faults] == [(13, "late")]
    assert plan.is_legal
    assert refused(scene("2026-11-23", "2026-12-07", "2027-01-04"), plan, ()) == ()


def test_the_moved_visit_itself_must_be_in_its_window():
    for mode in ("keep", "shift", "stay"):
        plan = cascade(scene("2026-11-23", "2026-12-07"), 12, at("2027-01-11"), mode=mode)
        assert [(fault.key, fault.kind) for fault in plan.faults] == [(12, "late")]
        assert not plan.is_legal


def test_too_early_is_said_once_and_a_physician_may_excuse_it():
    early = at("2026-11-30")
    plan = cascade(scene("2026-11-23", "2026-12-07"), 12, early)
    assert [(fault.key, fault.kind) for fault in plan.faults] == [(12, "early")]
    signed = {12: frozenset({"interval:peel"})}
    assert cascade(scene("2026-11-23", "2026-12-07"), 12, early, signed=signed).is_legal


def test_a_session_whose_window_has_passed_may_still_be_moved():
    ended = (Stop(11, 1, PHASES, done=on("2026-09-01")), Stop(12, 2, PHASES))
    made = scene("2026-09-01", "2026-11-10")
    made = replace(made, tracks=(track(1, "peel", 2, stops=ended),), state={12: at("2026-11-10")})
    assert cascade(made, 12, at("2026-11-12")).is_legal


def test_a_visit_of_another_course_goes_to_its_nearest_allowed_day():
    plan = cascade(scene("2026-11-23", "2026-12-07", others=TOXIN), 12, at("2026-12-11"))
    toxin = plan.lines[-1]
    assert (toxin.key, toxin.before.day, toxin.after.day) == (
        21,
        on("2026-12-22"),
        on("2026-12-25"),
    )
    assert toxin.after.start_minute == 660
    assert toxin.because
    assert toxin.because.kind == "gap"
    assert plan.is_legal


def test_what_the_other_visit_endangers_in_turn_moves_too():
    others = {**TOXIN, 3: ("laser", at("2026-12-30", 720))}
    made = scene("2026-11-23", "2026-12-07", others=others)
    assert days_of(cascade(made, 12, at("2026-12-11"))) == ["2026-12-11", "2026-12-31"]
    # from the 31st on nobody is there who can do it: the laser makes room
    closed = ["2026-12-31", *(f"2027-{m:02}-{n:02}" for m in (1, 2, 3) for n in range(1, 32))]
    away = weekdays({NURSE: closed, OTHER: [day for day in closed if day != "2027-01-01"]})
    peel, toxin, laser = made.tracks
    only_nurse = replace(toxin, candidates={**toxin.candidates, "practitioner": (NURSE,)})
    made = replace(made, tracks=(peel, only_nurse, laser), days=away)
    plan = cascade(made, 12, at("2026-12-11"))
    assert days_of(plan) == ["2026-12-11", "2026-12-25", "2027-01-01"]


def test_a_later_session_rather_moves_to_a_day_that_endangers_nobody():
    days = ("2026-11-23", "2026-12-07", "2026-12-21")
    others = {2: ("toxin", at("2027-01-06", 660))}
    plan = cascade(scene(*days, others=others), 12, at("2026-12-15"))
    assert days_of(plan) == ["2026-12-15", "2027-01-07"]


def test_where_nothing_else_is_left_the_endangered_visit_follows():
    days = ("2026-11-23", "2026-12-07", "2026-12-21")
    others = {2: ("toxin", at("2027-01-06", 660))}
    closed = [f"2027-01-{n:02}" for n in range(7, 13)]
    away = weekdays({NURSE: closed, OTHER: closed})
    plan = cascade(scene(*days, others=others, days=away), 12, at("2026-12-15"))
    assert days_of(plan) == ["2026-12-15", "2026-12-29", "2027-01-13"]
    assert plan.is_legal


SPREAD = ("2026-11-23", "2026-12-07", "2027-01-04", "2027-01-28")


def test_a_session_moves_so_that_the_one_after_it_may_stay():
    plan = cascade(scene(*SPREAD), 12, at("2026-12-03"))
    assert days_of(plan) == ["2026-12-03", "2026-12-31", "2027-01-28"]
    assert moved(plan) == [12, 13]


def test_a_session_that_a_physician_signed_for_stays_among_those_that_follow():
    book = replace(BOOK, gaps=(*BOOK.gaps, Gap("laser", "peel", Period(7, "days"))))
    made = scene(*SPREAD, others={3: ("laser", at("2027-01-25", 660))}, book=book)
    assert 14 in moved(cascade(made, 12, at("2026-12-03")))
    made = replace(made, signed={14: made.blocked_now[14]})
    assert made.signed[14]
    assert moved(cascade(made, 12, at("2026-12-03"))) == [12, 13]


def test_a_session_is_found_by_its_key():
    assert scene(*FOUR).stop(13).ordinal == 3


def toxins(*days: str):
    """Three peels, and a course of toxin on `days` at eleven."""
    made = scene("2026-11-23", "2026-12-07")
    wide = replace(INTERVAL, max=Period(60, "days"))
    state = {20 + n: at(day, 660) for n, day in enumerate(days, 1)}
    courses = (made.tracks[0], track(2, "toxin", len(days), interval=wide))
    return replace(made, tracks=courses, state={**made.state, **state})


def test_a_later_session_of_another_course_moves_within_its_own_window():
    plan = cascade(toxins("2026-11-16", "2026-12-22", "2027-01-11"), 12, at("2026-12-11"))
    assert moved(plan) == [12, 22]
    assert plan.lines[-1].after.day == on("2026-12-25")
    assert plan.is_legal


def test_the_rest_of_that_course_follows_too():
    plan = cascade(toxins("2026-11-16", "2026-12-22", "2027-01-01"), 12, at("2026-12-11"))
    assert moved(plan) == [12, 22, 23]
    assert plan.is_legal


def test_a_session_after_one_that_is_done_does_not_follow():
    made = scene("2026-11-10", "2026-11-20", "2026-12-07")
    stops = tuple(
        replace(s, done=on("2026-11-20")) if s.key == 12 else s for s in made.tracks[0].stops
    )
    state = {key: booked for key, booked in made.state.items() if key != 12}
    made = replace(made, tracks=(replace(made.tracks[0], stops=stops),), state=state)
    assert moved(cascade(made, 11, at("2026-11-10", 700), mode="shift")) == [11]


def test_nobody_is_moved_onto_another_visit_of_the_patient():
    others = {3: ("laser", at("2026-12-25"))}
    plan = cascade(scene(*FOUR, others=others), 12, at("2026-12-14"))
    later = plan.lines[1].after
    assert later.day == on("2026-12-25")
    assert later.start_minute == 570


def test_a_visit_at_the_same_time_as_another_is_told():
    others = {3: ("laser", at("2026-12-09"))}
    plan = cascade(scene("2026-11-23", "2026-12-07", others=others), 12, at("2026-12-09", 615))
    assert [(fault.kind, fault.other) for fault in plan.faults] == [("clash", 31)]


def test_a_time_that_is_not_free_is_told():
    away = weekdays({NURSE: ["2026-12-09"]})
    plan = cascade(scene(*FOUR, days=away), 12, at("2026-12-09"))
    assert [fault.kind for fault in plan.faults] == ["taken"]
    assert cascade(scene(*FOUR, days=away), 12, at("2026-12-09", practitioner=OTHER)).is_legal


def test_another_length_than_is_needed_is_no_free_time():
    plan = cascade(scene(*FOUR), 12, at("2026-12-07", minutes=45))
    assert [fault.kind for fault in plan.faults] == ["taken"]


def test_a_later_session_keeps_the_length_it_was_given():
    longer = tuple(replace(phase, to_minute=60) for phase in PHASES)
    made = scene(*FOUR)
    stops = tuple(replace(s, phases=longer) if s.key == 13 else s for s in made.tracks[0].stops)
    made = replace(
        made,
        tracks=(replace(made.tracks[0], stops=stops),),
        state={**made.state, 13: at(FOUR[2], minutes=60)},
    )
    plan = cascade(made, 12, at("2026-12-14"), mode="shift")
    assert [line.after.end_minute - line.after.start_minute for line in plan.lines] == [30, 60, 30]
    assert plan.is_legal


def test_without_a_place_for_a_later_session_it_says_which_and_why():
    closed = {
        pk: [f"2026-12-{n}" for n in range(18, 32)] + [f"2027-01-{n:02}" for n in range(1, 12)]
        for pk in (NURSE, OTHER)
    }
    plan = cascade(scene(*FOUR, days=weekdays(closed)), 12, at("2026-12-14"))
    assert plan.stuck
    assert plan.stuck[0] == 13
    assert not plan.is_legal


def test_a_signed_visit_stays_where_a_physician_let_it():
    made = scene("2026-11-23", "2026-11-30", others=TOXIN)
    made = replace(made, signed={12: frozenset({"interval:peel"})})
    assert cascade(made, 11, at("2026-11-23", 660)).is_legal
    assert moved(cascade(made, 11, at("2026-11-23", 660))) == [11]


def test_what_was_wrong_before_is_no_fault_of_the_move():
    made = scene("2026-11-23", "2026-12-07", others={2: ("toxin", at("2026-12-10", 660))})
    assert moved(cascade(made, 12, at("2026-12-07", 720))) == [12]


# Falling out


def test_a_cancelled_session_is_owed_and_gets_the_first_day_after_it():
    plan = cascade(scene(*FOUR), 12, None)
    assert plan.falls_out
    assert days_of(plan) == ["2026-12-08", "2026-12-21", "2027-01-04"]
    assert moved(plan) == [12]


def test_the_later_sessions_follow_the_new_date_where_they_must():
    away = weekdays({pk: [f"2026-12-{n:02}" for n in range(8, 15)] for pk in (NURSE, OTHER)})
    plan = cascade(scene(*FOUR, days=away), 12, None)
    assert days_of(plan) == ["2026-12-15", "2026-12-25", "2027-01-04"]


def test_the_new_dates_may_be_declined_as_a_whole():
    made = scene(*FOUR)
    plan = cascade(made, 12, None)
    left = accepted(made, plan, ())
    assert set(left) == {11, 13, 14}
    assert refused(made, plan, ()) == ()


def test_a_missed_session_is_placed_from_tomorrow_on():
    plan = cascade(scene("2026-11-09", "2026-11-23"), 11, None)
    assert plan.lines[0].after.day == on("2026-11-10")


def test_a_session_whose_window_is_over_is_placed_again_all_the_same():
    made = scene("2026-11-10", "2026-12-08")
    plan = cascade(made, 12, None)
    assert plan.lines[0].after.day == on("2026-12-09")
    assert plan.is_legal is False  # a day late: told, so that somebody decides
    assert [fault.kind for fault in plan.faults] == ["late"]


# In part


def test_a_part_that_leaves_everything_allowed_may_stand():
    made = scene(*FOUR)
    plan = cascade(made, 12, at("2026-12-09"), mode="shift")
    assert moved(plan) == [12, 13, 14]
    assert refused(made, plan, [13]) == ()
    assert accepted(made, plan, [13])[14] == made.state[14]


def test_a_part_names_the_line_that_it_needs():
    made = scene("2026-11-23", "2026-12-07", "2026-12-23", others=TOXIN)
    plan = cascade(made, 12, at("2026-12-14"))
    assert moved(plan) == [12, 13, 21]
    (wrong,) = refused(made, plan, [21])
    assert (wrong.fault.key, wrong.fault.kind, wrong.needs) == (13, "early", (13,))
    assert {each.fault.key for each in refused(made, plan, ())} == {13, 21}


def test_a_line_may_need_another_one():
    made = scene("2026-11-23", "2026-12-07", "2026-12-21", "2026-12-31")
    plan = cascade(made, 12, at("2026-12-15"), mode="shift")
    (wrong,) = refused(made, plan, [13])
    assert wrong.fault.key == 14
    assert wrong.needs == (14,)


# Split visits and consultations


def split(*days: str, minute: int = 660):
    made = scene(*days, loose=(loose(-1, after=12),))
    return replace(made, state={**made.state, -1: at(days[1], minute)})


def test_the_second_part_goes_along():
    plan = cascade(split(*FOUR), 12, at("2026-12-09", 720))
    second = plan.lines[-1]
    assert (second.key, second.after.day, second.after.start_minute) == (-1, on("2026-12-09"), 780)
    assert plan.is_legal
    assert refused(split(*FOUR), plan, ()) == ()


def test_the_second_part_takes_the_nearest_free_start_where_its_own_is_taken():
    made = replace(
        split(*FOUR), days=lambda day: {**weekdays()(day), NURSE: 0, OTHER: weekdays()(day)[OTHER]}
    )
    plan = cascade(made, 12, at("2026-12-09", 720, practitioner=OTHER))
    assert plan.lines[-1].after.resources["practitioner"] == OTHER
    assert plan.lines[-1].after.start_minute == 780


def test_where_the_second_part_meets_another_visit_it_steps_aside():
    made = split(*FOUR)
    laser = track(3, "laser", 1, interval=None)
    state = {**made.state, 31: at("2026-12-09", 790)}
    made = replace(made, tracks=(*made.tracks, laser), state=state)
    plan = cascade(made, 12, at("2026-12-09", 720))
    assert plan.state[-1].start_minute == 760
    assert plan.is_legal


def test_no_room_for_the_second_part_is_told():
    plan = cascade(split(*FOUR), 12, at("2026-12-09", 985))
    assert {(fault.key, fault.kind) for fault in plan.faults} >= {(-1, "taken")}


def test_with_the_first_part_the_second_falls_out():
    made = split(*FOUR)
    plan = cascade(made, 12, None)
    assert accepted(made, plan, ()).keys() == {11, 13, 14}
    assert -1 not in accepted(made, plan, [12])


def test_the_second_part_stays_behind_the_first_on_the_same_day():
    made = split(*FOUR)
    assert cascade(made, -1, at(FOUR[1], 720)).is_legal
    wrong = [cascade(made, -1, at(FOUR[1], 540)), cascade(made, -1, at("2026-12-08", 660))]
    assert [[f.kind for f in plan.faults] for plan in wrong] == [["apart"], ["apart"]]


def test_a_consultation_moves_under_no_rule():
    made = scene(*FOUR, loose=(loose(-5),))
    made = replace(made, state={**made.state, -5: at("2026-11-24")})
    plan = cascade(made, -5, at("2026-11-25"))
    assert moved(plan) == [-5]
    assert plan.is_legal
    assert (plan.last_before, plan.last_after) == (None, None)


# A date that matters


def test_later_sessions_keep_clear_of_the_wedding():
    made = scene(*FOUR, occasions=(on("2026-12-26"),))
    healing = replace(made.tracks[0], healing=Period(3, "days"))
    plan = cascade(replace(made, tracks=(healing,)), 12, at("2026-12-14"))
    assert days_of(plan)[1] == "2026-12-28"


def test_a_day_chosen_by_hand_tells_what_it_reaches():
    made = scene(*FOUR, occasions=(on("2026-12-11"),))
    healing = replace(made.tracks[0], healing=Period(3, "days"))
    plan = cascade(replace(made, tracks=(healing,)), 12, at("2026-12-09"))
    assert plan.lines[0].occasions == (on("2026-12-11"),)


# Laws

workdays = st.dates(on("2026-11-30"), on("2026-12-31")).filter(lambda day: day.isoweekday() < 6)


@st.composite
def scenes(draw):
    """Three peels some days off their targets, perhaps toxin and laser after them."""
    day, days = TODAY + dt.timedelta(days=draw(st.integers(1, 7))), []
    for _ in range(3):
        while day.isoweekday() > 5:
            day += dt.timedelta(days=1)
        days.append(day.isoformat())
        day += dt.timedelta(days=draw(st.integers(10, 26)))
    others = {}
    for number, procedure, minute in ((2, "toxin", 540), (3, "laser", 660)):
        if draw(st.booleans()):
            others[number] = (procedure, at(draw(workdays), minute))
    return scene(*days, others=others)


@given(scenes(), workdays, st.sampled_from(["keep", "shift"]))
def test_a_cascade_taken_as_a_whole_is_allowed_wherever_its_own_day_is(made, day, mode):
    alone = [f for f in cascade(made, 12, at(day), mode="stay").faults if f.key == 12]
    plan = cascade(made, 12, at(day), mode=mode)
    assume(not alone and plan.stuck is None)
    assert plan.is_legal
    assert faults(made, accepted(made, plan, [line.key for line in plan.lines])) == ()
    assert refused(made, plan, [line.key for line in plan.lines]) == ()


@given(scenes(), workdays)
def test_keeping_moves_as_few_sessions_of_the_course_as_can_be(made, day):
    made = replace(made, tracks=made.tracks[:1], state={k: made.state[k] for k in (11, 12, 13)})
    plan = cascade(made, 12, at(day))
    assume(plan.is_legal and plan.stuck is None)
    stay = cascade(made, 12, at(day), mode="stay")
    assert (13 in moved(plan)) == bool(stay.faults)


@given(scenes(), workdays, st.data())
def test_any_part_is_allowed_or_refused_with_the_reason(made, day, data):
    plan = cascade(made, 12, at(day), mode=data.draw(st.sampled_from(["keep", "shift"])))
    assume(plan.is_legal and plan.stuck is None)
    others = [line.key for line in plan.moved if line.key != 12]
    part = data.draw(st.sets(st.sampled_from(others))) if others else set()
    state, why = accepted(made, plan, part), refused(made, plan, part)
    assert bool(why) == bool(faults(made, state))
    for each in why:
        assert each.needs
        more = accepted(made, plan, part | set(each.needs))
        again = faults(made, more)
        assert not any((f.key, f.kind) == (each.fault.key, each.fault.kind) for f in again)


@given(scenes(), workdays)
def test_nobody_is_in_two_places_after_a_cascade(made, day):
    plan = cascade(made, 12, at(day))
    assume(plan.is_legal)
    standing = list(plan.state.values())
    for one, other in combinations(standing, 2):
        if one.day == other.day:
            assert one.end_minute <= other.start_minute or other.end_minute <= one.start_minute


@given(scenes(), workdays)
def test_what_does_not_move_is_the_very_same(made, day):
    plan = cascade(made, 12, at(day))
    keys = {line.key for line in plan.moved}
    for key, booked in made.state.items():
        assert has_moved(made, key, plan.state) == (key in keys)
        if key not in keys:
            assert plan.state[key] == booked


def test_the_windows_of_the_lines_count_from_the_new_dates():
    plan = cascade(scene(*FOUR), 12, at("2026-12-14"))
    assert plan.lines[1].window
    assert plan.lines[1].window.earliest == INTERVAL.min.after(on("2026-12-14"))


def test_later_sessions_keep_their_own_hour_and_person():
    made = scene(*FOUR)
    later = {key: at(FOUR[key - 11], 900, practitioner=OTHER) for key in (13, 14)}
    plan = cascade(replace(made, state={**made.state, **later}), 12, at("2026-12-09"), mode="shift")
    assert [line.after.start_minute for line in plan.lines] == [600, 900, 900]
    assert [line.after.resources["practitioner"] for line in plan.lines] == [NURSE, OTHER, OTHER]
