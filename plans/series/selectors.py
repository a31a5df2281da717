"""Reading for a booking: which dates fit a series, a single visit, several procedures on one day, several courses."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from clinic.kit import clock
from clinic.patients.models import Patient
from clinic.places.models import Location, Resource
from clinic.places.selectors import Opening
from plans.catalogue.models import Revision
from plans.catalogue.selectors import offered_procedures, phases, rulebook
from plans.core import screening as core
from plans.core.ahead import ReadAhead, days_of, near
from plans.core.case import Case
from plans.core.combined import (
    Combination,
    NoCombination,
    Part,
    Together,
    combine,
    keep_apart,
)
from plans.core.freestarts import DayOfStarts, starts_by_day
from plans.core.occasions import Judge
from plans.core.offers import EVERY_WEEKDAY, Judgement, Offer, Wish
from plans.core.series_reading import known_on
from plans.core.signatures import unsigned
from plans.core.spacing import ANY_DAY, Window
from plans.core.together import Arrangement, Beside, NoArrangement, Wanted, arrange
from plans.core.wishes import Answer, Series, choose
from plans.courses.models import Occasion
from plans.courses.selectors import CourseView, Remaining, courses_of
from plans.diary.selectors import FreeDays, candidates, case_of, free_days
from plans.terms.models import period

# How far after the first day asked for a first session is looked for; farther is a relaxation.
FIRST_WINDOW_DAYS = 42
# How far a day for several procedures is looked for once the usual days hold none.
LOOK_AHEAD_DAYS = 120
FARTHEST = dt.timedelta(days=3 * 365)


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What is wished for besides dates, as in `core.offers.Wish`.

    `part`: minutes of the start; `occasions`: the days to be kept clear of healing.
    """

    practitioner: int | None = None
    practitioner_only: bool = False
    rooms: frozenset[int] = frozenset()
    part: tuple[int, int] | None = None
    weekdays: frozenset[int] = EVERY_WEEKDAY
    around: int | None = None
    first_free: bool = False
    occasions: tuple[dt.date, ...] = ()
    every: int = 15


@dataclass(frozen=True, kw_only=True)
class Ask(Wishes):
    """What the booking page is asked for; `course`: one to go on with.

    `with_reason`: a physician gives the reason for what would have to wait on the first day.
    """

    patient: Patient
    location: Location
    revision: Revision
    count: int
    first_from: dt.date
    course: CourseView | None = None
    areas: tuple[str, ...] = ()
    with_reason: bool = False


def occasions_of(patient: Patient) -> list[Occasion]:
    """The dates that matter to the patient, earliest first. One query."""
    return list(Occasion.objects.filter(patient=patient, removed_at__isnull=True))


def proposals(
    ask: Ask, resources: Sequence[Resource], *, described: core.Patient | None = None
) -> Answer:
    """The series that fit what is asked, best first; `resources`: those of the location.

    `described`: somebody who is no patient of the clinic, in place of `ask.patient` (docs/api.md).
    Reads the days about the sessions' targets, farther ones only when they are visited: the number of
    queries depends on the number of sessions and never on how much the diary holds.
    """
    today = clock.today(ask.location.zone)
    left = ask.course.remaining(ask.count) if ask.course else None
    case = _case(ask, left, described, today)
    opens = left.window.earliest if left and left.window and not ask.with_reason else today
    asked = case.screener.screen(max(ask.first_from, today))
    first = max(ask.first_from, today, opens)
    case = case.forgiving(first) if ask.with_reason else case
    found = case.screener.screen(first)
    start = found.earliest_ok if unsigned(found.findings, case.forgiven) else first
    if start is None:
        return Answer((), asked, None, case.waits(first))
    wish = _wish(ask, left, case, start, resources)
    load = _Loader(ask.location, [wish.candidates], None if described else ask.patient)
    best = choose(wish, days_of(load, wish), case.judge)
    series = tuple(Series(offer, _screened(offer, case)) for offer in best.offers)
    return Answer(series, asked, start, case.waits(first), best.keeps_wishes, best.impossible)


def _case(ask: Ask, left: Remaining | None, described: core.Patient | None, today: dt.date) -> Case:
    code = ask.revision.procedure.code
    if described is not None:
        as_of = known_on(described, today)
        return Case(rulebook(), code, described, (), as_of, frozenset(ask.areas))
    without = left.sessions if left else ()
    return case_of(ask.patient, code, today, areas=ask.areas, without=without)


