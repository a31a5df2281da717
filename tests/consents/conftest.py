"""The small clinic with a booked peel that needs a consent, on the day of its first session."""

import datetime as dt

import pytest
import time_machine
from django.test import Client

from plans.catalogue.models import Revision
from plans.consents.models import ConsentText
from plans.consents.selectors import Subject, text_of
from plans.data.factories import ConsentTextFactory
from plans.diary.models import Appointment
from tests.diary.clinic import BERLIN, THREE, Clinic, client_of, first_visit, to

# The field of the form as the pad fills it.
DRAWN = "20,150 120,40 200,160;220,100 420,90"


@pytest.fixture
def peel(clinic: Clinic) -> Revision:
    """The peel under a second revision in force: it needs a consent, good for twelve months."""
    row = Revision.objects.get(pk=clinic.peel.pk)
    needs = list(row.needs.all())
    Revision.objects.filter(pk=row.pk).update(state="superseded")
    row.pk, row.number, row.state = None, 2, "draft"
    row.consent_required, row.consent_valid_n, row.consent_valid_unit = True, 12, "months"
    row.save(force_insert=True)
    for need in needs:
        need.pk, need.revision = None, row
        need.save(force_insert=True)
    row.state = "current"
    row.save(update_fields=["state"])
    clinic.peel = row
    return row


@pytest.fixture
def text(peel: Revision) -> ConsentText:
    return ConsentTextFactory.create(procedure=peel.procedure)


@pytest.fixture
def visit(clinic: Clinic, peel: Revision, monday: time_machine.Traveller) -> Appointment:
    """The first peel on Thursday; it is that Thursday at ten, and the patient has come."""
    row = first_visit(clinic.book(*THREE))
    monday.move_to(dt.datetime(2026, 11, 26, 10, tzinfo=BERLIN))
    return to(row, "arrived", clinic.reception)


@pytest.fixture
def subject(peel: Revision, text: ConsentText) -> Subject:
    return Subject(peel, text_of(peel.procedure))


@pytest.fixture
def practice(clinic: Clinic) -> Client:
    return client_of(clinic.practitioner)
