"""Two photos of one patient of the demo clinic, before and after: drawn, nobody's face."""

import datetime as dt

from clinic.kit.operations import Role
from plans.consents.models import Consent, Kind
from plans.data.demo_clinic import House
from plans.data.drawn import drawn_photo
from plans.data.factories import PhotoFactory
from plans.diary.models import Appointment, Status

_WIDTH, _MARKS = 900, (12, 5)


def photograph_some(house: House) -> None:
    """Photos of the first and the last visit of the longest course whose patient agreed to photos; none without."""
    agreed = Consent.objects.filter(kind=Kind.PHOTO, withdrawn_at__isnull=True)
    done = (
        Appointment.objects.filter(
            location=house.location, status=Status.DONE, session__isnull=False,
            patient__in=agreed.values("patient"),
        )
        .select_related("patient", "session__course")
        .order_by("starts_at", "id")
    )  # fmt: skip
    courses: dict[int, list[Appointment]] = {}
    for visit in done:
        if visit.session is not None:
            courses.setdefault(visit.session.course_id, []).append(visit)
    longest = max(courses.values(), key=len, default=[])
    if len(longest) < len(_MARKS):
        return
    for visit, marks in zip((longest[0], longest[-1]), _MARKS, strict=True):
        at = visit.starts_at + dt.timedelta(minutes=5)
        PhotoFactory.create(
            patient=visit.patient, visit=visit, course=visit.session and visit.session.course,
            taken_at=at, added_at=at, added_by=house.staff[Role.PRACTITIONER],
            picture=drawn_photo(marks, _WIDTH),
        )  # fmt: skip