def _wish(
    ask: Ask,
    left: Remaining | None,
    case: Case,
    start: dt.date,
    resources: Iterable[Resource],
) -> Wish:
    near = Window(start, start, start + dt.timedelta(days=FIRST_WINDOW_DAYS))
    return Wish(
        count=left.last - left.first + 1 if left else ask.count,
        first=case.before_lapse(
            left.opens(start, FIRST_WINDOW_DAYS) if left and not case.forgiven else near
        ),
        interval=ask.revision.interval or ANY_DAY,
        phases=phases(ask.revision),
        candidates=candidates(ask.revision, resources),
        practitioner=ask.practitioner,
        practitioner_only=ask.practitioner_only,
        rooms=ask.rooms,
        weekdays=ask.weekdays,
        part_of_day=ask.part,
        around=ask.around,
        first_free=ask.first_free,
        fixed=left.fixed if left else {},
        first_ordinal=left.first if left else 1,
        cycle=case.cycle,
        uses=case.uses,
        every=ask.every,
        occasions=ask.occasions,
        healing=period(ask.revision, "downtime"),
    )


class _Loader:
    """Free time of whole stretches of days for the candidates of some wishes, the patient's own visits taken out."""

    def __init__(
        self,
        location: Location,
        able: Iterable[Mapping[str, Sequence[int]]],
        patient: Patient | None,
    ) -> None:
        self._location = location
        self._patient = patient
        self._resources = {pk for each in able for pks in each.values() for pk in pks}

    @cached_property
    def _opening(self) -> Opening:
        return Opening(self._location, clock.today(self._location.zone))

    def __call__(self, first: dt.date, last: dt.date) -> FreeDays:
        where, who, hours = self._location, self._patient, self._opening
        return free_days(where, self._resources, first, last, patient=who, opening=hours)


def _screened(offer: Offer, case: Case) -> tuple[core.Screening, ...]:
    days = [place.day for place in offer.places]
    return tuple(case.screen(day, days[:number]) for number, day in enumerate(days))


def free_starts(
    ask: Ask, resources: Sequence[Resource], first: dt.date, last: dt.date
) -> tuple[tuple[DayOfStarts, ...], Case]:
    """The starts of a single session on each day from `first` to `last`, ends included, and the case they were judged by.

    Reads these days at once: as many queries for a week as for a day.
    """
    today = clock.today(ask.location.zone)
    left = ask.course.remaining(1) if ask.course else None
    case = _case(ask, left, None, today)
    wish = _wish(replace(ask, count=1), left, case, today, resources)
    if left is None or left.window is None:
        wish = replace(wish, first=Window(today, today, today + FARTHEST))
    load = _Loader(ask.location, [wish.candidates], ask.patient)
    days = ReadAhead(load, [(first, last)])
    return starts_by_day(wish, days, case.judge, first, last), case


@dataclass(frozen=True)
class PartAsk:
    """One procedure of a combined visit: the next session of `course`, or a course of its own with one session."""

    revision: Revision
    course: CourseView | None = None
    areas: tuple[str, ...] = ()

    @property
    def left(self) -> Remaining | None:
        return self.course.remaining(1) if self.course else None

    @property
    def ordinal(self) -> int:
        return self.course.unbooked[0].ordinal if self.course else 1


def bookable() -> list[Revision]:
    """What can be booked in the clinic, by title. One query."""
    found = [each for each in offered_procedures() if not each.procedure.is_home]
    return sorted(found, key=lambda revision: revision.title.casefold())


def combined_parts(patient: Patient, revisions: Sequence[Revision]) -> tuple[PartAsk, ...]:
    """Each procedure as the next session of an open course of it, else by itself. 4 queries."""
    going_on = {v.course.revision.procedure_id: v for v in owing(patient, clock.today())}
    return tuple(
        PartAsk(view.course.revision, view, tuple(view.course.areas)) if view else PartAsk(revision)
        for revision in revisions
        for view in (going_on.get(revision.procedure_id),)
    )


@dataclass(frozen=True)
class CombinedAsk:
    """Two to four procedures on one day, from `first_from` on."""

    patient: Patient
    location: Location
    parts: tuple[PartAsk, ...]
    first_from: dt.date
    wishes: Wishes = field(default_factory=Wishes)


@dataclass(frozen=True)
class CombinedAnswer:
    """Up to three visits, the best first, with the screening of each part in the order asked for; or why there is none.

    `apart`: what forbids these procedures to share a day, by the number of the one held off; `held`: what holds
    one off on the first day asked for.
    """

    visits: tuple[tuple[Combination, tuple[core.Screening, ...]], ...] = ()
    apart: tuple[tuple[int, core.Finding], ...] = ()
    problem: NoCombination | None = None
    held: tuple[tuple[int, core.Finding], ...] = ()


