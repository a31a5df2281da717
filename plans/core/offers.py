"""What a series is asked to be, and what is offered: dates with their windows, cost and reasons.

Reasons are codes with numbers; the page puts them into words.
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from plans.core.availability import DAY_MINUTES, NOON, PRACTITIONER, Phase, Range, grid
from plans.core.cycles import Cycle, Use
from plans.core.spacing import Interval, Period, Window

MOST_SESSIONS = 300
# Rules and hours of later years are not known yet.
LATEST_YEARS = 3
# The minutes in which a start belongs to each part of a day.
PARTS: Mapping[str, Range] = {"morning": (0, NOON), "afternoon": (NOON, DAY_MINUTES)}
EVERY_WEEKDAY = frozenset(range(1, 8))
ROOM = "room"

OfferKind = Literal["best", "soonest", "other_practitioner", "other_days", "other_time"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What screening says of a date. `level` > 0 (caution, ask) may be offered, `blocked` never.

    `occasions`: the dates to be kept clear of healing for which alone the date is blocked.
    """

    blocked: bool = False
    level: int = 0
    reasons: tuple[str, ...] = ()
    earliest: dt.date | None = None
    occasions: tuple[dt.date, ...] = ()


@dataclass(frozen=True, slots=True)
class Booked:
    """Where a session stands: minutes since local midnight, resource by role."""

    day: dt.date
    start_minute: int
    end_minute: int
    resources: Mapping[str, int]


@dataclass(frozen=True)
class Wish:
    """`count` sessions to place, ordinals `first_ordinal` and on, the fixed ones among them.

    `fixed` sessions stay where they are whatever the diary says; they must still fit the windows
    and be allowed by screening. `standing` sessions stay where that is legal: leaving one costs
    more than any deviation. Practitioner, weekdays (ISO 1-7), part of day (the start in [from, to)
    minutes), `rooms` (any of these; empty: any at all) and `around` (minute the start should be
    near; None: early) are wishes; all else must hold, the practitioner too with `practitioner_only`.
    No session that is placed anew heals on one of the `occasions`: `healing` counts from its day, ends
    included; None: the day itself. `first_free`: what ends soonest comes first.
    """

    count: int
    first: Window
    interval: Interval
    phases: tuple[Phase, ...]
    candidates: Mapping[str, Sequence[int]]
    practitioner: int | None = None
    weekdays: frozenset[int] = EVERY_WEEKDAY
    part_of_day: Range | None = None
    around: int | None = None
    fixed: Mapping[int, Booked] = field(default_factory=dict)
    standing: Mapping[int, Booked] = field(default_factory=dict)
    first_ordinal: int = 1
    cycle: Cycle | None = None
    uses: tuple[Use, ...] = ()
    every: int = 15
    rooms: frozenset[int] = frozenset()
    practitioner_only: bool = False
    occasions: tuple[dt.date, ...] = ()
    healing: Period | None = None
    first_free: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MOST_SESSIONS:
            raise ValueError(f"a series has 1 to {MOST_SESSIONS} sessions")
        if not self.phases:
            raise ValueError("a session needs at least one phase")
        if self.around is not None and not 0 <= self.around < DAY_MINUTES:
            raise ValueError(f"no minute of a day: {self.around}")
        strangers = (self.fixed.keys() | self.standing.keys()) - set(self.ordinals)
        if strangers or self.fixed.keys() & self.standing.keys():
            raise ValueError("a session that stays is one of the series, and stays in one way")
        grid(self.every)

    @property
    def ordinals(self) -> range:
        return range(self.first_ordinal, self.first_ordinal + self.count)

    @property
    def able(self) -> Mapping[str, Sequence[int]]:
        """The candidates, with nobody but the practitioner asked for where only that one will do."""
        return narrowed(self, practitioner=True) if self.practitioner_only else self.candidates


@dataclass(frozen=True, slots=True, order=True)
class Cost:
    """What an offer costs; compared from the first field on.

    `sessions_moved` counts standing sessions that leave their place; `days_off` sums |day -
    target|; `wishes_missed` counts practitioner, weekday, part of day and room once per session;
    `minutes_off` sums the start minutes, or their distance from the minute wished for.
    """

    sessions_moved: int
    days_off: int
    wishes_missed: int
    cautions: int
    practitioner_changes: int
    last_day: dt.date
    minutes_off: int


@dataclass(frozen=True, slots=True)
class Place:
    """One session of an offer. `deviation_days` is signed: negative = before the window's target.

    `stays`: it stood there before (fixed or standing).
    """

    ordinal: int
    day: dt.date
    start_minute: int
    end_minute: int
    resources: Mapping[str, int]
    window: Window
    deviation_days: int
    level: int
    reasons: tuple[str, ...]
    stays: bool = False

    @property
    def practitioner(self) -> int | None:
        return self.resources.get(PRACTITIONER)

    @property
    def room(self) -> int | None:
        return self.resources.get(ROOM)


@dataclass(frozen=True, slots=True)
class Reason:
    """A coded argument for (`plus`) or against an offer; `day` and `rules`: of the session it speaks of.

    Codes: on_target, days_late, days_early (ordinal, days), one_practitioner (practitioner),
    practitioner_changes (count), one_room (room), preferred_practitioner,
    not_preferred_practitioner (sessions, practitioner), part_of_day_kept, part_of_day_missed
    (ordinal), weekdays_kept, weekday_missed (ordinal, weekday), rooms_kept, room_missed (ordinal),
    occasions_clear (count), caution (ordinal, level, with day and rules), ends_earlier (days).
    """

    code: str
    plus: bool
    params: Mapping[str, int] = field(default_factory=dict)
    day: dt.date | None = None
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """A whole series, first session first."""

    kind: OfferKind
    cost: Cost
    places: tuple[Place, ...]
    reasons: tuple[Reason, ...]


