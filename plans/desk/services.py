"""The record of who looked."""

from typing import Any

from clinic.audit.services import record
from clinic.patients.models import Patient


def opened(patient: Patient, *, by: Any) -> None:
    """Somebody opened this patient's file."""
    record("opened", patient, by=by, patient_number=patient.number)
