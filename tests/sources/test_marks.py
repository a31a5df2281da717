"""A value that nobody confirmed is marked where it decides something."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from plans.catalogue.models import Contraindication, Revision, ValueSource
from plans.data.factories import FactFactory, FactTypeFactory, ProcedureFactory, RevisionFactory
from plans.diary.models import Appointment
from plans.sources.selectors import shelf, unconfirmed_rules
from plans.sources.services import Seen, confirm
from tests.diary.clinic import THURSDAY, Clinic, client_of

CODE = "tca_peel_medium"
MARK = "value not confirmed"


def stop_isotretinoin(clinic: Clinic) -> None:
    FactFactory(
        patient=clinic.patient, fact_type=FactTypeFactory(code="isotretinoin_oral"),
        status="present", since=dt.date(2026, 1, 1), until=dt.date(2026, 10, 1),
    )  # fmt: skip


def confirm_all(clinic: Clinic) -> None:
    values = shelf({CODE}).stated()
    confirm([Seen(one.address, one.text, one.source) for one in values], by=clinic.physician)


def words_of(client: Client, url: str) -> str:
    return re.sub(r"\s+", " ", client.get(url).content.decode())


@pytest.fixture
def physician(clinic: Clinic) -> Client:
    return client_of(clinic.physician)


def test_a_visit_marks_the_finding_until_its_values_are_confirmed(
    clinic: Clinic, physician: Client
):
    visit = Appointment.objects.get(session__course=clinic.book(THURSDAY))
    stop_isotretinoin(clinic)
    url = f"/visits/{visit.pk}/"
    assert words_of(physician, url).count(MARK) == 1
    confirm_all(clinic)
    page = words_of(physician, url)
    assert "wait 6 months" in page
    assert MARK not in page


def test_the_booking_marks_what_bars_it(clinic: Clinic, physician: Client):
    stop_isotretinoin(clinic)
    url = f"/series/142/{CODE}/?first_from=2026-11-26"
    assert words_of(physician, url).count(MARK) == 1
    confirm_all(clinic)
    assert MARK not in words_of(physician, url)


def test_the_page_to_move_a_visit_marks_what_bars_the_day(clinic: Clinic, physician: Client):
    visit = Appointment.objects.get(session__course=clinic.book(dt.date(2027, 6, 10)))
    stop_isotretinoin(clinic)
    url = f"/moves/{visit.pk}/?day=2026-11-26"
    assert words_of(physician, url).count(MARK) == 1
    confirm_all(clinic)
    assert MARK not in words_of(physician, url)


@pytest.mark.parametrize("state", ["current", "superseded"])
def test_a_mark_costs_the_same_with_one_source_and_with_thirty(db: None, state: str):
    costs = set()
    for count in (1, 30):
        rules = RevisionFactory(procedure=ProcedureFactory(code=f"peel_{count}"))
        for number in range(count):
            kind = FactTypeFactory(code=f"fact_{number}")
            Contraindication.objects.create(revision=rules, fact_type=kind, severity="relative")
            path = f"contraindications.fact_{number}"
            ValueSource.objects.create(revision=rules, path=path, source="article")
        Revision.objects.filter(pk=rules.pk).update(state=state)
        rules = Revision.objects.select_related("procedure").get(pk=rules.pk)
        with CaptureQueriesContext(connection) as queries:
            assert unconfirmed_rules([f"interval:peel_{count}"], rules)
        costs.add(len(queries))
    assert len(costs) == 1
