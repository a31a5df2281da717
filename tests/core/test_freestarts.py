"""A day and a week of free starts for a single visit."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from plans.core.availability import Needs, Phase, open_bits
from plans.core.cycles import Cycle, Use
from plans.core.freestarts import starts_by_day
from plans.core.offers import Booked, Judgement, Wish
from plans.core.spacing import Interval, Period, Window

MONDAY = dt.date(2026, 11, 9)
WEISS, BRANDT, ROOM, OTHER_ROOM = 1, 2, 3, 4
ANY = Interval(Period(1, "days"), Period(1, "days"), Period(1, "days"))
WISH = Wish(
    count=1,
    first=Window(MONDAY, MONDAY, MONDAY + dt.timedelta(days=30)),
    interval=ANY,
    phases=(Phase("room", 0, 60), Phase("practitioner", 30, 60)),
    candidates={"practitioner": (WEISS, BRANDT), "room": (ROOM, OTHER_ROOM)},
    every=30,
)
MORNING = open_bits([(540, 660)])


def on(number: int) -> dt.date:
    return MONDAY + dt.timedelta(days=number)


def diary(day: dt.date) -> Mapping[int, int]:
    if day.isoweekday() > 5:
        return {}
    return {WEISS: MORNING, BRANDT: open_bits([(600, 660)]), ROOM: MORNING, OTHER_ROOM: 0}


def fine(day: dt.date) -> Judgement:
    return Judgement()


def test_a_day_shows_each_start_with_who_and_what_serves_it():
    (day,) = starts_by_day(WISH, diary, fine, MONDAY, MONDAY)

    assert [(s.minute, s.end_minute, s.practitioner) for s in day.starts] == [
        (540, 600, WEISS),
        (570, 630, WEISS),
        (570, 630, BRANDT),
        (600, 660, WEISS),
        (600, 660, BRANDT),
    ]
    assert {start.resources["room"] for start in day.starts} == {ROOM}
    assert [(s.minute, s.practitioner) for s in day.one_each] == [
        (540, WEISS),
        (570, WEISS),
        (600, WEISS),
    ]


def test_every_start_is_one_that_can_be_assigned():
    (day,) = starts_by_day(WISH, diary, fine, MONDAY, MONDAY)
    needs = Needs(WISH.phases, WISH.candidates)

    for start in day.starts:
        free = {pk: bits for pk, bits in diary(MONDAY).items() if pk in start.resources.values()}
        assert needs.assign(start.minute, free) == start.resources


def test_days_without_a_start_say_why():
    def taken_on_friday(day: dt.date) -> Mapping[int, int]:
        return {WEISS: MORNING, BRANDT: 0, ROOM: 0, OTHER_ROOM: 0} if day == on(4) else diary(day)

    def waits_until_thursday(day: dt.date) -> Judgement:
        return Judgement(True, 3, ("ci:peel:drug",), on(2)) if day < on(2) else Judgement()

    wish = replace(
        WISH,
        first=Window(on(1), on(1), on(30)),
        occasions=(on(3),),
        cycle=Cycle(Period(2, "days"), Period(4, "days"), Period(9, "days")),
        uses=(Use(on(5) + dt.timedelta(3), on(5) + dt.timedelta(4)),),
    )
    found = starts_by_day(wish, taken_on_friday, waits_until_thursday, MONDAY, on(11))

    assert [day.obstacle for day in found][:6] == [
        "window",
        "screening",
        None,
        "occasion",
        "no_common_time",
        "closed",
    ]
    assert found[1].judged.earliest == on(2)
    assert found[10].obstacle == "cycle"


def test_only_days_that_are_allowed_are_read():
    read: list[dt.date] = []

    def reading(day: dt.date) -> Mapping[int, int]:
        read.append(day)
        return diary(day)

    wish = replace(WISH, first=Window(on(1), on(1), on(3)), occasions=(on(2),))
    starts_by_day(wish, reading, fine, MONDAY, on(6))

    assert set(read) == {on(1), on(3)}


def test_wishes_choose_the_starts_and_give_way_on_a_day_that_has_no_other():
    wish = replace(WISH, practitioner=BRANDT, part_of_day=(600, 720), weekdays=frozenset({2}))

    (day,) = starts_by_day(wish, diary, fine, MONDAY, MONDAY)
    assert day.keeps_wishes
    assert [(s.minute, s.practitioner) for s in day.starts] == [(600, BRANDT)]

    evening = replace(wish, part_of_day=(1080, 1200))
    (day,) = starts_by_day(evening, diary, fine, MONDAY, MONDAY)
    assert not day.keeps_wishes
    assert len(day.starts) == 5


def test_a_later_session_that_stays_bounds_the_days():
    weekly = Interval(Period(7, "days"), Period(7, "days"), Period(14, "days"))
    stays = {2: Booked(on(15), 540, 600, {})}
    wish = replace(WISH, count=2, interval=weekly, fixed=stays)

    found = starts_by_day(wish, diary, fine, MONDAY, on(11))

    allowed = [day.day for day in found if day.obstacle != "window"]
    assert (allowed[0], allowed[-1]) == (on(1), on(8))


def test_what_needs_no_practitioner_has_one_start_a_time():
    wish = replace(WISH, phases=(Phase("room", 0, 60),))

    (day,) = starts_by_day(wish, diary, fine, MONDAY, MONDAY)

    assert [start.minute for start in day.starts] == [540, 570, 600]
    assert day.starts[0].practitioner is None
