"""The page of a visit: its next steps, and what stands against them."""

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clinic.kit.operations import Role
from plans.catalogue.models import Contraindication, Revision
from plans.data.factories import (
    FactFactory,
    FactTypeFactory,
    LocationFactory,
    UserFactory,
)
from plans.diary.models import Appointment
from tests.diary.clinic import BERLIN, THURSDAY, client_of, said, version_of

FOUR = ("herpes", "sunburn", "lupus", "retinoid")
SERIES = (dt.date(2026, 11, 26), dt.date(2027, 2, 26), dt.date(2027, 5, 26))


@pytest.fixture
def visit(clinic, desk, monday) -> Appointment:
    course = clinic.book(*SERIES)
    monday.move_to(dt.datetime(2026, 11, 26, 10, tzinfo=BERLIN))
    desk.force_login(clinic.reception)  # the first session has ended long ago
    return Appointment.objects.get(session__course=course, session__ordinal=1)


def send(client: Client, visit: Appointment, to: str, reason: str = ""):
    url = reverse("visits:status", args=[visit.pk])
    form = {"to": to, "reason": reason, "key": uuid.uuid4(), "version": version_of(visit)}
    return client.post(url, form)


def test_a_visit_arrives(clinic, desk, visit):
    assert send(desk, visit, "arrived")["Location"] == f"/health/visit/{visit.pk}/"
    visit.refresh_from_db()
    assert visit.status == "arrived"


def test_what_is_open_is_said_on_the_visit(clinic, desk, visit):
    send(desk, visit, "arrived")
    page = desk.get(f"/visits/{visit.pk}/")
    assert "Pregnancy: never asked" in said(page)
    assert "Begin treatment" not in said(page)


def test_a_treatment_does_not_begin_while_something_is_open(clinic, desk, visit):
    send(desk, visit, "arrived")
    answer = send(client_of(clinic.practitioner), visit, "in_treatment")
    assert answer.status_code == 422
    assert "Not yet: Pregnancy: never asked" in said(answer)


def test_reception_may_not_mark_done(clinic, desk, visit):
    send(desk, visit, "arrived")
    assert send(desk, visit, "done").status_code == 403


def test_a_reason_left_out_is_asked_for(desk, visit):
    answer = send(desk, visit, "cancelled")
    assert answer.status_code == 422
    assert "Say why" in said(answer)


def test_a_visit_that_is_done_leads_to_its_sheet(clinic, visit):
    clinic.deny("pregnancy", on=THURSDAY)
    practitioner = client_of(clinic.practitioner)
    for status in ("arrived", "in_treatment", "done"):
        assert send(practitioner, visit, status).status_code == 302
    page = practitioner.get(f"/visits/{visit.pk}/").content.decode()
    assert reverse("sheets:aftercare", args=[visit.pk]) in page


def test_a_caution_is_signed_on_the_page(clinic, visit):
    clinic.deny("pregnancy", on=THURSDAY)
    FactFactory(
        patient=clinic.patient, fact_type=FactTypeFactory(code="keloid_tendency"),
        status="present", since=dt.date(2026, 11, 20),
    )  # fmt: skip
    practitioner = client_of(clinic.practitioner)
    url, rule = reverse("visits:sign", args=[visit.pk]), "ci:tca_peel_medium:keloid_tendency"
    short = practitioner.post(url, {"rule": rule, "reason": "ok", "key": uuid.uuid4()})
    assert short.status_code == 422
    whole = {"rule": rule, "reason": "small area, healed well before", "key": uuid.uuid4()}
    assert practitioner.post(url, whole).status_code == 302
    assert "small area, healed well before" in said(practitioner.get(f"/visits/{visit.pk}/"))


def test_reception_may_not_sign(clinic, desk, visit):
    url = reverse("visits:sign", args=[visit.pk])
    assert desk.post(url, {"rule": "x", "reason": "y" * 12, "key": uuid.uuid4()}).status_code == 403


@pytest.mark.parametrize("page", ["", "status/", "sign/", "move/"])
def test_a_visit_of_another_location_is_not_found(visit, page):
    foreign = client_of(UserFactory(role=Role.PHYSICIAN, location=LocationFactory()))
    url = f"/visits/{visit.pk}/{page}"
    answer = foreign.post(url, {}) if page in ("status/", "sign/") else foreign.get(url)
    assert answer.status_code == 404


def test_who_saw_an_older_visit_is_told_what_changed(clinic, desk, visit):
    old = {"to": "arrived", "key": uuid.uuid4(), "version": version_of(visit)}
    send(client_of(clinic.practitioner), visit, "confirmed")
    answer = desk.post(reverse("visits:status", args=[visit.pk]), old)
    assert answer.status_code == 422
    assert f"{clinic.practitioner.display_name} set this visit to “Confirmed” at 10:00" in said(
        answer
    )
    visit.refresh_from_db()
    assert visit.status == "confirmed"


def test_a_second_sending_of_the_same_step_is_no_stale_one(clinic, desk, visit):
    form = {"to": "confirmed", "key": uuid.uuid4(), "version": version_of(visit)}
    url = reverse("visits:status", args=[visit.pk])
    assert [desk.post(url, form).status_code for _ in range(2)] == [302, 302]
    assert visit.changes.filter(became="confirmed").count() == 1


@pytest.fixture
def asking(clinic, monday) -> Appointment:
    """A visit under a revision that asks four questions more."""
    row = Revision.objects.get(pk=clinic.peel.pk)
    copied: list[Any] = [*row.needs.all(), *row.contraindications.all()]
    Revision.objects.filter(pk=row.pk).update(state="superseded")
    row.pk, row.number, row.state = None, 2, "draft"
    row.save(force_insert=True)
    for part in copied:
        part.pk, part.revision = None, row
        part.save(force_insert=True)
    for code in FOUR:
        Contraindication.objects.create(
            revision=row, fact_type=FactTypeFactory(code=code, name={"en": code}),
            severity="temporary", source="clinic default",
        )  # fmt: skip
    row.state = "current"
    row.save(update_fields=["state"])
    clinic.peel = row
    course = clinic.book(*SERIES)
    monday.move_to(dt.datetime(2026, 11, 26, 10, tzinfo=BERLIN))
    return Appointment.objects.get(session__course=course, session__ordinal=1)


def test_many_questions_are_one_line_and_what_is_to_be_signed_stands_alone(clinic, asking):
    keloid = FactTypeFactory(code="keloid_tendency")
    FactFactory(
        patient=clinic.patient, fact_type=keloid, status="present", since=dt.date(2020, 1, 1)
    )
    page = client_of(clinic.practitioner).get(f"/visits/{asking.pk}/").text
    folded = re.search(r"<details><summary>.*?</details>", page, re.DOTALL)
    assert folded
    assert "5 questions to ask" in folded[0]
    assert all(code in folded[0] for code in FOUR)
    assert "keloid" not in folded[0].casefold()
    assert "Reason, at least 10 letters" in page


def test_few_questions_stand_one_by_one(clinic, visit):
    page = client_of(clinic.practitioner).get(f"/visits/{visit.pk}/").text
    assert "Pregnancy: never asked" in page
    assert "<details><summary>" not in page
