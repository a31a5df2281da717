"""Booking the demo's visits by the house's own rules, in memory: windows, free time and screening decide."""

import datetime as dt
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from plans.catalogue.models import Revision
from plans.core.availability import PRACTITIONER, Needs, Phase, busy_bits, grid, minutes_of
from plans.core.screening import Entry, Patient, Rulebook, Screener
from plans.core.spacing import ANY_DAY, Interval, Window, window_after
from plans.data.demo_cast import Miss, Script
from plans.data.demo_people import Person

# A visit begins on a quarter of an hour.
_GRID = grid(15)
CONSULTATION_MINUTES = 30


@dataclass(frozen=True)
class Treatment:
    """A procedure with what a session of it needs; `revision` None: a consultation."""

    revision: Revision | None
    phases: tuple[Phase, ...]
    needs: Needs

    @property
    def code(self) -> str:
        return self.revision.procedure.code if self.revision else ""

    @property
    def interval(self) -> Interval:
        return (self.revision and self.revision.interval) or ANY_DAY


@dataclass
class Visit:
    """A visit before there is a row for it: minutes of the local day, resource by role."""

    day: dt.date
    minute: int
    treatment: Treatment
    resources: Mapping[str, int]
    booked_on: dt.date = dt.date.min
    missed: Miss | None = None
    status: str = ""

    @property
    def end_minute(self) -> int:
        return self.minute + self.treatment.needs.minutes

    @property
    def entry(self) -> Entry:
        return Entry(self.treatment.code, self.day)


@dataclass
class Owed:
    """One session of a course with its visits: at most one that stands, after one that was missed."""

    ordinal: int
    visits: list[Visit] = field(default_factory=list)

    @property
    def standing(self) -> Visit | None:
        return next((visit for visit in self.visits if visit.missed is None), None)


@dataclass
class Booking:
    """A course before there is a row for it."""

    script: Script
    treatment: Treatment
    sessions: list[Owed]
    opened_on: dt.date = dt.date.min

    @property
    def visits(self) -> list[Visit]:
        return [visit for session in self.sessions for visit in session.visits]


@dataclass
class File:
    """All that stands in the diary for one person."""

    person: Person
    bookings: list[Booking] = field(default_factory=list)
    consultation: Visit | None = None
    registered_on: dt.date = dt.date.min

    @property
    def standing(self) -> list[Visit]:
        """The visits that count as treatments given or to come."""
        sessions = (session for booking in self.bookings for session in booking.sessions)
        return [visit for session in sessions if (visit := session.standing)]

    def patient(self, *, without: Visit | None = None, added: Iterable[Entry] = ()) -> Patient:
        """What the rules may know while the visits are booked; answers of "no" never forbid a day."""
        entries = (visit.entry for visit in self.standing if visit is not without)
        return Patient(self.person.birth_date, self.person.facts(), (*entries, *added))

    def has_visit_on(self, day: dt.date) -> bool:
        return any(v.day == day for booking in self.bookings for v in booking.visits)


