"""What the patient's file and its summary cost, however much is on record."""

import uuid
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.kit import clock
from plans.core.record import Harm
from plans.data.factories import ConsentFactory, PhotoFactory
from plans.desk.selectors import Around, around, summary
from plans.diary.models import Appointment
from plans.records.services import add_event
from plans.sheets.models import HandedOut, Kind, Way
from tests.diary.clinic import Clinic, to
from tests.records.conftest import signed


@pytest.fixture
def once_more(clinic: Clinic, visit: Appointment, monday) -> Callable[[Appointment], None]:
    """Put one more of everything into the file, on the day of `row`."""

    def add(row: Appointment) -> None:
        monday.move_to(row.starts_at)
        if row.status == "booked":
            clinic.deny("pregnancy")
            row = to(to(row, "arrived", clinic.reception), "in_treatment", clinic.physician)
        signed(row, clinic)
        harm = Harm("burn", 2, "A blister.")
        add_event(row, harm, clock.today(), by=clinic.physician, key=uuid.uuid4())
        PhotoFactory.create(patient=row.patient, visit=row, added_by=clinic.physician)
        ConsentFactory.create(patient=row.patient, revision=clinic.peel)
        HandedOut.objects.create(
            patient=row.patient, visit=row, kind=Kind.AFTERCARE, revision="tca_peel_medium 2",
            language="en", paper="a4", digest="0" * 64, way=Way.PRINT, at=clock.now(),
            by=clinic.physician,
        )  # fmt: skip

    return add


def all_of(clinic: Clinic) -> Around:
    """Everything of the file, read as a page reads it."""
    found = around(clinic.patient, lambda _operation: True)
    for row in found.records:
        assert row.record.signed_by
    for consent in found.consents:
        assert consent.title
    for paper in found.handed_out:
        assert paper.by.display_name
        assert paper.visit.location.name
    return found


def test_what_stands_beside_the_courses_costs_the_same_for_one_day_and_for_three(
    clinic, visit, second, once_more
):
    once_more(visit)
    with CaptureQueriesContext(connection) as one:
        all_of(clinic)
    once_more(second)
    once_more(Appointment.objects.get(session__course=second.session.course, session__ordinal=3))
    with CaptureQueriesContext(connection) as three:
        found = all_of(clinic)
    assert len(found.records) == len(found.with_harm) == len(found.handed_out) == 3
    assert sum(len(strip.shots) for strip in found.strips) == len(found.consents) == 3
    assert len(three) == len(one) <= 10


def test_the_summary_costs_the_same_for_one_record_and_for_three(clinic, visit, second, once_more):
    once_more(visit)
    with CaptureQueriesContext(connection) as one:
        summary(clinic.patient)
    once_more(second)
    with CaptureQueriesContext(connection) as two:
        paper = summary(clinic.patient)
    assert str(paper).count("treated in the clinic or at home") == 2
    assert len(two) == len(one) <= 42


def test_who_may_see_nothing_of_it_reads_nothing(clinic, visit, once_more):
    once_more(visit)
    with CaptureQueriesContext(connection) as none:
        found = around(clinic.patient, lambda _operation: False)
    assert not any((found.records, found.strips, found.consents, found.handed_out))
    assert not none
