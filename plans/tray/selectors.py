"""Reading what waits for a date: sessions that are due and stand nowhere in the diary."""

import datetime as dt
from dataclasses import dataclass

from clinic.places.models import Location
from plans.catalogue.selectors import phases
from plans.courses.models import Session
from plans.courses.selectors import CourseView, SessionView, courses_with_sessions, view_of
from plans.diary.models import LIVE

# Courses that owe a session, the latest begun first, among which the most urgent are looked for.
_OWING_LOOKED_AT = 400
_NEEDS = "revision__needs__capability"


@dataclass(frozen=True)
class Owed:
    """The next session of a course that stands nowhere in the diary, and the day it is due."""

    course: CourseView
    view: SessionView
    due: dt.date

    @property
    def minutes(self) -> int:
        revision = self.course.course.revision
        return max((phase.to_minute for phase in phases(revision)), default=0)


def to_book(location: Location, today: dt.date, most: int = 20) -> list[Owed]:
    """Sessions that are due and not booked, the most urgent first. 7 queries at most, however many are owed.

    Looked for among the courses begun last: a course that has waited for years is the worklist's matter.
    """
    owing = (
        Session.objects.filter(
            performed_on__isnull=True,
            written_off_on__isnull=True,
            course__patient__location=location,
        )
        .exclude(appointments__status__in=LIVE)
        .order_by("-course")
        .values_list("course", flat=True)
    )
    keys = set(owing[: 3 * _OWING_LOOKED_AT])
    latest = sorted(keys, reverse=True)[:_OWING_LOOKED_AT]
    courses = courses_with_sessions().filter(pk__in=latest)
    owed = [
        Owed(view, view.unbooked[0], _due(view.unbooked[0], today))
        for view in (view_of(course, today) for course in courses.prefetch_related(_NEEDS))
        if view.unbooked
    ]
    return sorted(owed, key=lambda each: (each.due, each.course.course.pk))[:most]


def _due(view: SessionView, today: dt.date) -> dt.date:
    """The day intended for it, else its target, else today."""
    return view.planned_on or (view.window.target if view.window else today)
