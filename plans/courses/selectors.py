"""Reading courses: what became of each session, and the window in which the next one belongs."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from clinic.kit import clock
from clinic.kit.languages import localized
from clinic.patients.models import FactCategory, FactType, Patient
from clinic.patients.selectors import facts_known, fold
from clinic.places.models import Location
from plans.catalogue.models import Procedure, Revision
from plans.catalogue.selectors import offered_procedures
from plans.core import screening as core
from plans.core.advice import Fit, Found, fit, purpose
from plans.core.offers import Booked
from plans.core.spacing import Window, is_lapsed, window_after
from plans.core.wallclock import minute_of
from plans.courses.models import Course, HomeCare, PatchTest, Plan, Session
from plans.courses.tags import Names
from plans.drafts.models import RevisionState
from plans.terms.models import Group, Sign

State = Literal["done", "booked", "due", "lapsed", "written_off"]

# The words stand in the diary, which is above this room.
_GONE = frozenset({"cancelled", "no_show"})
# These follow from the skin type, which has a field of its own.
_DERIVED = frozenset(fact.code for fact in core.skin_type_facts(None, None))
# A session that is written off keeps its place in the strip, as an empty mark.
_SIGNS: Mapping[State, str] = {
    "done": "done", "booked": "booked", "due": "due", "lapsed": "lapsed", "written_off": "before",
}  # fmt: skip

_CODE = "revision__procedure__code"
_LAST_DAY = Coalesce("stopped_on", "ends_on")
# Where sessions keep their live visits when only those are prefetched.
STANDING = "standing_visits"


def stands_in_diary(status: str) -> bool:
    """A visit of this status still takes its session's place: it is neither cancelled nor missed."""
    return status not in _GONE


@dataclass(frozen=True)
class SessionView:
    """One session as it stands today.

    `window`: where it belongs, counted from the session before it, performed or else booked; None
    for a first one and while nothing stands before it. `appointment`: its live visit, if any.
    """

    session: Session
    state: State
    day: dt.date | None
    window: Window | None
    appointment: Any

    @property
    def ordinal(self) -> int:
        return self.session.ordinal

    @property
    def planned_on(self) -> dt.date | None:
        """The day intended for it while it stands nowhere in the diary; no window counts from it."""
        return self.session.planned_on if self.state in ("due", "lapsed") else None

    @property
    def sign(self) -> str:
        """Its mark in a strip or a timeline."""
        return _SIGNS[self.state]

    @property
    def is_outside_window(self) -> bool:
        """Booked on a day that the session before it does not allow (that one was moved or missed)."""
        return (
            self.state == "booked"
            and self.window is not None
            and self.day is not None
            and self.day not in self.window
        )


@dataclass(frozen=True)
class CourseView:
    """A course with its sessions in order."""

    course: Course
    sessions: tuple[SessionView, ...]

    @property
    def title(self) -> str:
        return self.course.revision.title

    @property
    def count(self) -> int:
        return len(self.sessions)

    @property
    def marks(self) -> list[str]:
        return [view.sign for view in self.sessions]

    @property
    def done(self) -> int:
        return sum(view.state == "done" for view in self.sessions)

    @property
    def is_over(self) -> bool:
        """Nothing is owed any more."""
        return all(view.state in ("done", "written_off") for view in self.sessions)

    def remaining(self, count: int | None = None) -> "Remaining":
        """What is left to book: `count` sessions, all of them by default.  ValueError if nothing is."""
        owed = self.unbooked[:count]
        if not owed:
            raise ValueError("nothing is left to book")
        first, last = owed[0].ordinal, owed[-1].ordinal
        later = [view for view in self.sessions if view.ordinal >= first]
        # The booked session after the last new one still has to fit its window.
        fixed = {
            view.ordinal: _booked(view.appointment)
            for view in later
            if view.appointment is not None and view.ordinal <= last + 1
        }
        return Remaining(
            first, max([last, *fixed]), fixed, owed[0].window, tuple(v.session.pk for v in later)
        )

    @property
    def unbooked(self) -> tuple[SessionView, ...]:
        """What is owed and stands nowhere in the diary."""
        return tuple(view for view in self.sessions if view.state in ("due", "lapsed"))


@dataclass(frozen=True)
class Remaining:
    """The ordinals to place, those among them that stay where they are, and the first one's window.

    `sessions`: keys of all sessions from the first one on: they are counted by the series itself.
    """

    first: int
    last: int
    fixed: Mapping[int, Booked]
    window: Window | None
    sessions: tuple[int, ...]

    def opens(self, start: dt.date, near_days: int) -> Window:
        """Where the first of them belongs when nothing before `start` will do.

        A lapsed window opens anew for `near_days`: a practitioner has decided to go on.
        """
        near = start + dt.timedelta(days=near_days)
        if self.window is None or start > self.window.latest:
            return Window(start, start, near)
        start = max(start, self.window.earliest)
        return Window(start, max(start, self.window.target), self.window.latest)