def find_combined(ask: CombinedAsk, resources: Sequence[Resource]) -> CombinedAnswer:
    """One arrival for several procedures. Queries: 12 for each procedure, and those of the days that are visited."""
    today = clock.today(ask.location.zone)
    first = max(ask.first_from, today)
    treatments = [(p.revision.procedure.code, frozenset(p.areas)) for p in ask.parts]
    apart = keep_apart(rulebook(), treatments, first)
    if apart:
        return CombinedAnswer(apart=apart)
    cases = [
        case_of(
            ask.patient, part.revision.procedure.code, today, areas=part.areas,
            without=part.left.sessions if part.left else (),
        )
        for part in ask.parts
    ]  # fmt: skip
    able = [candidates(part.revision, resources) for part in ask.parts]
    wishes = ask.wishes
    asked = Together(
        parts=tuple(
            Part(phases(part.revision), each, period(part.revision, "downtime"))
            for part, each in zip(ask.parts, able, strict=True)
        ),
        first=first,
        last=first + dt.timedelta(days=FIRST_WINDOW_DAYS),
        practitioner=wishes.practitioner,
        practitioner_only=wishes.practitioner_only,
        rooms=wishes.rooms,
        weekdays=wishes.weekdays,
        part_of_day=wishes.part,
        occasions=wishes.occasions,
        every=wishes.every,
    )
    nearby = [(first, first + dt.timedelta(days=13))]
    days = ReadAhead(_Loader(ask.location, able, ask.patient), nearby)
    judges = [_within_window(case, part.left) for case, part in zip(cases, ask.parts, strict=True)]
    found, problem = combine(
        asked, days, lambda part, day: judges[part](day), look_ahead=LOOK_AHEAD_DAYS
    )
    return CombinedAnswer(
        tuple((visit, tuple(case.screen(visit.day) for case in cases)) for visit in found),
        problem=problem,
        held=tuple(
            (n, found)
            for n, case in enumerate(cases if problem else ())
            for found in case.screener.judge(first)
            if found.level.blocks
        ),
    )


OUTSIDE = "window"  # the reason of a day on which a course that goes on may not have its session


def _within_window(case: Case, left: Remaining | None) -> Judge:
    """The case's judge, with the days blocked that the session before or after does not allow."""
    if left is None or left.window is None:
        return case.judge
    window = left.opens(case.as_of, FIRST_WINDOW_DAYS)

    def judge(day: dt.date) -> Judgement:
        if day not in window:
            return Judgement(True, reasons=(OUTSIDE,))
        return case.judge(day)

    return judge


@dataclass(frozen=True)
class TogetherAnswer:
    """Several courses placed, each with its screenings, in the order of `asks`; or `problem`: which one has no place."""

    asks: tuple[Ask, ...]
    series: tuple[Series, ...] = ()
    arrangement: Arrangement | None = None
    problem: NoArrangement | None = None


def owing(patient: Patient, today: dt.date) -> list[CourseView]:
    """The patient's courses with sessions that stand nowhere in the diary, the earliest first. 4 queries."""
    return [view for view in courses_of(patient, today=today) if view.unbooked]


def arranged(
    patient: Patient,
    location: Location,
    courses: Sequence[CourseView],
    resources: Sequence[Resource],
    first_from: dt.date,
    wishes: Wishes,
) -> TogetherAnswer:
    """All that is left of these courses, placed together. Queries: 12 for each course, and those of the days visited."""
    today = clock.today(location.zone)
    asks = tuple(
        _ask_for(view, patient, location, max(first_from, today), wishes) for view in courses
    )
    lefts = [view.remaining() for view in courses]
    cases = [_case(ask, left, None, today) for ask, left in zip(asks, lefts, strict=True)]
    wanted = [
        _wanted(ask, left, case, resources)
        for ask, left, case in zip(asks, lefts, cases, strict=True)
    ]
    treated = [(ask.revision.procedure.code, frozenset(ask.areas)) for ask in asks]
    beside = Beside(cases, treated)
    load = _Loader(location, [each.wish.candidates for each in wanted], patient)
    days = ReadAhead(load, [span for each in wanted for span in near(each.wish)])
    found = arrange(wanted, days, beside.judge)
    if isinstance(found, NoArrangement):
        return TogetherAnswer(asks, problem=found)
    series = tuple(
        Series(offer, _screened(offer, beside.case(n, found.without(n))))
        for n, offer in sorted(found.offers.items())
    )
    return TogetherAnswer(asks, series, found)


def _ask_for(
    view: CourseView, patient: Patient, location: Location, first: dt.date, wishes: Wishes
) -> Ask:
    planned = view.unbooked[0].planned_on
    return Ask(
        patient=patient,
        location=location,
        revision=view.course.revision,
        count=len(view.unbooked),
        first_from=max(first, planned) if planned else first,
        course=view,
        areas=tuple(view.course.areas),
        **vars(wishes),
    )


def _wanted(ask: Ask, left: Remaining, case: Case, resources: Iterable[Resource]) -> Wanted:
    """A course counted from a session done keeps its window; a new one may wait for the others."""
    wish = _wish(ask, left, case, ask.first_from, resources)
    goes_on = left.window is not None and ask.first_from <= left.window.latest
    if wish.practitioner not in wish.candidates.get("practitioner", ()):
        wish = replace(wish, practitioner=None, practitioner_only=False)
    return Wanted(wish, may_wait=not goes_on)
