"""Time that nobody can book: what stands there is never pushed aside."""

import datetime as dt
import uuid
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied

from clinic.audit.models import Entry
from clinic.kit.refusals import AlreadyDone, Refusal
from plans.core.hours import WishedBlock
from plans.core.wallclock import instant, minute_of
from plans.data.factories import LocationFactory, ResourceFactory
from plans.diary.models import Appointment, Block, Occupancy, TimeTaken
from plans.hours.selectors import blocks_ahead
from plans.hours.services import add_blocks, remove_blocks
from tests.diary.clinic import BERLIN, THURSDAY, TODAY, Clinic

A_DAY, A_WEEK = dt.timedelta(days=1), dt.timedelta(days=7)
LUNCH = (720, 780)


def block(
    clinic: Clinic, *resources: Any, key: uuid.UUID | None = None, **wish: Any
) -> list[Block]:
    keys = tuple(resource.pk for resource in resources or (clinic.room,))
    wish = {"first": THURSDAY, "last": wish.get("first", THURSDAY), "minutes": LUNCH} | wish
    return add_blocks(
        clinic.location,
        WishedBlock(keys, reason="Lunch", **wish),
        by=clinic.reception,
        key=key or uuid.uuid4(),
    )


def test_blocked_time_is_held_and_cannot_be_booked(clinic: Clinic):
    block(clinic, clinic.weiss, clinic.room)
    assert Occupancy.objects.filter(block__isnull=False).count() == 2
    with pytest.raises(TimeTaken):
        clinic.book(THURSDAY, minute=700)
    clinic.book(THURSDAY, minute=780)


def test_a_block_over_a_visit_is_refused_and_names_the_visit(clinic: Clinic):
    clinic.book(THURSDAY, minute=660)
    with pytest.raises(TimeTaken) as refused:
        block(clinic, weeks=3)
    words = str(refused.value)
    assert "Anna Petrova, Thu 26 Nov, 11:00 to 12:20, Room 1" in words
    assert "Move that first" in words
    assert not Block.objects.exists()
    assert Appointment.objects.get().status == "booked"


def test_a_refusal_names_three_and_counts_the_rest(clinic: Clinic):
    block(clinic, weeks=5)
    with pytest.raises(TimeTaken, match=r"Lunch \(blocked\), Thu 26 Nov.*, and 2 more") as refused:
        block(clinic, weeks=5, minutes=(750, 800))
    assert str(refused.value).count("Lunch") == 3


def test_a_block_comes_back_every_week_at_the_same_local_hour(clinic: Clinic):
    added = block(clinic, weeks=26)
    assert {row.starts_at.astimezone(BERLIN).weekday() for row in added} == {3}
    assert {minute_of(row.starts_at, BERLIN) for row in added} == {720}
    assert len({row.starts_at.hour for row in added}) == 2  # in UTC winter and summer differ
    assert len({row.batch for row in added}) == 1
    assert added[0].created_by == clinic.reception


def test_several_days_may_be_blocked_whole(clinic: Clinic):
    added = block(clinic, first=THURSDAY, last=THURSDAY + A_DAY, minutes=None)
    assert [row.ends_at - row.starts_at for row in added] == [A_DAY, A_DAY]


@pytest.mark.parametrize(
    ("day", "hours"), [(dt.date(2027, 3, 28), 23), (dt.date(2027, 10, 31), 25)]
)
def test_a_whole_day_is_blocked_from_its_first_to_its_last_instant(clinic, day, hours):
    (row,) = block(clinic, first=day, minutes=None)
    assert row.ends_at - row.starts_at == dt.timedelta(hours=hours)
    assert row.starts_at == instant(day, 0, BERLIN)


def test_time_that_the_clock_jumps_over_is_left_out(clinic: Clinic):
    spring = dt.date(2027, 3, 28)
    added = block(clinic, first=spring - A_WEEK, minutes=(125, 175), weeks=3)
    days = [row.starts_at.astimezone(BERLIN).date() for row in added]
    assert days == [spring - A_WEEK, spring + A_WEEK]
    with pytest.raises(Refusal, match="jumps over"):
        block(clinic, first=spring, minutes=(125, 175))


