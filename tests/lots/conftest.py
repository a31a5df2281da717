"""A small clinic with a way to receive lots and to use them."""

import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client

from clinic.kit import clock
from clinic.patients.models import Patient
from clinic.places.models import Location
from plans.core.lots import folded_lot
from plans.data.factories import AppointmentFactory
from plans.lots.models import Lot
from plans.records.models import LotUse, TreatmentRecord
from tests.diary.clinic import TODAY, Clinic, client_of

# Far enough that no test sees it expire.
LATER = TODAY + dt.timedelta(days=400)
Receive = Callable[..., Lot]
Give = Callable[..., LotUse]


@pytest.fixture
def receive(clinic: Clinic) -> Receive:
    """`receive(number="A1", expires_on=...)` puts a lot on the list."""

    def put(product: str = "Botox", number: str = "C1234", **values) -> Lot:
        told = {
            "location": clinic.location,
            "unit": "U",
            "expires_on": LATER,
            "received_on": TODAY - dt.timedelta(days=90),
            "entered_at": clock.now(),
            "entered_by": clinic.practitioner,
        }
        return Lot.objects.create(
            product=product, number=number, folded=folded_lot(product, number), **(told | values)
        )

    return put


@pytest.fixture
def give(clinic: Clinic) -> Give:
    """`give(lot, patient, units="20")` writes the lot into the draft of a new visit's record."""

    def write(
        lot: Lot, patient: Patient | None = None, units: str | None = "20", **values
    ) -> LotUse:
        who = patient or clinic.patient
        location: Location = lot.location
        visit = AppointmentFactory(patient=who, location=location, session=None, **values)
        record = TreatmentRecord.objects.create(
            visit=visit, saved_at=clock.now(), saved_by=clinic.practitioner
        )
        amount = None if units is None else Decimal(units)
        return LotUse.objects.create(record=record, lot=lot, units=amount, sites="forehead")

    return write


@pytest.fixture
def at_lots(clinic: Clinic) -> Client:
    return client_of(clinic.practitioner)


@pytest.fixture
def key() -> uuid.UUID:
    return uuid.uuid4()
