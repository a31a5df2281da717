"""Reading the day's arrivals, what comes after a visit, and the calls that are due."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Prefetch, Q, QuerySet

from clinic.kit import clock
from clinic.places.models import Location
from plans.core.calling import ENDING, due_day
from plans.courses.selectors import CourseView, SessionView
from plans.diary.models import Appointment, Status
from plans.diary.selectors import rescreen, steps_between, visits_on
from plans.visits.models import CallTry, FollowUp

# Who is meant by each filter of the list of arrivals.
SHOWN: dict[str, tuple[str, ...]] = {
    "expected": (Status.BOOKED, Status.CONFIRMED),
    "here": (Status.ARRIVED, Status.IN_TREATMENT),
    "done": (Status.DONE,),
    "missed": (Status.NO_SHOW, Status.CANCELLED),
}


@dataclass(frozen=True)
class Arrival:
    """A visit of today as the door sees it: its version, how many questions are open, whether a rule stops it.

    `key`: of the form that says who has arrived.
    """

    visit: Appointment
    version: int
    questions: int
    is_stopped: bool
    key: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def shown(self) -> str:
        """The filter under which it stands."""
        return next(name for name, statuses in SHOWN.items() if self.visit.status in statuses)

    @property
    def is_expected(self) -> bool:
        return self.visit.status in SHOWN["expected"]

    @property
    def is_late(self) -> bool:
        """It should have begun by now, and nobody came."""
        return self.is_expected and self.visit.starts_at < clock.now()


def arrivals(location: Location, *, judges: bool) -> list[Arrival]:
    """Today's visits by their start; 19 queries at most, however many.

    `judges`: with what the check-in would ask and refuse; without it no verdict is read.
    """
    today = clock.today(location.zone)
    visits = visits_on(location, today)
    versions = steps_between(location, today, today)
    coming = [visit for visit in visits if visit.status in (*SHOWN["expected"], Status.ARRIVED)]
    people = {visit.patient for visit in coming} if judges else set()
    judged = {one.visit.pk: one for one in rescreen(people, today, coming)} if people else {}
    found = []
    for visit in visits:
        one = judged.get(visit.pk)
        asks = [each for each in one.screening.findings if each.kind == "ask"] if one else []
        stops = one is not None and one.is_endangered
        found.append(Arrival(visit, versions.get(visit.pk, 0), len(asks), stops))
    return found


@dataclass(frozen=True)
class Call:
    """A follow-up call with its tries; `due`: the day from which it stands on the list, None once it has ended.

    `key`: of the form that says what came of it.
    """

    row: FollowUp
    due: dt.date | None
    key: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def visit(self) -> Appointment:
        return self.row.visit

    @property
    def tries(self) -> list[CallTry]:
        return list(self.row.tries.all())


def _calls() -> QuerySet[FollowUp]:
    tries = CallTry.objects.select_related("by")
    return FollowUp.objects.select_related(
        "visit__patient", "visit__location", "visit__session__course__revision"
    ).prefetch_related(Prefetch("tries", tries))


def _call(row: FollowUp) -> Call:
    zone = row.visit.location.zone
    tries = [(one.outcome, one.at.astimezone(zone).date()) for one in row.tries.all()]
    return Call(row, due_day(row.due_on, tries))


def call_after(visit: Appointment) -> Call | None:
    """The follow-up call of a visit; two queries."""
    row = _calls().filter(visit=visit).first()
    return _call(row) if row else None


def calls_due(location: Location, today: dt.date) -> list[Call]:
    """The calls that are due by `today` and not ended, the oldest first; two queries."""
    rows = _calls().filter(visit__location=location, due_on__lte=today)
    rows = rows.exclude(Q(tries__outcome__in=ENDING))
    found = [_call(row) for row in rows.order_by("due_on", "visit__starts_at")]
    return [call for call in found if call.due is not None and call.due <= today]


@dataclass(frozen=True)
class Next:
    """What comes next in the course after a visit that is done: its session as it stands now, and whether it still fits."""

    view: SessionView

    @property
    def visit(self) -> Appointment | None:
        booked: Appointment | None = self.view.appointment
        return booked

    @property
    def is_out(self) -> bool:
        """Booked, but outside the window that counts from this visit."""
        return self.view.is_outside_window


def next_after(course: CourseView, visit: Appointment) -> Next | None:
    """The first session that is still owed after this visit's; None for a consultation and for the last. No query."""
    if visit.session is None:
        return None
    later: Sequence[SessionView] = [
        view
        for view in course.sessions
        if view.ordinal > visit.session.ordinal and view.state in ("booked", "due", "lapsed")
    ]
    return Next(later[0]) if later else None
