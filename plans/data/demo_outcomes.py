"""Scores of the demo's treatments, and lots that expire, have expired and are recalled."""

import datetime as dt

from clinic.kit import clock
from clinic.kit.operations import Role
from clinic.staff.models import User
from plans.core.lots import folded_lot
from plans.data.demo_clinic import House
from plans.diary.models import Appointment, Status
from plans.lots.models import Lot
from plans.outcomes.models import Score

_MOST = 300
# Product, lot number, days to its last day from today on, why it is recalled.
_SHELF = (
    ("Botulinum toxin A", "C7712C3", 12, ""),
    ("Hyaluronic filler", "HA24-0881", -5, ""),
    ("Topical lidocaine 23 %", "LC-1190", 400, "The maker found particles in some tubes."),
)


def shelve_some(house: House, today: dt.date) -> None:
    """Lots at hand that somebody has to look at."""
    by, now = house.staff[Role.PHYSICIAN], clock.now()
    for product, number, days, why in _SHELF:
        last = today + dt.timedelta(days=days)
        Lot.objects.create(
            location=house.location, product=product, number=number, expires_on=last,
            folded=folded_lot(product, number), received_on=today - dt.timedelta(days=90),
            entered_at=now, entered_by=by, recalled_at=now if why else None,
            recalled_by=by if why else None, recall_reason=why,
        )  # fmt: skip


def score_some(house: House) -> int:
    """Score the latest treatments that are done: it hurts a little less, and looks better, each time; how many."""
    done = (
        Appointment.objects.filter(
            location=house.location, status=Status.DONE, session__isnull=False
        )
        .select_related("session__course")
        .order_by("-starts_at", "-pk")[:_MOST]
    )
    by = house.staff[Role.PRACTITIONER]
    return len(Score.objects.bulk_create([_score(visit, by) for visit in reversed(done)]))


def _score(visit: Appointment, by: User) -> Score:
    ordinal, course = visit.session.ordinal, visit.session.course_id  # type: ignore[union-attr]  # filtered above
    return Score(
        visit=visit, pain=max(0, 5 + course % 3 - ordinal), satisfaction=min(10, 5 + course % 2 + ordinal),
        scar_scale="goodman_baron", scar_grade=max(1, 4 - ordinal // 2),
        pigmentation=max(0, 2 - ordinal // 2), at=visit.ends_at, by=by,
    )  # fmt: skip