class Booker:
    """Books one script after another into the free time that is left.

    `free`: bits by day and resource, which each visit takes its part of. `now_minute`: of today.
    """

    def __init__(
        self,
        rules: Rulebook,
        treatments: Mapping[str, Treatment],
        free: Mapping[dt.date, dict[int, int]],
        today: dt.date,
        now_minute: int,
        rng: random.Random,
    ) -> None:
        self._rules = rules
        self._treatments = treatments
        self._free = free
        self._today = today
        self._now_minute = now_minute
        self._rng = rng
        self._first, self._last = min(free), max(free)

    def book(self, file: File, script: Script) -> None:
        """Add the course that `script` asks for. What finds no place stays owed."""
        treatment = self._treatments[script.procedure]
        sessions = [Owed(ordinal) for ordinal in range(1, script.count + 1)]
        booking = Booking(script, treatment, sessions)
        file.bookings.append(booking)
        last_wanted = script.count if script.end == "booked" else script.done
        if script.missed and not script.again:
            last_wanted = script.done + 1
        previous: dt.date | None = None
        for session in sessions[:last_wanted]:
            self._book_session(file, booking, session, previous)
            standing = session.standing
            if standing is None or (script.fails_today and standing.day == self._today):
                break
            previous = standing.day
        if last_wanted and not booking.visits:
            file.bookings.remove(booking)  # nothing that the rules allow: nobody would plan it
        self._date_bookings(booking)

    def consult(self, file: File, treatment: Treatment, day: dt.date) -> None:
        """A first talk on `day` or soon after."""
        for each in self._days(day, day + dt.timedelta(days=6), day):
            if visit := self._visit(file, treatment, each, file.person.favourite_minute):
                file.consultation = visit
                ahead = dt.timedelta(days=self._rng.randint(2, 9))
                visit.booked_on = min(visit.day - ahead, self._today - dt.timedelta(days=1))
                return

    def _book_session(
        self, file: File, booking: Booking, session: Owed, previous: dt.date | None
    ) -> None:
        script = booking.script
        window = self._window(booking, session.ordinal, previous)
        before = replace(window, latest=min(window.latest, self._today - dt.timedelta(days=1)))
        if script.missed and session.ordinal == script.done + 1:
            missed = self._find(file, booking, before)
            if missed is None:
                return
            missed.missed = script.missed
            session.visits.append(missed)
            if not script.again:
                return
            earliest = max(missed.day + dt.timedelta(days=2), self._today)
            window = replace(window, earliest=max(window.earliest, earliest))
        elif session.ordinal <= script.done and not script.next_in:
            window = before
        visit = self._find(file, booking, window)
        if visit is not None:
            session.visits.append(visit)

    def _window(self, booking: Booking, ordinal: int, previous: dt.date | None) -> Window:
        """Where the session belongs; the script's own day is the target of the session that it names."""
        script, interval = booking.script, booking.treatment.interval
        named = script.done + 1 if script.next_in else script.done
        on = self._today + dt.timedelta(days=script.day)
        if previous is None:
            start = on if named == 1 else self._start(interval, on, named)
            return Window(start - dt.timedelta(days=5), start, start + dt.timedelta(days=25))
        window = window_after(previous, interval)
        if ordinal == named and on in window:
            return replace(window, target=on)
        if script.at is not None:
            return window  # a visit of today hangs on it
        # Nobody keeps to the day: another suits them better.
        moved = window.target + dt.timedelta(days=self._rng.choice((-1, 0, 0, 1, 2)))
        return replace(window, target=min(max(moved, window.earliest), window.latest))

    def _start(self, interval: Interval, on: dt.date, named: int) -> dt.date:
        """The day of the first session that brings the one `named` to the day `on`, with a little slack."""
        apart, most = interval.recommended.after(on) - on, interval.max.after(on) - on
        slack = min(dt.timedelta(days=2), most - apart)
        start = on - (named - 1) * apart - slack
        return max(start, self._first + dt.timedelta(days=5))

    def _find(self, file: File, booking: Booking, window: Window) -> Visit | None:
        """The visit nearest to the window's target that everybody is free for and no rule forbids."""
        if window.earliest > window.latest:
            return None
        treatment, script = booking.treatment, booking.script
        screener = Screener(self._rules, treatment.code, file.patient(), window.earliest)
        for day in self._days(window.earliest, window.latest, window.target):
            if file.has_visit_on(day) or screener.blocks(day):
                continue
            around = file.person.favourite_minute
            if day == self._today and script.at is not None:
                around = max(0, self._now_minute + script.at)
            visit = self._visit(file, treatment, day, around)
            if visit is None:
                continue
            if self._harms(file, visit):
                self._release(visit)
                continue
            return visit
        return None

    def _days(self, first: dt.date, last: dt.date, target: dt.date) -> Iterator[dt.date]:
        """The days from `first` to `last` on which anybody works, those nearest to `target` first."""
        first, last = max(first, self._first), min(last, self._last)
        days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
        yield from sorted(days, key=lambda day: (abs(day - target), day))

    def _harms(self, file: File, visit: Visit) -> bool:
        """A later visit of another course would be forbidden with this one in the history."""
        return any(
            Screener(
                self._rules, later.treatment.code, file.patient(without=later, added=[visit.entry]), later.day
            ).blocks(later.day)
            for later in file.standing
            if later.day >= visit.day
        )  # fmt: skip

    def _visit(self, file: File, treatment: Treatment, day: dt.date, around: int) -> Visit | None:
        free = self._free[day]
        starts = list(minutes_of(treatment.needs.free_starts(free) & _GRID))
        if not starts:
            return None
        minute = min(starts, key=lambda start: (abs(start - around), start))
        seen = self._seen_before(file)
        resources = treatment.needs.assign(minute, free, seen)
        if resources is None:
            raise ValueError("a free start that nobody serves")
        visit = Visit(day, minute, treatment, resources)
        for resource, bits in _held(visit):
            free[resource] &= ~bits
        return visit

    def _release(self, visit: Visit) -> None:
        for resource, bits in _held(visit):
            self._free[visit.day][resource] |= bits

    def _seen_before(self, file: File) -> Sequence[int]:
        """The practitioners the person knows; for a new one any, so that not all go to the first."""
        known = [visit.resources[PRACTITIONER] for visit in file.standing]
        if known:
            return known
        everybody = sorted(
            {pk for t in self._treatments.values() for pk in t.needs.candidates[PRACTITIONER]}
        )
        return [self._rng.choice(everybody)]

    def _date_bookings(self, booking: Booking) -> None:
        """When each visit was booked: the series at once, what was missed a day later anew."""
        yesterday = self._today - dt.timedelta(days=1)
        days = [visit.day for visit in booking.visits] or [self._today]
        ahead = dt.timedelta(days=self._rng.randint(3, 16))
        booking.opened_on = min(
            min(days) - ahead, yesterday - dt.timedelta(days=self._rng.randint(0, 9))
        )
        for session in booking.sessions:
            for place, visit in enumerate(session.visits):
                missed_on = session.visits[0].day + dt.timedelta(days=1)
                visit.booked_on = min(missed_on, yesterday) if place else booking.opened_on


def _held(visit: Visit) -> Iterator[tuple[int, int]]:
    for phase in visit.treatment.phases:
        span = (visit.minute + phase.from_minute, visit.minute + phase.to_minute)
        yield visit.resources[phase.role], busy_bits([span])