def narrowed(
    wish: Wish, *, practitioner: bool = False, rooms: bool = False
) -> dict[str, Sequence[int]]:
    """The candidates with the practitioner, or the rooms, wished for alone in their roles."""
    able = dict(wish.candidates)
    if practitioner and wish.practitioner is not None and PRACTITIONER in able:
        able[PRACTITIONER] = tuple(p for p in able[PRACTITIONER] if p == wish.practitioner)
    if rooms and wish.rooms and ROOM in able:
        able[ROOM] = tuple(room for room in able[ROOM] if room in wish.rooms)
    return able


def wishes_missed(
    wish: Wish, day: dt.date, start_minute: int, practitioner: int | None, room: int | None = None
) -> int:
    """How many of practitioner, weekday, part of day and rooms a session there would miss: 0 to 4."""
    return (
        (wish.practitioner is not None and practitioner != wish.practitioner)
        + (day.isoweekday() not in wish.weekdays)
        + (not _in_part(wish, start_minute))
        + (bool(wish.rooms) and room not in wish.rooms)
    )


def _in_part(wish: Wish, start_minute: int) -> bool:
    return wish.part_of_day is None or wish.part_of_day[0] <= start_minute < wish.part_of_day[1]


def minutes_off(wish: Wish, start_minute: int) -> int:
    """How far a start is from the minute wished for, or from midnight when none is."""
    return start_minute if wish.around is None else abs(start_minute - wish.around)


def cost_of(wish: Wish, places: Sequence[Place]) -> Cost:
    """The cost of a whole series; `places` in order."""
    people = [place.practitioner for place in places]
    return Cost(
        sessions_moved=sum(p.ordinal in wish.standing and not p.stays for p in places),
        days_off=sum(abs(place.deviation_days) for place in places),
        wishes_missed=sum(
            wishes_missed(wish, p.day, p.start_minute, p.practitioner, p.room) for p in places
        ),
        cautions=sum(place.level > 0 for place in places),
        practitioner_changes=sum(a != b for a, b in pairwise(people)),
        last_day=places[-1].day,
        minutes_off=sum(minutes_off(wish, place.start_minute) for place in places),
    )


def main_practitioner(places: Sequence[Place]) -> int | None:
    """Who does most of the sessions being placed; the first of several such. None: nobody."""
    people = [p.practitioner for p in places if not p.stays and p.practitioner is not None]
    return Counter(people).most_common(1)[0][0] if people else None


def make_offer(kind: OfferKind, wish: Wish, places: tuple[Place, ...], best: Offer | None) -> Offer:
    """The offer with its cost and reasons; `best` to compare an alternative with."""
    reasons = [
        *_spacing_reasons(places),
        *_people_reasons(wish, places),
        *_wish_reasons(wish, places),
    ]
    reasons += [
        Reason("caution", False, {"ordinal": p.ordinal, "level": p.level}, p.day, p.reasons)
        for p in places
        if p.level > 0
    ]
    if best is not None:
        sooner = (best.places[-1].day - places[-1].day).days
        if sooner > 0:
            reasons.append(Reason("ends_earlier", True, {"days": sooner}))
    reasons.sort(key=lambda reason: not reason.plus)
    return Offer(kind, cost_of(wish, places), places, tuple(reasons))


def _spacing_reasons(places: Sequence[Place]) -> list[Reason]:
    off = [place for place in places if place.deviation_days]
    if not off:
        return [Reason("on_target", True, {"sessions": len(places)})]
    return [
        Reason(
            "days_late" if place.deviation_days > 0 else "days_early",
            False,
            {"ordinal": place.ordinal, "days": abs(place.deviation_days)},
        )
        for place in off
    ]


def _people_reasons(wish: Wish, places: Sequence[Place]) -> list[Reason]:
    people = [p.practitioner for p in places if p.practitioner is not None]
    rooms = {p.resources.get("room") for p in places}
    reasons = []
    if people and len(set(people)) == 1 and len(places) > 1:
        reasons.append(Reason("one_practitioner", True, {"practitioner": people[0]}))
    changes = sum(a != b for a, b in pairwise(people))
    if changes:
        reasons.append(Reason("practitioner_changes", False, {"count": changes}))
    room = rooms.pop()
    if room is not None and not rooms and len(places) > 1:
        reasons.append(Reason("one_room", True, {"room": room}))
    if wish.practitioner is not None:
        others = sum(p.practitioner != wish.practitioner for p in places)
        code = "not_preferred_practitioner" if others else "preferred_practitioner"
        params = {"sessions": others or len(places), "practitioner": wish.practitioner}
        reasons.append(Reason(code, not others, params))
    return reasons


def _wish_reasons(wish: Wish, places: Sequence[Place]) -> list[Reason]:
    reasons = []
    if wish.part_of_day is not None:
        outside = [p for p in places if not _in_part(wish, p.start_minute)]
        reasons += [
            Reason("part_of_day_missed", False, {"ordinal": p.ordinal}) for p in outside
        ] or [Reason("part_of_day_kept", True)]
    if wish.weekdays != EVERY_WEEKDAY:
        wrong = [p for p in places if p.day.isoweekday() not in wish.weekdays]
        reasons += [
            Reason("weekday_missed", False, {"ordinal": p.ordinal, "weekday": p.day.isoweekday()})
            for p in wrong
        ] or [Reason("weekdays_kept", True)]
    if wish.rooms:
        reasons += [
            Reason("room_missed", False, {"ordinal": p.ordinal})
            for p in places
            if p.room not in wish.rooms
        ] or [Reason("rooms_kept", True)]
    if wish.occasions:
        reasons.append(Reason("occasions_clear", True, {"count": len(wish.occasions)}))
    return reasons
