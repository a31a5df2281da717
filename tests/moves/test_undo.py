"""What was done can be undone by whoever did it, as long as nothing has changed since."""

import datetime as dt
import uuid

import pytest

from clinic.kit.refusals import Refusal
from plans.core.acts import Act, Step
from plans.diary.models import Appointment, Occupancy, TimeTaken
from plans.diary.selectors import visits_on
from plans.diary.services import change_status
from plans.moves.selectors import Change, scene_of
from plans.moves.services import Stale, carry_out, undo
from tests.diary.clinic import BERLIN, THURSDAY, make_other
from tests.moves.moving import at, days_of, fall_out, move, visit_of

DECEMBER = dt.date(2026, 12, 10)
AS_BOOKED = {1: "2026-11-26 10:00", 2: "2027-02-26 10:00", 3: "2027-05-26 10:00"}


def held():
    """Everything held: by visit, resource and time."""
    rows = Occupancy.objects.order_by("starts_at", "resource")
    return list(rows.values_list("appointment", "resource", "starts_at", "ends_at"))


def split(clinic, visit, minute=720, after=50, **resources):
    known = scene_of(visit, Change(at=after))
    rest = at(clinic, THURSDAY, minute, 80 - after, **resources)
    act = Act("split", visit.pk, known.version, steps=(Step(0, rest),), at=after)
    return carry_out(act, by=clinic.reception, key=uuid.uuid4(), reason="device is late")


def test_undoing_a_move_brings_back_every_visit_of_it(clinic, course, visit):
    before = held()
    done = move(clinic, visit, at(clinic, DECEMBER))
    assert undo(done.batch, by=clinic.reception).pk == visit.pk
    assert days_of(course) == AS_BOOKED
    assert held() == before


def test_undoing_is_itself_a_step_in_the_history(clinic, visit):
    done = move(clinic, visit, at(clinic, DECEMBER))
    undo(done.batch, by=clinic.reception)
    step = visit.changes.last()
    assert step.before["undoes"] == str(done.batch)
    assert step.before["starts_at"].startswith("2026-12-10")
    assert step.by == clinic.reception


def test_undoing_a_cancellation_takes_the_time_back_and_the_new_date_away(clinic, course, visit):
    before = held()
    done = fall_out(clinic, visit)
    undo(done.batch, by=clinic.reception)
    assert days_of(course) == AS_BOOKED
    assert held() == before
    visit.refresh_from_db()
    assert visit.status == "booked"


def test_undoing_a_longer_visit_restores_each_phase(clinic, visit):
    before = held()
    done = move(clinic, visit, at(clinic, THURSDAY, 600, 100), change=Change(minutes=100))
    undo(done.batch, by=clinic.reception)
    assert held() == before


def test_only_the_person_who_did_it_can_undo_it(clinic, visit):
    done = move(clinic, visit, at(clinic, DECEMBER))
    with pytest.raises(Refusal, match="did yourself"):
        undo(done.batch, by=clinic.practitioner)
    with pytest.raises(Refusal, match="did yourself"):
        undo(uuid.uuid4(), by=clinic.reception)


def test_what_somebody_changed_since_is_not_undone(clinic, course, visit):
    done = move(clinic, visit, at(clinic, DECEMBER))
    change_status(visit_of(course, 2), "confirmed", by=clinic.practitioner, key=uuid.uuid4())
    with pytest.raises(Stale, match="set this visit to “Confirmed”"):
        undo(done.batch, by=clinic.reception)
    assert days_of(course)[1] == "2026-12-10 10:00"


def test_it_is_undone_once(clinic, visit):
    done = move(clinic, visit, at(clinic, DECEMBER))
    undo(done.batch, by=clinic.reception)
    with pytest.raises(Stale):
        undo(done.batch, by=clinic.reception)


def test_a_time_taken_meanwhile_stays_taken(clinic, course, visit):
    done = move(clinic, visit, at(clinic, DECEMBER))
    clinic.book(THURSDAY, patient=make_other(clinic))
    now = held()
    with pytest.raises(TimeTaken, match="Nothing was undone"):
        undo(done.batch, by=clinic.reception)
    assert held() == now
    assert days_of(course)[1] == "2026-12-10 10:00"