def test_the_hour_shown_twice_is_blocked_both_times(clinic: Clinic):
    (row,) = block(clinic, first=dt.date(2027, 10, 31), minutes=(120, 180))
    assert row.ends_at - row.starts_at == dt.timedelta(hours=2)


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"first": TODAY - A_DAY}, "are over"),
        ({"weeks": 27}, "26 weeks"),
        ({"last": THURSDAY + 31 * A_DAY}, "31 days"),
        ({"last": THURSDAY + 25 * A_DAY, "weeks": 26}, None),
    ],
)
def test_what_makes_no_sense_is_refused(clinic: Clinic, wish: dict[str, Any], words: str | None):
    if words is None:
        assert len(block(clinic, **wish)) == 25 * 7 + 26  # each day once, where the weeks overlap
        return
    with pytest.raises(Refusal, match=words):
        block(clinic, **wish)
    assert not Block.objects.exists()


def test_too_much_at_once_is_refused(clinic: Clinic):
    rooms = ResourceFactory.create_batch(5, location=clinic.location, kind="room")
    with pytest.raises(Refusal, match="too much"):
        block(clinic, *rooms, last=THURSDAY + 5 * A_DAY, weeks=26)


def test_resources_of_another_location_are_not_blocked(clinic: Clinic):
    with pytest.raises(ValueError, match="another location"):
        block(clinic, ResourceFactory.create(location=LocationFactory.create()))


def test_one_time_or_all_of_them_are_freed_again(clinic: Clinic):
    added = block(clinic, weeks=4)
    assert remove_blocks(added[1], whole=False, by=clinic.reception, key=uuid.uuid4()) == 1
    clinic.book(THURSDAY + A_WEEK, minute=700)
    assert remove_blocks(added[0], whole=True, by=clinic.reception, key=uuid.uuid4()) == 3
    assert not Occupancy.objects.filter(block__isnull=False).exists()
    actions = ["blocked", "unblocked"]
    assert list(
        Entry.objects.filter(action__in=actions).order_by("id").values_list("action", flat=True)
    ) == ["blocked", "unblocked", "unblocked"]


def test_what_is_over_stays_on_record(clinic: Clinic):
    added = block(clinic, weeks=2)
    with time_machine.travel(added[0].ends_at + A_DAY, tick=False):
        with pytest.raises(Refusal, match="is over"):
            remove_blocks(added[0], whole=False, by=clinic.reception, key=uuid.uuid4())
        assert remove_blocks(added[1], whole=True, by=clinic.reception, key=uuid.uuid4()) == 1
    assert Block.objects.get() == added[0]


def test_a_form_sent_twice_blocks_once(clinic: Clinic):
    key = uuid.uuid4()
    block(clinic, key=key, first=THURSDAY)
    with pytest.raises(AlreadyDone):
        block(clinic, clinic.second_room, key=key)
    assert Block.objects.count() == 1


def test_only_those_who_book_block(clinic: Clinic):
    wish = WishedBlock((clinic.room.pk,), THURSDAY, THURSDAY, LUNCH, "Lunch")
    nobody = clinic.physician
    nobody.groups.clear()
    with pytest.raises(PermissionDenied):
        add_blocks(clinic.location, wish, by=nobody, key=uuid.uuid4())
    (row,) = block(clinic)
    with pytest.raises(PermissionDenied):
        remove_blocks(row, whole=False, by=nobody, key=uuid.uuid4())


def test_what_was_added_together_is_read_together(clinic: Clinic, django_assert_num_queries):
    block(clinic, clinic.room, clinic.weiss, weeks=3)
    block(clinic, clinic.second_room)
    with django_assert_num_queries(1):
        first, second = blocks_ahead(clinic.location)
        assert [resource.name for resource in first.resources] == ["Dr Weiss", "Room 1"]
    assert (len(first.times), len(first.blocks), len(second.blocks)) == (3, 6, 1)
