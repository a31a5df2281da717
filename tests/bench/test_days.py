"""The days of the seeded clinic: possible ones, and the same for the same seed."""

import datetime as dt
from collections import defaultdict
from itertools import pairwise

import pytest

from bench.days import CLOSING, DEVICES, KINDS, OPENING, ROOMS, Years, booked_ahead, hours_of

TODAY = dt.date(2026, 11, 23)
DAYS = [TODAY - dt.timedelta(days=n) for n in range(0, 700, 31)]


@pytest.fixture(scope="module")
def years():
    return Years(7, TODAY)


def test_nobody_and_nothing_is_in_two_visits_at_once(years):
    for day in DAYS:
        held = defaultdict(list)
        for visit in years.on(day):
            kind = KINDS[visit.kind]
            end = visit.start + kind.minutes
            held["person", visit.practitioner].append((visit.start + kind.from_minute, end))
            held["room", visit.room].append((visit.start, end))
            if kind.with_device:
                held["device", visit.device].append((visit.start, end))
        for spans in held.values():
            ordered = sorted(spans)
            assert all(a[1] <= b[0] for a, b in pairwise(ordered))


def test_everybody_works_in_their_hours(years):
    for visit in years.on(TODAY):
        kind = KINDS[visit.kind]
        start, end = visit.start + kind.from_minute, visit.start + kind.minutes
        assert visit.start >= OPENING
        assert end <= CLOSING
        assert any(
            opens <= start and end <= closes for opens, closes in hours_of(visit.practitioner)
        )


def test_rooms_are_busy_and_not_full(years):
    minutes = sum(KINDS[visit.kind].minutes for day in DAYS for visit in years.on(day))
    assert 0.60 < minutes / len(DAYS) / (ROOMS * (CLOSING - OPENING)) < 0.85


def test_the_same_seed_gives_the_same_years_and_another_one_others(years):
    assert Years(7, TODAY).on(TODAY) == years.on(TODAY)
    assert Years(8, TODAY).on(TODAY) != years.on(TODAY)


def test_the_year_ahead_is_booked_ever_less(years):
    shares = [booked_ahead(days) for days in range(366)]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] == 1
    assert shares[-1] > 0
    far = TODAY + dt.timedelta(days=300)
    assert 0 < len(years.on(far)) < len(years.on(TODAY)) / 2
    assert {visit.device for visit in years.on(far)} - {None} <= set(range(DEVICES))
