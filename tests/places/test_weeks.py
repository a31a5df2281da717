"""Weekly hours with a validity and every n-th week; what has been stays as it was."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.audit.models import Entry
from clinic.kit.refusals import Refusal
from clinic.places.models import HoursException, Resource, WorkingHours
from clinic.places.selectors import (
    exceptions_since,
    holidays_in,
    hours_in_week,
    open_minutes,
    week_number,
    weeks_of,
)
from clinic.places.services import (
    add_exception,
    add_holidays,
    close_hours,
    remove_exception,
    remove_hours,
    set_week,
)
from clinic.staff.models import User
from plans.data.factories import (
    LocationFactory,
    ResourceFactory,
    WorkingHoursFactory,
)

pytestmark = pytest.mark.django_db

MONDAY = dt.date(2026, 11, 23)  # today
A_DAY, A_WEEK = dt.timedelta(days=1), dt.timedelta(days=7)
NINE, NOON, ONE, FIVE = dt.time(9), dt.time(12), dt.time(13), dt.time(17)
HORIZON = 26 * 7


def mondays(resource: Resource, count: int, first: dt.date = MONDAY) -> list[str]:
    """The hours of so many Mondays, as "9-17"."""
    days = open_minutes(resource.location, first, first + (count - 1) * A_WEEK)
    found = [days[first + n * A_WEEK][resource.pk] for n in range(count)]
    return [" ".join(f"{a // 60}-{b // 60}" for a, b in spans) for spans in found]


def test_every_second_week_leaves_the_other_weeks_as_they_are(marta: Resource, manager: User):
    set_week(marta, {1: [(NINE, NOON)]}, MONDAY + A_WEEK, by=manager, every_weeks=2)
    assert mondays(marta, 5) == ["9-17", "9-12", "9-17", "9-12", "9-17"]


def test_two_rhythms_side_by_side_take_turns(marta: Resource, manager: User):
    set_week(marta, {1: [(NINE, NOON)]}, MONDAY, by=manager, every_weeks=2)
    set_week(marta, {1: [(ONE, FIVE)]}, MONDAY + A_WEEK, by=manager, every_weeks=2)
    assert mondays(marta, 4) == ["9-12", "13-17", "9-12", "13-17"]


def test_hours_with_a_last_day_give_way_to_those_before_them(marta: Resource, manager: User):
    last = MONDAY + 2 * A_WEEK
    set_week(marta, {1: [(NINE, NOON)]}, MONDAY + A_WEEK, by=manager, valid_until=last)
    assert mondays(marta, 5) == ["9-17", "9-12", "9-12", "9-17", "9-17"]


def test_a_rhythm_keeps_its_weeks_after_an_interruption(marta: Resource, manager: User):
    set_week(marta, {1: [(NINE, NOON)]}, MONDAY, by=manager, every_weeks=3)
    set_week(marta, {}, MONDAY + A_WEEK, by=manager, valid_until=MONDAY + 4 * A_WEEK)
    assert mondays(marta, 8) == ["9-12", "", "", "", "", "9-17", "9-12", "9-17"]


def test_rhythms_that_meet_only_after_many_weeks_are_refused(marta: Resource, manager: User):
    set_week(marta, {6: [(NINE, NOON)]}, MONDAY, by=manager, every_weeks=7)
    with pytest.raises(Refusal, match="mixed"):
        set_week(marta, {6: [(NINE, FIVE)]}, MONDAY, by=manager, every_weeks=4)
    with pytest.raises(Refusal, match="eight weeks"):
        set_week(ResourceFactory.create(), {7: [(NINE, FIVE)]}, MONDAY, by=manager, every_weeks=9)


def test_the_database_refuses_rhythms_that_meet(marta: Resource):
    saturday = {"resource": marta, "weekday": 6, "every_weeks": 2}
    WorkingHoursFactory.create(**saturday, valid_from=MONDAY)
    WorkingHoursFactory.create(**saturday, valid_from=MONDAY + A_WEEK)
    with pytest.raises(IntegrityError), transaction.atomic():
        WorkingHoursFactory.create(**saturday, valid_from=MONDAY + 2 * A_WEEK)


def test_a_week_is_set_at_once_and_days_without_hours_are_closed(marta: Resource, manager: User):
    set_week(marta, {1: [(NINE, NOON), (ONE, FIVE)], 6: [(NINE, NOON)]}, MONDAY, by=manager)
    assert hours_in_week(marta, MONDAY) == {1: [(NINE, NOON), (ONE, FIVE)], 6: [(NINE, NOON)]}
    assert hours_in_week(marta, MONDAY - A_DAY) == {n: [(NINE, FIVE)] for n in range(1, 6)}
    assert Entry.objects.get(action="week_set").details["every_weeks"] == 1


def test_a_new_resource_may_have_hours_from_a_day_that_is_past(manager: User):
    room = ResourceFactory.create(kind="room")
    set_week(room, {1: [(NINE, FIVE)], 2: [(NINE, FIVE)]}, MONDAY - 4 * A_WEEK, by=manager)
    assert mondays(room, 2, MONDAY - A_WEEK) == ["9-17", "9-17"]


def test_hours_that_have_held_are_not_rewritten(marta: Resource, manager: User):
    for change in (
        lambda: set_week(marta, {}, MONDAY - A_DAY, by=manager),
        lambda: close_hours(marta, MONDAY - 2 * A_DAY, by=manager),
    ):
        with pytest.raises(Refusal, match="stays on record"):
            change()
    with pytest.raises(Refusal, match="before the first"):
        set_week(marta, {}, MONDAY, by=manager, valid_until=MONDAY - A_DAY)
    assert mondays(marta, 3, MONDAY - A_WEEK) == ["9-17"] * 3


def test_hours_end_with_a_day_and_what_was_planned_after_it_goes(marta: Resource, manager: User):
    set_week(marta, {1: [(NINE, NOON)]}, MONDAY + 2 * A_WEEK, by=manager)
    close_hours(marta, MONDAY + A_WEEK, by=manager)
    assert mondays(marta, 4) == ["9-17", "9-17", "", ""]
    assert not WorkingHours.objects.filter(valid_from__gt=MONDAY + A_WEEK).exists()
    with pytest.raises(Refusal, match="no hours after"):
        close_hours(marta, MONDAY + A_WEEK, by=manager)


def test_planned_hours_taken_back_let_the_former_ones_hold_on(marta: Resource, manager: User):
    set_week(marta, {1: [(NINE, NOON)]}, MONDAY + A_WEEK, by=manager)
    remove_hours(marta, MONDAY + A_WEEK, by=manager)
    assert mondays(marta, 4) == ["9-17"] * 4
    assert Entry.objects.filter(action="hours_removed").exists()


def test_hours_that_hold_or_are_gone_cannot_be_taken_back(marta: Resource, manager: User):
    set_week(marta, {1: [(NINE, NOON)]}, MONDAY, by=manager)
    with pytest.raises(Refusal, match="hold already"):
        remove_hours(marta, MONDAY, by=manager)
    with pytest.raises(Refusal, match="changed meanwhile"):
        remove_hours(marta, MONDAY + A_WEEK, by=manager)
    set_week(marta, {1: [(NINE, FIVE)]}, MONDAY + A_WEEK, by=manager, every_weeks=2)
    with pytest.raises(Refusal, match="other weeks"):
        remove_hours(marta, MONDAY + A_WEEK, 2, by=manager)
    assert mondays(marta, 3) == ["9-12", "9-17", "9-12"]


changes = st.lists(
    st.tuples(
        st.integers(0, 40),  # first day, from today
        st.none() | st.integers(0, 60),  # last day, from the first
        st.sampled_from([1, 1, 2, 2, 3, 4, 6]),
        st.integers(7, 12),  # opens
        st.integers(0, 8),  # hours long; 0 is closed
    ),
    max_size=5,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes, st.integers(1, 7))
def test_any_changes_give_each_day_what_a_calendar_kept_by_hand_says(
    marta: Resource, manager: User, changes, weekday
):
    """The reference writes each change into a calendar, day by day."""
    before = {1: "9-17", 2: "9-17", 3: "9-17", 4: "9-17", 5: "9-17"}
    days = [MONDAY + n * A_DAY for n in range(HORIZON) if (n % 7) + 1 == weekday]
    by_hand = {day: before.get(weekday, "") for day in days}
    with transaction.atomic():
        for first, length, every, opens, hours in changes:
            start = MONDAY + first * A_DAY
            until = None if length is None else start + length * A_DAY
            spans = [(dt.time(opens), dt.time(opens + hours))] if hours else []
            try:
                with transaction.atomic():
                    set_week(
                        marta,
                        {weekday: spans},
                        start,
                        by=manager,
                        valid_until=until,
                        every_weeks=every,
                    )
                said = ""
            except Refusal as refusal:
                said = str(refusal)
            assert not said or "mixed" in said
            if said:
                continue
            for day in days:
                in_turn = (week_number(day) - week_number(start)) % every == 0
                if start <= day <= (until or day) and in_turn:
                    by_hand[day] = f"{opens}-{opens + hours}" if hours else ""
        found = mondays(marta, len(days), days[0])
        transaction.set_rollback(True)
    assert found == list(by_hand.values())


def test_the_first_week_of_a_rhythm_is_that_of_its_first_day():
    """A Wednesday counts for the Monday before it, also over the turn of a year with 53 weeks."""
    wednesday = dt.date(2026, 12, 30)
    assert week_number(wednesday) == week_number(dt.date(2027, 1, 3))
    assert week_number(dt.date(2027, 1, 4)) == week_number(wednesday) + 1


def test_the_weeks_on_record_are_told_by_their_validity(
    marta: Resource, manager: User, django_assert_num_queries
):
    set_week(marta, {1: [(NINE, NOON)]}, MONDAY + A_WEEK, by=manager, every_weeks=2)
    with django_assert_num_queries(1):
        found = weeks_of(marta, MONDAY)
    assert [(each.valid_from, each.valid_until, each.every_weeks) for each in found] == [
        (dt.date(2020, 1, 1), MONDAY + A_WEEK - A_DAY, 1),
        (MONDAY + A_WEEK, None, 2),
        (MONDAY + 2 * A_WEEK, None, 2),
    ]
    assert found[1].days == {1: [(NINE, NOON)]}
    with django_assert_num_queries(1):
        hours_in_week(marta, MONDAY)


def test_hours_of_many_rhythms_are_read_in_as_many_queries(marta: Resource, manager: User):
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as queries:
            open_minutes(marta.location, MONDAY, MONDAY + 90 * A_DAY)
        counts.append(len(queries))
        for every in (2, 3, 6):
            set_week(marta, {6: [(NINE, NOON)]}, MONDAY, by=manager, every_weeks=every)
    assert counts == [3, 3]


def test_an_absence_taken_back_keeps_the_days_that_are_over(marta: Resource, manager: User):
    begun = add_exception(
        marta.location, MONDAY - A_DAY, MONDAY + A_WEEK, by=manager, resource=marta
    )
    planned = add_exception(marta.location, MONDAY + A_WEEK, MONDAY + A_WEEK, by=manager)
    remove_exception(begun, by=manager)
    remove_exception(planned, by=manager)
    (row,) = HoursException.objects.all()
    assert (row.first_day, row.last_day) == (MONDAY - A_DAY, MONDAY - A_DAY)
    assert Entry.objects.filter(action="exception_removed").count() == 2
    with pytest.raises(Refusal, match="are over"):
        remove_exception(row, by=manager)


def test_exceptions_are_one_s_own_or_everybody_s(
    marta: Resource, manager: User, django_assert_num_queries
):
    own = add_exception(marta.location, MONDAY, MONDAY, by=manager, resource=marta)
    all_s = add_exception(marta.location, MONDAY, MONDAY, by=manager)
    add_exception(marta.location, MONDAY - A_DAY, MONDAY - A_DAY, by=manager, resource=marta)
    with django_assert_num_queries(2):
        assert exceptions_since(marta.location, MONDAY, resource=marta) == [own]
        assert exceptions_since(marta.location, MONDAY) == [all_s]


def test_only_the_holidays_that_were_chosen_are_added(manager: User, django_assert_num_queries):
    location = LocationFactory.create(country="DE", subdivision="BE")
    with django_assert_num_queries(1):
        found = holidays_in(location, 2027)
    assert not any(each.row for each in found)
    add_holidays(location, 2027, by=manager, days=[found[0].day, dt.date(2027, 7, 1)])
    assert [each.day for each in holidays_in(location, 2027) if each.row] == [found[0].day]


@pytest.mark.parametrize(("zone", "open_at"), [("Europe/Berlin", 8), ("America/New_York", 14)])
def test_hours_are_those_of_the_location_s_own_clock(zone, open_at):
    """Nine in the morning is another instant in each of them, on the same day of the calendar."""
    room = ResourceFactory.create(
        location=LocationFactory.create(time_zone=zone), open_hours=(9, 17)
    )
    opens, _closes = open_minutes(room.location, MONDAY, MONDAY)[MONDAY][room.pk][0]
    local = dt.datetime(2026, 11, 23, opens // 60, tzinfo=room.location.zone)
    assert local.astimezone(dt.UTC).hour == open_at
