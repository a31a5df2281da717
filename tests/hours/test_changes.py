"""A change of hours shows whom it strands before it is saved; what stands, stays booked."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.audit.models import Entry
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.places.models import HoursException, WorkingHours
from clinic.places.selectors import hours_in_week
from clinic.places.services import add_exception
from clinic.staff.models import User
from plans.core.hours import WishedDays, WishedWeek
from plans.core.wallclock import instant
from plans.data.factories import (
    AppointmentFactory,
    LocationFactory,
    OccupancyFactory,
    PatientFactory,
    ResourceFactory,
    SessionFactory,
    WorkingHoursFactory,
)
from plans.diary.models import Appointment
from plans.hours.selectors import stranded
from plans.hours.services import (
    Strands,
    add_days,
    change_week,
    close_on_holidays,
    end_hours,
    remove_days,
    take_back_hours,
)
from tests.diary.clinic import BERLIN, THURSDAY, TODAY, Clinic

SATURDAY = dt.date(2026, 11, 28)
NINE, TEN, NOON, ONE, FIVE = dt.time(9), dt.time(10), dt.time(12), dt.time(13), dt.time(17)
MORNINGS = {weekday: [(NINE, NOON)] for weekday in range(1, 6)}
AFTERNOONS = {weekday: [(ONE, FIVE)] for weekday in range(1, 6)}
A_WEEK = dt.timedelta(days=7)


@pytest.fixture
def visit(clinic: Clinic) -> Appointment:
    """Thursday 26 November, ten to twenty past eleven, with Dr Weiss in room 1."""
    clinic.book(THURSDAY)
    return Appointment.objects.get()


def keys(found: Any) -> list[int]:
    return [each.visit.pk for each in found]


def test_nothing_is_stranded_where_everybody_keeps_their_hours(clinic: Clinic, visit: Appointment):
    assert stranded(clinic.location, TODAY) == []


def change_to_afternoons(clinic: Clinic, **kept: Any) -> None:
    change_week(clinic.weiss, WishedWeek(AFTERNOONS, TODAY + A_WEEK), **kept)


def be_away(clinic: Clinic, **kept: Any) -> None:
    add_days(clinic.location, WishedDays(THURSDAY, THURSDAY), resource=clinic.weiss, **kept)


def shut_the_clinic(clinic: Clinic, **kept: Any) -> None:
    add_days(clinic.location, WishedDays(THURSDAY, THURSDAY, (ONE, FIVE)), **kept)


def leave(clinic: Clinic, **kept: Any) -> None:
    end_hours(clinic.weiss, THURSDAY - dt.timedelta(days=1), **kept)


@pytest.mark.parametrize("change", [change_to_afternoons, be_away, shut_the_clinic, leave])
def test_a_change_that_strands_a_visit_says_so_and_writes_nothing(
    clinic: Clinic, visit: Appointment, manager: User, change: Callable[..., None]
):
    rows = WorkingHours.objects.count(), HoursException.objects.count(), Entry.objects.count()
    key = uuid.uuid4()
    with pytest.raises(Strands) as raised:
        change(clinic, by=manager, key=key)
    assert keys(raised.value.visits) == [visit.pk]
    assert rows == (
        WorkingHours.objects.count(), HoursException.objects.count(), Entry.objects.count()
    )  # fmt: skip
    assert stranded(clinic.location, TODAY) == []
    change(clinic, by=manager, key=key, agreed=[visit.pk])
    visit.refresh_from_db()
    assert visit.status == "booked"
    assert keys(stranded(clinic.location, TODAY)) == [visit.pk]
    assert Entry.objects.get(action="visits_stranded").details == {"visits": [visit.pk]}


def test_what_was_stranded_before_is_not_asked_for_again(
    clinic: Clinic, visit: Appointment, manager: User
):
    be_away(clinic, by=manager, key=uuid.uuid4(), agreed=[visit.pk])
    change_to_afternoons(clinic, by=manager, key=uuid.uuid4())
    (each,) = stranded(clinic.location, TODAY)
    assert each.resources == (clinic.weiss,)


def test_a_visit_booked_after_the_preview_is_shown_before_it_is_stranded(
    clinic: Clinic, visit: Appointment, manager: User
):
    clinic.book(THURSDAY, minute=700, patient=PatientFactory.create(location=clinic.location))
    later = Appointment.objects.last()
    with pytest.raises(Strands) as raised:
        be_away(clinic, by=manager, key=uuid.uuid4(), agreed=[visit.pk])
    assert keys(raised.value.visits) == [visit.pk, later.pk]


def test_taking_an_extra_day_or_planned_hours_back_strands_too(clinic: Clinic, manager: User):
    for resource in (clinic.weiss, clinic.room):
        wished = WishedDays(SATURDAY, SATURDAY, (NINE, FIVE))
        add_days(clinic.location, wished, resource=resource, by=manager, key=uuid.uuid4())
    clinic.book(SATURDAY)
    visit = Appointment.objects.get()
    for row in HoursException.objects.all():
        with pytest.raises(Strands):
            remove_days(row, by=manager, key=uuid.uuid4())
    remove_days(row, by=manager, key=uuid.uuid4(), agreed=[visit.pk])
    assert keys(stranded(clinic.location, TODAY)) == [visit.pk]


def test_planned_hours_taken_back_strand_who_was_booked_into_them(clinic: Clinic, manager: User):
    longer = {**MORNINGS, 4: [(NINE, dt.time(20))]}
    for resource in (clinic.weiss, clinic.room):
        change_week(resource, WishedWeek(longer, THURSDAY), by=manager, key=uuid.uuid4())
    clinic.book(THURSDAY, minute=1080)
    visit = Appointment.objects.get()
    with pytest.raises(Strands):
        take_back_hours(clinic.weiss, THURSDAY, 1, by=manager, key=uuid.uuid4())
    take_back_hours(clinic.weiss, THURSDAY, 1, by=manager, key=uuid.uuid4(), agreed=[visit.pk])
    assert hours_in_week(clinic.weiss, THURSDAY)[4] == [(NINE, FIVE)]


def test_a_holiday_shows_whom_it_strands(clinic: Clinic, manager: User):
    christmas = dt.date(2026, 12, 25)
    clinic.book(christmas)
    visit = Appointment.objects.get()
    with pytest.raises(Strands):
        close_on_holidays(clinic.location, 2026, [christmas], by=manager, key=uuid.uuid4())
    close_on_holidays(
        clinic.location, 2026, [christmas], by=manager, key=uuid.uuid4(), agreed=[visit.pk]
    )
    (each,) = stranded(clinic.location, TODAY)
    assert {resource.name for resource in each.resources} == {"Dr Weiss", "Room 1"}


def test_every_second_week_strands_in_its_weeks_only(clinic: Clinic, manager: User):
    for week in range(4):
        patient = PatientFactory.create(location=clinic.location)
        clinic.book(THURSDAY + week * A_WEEK, patient=patient)
    wish = WishedWeek(AFTERNOONS, THURSDAY + A_WEEK, every_weeks=2)
    with pytest.raises(Strands) as raised:
        change_week(clinic.weiss, wish, by=manager, key=uuid.uuid4())
    assert [each.day for each in raised.value.visits] == [THURSDAY + A_WEEK, THURSDAY + 3 * A_WEEK]


def test_a_refused_change_leaves_everything_as_it_was(clinic: Clinic, manager: User):
    for wish in (
        WishedWeek({1: [(NINE, ONE), (NOON, FIVE)]}, TODAY),
        WishedWeek(MORNINGS, TODAY - A_WEEK),
        WishedWeek(MORNINGS, TODAY, TODAY - A_WEEK),
    ):
        with pytest.raises(Refusal):
            change_week(clinic.weiss, wish, by=manager, key=uuid.uuid4())
    assert hours_in_week(clinic.weiss, TODAY)[1] == [(NINE, FIVE)]


def test_a_form_sent_twice_changes_once(clinic: Clinic, manager: User):
    key = uuid.uuid4()
    be_away(clinic, by=manager, key=key)
    with pytest.raises(AlreadyDone):
        be_away(clinic, by=manager, key=key)
    assert HoursException.objects.count() == 1


def test_only_those_who_keep_hours_change_them(clinic: Clinic, visit: Appointment):
    with pytest.raises(PermissionDenied):
        be_away(clinic, by=clinic.reception, key=uuid.uuid4())


# --- who is stranded


def test_cancelled_and_past_visits_are_not_stranded(clinic: Clinic, visit: Appointment):
    add_exception(clinic.location, THURSDAY, THURSDAY, by=None)
    assert keys(stranded(clinic.location, TODAY)) == [visit.pk]
    with time_machine.travel(visit.starts_at + dt.timedelta(minutes=1), tick=False):
        assert stranded(clinic.location, THURSDAY) == []
    visit.status = "cancelled"
    visit.save(update_fields=["status"])
    assert stranded(clinic.location, TODAY) == []


def test_a_resource_that_is_given_up_strands_its_visits(clinic: Clinic, visit: Appointment):
    clinic.room.is_active = False
    clinic.room.save(update_fields=["is_active"])
    (each,) = stranded(clinic.location, TODAY)
    assert each.resources == (clinic.room,)


def test_visits_are_looked_for_as_far_as_asked(clinic: Clinic, visit: Appointment):
    add_exception(clinic.location, THURSDAY, THURSDAY, by=None)
    before = THURSDAY - dt.timedelta(days=1)
    assert stranded(clinic.location, TODAY, until=before) == []
    assert keys(stranded(clinic.location, TODAY, until=THURSDAY)) == [visit.pk]


def test_many_stranded_visits_ask_as_often_as_one(clinic: Clinic, visit: Appointment):
    add_exception(clinic.location, THURSDAY, THURSDAY + 20 * A_WEEK, by=None)
    counts = []
    for more in (0, 8):
        for week in range(1, more):
            a_visit(clinic, THURSDAY + week * A_WEEK, 600)
        with CaptureQueriesContext(connection) as queries:
            found = stranded(clinic.location, TODAY)
            assert {each.visit.patient.full_name and each.day for each in found}
        counts.append(len(queries))
    assert counts == [6, 6]


def a_visit(clinic: Clinic, day: dt.date, minute: int, minutes: int = 60) -> Appointment:
    start = instant(day, minute, clinic.location.zone)
    session = SessionFactory.create(
        course__patient__location=clinic.location, course__revision=clinic.peel
    )
    end = start + dt.timedelta(minutes=minutes)
    visit = AppointmentFactory.create(session=session, starts_at=start, ends_at=end)
    OccupancyFactory.create(appointment=visit, resource=clinic.weiss)
    return visit


# --- the clock is changed


@pytest.mark.parametrize("day", [dt.date(2027, 3, 28), dt.date(2027, 10, 31)])
def test_a_visit_keeps_its_local_hour_on_the_day_the_clocks_change(clinic: Clinic, day: dt.date):
    """Sundays of 23 and of 25 hours, open from nine to five like any other day."""
    WorkingHoursFactory.create(resource=clinic.weiss, weekday=7)
    first, last = a_visit(clinic, day, 540), a_visit(clinic, day, 960)
    assert stranded(clinic.location, TODAY) == []
    late = a_visit(clinic, day - A_WEEK, 1020)
    early = a_visit(clinic, day + A_WEEK, 480)
    assert keys(stranded(clinic.location, TODAY)) == [late.pk, early.pk]
    assert [each.starts_at.astimezone(BERLIN).hour for each in (first, last)] == [9, 16]


def test_each_location_s_clock_decides(manager: User):
    """Half past four in New York is late in the evening in Berlin."""
    for zone, expected in (("America/New_York", 0), ("Europe/Berlin", 1)):
        location = LocationFactory.create(time_zone=zone)
        doctor = ResourceFactory.create(location=location, open_hours=(9, 18))
        start = dt.datetime(2026, 11, 26, 21, 30, tzinfo=dt.UTC)
        visit = AppointmentFactory.create(
            session=SessionFactory.create(course__patient__location=location),
            starts_at=start, ends_at=start + dt.timedelta(minutes=60),
        )  # fmt: skip
        OccupancyFactory.create(appointment=visit, resource=doctor)
        assert len(stranded(location, TODAY)) == expected
