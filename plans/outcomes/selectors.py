"""Reading scores: of a visit, and of a course from its first session to its last."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Prefetch, QuerySet

from clinic.places.models import Location
from plans.core.chart import Session as Point
from plans.core.scores import SPANS, Scale, Scored
from plans.courses.models import Course
from plans.courses.selectors import local_day
from plans.diary.models import Appointment, Status
from plans.outcomes.models import Score
from plans.outcomes.tags import lines_of

# Visits that a score can be told of: the patient is here, or was.
SCORABLE = (Status.ARRIVED, Status.IN_TREATMENT, Status.DONE)
# What a treatment record calls the pain that was told during the treatment.
_RECORDED_PAIN = "pain_score"


@dataclass(frozen=True)
class SessionScores:
    """A session of a course as it was scored. `pain_from_record`: told while it was treated, not scored here."""

    ordinal: int
    day: dt.date
    visit: Appointment
    score: Score | None
    scored: Scored
    pain_from_record: bool = False

    @property
    def point(self) -> Point:
        return Point(self.ordinal, self.day, self.scored)


def may_be_scored(visit: Appointment) -> bool:
    """Whether the visit is of a session and the patient has come. No query."""
    return visit.session_id is not None and visit.status in SCORABLE


def score_of(visit: Appointment) -> Score | None:
    """The score that counts: the newest. One query."""
    rows = Score.objects.filter(visit=visit, replaced_by__isnull=True)
    return rows.select_related("by").first()


def history(visit: Appointment) -> QuerySet[Score]:
    """Every score of the visit, the one that counts first. One query."""
    return Score.objects.filter(visit=visit).select_related("by").order_by("-pk")


def in_visit(visit: Appointment) -> dict[str, Any]:
    """What the page of a visit shows (outcomes/in_visit.html). Two queries, one where nothing was scored and recorded."""
    score = score_of(visit)
    scored, is_recorded = _with_recorded_pain(score.scored if score else Scored(), visit)
    return {
        "visit": visit,
        "score": score,
        "lines": lines_of(scored),
        "pain_from_record": is_recorded,
        "course": visit.session.course if visit.session else None,
        "may_score": may_be_scored(visit),
    }


def course_at(location: Location, pk: int) -> Course:
    """A course of a patient of `location`.  Raises Course.DoesNotExist for any other. One query."""
    rows = Course.objects.select_related("patient__location", "revision__procedure")
    return rows.get(pk=pk, patient__location=location)


def over_course(course: Course) -> list[SessionScores]:
    """The sessions whose patient came, by their number, scored or not. Two queries, however many."""
    newest = Score.objects.filter(replaced_by__isnull=True).select_related("by")
    visits = (
        Appointment.objects.filter(session__course=course, status__in=SCORABLE)
        .select_related("session", "location", "record")
        .prefetch_related(Prefetch("scores", newest, to_attr="newest"))
        .order_by("session__ordinal", "starts_at")
    )
    return [_scores(visit) for visit in visits]


def _scores(visit: Any) -> SessionScores:
    score = next(iter(visit.newest), None)
    scored, is_recorded = _with_recorded_pain(score.scored if score else Scored(), visit)
    return SessionScores(visit.session.ordinal, local_day(visit), visit, score, scored, is_recorded)


def _with_recorded_pain(scored: Scored, visit: Appointment) -> tuple[Scored, bool]:
    """The pain as the treatment's record says it, where nobody scored it: nobody is asked twice."""
    pain = recorded_pain(visit)
    if scored.pain is not None or pain is None:
        return scored, False
    return replace(scored, pain=pain), True


def recorded_pain(visit: Appointment) -> int | None:
    """What the record of the treatment says of pain, 0 to 10; None for nothing. One query unless it is loaded."""
    # The record is of a room beside this one: it is reached by its name alone.
    written = getattr(visit, "record", None)
    value = written.values.get(_RECORDED_PAIN) if written else None
    try:
        pain = int(value) if value is not None else None
    except (TypeError, ValueError):
        return None
    return pain if pain is not None and SPANS[Scale.PAIN].holds(pain) else None
