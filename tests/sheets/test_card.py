"""The appointment card: all sessions of a course, as page and as PDF."""

import io

import pytest
from django.urls import reverse
from pypdf import PdfReader

from plans.data.factories import LocationFactory, UserFactory

pytestmark = pytest.mark.django_db
DATES = ["Mon 23 Nov 2026, 10:00", "Tue 23 Feb 2027, 10:00", "Mon 24 May 2027, 10:00"]


def test_the_card_lists_every_session_with_its_date_and_practitioner(client, reception, course):
    client.force_login(reception)
    page = client.get(reverse("sheets:card", args=[course.pk])).content.decode()
    assert all(date in page for date in DATES)
    assert "Dr Marta Weiss" in page
    assert "All sessions" in page


def test_the_cards_pdf_lists_the_same_dates(client, reception, course):
    client.force_login(reception)
    answer = client.post(reverse("sheets:card", args=[course.pk]), {"way": "pdf"})
    text = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert all(date in text for date in DATES)


def test_a_session_without_a_date_stands_on_the_card_as_not_booked(client, reception, course):
    session = course.sessions.get(ordinal=3)
    session.appointments.get().occupancy.all().delete()
    session.appointments.update(status="cancelled")
    client.force_login(reception)
    page = client.get(reverse("sheets:card", args=[course.pk])).content.decode()
    assert "not booked yet" in page
    assert DATES[2] not in page


def test_a_course_of_another_location_is_not_found(client, course):
    client.force_login(UserFactory(role="reception", location=LocationFactory()))
    assert client.get(reverse("sheets:card", args=[course.pk])).status_code == 404