# Split


def test_a_split_visit_has_a_second_part_later_the_same_day(clinic, course, visit):
    split(clinic, visit, practitioner=clinic.brandt.pk, room=clinic.second_room.pk)
    visit.refresh_from_db()
    rest = visit.continuations.get()
    times = [
        (v.starts_at.astimezone(BERLIN).strftime("%H:%M"), v.ends_at - v.starts_at)
        for v in (visit, rest)
    ]
    assert times == [("10:00", dt.timedelta(minutes=50)), ("12:00", dt.timedelta(minutes=30))]
    assert {row.resource_id for row in rest.occupancy.all()} == {
        clinic.brandt.pk, clinic.second_room.pk
    }  # fmt: skip
    assert (rest.session, rest.patient) == (None, clinic.patient)


def test_the_second_part_does_not_begin_before_the_first_ends(clinic, visit):
    with pytest.raises(Refusal, match=r"after its first part|same time"):
        split(clinic, visit, minute=640)


def test_the_second_part_goes_where_the_first_goes(clinic, course, visit):
    split(clinic, visit)
    move(clinic, visit_of(course), at(clinic, THURSDAY, 540, 50))
    rest = Appointment.objects.get(continues=visit)
    assert rest.starts_at.astimezone(BERLIN).strftime("%H:%M") == "11:00"


def test_the_second_part_is_cancelled_with_the_first_and_comes_back_with_it(clinic, course, visit):
    split(clinic, visit)
    before = held()
    done = fall_out(clinic, visit_of(course))
    assert Appointment.objects.get(continues=visit).status == "cancelled"
    undo(done.batch, by=clinic.reception)
    assert held() == before


def test_a_split_is_undone_as_a_whole(clinic, visit):
    before = held()
    done = split(clinic, visit)
    undo(done.batch, by=clinic.reception)
    assert held() == before
    assert Appointment.objects.get(continues=visit).status == "cancelled"


def test_the_part_of_a_split_that_was_undone_is_no_visit_of_the_day(clinic, desk, visit):
    done = split(clinic, visit)
    undo(done.batch, by=clinic.reception)
    part = Appointment.objects.get(continues=visit)
    assert [row.pk for row in visits_on(clinic.location, THURSDAY)] == [visit.pk]
    # what became of it is still to be read on the visit that remains
    page = desk.get(f"/visits/{visit.pk}/").content.decode()
    assert f'href="/visits/{part.pk}/"' in page


def test_a_second_part_that_was_cancelled_with_the_first_stays_on_the_day(clinic, visit):
    split(clinic, visit)
    fall_out(clinic, visit)
    assert len(visits_on(clinic.location, THURSDAY)) == 2


def test_the_second_part_alone_may_move_later_on_its_day(clinic, visit):
    split(clinic, visit)
    rest = Appointment.objects.select_related("location", "patient").get(continues=visit)
    move(clinic, rest, at(clinic, THURSDAY, 780, 30))
    with pytest.raises(Refusal, match="same day"):
        move(clinic, rest, at(clinic, dt.date(2026, 11, 27), 780, 30))


def test_a_consultation_moves_and_comes_back(clinic, course, visit):
    talk = Appointment.objects.get(pk=visit.pk)
    talk.pk, talk.session = None, None
    talk.starts_at += dt.timedelta(hours=3)
    talk.ends_at = talk.starts_at + dt.timedelta(minutes=30)
    talk.save()
    Occupancy.objects.create(
        appointment=talk, resource=clinic.brandt, starts_at=talk.starts_at, ends_at=talk.ends_at
    )
    to = at(clinic, DECEMBER, 600, 30)
    only = type(to)(to.day, to.start_minute, to.end_minute, {"practitioner": clinic.brandt.pk})
    before = held()
    done = move(clinic, talk, only)
    assert Appointment.objects.get(pk=talk.pk).starts_at.astimezone(BERLIN).day == 10
    undo(done.batch, by=clinic.reception)
    assert held() == before
