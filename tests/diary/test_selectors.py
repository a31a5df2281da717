"""What the diary knows: free time, and what a patient has had."""

import datetime as dt

from clinic.places.models import HoursException
from plans.core.availability import ranges_of
from plans.diary.models import Block, Occupancy
from plans.diary.selectors import core_patient, free_days
from tests.diary.clinic import BERLIN, THURSDAY, TODAY

TUESDAY = dt.date(2026, 11, 10)


def open_minutes_of(clinic, day: dt.date, resource, **more):
    free = free_days(clinic.location, [resource.pk], day, day, **more)
    return list(ranges_of(free[day][resource.pk]))


def test_what_is_held_is_not_free(clinic):
    clinic.book(THURSDAY)
    assert open_minutes_of(clinic, THURSDAY, clinic.weiss) == [(540, 630), (680, 1020)]
    assert open_minutes_of(clinic, THURSDAY, clinic.room) == [(540, 600), (680, 1020)]


def test_a_block_is_not_free(clinic):
    start = dt.datetime(2026, 11, 26, 12, tzinfo=BERLIN)
    block = Block.objects.create(
        resource=clinic.room, starts_at=start, ends_at=start + dt.timedelta(hours=1), reason="lunch"
    )
    Occupancy.objects.create(
        resource=clinic.room, starts_at=block.starts_at, ends_at=block.ends_at, block=block
    )
    assert open_minutes_of(clinic, THURSDAY, clinic.room) == [(540, 720), (780, 1020)]


def test_hours_that_are_over_are_not_free(clinic):
    assert open_minutes_of(clinic, TODAY, clinic.weiss) == [(600, 1020)]


def test_days_that_are_over_are_not_there(clinic):
    yesterday = TODAY - dt.timedelta(days=1)
    assert free_days(clinic.location, [clinic.weiss.pk], yesterday, yesterday) == {}


def test_nobody_is_free_for_a_patient_who_is_elsewhere(clinic):
    clinic.book(THURSDAY)
    free = open_minutes_of(clinic, THURSDAY, clinic.brandt, patient=clinic.patient)
    assert free == [(540, 600), (680, 1020)]


def test_on_the_day_the_clock_changes_a_visit_keeps_its_local_time(clinic):
    sunday = dt.date(2027, 3, 28)
    HoursException.objects.create(
        location=clinic.location, first_day=sunday, last_day=sunday,
        opens=dt.time(9), closes=dt.time(12), reason="open Sunday",
    )  # fmt: skip
    clinic.book(sunday)
    assert open_minutes_of(clinic, sunday, clinic.room) == [(540, 600), (680, 720)]


def test_the_history_of_a_patient_is_what_was_done_and_what_stands(clinic):
    course = clinic.book(THURSDAY, dt.date(2027, 2, 26))
    session = course.sessions.get(ordinal=1)
    session.performed_on = TODAY
    session.save(update_fields=["performed_on"])
    entries = core_patient(clinic.patient).history
    assert [entry.date for entry in entries] == [TODAY, dt.date(2027, 2, 26)]
    assert core_patient(clinic.patient, without=[session.pk]).history == entries[1:]
