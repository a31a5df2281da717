"""A patient with courses of three procedures, to move about: days on which two people and two rooms work."""

import datetime as dt
from collections.abc import Iterable, Mapping

from plans.core.availability import Phase, open_bits
from plans.core.offers import Booked
from plans.core.scene import Loose, Scene, Stop, Track
from plans.core.screening import Gap, Patient, Rulebook, Rules
from plans.core.spacing import Interval, Period

NURSE, OTHER, ROOM, SECOND = 1, 2, 11, 12
PEOPLE, ROOMS = (NURSE, OTHER), (ROOM, SECOND)
NINE_TO_FIVE = open_bits([(540, 1020)])
TODAY = dt.date(2026, 11, 9)  # a Monday

TWO_WEEKS = Period(14, "days")
INTERVAL = Interval(Period(10, "days"), TWO_WEEKS, Period(28, "days"))
PHASES = (Phase("practitioner", 0, 30), Phase("room", 0, 30))
CANDIDATES = {"practitioner": PEOPLE, "room": ROOMS}


def rules(code: str, interval: Period | None = None) -> Rules:
    return Rules(code, code, False, (), interval, None, None, None, None)


BOOK = Rulebook(
    {"peel": rules("peel", Period(10, "days")), "toxin": rules("toxin"), "laser": rules("laser")},
    {},
    (Gap("peel", "toxin", TWO_WEEKS), Gap("toxin", "laser", Period(7, "days"))),
)


def on(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def at(day: str | dt.date, minute: int = 600, minutes: int = 30, **resources: int) -> Booked:
    held = {"practitioner": NURSE, "room": ROOM, **resources}
    return Booked(on(day) if isinstance(day, str) else day, minute, minute + minutes, held)


def weekdays(absent: Mapping[int, Iterable[str]] | None = None):
    """Everybody works on weekdays from 9 to 17; `absent`: days off by resource."""

    def free(day: dt.date) -> Mapping[int, int]:
        away = {pk for pk, days in (absent or {}).items() if day.isoformat() in days}
        there = {*PEOPLE, *ROOMS} - away
        return dict.fromkeys(there, NINE_TO_FIVE) if day.isoweekday() < 6 else {}

    return free


def track(number: int, procedure: str, count: int, **changes) -> Track:
    """The course `number`: its sessions have the keys 10 * number + ordinal."""
    stops = tuple(Stop(10 * number + n, n, PHASES) for n in range(1, count + 1))
    values = {"interval": INTERVAL, "candidates": CANDIDATES, "stops": stops, **changes}
    return Track(number, procedure, **values)


def scene(*days: str, others: Mapping[int, tuple[str, Booked]] | None = None, **changes) -> Scene:
    """A course of peels on `days`, at ten with the nurse in the first room.

    `others`: by the number of a course of one session, its procedure and where it stands.
    """
    tracks = [track(1, "peel", len(days))]
    state = {10 + n: at(day) for n, day in enumerate(days, 1)}
    for number, (procedure, booked) in (others or {}).items():
        tracks.append(track(number, procedure, 1, interval=None))
        state[10 * number + 1] = booked
    values = {
        "book": BOOK,
        "patient": Patient(dt.date(1990, 5, 14)),
        "tracks": tuple(tracks),
        "state": state,
        "as_of": TODAY,
        "days": weekdays(),
        **changes,
    }
    return Scene(**values)


def loose(key: int, after: int | None = None, minutes: int = 30) -> Loose:
    phases = (Phase("practitioner", 0, minutes), Phase("room", 0, minutes))
    return Loose(key, phases, CANDIDATES, after)
