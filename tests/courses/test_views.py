"""Pages of courses: choosing what to plan, and one course with its sessions."""

import datetime as dt

import pytest
from django.urls import reverse

from clinic.kit.operations import Role
from plans.courses.services import open_course
from plans.data.factories import LocationFactory, ProcedureFactory, RevisionFactory, UserFactory
from plans.terms.models import Sign
from tests.diary.clinic import client_of

PLAN = "/courses/plan/142/"
SERIES = (dt.date(2026, 11, 26), dt.date(2027, 2, 26), dt.date(2027, 5, 26))


def test_typing_a_name_finds_the_procedure_and_leads_to_its_dates(clinic):
    Sign.objects.create(code="pits", name={"en": "Pits"})
    query = {"q": "tca", "sign": "pits", "depth": "deep"}
    part = client_of(clinic.reception).get(PLAN, query, headers={"HX-Request": "true"})
    html = part.content.decode()
    assert html.lstrip().startswith('<section class="panel" id="choices"')
    assert 'href="/series/142/tca_peel_medium/?sign=pits&amp;depth=deep"' in html
    assert "botulinum" not in html


def test_home_care_is_shown_but_not_booked(clinic):
    RevisionFactory(
        procedure=ProcedureFactory(code="azelaic", is_home=True), state="current",
        name={"en": "Azelaic gel"},
    )  # fmt: skip
    html = client_of(clinic.reception).get(PLAN).content.decode()
    assert "Azelaic gel" in html
    assert "/series/142/azelaic/" not in html


def test_a_name_that_nothing_has_says_so(clinic):
    assert (
        b"No procedure has such a name"
        in client_of(clinic.reception).get(PLAN, {"q": "zzz"}).content
    )


@pytest.mark.parametrize("role", [Role.MANAGER, Role.EDITOR, Role.AUDITOR])
def test_others_plan_nothing(clinic, role):
    user = UserFactory(role=role, location=clinic.location)
    assert client_of(user).get(PLAN).status_code == 403


def test_a_patient_of_another_location_is_not_found(clinic):
    foreign = UserFactory(role=Role.PHYSICIAN, location=LocationFactory())
    assert client_of(foreign).get(PLAN).status_code == 404


def test_a_course_lists_its_sessions_with_their_windows(clinic):
    course = clinic.book(*SERIES)
    html = client_of(clinic.reception).get(f"/courses/{course.pk}/").content.decode()
    assert "Session 2 of 3" in html
    assert "Window Fri 26 Feb 2027 to Wed 26 May 2027" in html
    assert reverse("sheets:card", args=[course.pk]) in html


def test_what_is_owed_can_be_booked_from_the_course(clinic):
    course = open_course(clinic.patient, clinic.peel, 2, by=clinic.reception)
    client = client_of(clinic.reception)
    html = client.get(f"/courses/{course.pk}/").content.decode()
    url = f"/series/142/tca_peel_medium/?course={course.pk}"
    assert url in html
    assert b"Book all 2" in client.get(url).content


def test_courses_still_to_book_can_be_placed_together_from_each_of_them(clinic):
    course = open_course(clinic.patient, clinic.peel, 2, by=clinic.reception)
    client, together = client_of(clinic.reception), reverse("series:together", args=[142])
    assert together not in client.get(f"/courses/{course.pk}/").content.decode()
    other = open_course(clinic.patient, clinic.toxin, 1, by=clinic.reception)
    for each in (course, other):
        assert together in client.get(f"/courses/{each.pk}/").content.decode()
    booked = clinic.book(*SERIES)
    assert together not in client.get(f"/courses/{booked.pk}/").content.decode()


def test_a_time_pressed_in_the_diary_leads_on_from_the_choice_to_the_booking(clinic):
    client, time = client_of(clinic.practitioner), "?day=2026-11-26&minute=780&with=7"
    html = client.get(f"/courses/plan/142/{time}").content.decode().replace("&amp;", "&")
    assert f'href="/series/142/tca_peel_medium/{time}"' in html
    assert '<input type="hidden" name="minute" value="780">' in html
    chosen = client.get(f"/courses/plan/142/{time}&depth=deep").content.decode()
    assert f"?sign=&depth=deep&{time[1:]}" in chosen.replace("&amp;", "&")
    course = open_course(clinic.patient, clinic.peel, 2, by=clinic.reception)
    html = client.get(f"/courses/{course.pk}/{time}").content.decode().replace("&amp;", "&")
    assert f"?course={course.pk}&{time[1:]}" in html


def test_a_practitioner_writes_off_with_a_reason(clinic):
    course = open_course(clinic.patient, clinic.peel, 1, by=clinic.reception)
    url = reverse("courses:write_off", args=[course.pk, 1])
    assert client_of(clinic.reception).post(url, {"reason": "moved away"}).status_code == 403
    practitioner = client_of(clinic.practitioner)
    assert practitioner.post(url, {"reason": ""}).status_code == 422
    assert practitioner.post(url, {"reason": "moved away"}).status_code == 302
    assert not course.sessions.get().is_owed


def test_a_course_of_another_location_is_not_found(clinic):
    course = clinic.book(*SERIES)
    foreign = client_of(UserFactory(role=Role.PHYSICIAN, location=LocationFactory()))
    assert foreign.get(f"/courses/{course.pk}/").status_code == 404
    assert foreign.post(reverse("courses:write_off", args=[course.pk, 1])).status_code == 404
    assert (
        client_of(clinic.practitioner).post(f"/courses/{course.pk}/write-off/9/").status_code == 404
    )
