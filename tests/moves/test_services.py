"""A visit moves with what it holds, and never against a rule; what follows from it goes along."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from clinic.audit.models import Entry
from clinic.kit.refusals import AlreadyDone, Refusal
from plans.core.acts import Act, Step
from plans.courses.models import Override
from plans.data.factories import FactFactory, FactTypeFactory
from plans.diary.models import Appointment, Occupancy, TimeTaken
from plans.diary.services import NotAllowed
from plans.moves.selectors import Change, scene_of
from plans.moves.services import Stale, carry_out
from tests.diary.clinic import BERLIN, THURSDAY, TODAY, make_other, to
from tests.moves.moving import at, days_of, fall_out, move, planned, visit_of

FRIDAY = dt.date(2026, 11, 27)
DECEMBER = dt.date(2026, 12, 10)


def toxin_on(clinic, day: dt.date, minute: int = 720):
    return clinic.book(day, minute=minute, revision=clinic.toxin)


def test_a_visit_moves_with_what_it_holds(clinic, visit):
    done = move(clinic, visit, at(clinic, THURSDAY, 700), reason="works late")
    moved = Appointment.objects.get(pk=visit.pk)
    assert timezone.localtime(moved.starts_at, BERLIN).strftime("%H:%M") == "11:40"
    held = Occupancy.objects.filter(appointment=visit)
    assert {row.starts_at for row in held} == {
        moved.starts_at, moved.starts_at + dt.timedelta(minutes=30)
    }  # fmt: skip
    step = moved.changes.last()
    assert step
    assert step.before
    assert (step.reason, step.batch, step.before["starts_at"]) == (
        "works late", done.batch, "2026-11-26T09:00:00+00:00"
    )  # fmt: skip


def test_a_move_is_on_record_without_a_word_of_health(clinic, visit):
    move(clinic, visit, at(clinic, THURSDAY, 700), reason="works late")
    entry = Entry.objects.filter(action="moved").get()
    assert entry.details["before"].startswith("2026-11-26T09:00")
    assert entry.details["after"].startswith("2026-11-26T10:40")
    assert entry.patient_number == 142


def test_a_visit_may_move_into_its_own_time(clinic, visit):
    move(clinic, visit, at(clinic, THURSDAY, 615))
    assert Appointment.objects.get(pk=visit.pk).starts_at.astimezone(BERLIN).minute == 15


def test_the_rest_of_the_course_follows_as_far_as_it_must(clinic, course, visit):
    done = move(clinic, visit, at(clinic, DECEMBER))
    assert days_of(course) == {
        1: "2026-12-10 10:00", 2: "2027-03-10 10:00", 3: "2027-06-10 10:00"
    }  # fmt: skip
    assert done.moved == 3
    assert set(Appointment.objects.values_list("changes__batch", flat=True)) == {None, done.batch}


def test_each_visit_that_follows_is_screened_anew(clinic, course, visit):
    move(clinic, visit, at(clinic, DECEMBER))
    assert visit_of(course, 2).screening["as_of"] == TODAY.isoformat()


def test_a_move_alone_that_pushes_a_later_session_out_names_it_and_what_helps(clinic, visit):
    with pytest.raises(NotAllowed) as refused:
        move(clinic, visit, at(clinic, FRIDAY), accepted=[])
    assert "Medium TCA peel 2 would stand on Fri 26 Feb 2027" in str(refused.value)
    assert "Accept the new date of Medium TCA peel 2" in str(refused.value)


def test_part_of_what_follows_may_be_accepted(clinic, course, visit):
    act = planned(scene_of(visit), at(clinic, THURSDAY, 700), mode="shift")
    later = [step.key for step in act.steps if step.key != visit.session_id]
    kept = days_of(course)
    carry_out(act, by=clinic.reception, key=uuid.uuid4(), accepted=later[:0])
    assert days_of(course) == {**kept, 1: "2026-11-26 11:40"}


def test_a_visit_of_another_course_follows_where_it_would_be_forbidden(clinic, visit):
    toxin = toxin_on(clinic, dt.date(2026, 12, 17))
    done = move(clinic, visit, at(clinic, DECEMBER))
    assert days_of(toxin) == {1: "2026-12-24 12:00"}
    assert done.moved == 4


def test_left_where_it_is_that_visit_is_why_the_move_is_refused(clinic, course, visit):
    toxin_on(clinic, dt.date(2026, 12, 17))
    later = [visit_of(course, n).session_id for n in (2, 3)]
    with pytest.raises(NotAllowed, match="Botulinum toxin is not allowed on Thu 17 Dec"):
        move(clinic, visit, at(clinic, DECEMBER), accepted=later)
    assert days_of(course)[1] == "2026-11-26 10:00"


def test_nothing_else_moves_and_a_session_is_left_behind_its_window(clinic, course, visit):
    late = visit_of(course, 3)
    move(clinic, late, at(clinic, dt.date(2027, 8, 20)))
    done = move(clinic, visit_of(course, 2), at(clinic, dt.date(2027, 2, 26), 700), mode="stay")
    assert done.moved == 1


def test_a_move_onto_a_taken_time_changes_nothing(clinic, visit):
    day = dt.date(2026, 11, 25)
    clinic.book(day, patient=make_other(clinic))
    with pytest.raises(TimeTaken, match="10:00 on Wed 25 Nov is not free for Medium TCA peel 1"):
        move(clinic, visit, at(clinic, day))
    assert Appointment.objects.get(pk=visit.pk).starts_at == visit.starts_at


def test_another_practitioner_and_another_room_alone_are_a_move(clinic, visit):
    other = {"practitioner": clinic.brandt.pk, "room": clinic.second_room.pk}
    move(clinic, visit, at(clinic, THURSDAY, **other))
    held = Occupancy.objects.filter(appointment=visit)
    assert {row.resource_id for row in held} == set(other.values())
    before = visit.changes.last().before
    assert before["resources"] == {"practitioner": clinic.weiss.pk, "room": clinic.room.pk}


def test_whoever_confirmed_the_old_time_has_not_confirmed_the_new_one(clinic, visit):
    to(visit, "confirmed", clinic.reception)
    move(clinic, visit, at(clinic, THURSDAY, room=clinic.second_room.pk))
    assert Appointment.objects.get(pk=visit.pk).status == "confirmed"
    move(clinic, visit, at(clinic, THURSDAY, 700))
    assert Appointment.objects.get(pk=visit.pk).status == "booked"


def test_a_visit_that_is_over_does_not_move(clinic, visit):
    act = planned(scene_of(visit), at(clinic, THURSDAY, 700))
    to(visit, "cancelled", clinic.reception, "ill")
    with pytest.raises(Stale, match="cancelled this visit at 10:00"):
        carry_out(act, by=clinic.reception, key=uuid.uuid4())


def test_whoever_has_arrived_stays_but_may_be_longer(clinic, visit, monday):
    monday.move_to(dt.datetime(2026, 11, 26, 10, 20, tzinfo=BERLIN))
    to(visit, "arrived", clinic.reception)
    with pytest.raises(Refusal, match="Only a visit that is booked or confirmed"):
        move(clinic, visit, at(clinic, THURSDAY, 700))
    move(clinic, visit, at(clinic, THURSDAY, 600, 100), change=Change(minutes=100))
    assert Appointment.objects.get(pk=visit.pk).status == "arrived"


def test_a_form_sent_twice_moves_once(clinic, visit):
    act, key = planned(scene_of(visit), at(clinic, THURSDAY, 700)), uuid.uuid4()
    carry_out(act, by=clinic.reception, key=key)
    with pytest.raises(AlreadyDone):
        carry_out(act, by=clinic.reception, key=key)
    assert visit.changes.count() == 2


def test_a_physician_moves_onto_a_wait_with_a_reason_that_is_signed(clinic, visit):
    rule = "ci:tca_peel_medium:isotretinoin_oral"
    FactFactory(
        patient=clinic.patient, fact_type=FactTypeFactory(code="isotretinoin_oral"),
        status="present", since=TODAY, until=TODAY, recorded_at=timezone.now(),
    )  # fmt: skip
    act = planned(
        scene_of(visit), at(clinic, DECEMBER), signed={visit.session_id: frozenset({rule})}
    )
    part = act.part(scene_of(visit).scene, visit.session_id, [s.key for s in act.steps])
    with pytest.raises(NotAllowed):
        carry_out(part, by=clinic.physician, key=uuid.uuid4())
    reasons = {rule: "a low dose, long enough ago"}
    with pytest.raises(PermissionDenied):
        carry_out(part, by=clinic.reception, key=uuid.uuid4(), overrides=reasons)
    carry_out(part, by=clinic.physician, key=uuid.uuid4(), overrides=reasons)
    assert Override.objects.get().session_date == DECEMBER


# Length


def test_a_longer_visit_holds_longer_whoever_is_there_to_the_end(clinic, visit):
    move(clinic, visit, at(clinic, THURSDAY, 600, 100), change=Change(minutes=100))
    rows = Occupancy.objects.filter(appointment=visit).order_by("starts_at")
    assert [(row.ends_at - row.starts_at).seconds // 60 for row in rows] == [100, 70]


def test_a_longer_visit_needs_the_time_to_be_free(clinic, visit):
    clinic.book(THURSDAY, minute=690, patient=make_other(clinic))
    with pytest.raises(TimeTaken):
        move(clinic, visit, at(clinic, THURSDAY, 600, 100), change=Change(minutes=100))


def test_a_changed_length_stays_when_the_visit_moves(clinic, visit):
    move(clinic, visit, at(clinic, THURSDAY, 600, 100), change=Change(minutes=100))
    move(clinic, visit, at(clinic, THURSDAY, 630, 100))
    moved = Appointment.objects.get(pk=visit.pk)
    assert moved.ends_at - moved.starts_at == dt.timedelta(minutes=100)


@pytest.mark.parametrize("minutes", [5, 52, 30])
def test_no_visit_is_shorter_than_its_phases(clinic, visit, minutes):
    step = Step(visit.session_id, at(clinic, THURSDAY, 600, minutes), scene_of(visit).version)
    with pytest.raises(Refusal, match="cannot have this length"):
        carry_out(
            Act("move", visit.pk, step.version, steps=(step,)),
            by=clinic.reception,
            key=uuid.uuid4(),
        )


# Cancelled and missed


def test_a_cancelled_session_is_owed_and_booked_again_with_what_follows(clinic, course, visit):
    fall_out(clinic, visit, reason="is ill")
    visit.refresh_from_db()
    assert (visit.status, visit.changes.last().reason) == ("cancelled", "is ill")
    assert not Occupancy.objects.filter(appointment=visit).exists()
    assert days_of(course) == {
        1: "2026-11-27 10:00", 2: "2027-03-01 10:00", 3: "2027-06-01 10:00"
    }  # fmt: skip


def test_the_new_dates_may_be_declined(clinic, course, visit):
    fall_out(clinic, visit, accepted=[])
    assert days_of(course) == {2: "2027-02-26 10:00", 3: "2027-05-26 10:00"}
    assert course.sessions.get(ordinal=1).is_owed


def test_a_cancellation_needs_a_reason(clinic, visit):
    with pytest.raises(Refusal, match="Say why"):
        fall_out(clinic, visit, reason=" ")
    visit.refresh_from_db()
    assert visit.status == "booked"


def test_a_missed_visit_keeps_its_time_and_its_session_is_owed(clinic, course, visit, monday):
    monday.move_to(dt.datetime(2026, 11, 26, 17, tzinfo=BERLIN))
    fall_out(clinic, visit, "no_show")
    visit.refresh_from_db()
    assert visit.status == "no_show"
    assert Occupancy.objects.filter(appointment=visit).exists()
    assert days_of(course)[1] == "2026-11-27 10:00"


def test_nobody_has_missed_what_is_still_to_come(clinic, visit):
    with pytest.raises(Refusal, match="still to come"):
        fall_out(clinic, visit, "no_show")


# Two people at once


def test_a_stale_form_says_who_changed_what_and_when(clinic, visit):
    act = planned(scene_of(visit), at(clinic, THURSDAY, 700))
    move(clinic, visit, at(clinic, THURSDAY, 615), by=clinic.practitioner)
    with pytest.raises(Stale) as refused:
        carry_out(act, by=clinic.reception, key=uuid.uuid4())
    who = clinic.practitioner.display_name
    assert str(refused.value) == (
        f"{who} moved this visit to Thu 26 Nov, 10:15 at 10:00. Look again before you change it."
    )


def test_a_stale_line_of_another_visit_stops_all_of_it(clinic, course, visit):
    act = planned(scene_of(visit), at(clinic, DECEMBER))
    to(visit_of(course, 3), "confirmed", clinic.reception)
    with pytest.raises(Stale, match="set this visit to “Confirmed”"):
        carry_out(act, by=clinic.reception, key=uuid.uuid4())
    assert days_of(course)[1] == "2026-11-26 10:00"
