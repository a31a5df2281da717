"""When a resource is open."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from clinic.audit.models import Entry
from clinic.kit.refusals import Refusal
from clinic.places.models import HoursException, Resource, WorkingHours
from clinic.places.selectors import open_minutes, resources_at
from clinic.places.services import add_exception, add_holidays, set_week
from clinic.staff.models import User
from plans.data.factories import (
    CapabilityFactory,
    LocationFactory,
    ResourceFactory,
    WorkingHoursFactory,
)

pytestmark = pytest.mark.django_db

MONDAY = dt.date(2026, 11, 23)
SATURDAY = dt.date(2026, 11, 28)
NINE, NOON, ONE, FIVE = dt.time(9), dt.time(12), dt.time(13), dt.time(17)


def open_on(resource: Resource, day: dt.date) -> tuple[tuple[int, int], ...]:
    return open_minutes(resource.location, day, day)[day][resource.pk]


def test_weekly_hours_are_minutes_since_midnight(marta: Resource):
    assert open_on(marta, MONDAY) == ((540, 1020),)
    assert open_on(marta, SATURDAY) == ()


def test_a_lunch_break_parts_the_day_and_hours_that_touch_become_one():
    room = ResourceFactory.create(kind="room")
    for opens, closes in [(ONE, FIVE), (NINE, NOON)]:
        WorkingHoursFactory.create(resource=room, opens=opens, closes=closes)
    assert open_on(room, MONDAY) == ((540, 720), (780, 1020))
    WorkingHoursFactory.create(resource=room, opens=NOON, closes=ONE)
    assert open_on(room, MONDAY) == ((540, 1020),)


def test_hours_hold_for_their_range_of_dates_only():
    room = ResourceFactory.create(kind="room")
    WorkingHoursFactory.create(resource=room, valid_from=MONDAY, valid_until=MONDAY)
    week = dt.timedelta(days=7)
    days = open_minutes(room.location, MONDAY - week, MONDAY + week)
    assert [day for day in days if days[day][room.pk]] == [MONDAY]


def test_a_closed_location_closes_everybody(marta: Resource, manager: User):
    add_exception(marta.location, MONDAY, MONDAY, by=manager, reason="Holiday")
    add_exception(marta.location, MONDAY, MONDAY, by=manager, resource=marta, hours=(NINE, NOON))
    assert open_on(marta, MONDAY) == ()
    assert open_on(marta, MONDAY + dt.timedelta(days=1)) == ((540, 1020),)


def test_an_extra_saturday_opens_all_but_those_on_leave(marta: Resource, manager: User):
    away = ResourceFactory.create(location=marta.location)
    add_exception(marta.location, SATURDAY, SATURDAY, by=manager, hours=(NINE, NOON))
    add_exception(marta.location, MONDAY, SATURDAY, by=manager, resource=away)
    assert open_on(marta, SATURDAY) == ((540, 720),)
    assert open_on(away, SATURDAY) == ()


def test_other_hours_of_one_s_own_replace_the_weekly_ones(marta: Resource, manager: User):
    add_exception(marta.location, MONDAY, MONDAY, by=manager, resource=marta, hours=(NINE, NOON))
    assert open_on(marta, MONDAY) == ((540, 720),)


def test_the_clocks_going_back_change_no_hours(marta: Resource):
    WorkingHoursFactory.create(resource=marta, weekday=7)
    assert open_on(marta, dt.date(2026, 10, 25)) == ((540, 1020),)


def test_open_minutes_ask_as_often_for_a_year_as_for_a_day(marta: Resource):
    counts = []
    for days in (0, 365):
        ResourceFactory.create_batch(3, location=marta.location, open_hours=(8, 20))
        with CaptureQueriesContext(connection) as queries:
            open_minutes(marta.location, MONDAY, MONDAY + dt.timedelta(days=days))
        counts.append(len(queries))
    assert counts == [3, 3]


def test_resources_come_with_their_capabilities(marta: Resource, django_assert_num_queries):
    marta.capabilities.add(CapabilityFactory.create(code="peels"))
    ResourceFactory.create(location=marta.location, is_active=False)
    ResourceFactory.create()
    with django_assert_num_queries(2):
        found = resources_at(marta.location)
        assert [[capability.code for capability in one.capabilities.all()] for one in found] == [
            ["peels"]
        ]


@pytest.mark.parametrize(
    ("opens", "closes", "valid_until"),
    [(dt.time(16), dt.time(18), None), (dt.time(8), dt.time(18), None), (NOON, ONE, MONDAY)],
)
def test_the_database_refuses_hours_that_overlap(marta: Resource, opens, closes, valid_until):
    with pytest.raises(IntegrityError), transaction.atomic():
        WorkingHoursFactory.create(
            resource=marta, opens=opens, closes=closes, valid_until=valid_until
        )


def test_hours_of_another_day_or_range_do_not_overlap(marta: Resource):
    WorkingHoursFactory.create(resource=marta, weekday=6)
    WorkingHoursFactory.create(resource=marta, opens=FIVE, closes=dt.time(20))
    WorkingHoursFactory.create(
        resource=marta, valid_from=dt.date(2010, 1, 1), valid_until=dt.date(2010, 12, 31)
    )
    assert WorkingHours.objects.filter(resource=marta).count() == 8


def test_the_database_refuses_an_overlap_that_a_change_makes(marta: Resource):
    evening = WorkingHoursFactory.create(resource=marta, opens=FIVE, closes=dt.time(20))
    with pytest.raises(IntegrityError), transaction.atomic():
        WorkingHours.objects.filter(pk=evening.pk).update(opens=dt.time(16))


def test_new_hours_begin_on_their_day_and_what_was_before_stays(marta: Resource, manager: User):
    set_week(marta, {1: [(NINE, NOON), (ONE, FIVE)]}, MONDAY, by=manager)
    set_week(marta, {1: [(NINE, NOON)]}, MONDAY, by=manager)
    assert open_on(marta, MONDAY - dt.timedelta(days=7)) == ((540, 1020),)
    assert open_on(marta, MONDAY) == ((540, 720),)
    assert Entry.objects.filter(action="week_set").count() == 2


@pytest.mark.parametrize("hours", [[(NINE, ONE), (NOON, FIVE)], [(FIVE, NINE)]])
def test_hours_that_cannot_be_are_refused_and_the_old_ones_stay(
    marta: Resource, manager: User, hours
):
    with pytest.raises(Refusal):
        set_week(marta, {1: hours}, MONDAY, by=manager)
    assert open_on(marta, MONDAY) == ((540, 1020),)


def test_the_holidays_of_the_region_close_the_location(marta: Resource, manager: User):
    location = LocationFactory.create(country="DE", subdivision="BE")
    added = add_holidays(location, 2026, by=manager)
    assert dt.date(2026, 3, 8) in {row.first_day for row in added}  # Women's Day, in Berlin only
    assert add_holidays(location, 2026, by=manager) == []
    assert HoursException.objects.filter(location=location).count() == len(added)


def test_a_region_without_a_calendar_is_named(manager: User):
    with pytest.raises(Refusal, match="QQ"):
        add_holidays(LocationFactory.create(subdivision="QQ"), 2026, by=manager)


def test_days_in_the_wrong_order_are_refused(marta: Resource, manager: User):
    with pytest.raises(Refusal):
        add_exception(marta.location, SATURDAY, MONDAY, by=manager)
    with pytest.raises(Refusal):
        add_exception(marta.location, MONDAY, SATURDAY, by=manager, hours=(FIVE, NINE))
    with pytest.raises(ValueError, match="another location"):
        add_exception(LocationFactory.create(), MONDAY, MONDAY, by=manager, resource=marta)
