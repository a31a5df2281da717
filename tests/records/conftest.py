"""The small clinic on the day of a first peel whose parameters are written down, with lots on the shelf."""

import datetime as dt
import uuid
from typing import Any

import pytest
import time_machine
from django.test import Client

from clinic.kit import clock
from plans.catalogue.models import Revision
from plans.core.record import Saving, Written
from plans.diary.models import Appointment
from plans.lots.models import Lot
from plans.records.models import TreatmentRecord
from plans.records.selectors import records
from plans.records.services import save_draft, sign_record
from tests.diary.clinic import BERLIN, THREE, Clinic, client_of, first_visit, to

PARAMETERS: list[dict[str, Any]] = [
    {"key": "acid_percent", "label": {"en": "TCA concentration", "de": "TCA-Konzentration"},
     "type": "number", "unit": "%", "min": 10, "max": 40, "required": True},
    {"key": "prep", "label": {"en": "Preparation"}, "type": "choice",
     "choices": ["acetone", "none"], "required": False},
    {"key": "zones", "label": {"en": "Treated zones"}, "type": "multichoice",
     "choices": ["forehead", "cheeks", "other"], "required": True},
    {"key": "product", "label": {"en": "Product"}, "type": "text", "required": True},
    {"key": "lot", "label": {"en": "Lot number"}, "type": "text", "required": True},
    {"key": "expires", "label": {"en": "Expiry date"}, "type": "date", "required": True},
]  # fmt: skip
VALUES = {
    "acid_percent": 20, "prep": "acetone", "product": "TCA 30", "lot": "4471",
    "expires": "2027-03-01",
}  # fmt: skip
WHOLE = Written(VALUES, ("forehead",), notes="Even frost.")


@pytest.fixture
def peel(clinic: Clinic) -> Revision:
    """The peel under a second revision in force, with parameters."""
    row = Revision.objects.get(pk=clinic.peel.pk)
    needs = list(row.needs.all())
    Revision.objects.filter(pk=row.pk).update(state="superseded")
    row.pk, row.number, row.state, row.parameters = None, 2, "draft", PARAMETERS
    row.anaesthesia = {"method": "lidocaine cream", "wait_minutes": 30}
    row.save(force_insert=True)
    for need in needs:
        need.pk, need.revision = None, row
        need.save(force_insert=True)
    row.state = "current"
    row.save(update_fields=["state"])
    clinic.peel = row
    return row


@pytest.fixture
def visit(clinic: Clinic, peel: Revision, monday: time_machine.Traveller) -> Appointment:
    """The first peel; it is its day at ten, and the treatment has begun."""
    row = first_visit(clinic.book(*THREE))
    monday.move_to(dt.datetime(2026, 11, 26, 10, tzinfo=BERLIN))
    clinic.deny("pregnancy")
    row = to(row, "arrived", clinic.reception)
    return to(row, "in_treatment", clinic.physician)


@pytest.fixture
def second(visit: Appointment) -> Appointment:
    """The course's next visit, three months later."""
    assert visit.session is not None
    return Appointment.objects.get(session__course=visit.session.course, session__ordinal=2)


@pytest.fixture
def tab() -> uuid.UUID:
    """The page that somebody has open."""
    return uuid.uuid4()


@pytest.fixture
def doctor(clinic: Clinic, visit: Appointment) -> Client:
    """The physician's browser, signed in on the visit's day."""
    return client_of(clinic.physician)


@pytest.fixture
def tca(clinic: Clinic) -> Lot:
    return make_lot(clinic, "TCA 30", "4471")


def make_lot(clinic: Clinic, product: str, number: str, **changes: Any) -> Lot:
    values = {"expires_on": dt.date(2027, 3, 1), "received_on": dt.date(2026, 11, 1), **changes}
    return Lot.objects.create(
        location=clinic.location, product=product, number=number,
        folded=f"{product} {number}".casefold(), entered_at=clock.now(),
        entered_by=clinic.practitioner, **values,
    )  # fmt: skip


def draft(visit: Appointment, clinic: Clinic, written: Written = WHOLE) -> TreatmentRecord:
    return save_draft(visit, written, Saving(0, uuid.uuid4()), by=clinic.physician)


def signed(visit: Appointment, clinic: Clinic, written: Written = WHOLE) -> TreatmentRecord:
    row = sign_record(
        visit, written, Saving(0, uuid.uuid4()), by=clinic.physician, key=uuid.uuid4()
    )
    return records().get(pk=row.pk)


def typed(**changes: Any) -> dict[str, Any]:
    """What the page sends, for the values of WHOLE."""
    return {
        "key": str(uuid.uuid4()), "tab": str(uuid.uuid4()), "version": "0",
        "p-acid_percent": "20", "p-prep": "acetone", "p-product": "TCA 30", "p-lot": "4471",
        "p-expires": "2027-03-01", "areas": ["forehead"], "anaesthesia": "", "anaesthesia_at": "",
        "notes": "Even frost.", "use-TOTAL_FORMS": "1", "use-INITIAL_FORMS": "0", "use-0-lot": "",
        "use-0-units": "", "use-0-sites": "", "harm-kind": "", "harm-severity": "",
        "harm-happened_at": "10:00", "harm-note": "",
    } | changes  # fmt: skip
