"""What the programming interface leaves behind: who had whom screened."""

import datetime as dt

from django.db import transaction

from clinic.audit.services import record
from clinic.patients.models import Patient
from clinic.staff.models import User


@transaction.atomic
def note_screening(patient: Patient, procedure: str, day: dt.date, *, by: User) -> None:
    """Write down that `by` had `patient` screened; what was found is not written down."""
    record(
        "screened",
        patient,
        by=by,
        patient_number=patient.number,
        procedure=procedure,
        session_date=day.isoformat(),
    )
