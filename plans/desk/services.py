"""The record of who looked, and the summary as a document."""

from typing import Any

from clinic.audit.services import record
from clinic.kit import paper
from clinic.patients.models import Patient


def opened(patient: Patient, *, by: Any) -> None:
    """Somebody opened this patient's file."""
    record("opened", patient, by=by, patient_number=patient.number)


def opened_summary(patient: Patient, *, by: Any) -> None:
    """Somebody opened the summary for printing."""
    record("printed", patient, by=by, patient_number=patient.number, kind="summary")


def summary_pdf(sheet: dict[str, Any]) -> bytes:
    """The summary as a tagged document."""
    return paper.pdf("summary.typ", {"sheet": sheet, "title": sheet["title"]})
