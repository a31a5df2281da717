"""A diary that holds more."""

import datetime as dt

from clinic.kit import clock
from clinic.patients.models import Patient
from plans.data.factories import PatientFactory
from tests.diary.clinic import THURSDAY, TODAY, Clinic


def fill(clinic: Clinic, count: int = 3) -> None:
    """Visits of other patients, a few on each day."""
    for n in range(count):
        clinic.book(
            THURSDAY + dt.timedelta(days=n % 2), minute=555 + 90 * n, patient=_somebody(clinic)
        )


def _somebody(clinic: Clinic) -> Patient:
    patient = PatientFactory(location=clinic.location, skin_type=2, skin_type_on=TODAY)
    clinic.deny("isotretinoin_oral", "keloid_tendency", on=clock.today(), patient=patient)
    return patient
