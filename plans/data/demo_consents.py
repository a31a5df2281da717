"""What the demo's patients signed: a consent before the first treatment of each kind, renewed when it ends."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable, Iterator
from functools import cache

from django.utils import timezone, translation

from clinic.kit import clock, paper
from clinic.kit.operations import Role
from clinic.patients.models import Patient
from plans.catalogue.models import Revision
from plans.consents.models import Consent, Way
from plans.consents.selectors import Subject, photo_subject, place_of, text_of
from plans.consents.services import TEMPLATE
from plans.consents.tags import signed_values
from plans.core.consents import last_day
from plans.data.demo_clinic import House
from plans.diary.models import Appointment, Status

# Whoever has begun has signed. Those who wait today have signed too, but one in three: that is what the day looks like.
_BEGUN = (Status.IN_TREATMENT, Status.DONE)
_WAITING = (Status.ARRIVED, Status.CONFIRMED, Status.BOOKED)
# One patient in four lets no photos be taken.
_CAMERA_SHY = 4


def consent_some(house: House, today: dt.date) -> list[Consent]:
    """Sign for every visit of today and before; each document is a real one."""
    rows = [*_treatments(house, today)]
    patients = {row.patient.pk: row for row in rows}
    photo = photo_subject()
    rows += [
        _signed(house, first.patient, photo, first.recorded_at)
        for key, first in patients.items()
        if key % _CAMERA_SHY
    ]
    return Consent.objects.bulk_create(rows)


def _treatments(house: House, today: dt.date) -> Iterator[Consent]:
    """The consents that the visits need, in the order of their days."""
    text = cache(text_of)
    signed: dict[tuple[int, int], Consent] = {}
    for visit in _visits(house, today):
        revision: Revision = visit.session.course.revision  # type: ignore[union-attr]  # `_visits` has sessions only
        key = visit.patient_id, revision.pk
        day = timezone.localtime(visit.starts_at, house.location.zone).date()
        known = signed.get(key)
        if known and (known.valid_until is None or known.valid_until >= day):
            continue
        at = min(visit.starts_at - dt.timedelta(minutes=10), clock.now())
        subject = Subject(revision, text(revision.procedure))
        signed[key] = row = _signed(house, visit.patient, subject, at)
        yield row


def _visits(house: House, today: dt.date) -> Iterable[Appointment]:
    """Every visit of today and before for which somebody has signed, by its start."""
    rows = Appointment.objects.select_related(
        "patient__location", "session__course__revision__procedure"
    ).filter(location=house.location, session__course__revision__consent_required=True)
    for row in rows.order_by("starts_at", "id"):
        day = timezone.localtime(row.starts_at, house.location.zone).date()
        waits = day == today and row.status in _WAITING and row.patient.number % 3
        if row.status in _BEGUN or waits:
            yield row


def _signed(house: House, patient: Patient, subject: Subject, at: dt.datetime) -> Consent:
    day = timezone.localtime(at, house.location.zone).date()
    until, by = last_day(day, subject.valid_for), house.staff[Role.RECEPTION]
    with translation.override(patient.language):
        values = signed_values(
            subject, patient, patient.language, patient.full_name, until=until, at=at, by=by
        )
    document = paper.pdf(TEMPLATE, values)
    stored = f"{uuid.uuid4().hex}.pdf"
    place_of(stored).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    place_of(stored).write_bytes(document)
    return Consent(
        patient=patient,
        kind=subject.kind,
        procedure=subject.procedure,
        revision=subject.revision,
        text=subject.text,
        language=patient.language,
        way=Way.TYPED,
        signed_name=patient.full_name,
        signed_on=day,
        recorded_at=at,
        taken_by=by,
        valid_until=until,
        stored=stored,
        size=len(document),
        sha256=hashlib.sha256(document).hexdigest(),
    )
