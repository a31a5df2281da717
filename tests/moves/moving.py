"""Acts in the small clinic, as the page would make them."""

import datetime as dt
import uuid

from plans.core.acts import Act, act_of
from plans.core.cascade import cascade
from plans.core.offers import Booked
from plans.diary.models import Appointment
from plans.moves.selectors import Change, Known, scene_of
from plans.moves.services import carry_out
from tests.diary.clinic import BERLIN


def visit_of(course, ordinal: int = 1) -> Appointment:
    """The live visit of a session."""
    rows = Appointment.objects.select_related("location", "patient", "session")
    return rows.exclude(status__in=["cancelled", "no_show"]).get(
        session__course=course, session__ordinal=ordinal
    )


def at(clinic, day: dt.date, minute: int = 600, minutes: int = 80, **held) -> Booked:
    resources = {"practitioner": clinic.weiss.pk, "room": clinic.room.pk, **held}
    return Booked(day, minute, minute + minutes, resources)


def planned(known: Known, to: Booked | None, kind="move", mode="keep", signed=None) -> Act:
    plan = cascade(known.scene, known.key, to, mode=mode, signed=signed or {})
    assert plan.stuck is None
    versions = {key: known.versions[row.pk] for key, row in known.visits.items()}
    return act_of(kind, plan, known.visit.pk, versions)


def move(clinic, visit: Appointment, to: Booked, *, by=None, mode="keep", change=None, **kept):
    """Plan and carry out at once; `kept`: reason, accepted, overrides."""
    known = scene_of(visit, change or Change())
    act = planned(known, to, mode=mode)
    return carry_out(act, by=by or clinic.reception, key=uuid.uuid4(), **kept)


def fall_out(clinic, visit: Appointment, kind="cancelled", *, by=None, **kept):
    act = planned(scene_of(visit, Change(falls_out=True)), None, kind)
    kept = {"reason": "is ill", **kept}
    return carry_out(act, by=by or clinic.reception, key=uuid.uuid4(), **kept)


def days_of(course) -> dict[int, str]:
    """Day and time of the live visits, by ordinal."""
    rows = Appointment.objects.filter(session__course=course).select_related("session")
    live = rows.exclude(status__in=["cancelled", "no_show"])
    return {
        row.session.ordinal: row.starts_at.astimezone(BERLIN).strftime("%Y-%m-%d %H:%M")
        for row in live
        if row.session
    }