def _booked(visit: Any) -> Booked:
    zone = visit.location.zone
    start = minute_of(visit.starts_at, zone)
    minutes = int((visit.ends_at - visit.starts_at).total_seconds() // 60)
    return Booked(local_day(visit), start, start + minutes, {})


def courses_with_sessions() -> QuerySet[Course]:
    """Courses with everything that `view_of` looks at: 4 queries in all, however many there are."""
    return Course.objects.select_related(
        "patient", "plan__sign", "revision__procedure"
    ).prefetch_related("sessions__appointments__location")


def courses_of(patient: Patient, *, today: dt.date | None = None) -> list[CourseView]:
    """A patient's courses, the earliest first. 4 queries."""
    day = today or clock.today()
    return [view_of(course, day) for course in courses_with_sessions().filter(patient=patient)]


def open_courses(patient: Patient, revision: Revision) -> list[CourseView]:
    """The patient's courses of the same procedure that still owe a session. 4 queries."""
    return [
        view
        for view in courses_of(patient)
        if view.course.revision.procedure_id == revision.procedure_id and not view.is_over
    ]


def course_at(location: Location, pk: int) -> CourseView:
    """One course of a patient of `location`.  Raises Course.DoesNotExist. 4 queries."""
    course = courses_with_sessions().get(pk=pk, patient__location=location)
    return view_of(course, clock.today())


def view_of(course: Course, today: dt.date) -> CourseView:
    """The course as it stands on `today`; no query for a course of `courses_with_sessions`."""
    views: list[SessionView] = []
    previous: dt.date | None = None
    is_known = True  # a session counts from the one before it, so that one must have a date
    for session in sorted(course.sessions.all(), key=lambda session: session.ordinal):
        view = _session_view(course, session, previous if is_known else None, today)
        views.append(view)
        if view.state == "written_off":
            continue
        is_known = view.day is not None
        previous = view.day or previous
    return CourseView(course, tuple(views))


def _session_view(
    course: Course, session: Session, previous: dt.date | None, today: dt.date
) -> SessionView:
    interval = course.revision.interval
    window = window_after(previous, interval) if previous and interval else None
    appointment = live_appointment(session)
    if session.performed_on:
        return SessionView(session, "done", session.performed_on, window, appointment)
    if session.written_off_on:
        return SessionView(session, "written_off", None, window, None)
    if appointment is not None:
        return SessionView(session, "booked", local_day(appointment), window, appointment)
    state: State = "lapsed" if window and is_lapsed(window, today) else "due"
    return SessionView(session, state, None, window, None)


def live_appointment(session: Session) -> Any:
    """The visit that stands for the session, or None. No query where appointments or STANDING are prefetched."""
    read = getattr(session, STANDING, None)
    visits = session.appointments.all() if read is None else read
    return next((visit for visit in visits if stands_in_diary(visit.status)), None)


def local_day(appointment: Any) -> dt.date:
    """The calendar date of a visit where it takes place."""
    day: dt.date = appointment.starts_at.astimezone(appointment.location.zone).date()
    return day


def known_patients(
    patients: Iterable[Patient], *, without: Collection[int] = ()
) -> dict[int, core.Patient]:
    """What screening may know of each patient, by key; 4 queries, however many they are.

    Answers, skin type, patch tests, sessions performed and home care, also planned; what is booked is known to the
    diary. `without`: keys of sessions that are being screened. A test that the rules in force do not know is left out.
    """
    people = {patient.pk: patient for patient in patients}
    facts: dict[int, list[core.Fact]] = defaultdict(list)
    history: dict[int, list[core.Entry]] = defaultdict(list)
    for pk, *fact in facts_known(people):
        if fact[0] not in _DERIVED:
            facts[pk].append(core.Fact(*fact))
    tests = PatchTest.objects.filter(patient__in=people, code__in=_tests_asked_for())
    for pk, code, done_on in tests.values_list("patient", "code", "done_on"):
        history[pk].append(core.Entry(code, done_on))
    performed = Session.objects.filter(course__patient__in=people, performed_on__isnull=False)
    performed = performed.exclude(pk__in=without).order_by("performed_on", "id")
    rows = performed.values_list(
        "course__patient", f"course__{_CODE}", "performed_on", "course__areas"
    )
    for pk, code, day, areas in rows:
        history[pk].append(core.Entry(code, day, areas=frozenset(areas)))
    used = HomeCare.objects.filter(patient__in=people).exclude(stopped_on__lt=F("starts_on"))
    for pk, *lasting in used.values_list("patient", _CODE, "starts_on", _LAST_DAY):
        history[pk].append(core.Entry(*lasting))
    return {
        pk: core.Patient(
            patient.birth_date,
            (*facts[pk], *core.skin_type_facts(patient.skin_type, patient.skin_type_on)),
            tuple(history[pk]),
        )
        for pk, patient in people.items()
    }


def entry_of(course: Course, day: dt.date) -> core.Entry:
    """A session of `course` on `day`, as it counts for everything else."""
    return core.Entry(course.revision.procedure.code, day, areas=frozenset(course.areas))


def home_care_in(plan: Plan) -> list[HomeCare]:
    """What the plan lets the patient use at home, by its first day. One query."""
    return list(HomeCare.objects.filter(plan=plan).select_related("revision__procedure"))


def home_care_at(location: Location) -> QuerySet[HomeCare]:
    """What patients of `location` use at home; one query."""
    rows = HomeCare.objects.filter(patient__location=location)
    return rows.select_related("revision__procedure", "patient", "plan")


def is_patch_test(code: str) -> bool:
    """The rules in force know a patch test with this code. One query."""
    return _tests_asked_for().filter(patch_code=code).exists()


def _tests_asked_for() -> QuerySet[Revision, Any]:
    return Revision.objects.filter(
        state=RevisionState.CURRENT,
        patch_read_after_n__isnull=False,
        patch_valid_n__isnull=False,
    ).values("patch_code")


def tests_on_record(patient: Patient, code: str) -> list[PatchTest]:
    """The patient's tests of this code with who recorded them, latest first. One query."""
    rows = PatchTest.objects.filter(patient=patient, code=code).select_related("recorded_by")
    return list(rows.order_by("-done_on"))


def names() -> Names:
    """What facts, procedures and groups are called in the page's language. 3 queries."""
    types = list(FactType.objects.values_list("code", "name", "category"))
    current = Revision.objects.filter(state=RevisionState.CURRENT)
    titles = current.values_list("procedure__code", "name")
    return Names(
        facts={code: localized(name) for code, name, _category in types},
        procedures={code: localized(name) for code, name in titles},
        groups={code: localized(name) for code, name in Group.objects.values_list("code", "name")},
        medications=frozenset(
            code for code, _name, category in types if category == FactCategory.MEDICATION
        ),
    )


@dataclass(frozen=True)
class Indication:
    """What is to be treated, as chosen: a sign, and how deep the pits are. `seen`: as last assessed."""

    sign: str = ""
    pit_depth: str = ""
    seen: Found = field(default_factory=Found)

    @property
    def found(self) -> Found:
        return self.seen.narrowed(self.sign, self.pit_depth)


@dataclass(frozen=True)
class Choice:
    """A procedure to choose for a plan. `useless`: why it would do nothing here; then it stands last."""

    procedure: Procedure
    revision: Revision
    fit: Fit
    useless: str
    is_bookable: bool

    @property
    def is_suited(self) -> bool:
        return self.fit.helps

    @property
    def title(self) -> str:
        return self.revision.title


def signs() -> QuerySet[Sign]:
    return Sign.objects.all()


def choices(indication: Indication, text: str = "") -> list[Choice]:
    """Procedures whose name or code holds the words of `text`, the suited ones first. One query.

    Names are looked through in every language, without case, accents or alphabet.
    """
    words, found = fold(text).split(), indication.found
    revisions = [revision for revision in offered_procedures() if _matches(revision, words)]
    return sorted((_choice(revision, found) for revision in revisions), key=_rank)


def _rank(choice: Choice) -> tuple[int, bool, int, int]:
    fitted = choice.fit
    group = (0 if choice.is_bookable else 1) if choice.is_suited else 3 if choice.useless else 2
    return group, fitted.useless is not None, -fitted.signs, len(fitted.missed)


def _matches(revision: Revision, words: Iterable[str]) -> bool:
    names = [revision.procedure.code, *revision.name.values()]
    text = " ".join(fold(name) for name in names)
    return all(word in text for word in words)


def _choice(revision: Revision, found: Found) -> Choice:
    fitted = fit(found, purpose(revision.suits, revision.useless_for))
    useless = fitted.useless
    said = "" if fitted.helps or not useless else localized(useless.why) or _("No use for this.")
    return Choice(revision.procedure, revision, fitted, said, not revision.procedure.is_home)


def latest_assessment(patient: Patient) -> Any:
    """The latest row of `patient`, None without one; assessments belong to a higher room. One query."""
    return patient.assessments.first()
