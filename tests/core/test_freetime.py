"""Free time by day: what is open, less what is held, less what is nobody's."""

import datetime as dt
import zoneinfo
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from plans.core.availability import ranges_of
from plans.core.freetime import free_by_day, held_by_day, held_by_seconds

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = dt.date(2026, 11, 9)
ROOM, DOCTOR, NOBODY = 1, 2, 3


def at(hour: int) -> dt.datetime:
    return dt.datetime(2026, 11, 9, hour, tzinfo=BERLIN)


def test_what_is_held_is_told_by_local_day_and_key():
    held = held_by_day([(at(10), at(11), ROOM), (at(12), at(13), ROOM)], BERLIN)
    assert held == {(MONDAY, ROOM): [(600, 660), (720, 780)]}


def test_only_the_resources_asked_for_are_free_and_only_when_nobody_holds_them():
    open_ = {MONDAY: {ROOM: [(540, 720)], DOCTOR: [(540, 600)], NOBODY: [(540, 600)]}}
    held = {(MONDAY, ROOM): [(600, 660)]}
    (day,) = free_by_day(open_, {ROOM, DOCTOR}, held, {MONDAY: [(540, 570)]}).values()
    assert {key: list(ranges_of(bits)) for key, bits in day.items()} == {
        ROOM: [(570, 600), (660, 720)], DOCTOR: [(570, 600)]
    }  # fmt: skip


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3 * 24 * 60), st.integers(1, 24 * 60), st.sampled_from([ROOM, ROOM + 1])
        ),
        max_size=8,
    ),
    st.sampled_from([dt.date(2026, 3, 28), dt.date(2026, 10, 24), dt.date(2026, 11, 9)]),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_counted_in_seconds_the_same_minutes_are_held(rows, day, zone):
    first, where = dt.datetime.combine(day, dt.time(), dt.UTC), zoneinfo.ZoneInfo(zone)
    moments = [
        (first + dt.timedelta(minutes=start), first + dt.timedelta(minutes=start + length), key)
        for start, length, key in rows
    ]
    seconds = [(int(a.timestamp()), int(b.timestamp()), key) for a, b, key in moments]
    assert held_by_seconds(seconds, where) == held_by_day(moments, where)
