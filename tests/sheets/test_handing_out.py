"""Handing out: the link behind the code, e-mail, several procedures on one sheet, the sheet before the visit, the plan."""

import datetime as dt
import smtplib

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from clinic.kit import clock
from plans.catalogue.models import CareStep
from plans.courses.models import Course, HomeCare, Session
from plans.data.factories import (
    AppointmentFactory,
    CourseFactory,
    ProcedureFactory,
    RevisionFactory,
    SessionFactory,
)
from plans.diary.models import Appointment, StatusChange
from plans.links.models import Link
from plans.sheets import selectors, services
from plans.sheets.models import HandedOut
from plans.sheets.tags import Look
from tests.sheets.conftest import BERLIN

pytestmark = pytest.mark.django_db
ON_THE_DAY = dt.datetime(2026, 11, 23, 11, 0, tzinfo=dt.UTC)
DAY = dt.date(2026, 11, 23)


@pytest.fixture(autouse=True)
def today():
    cache.clear()
    with time_machine.travel(ON_THE_DAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def secret(visit, location, reception) -> str:
    """Of a sheet that was handed out."""
    given: list[str] = []

    def address(secret: str) -> tuple[str, str]:
        given.append(secret)
        return secret, secret

    services.hand_out(
        "aftercare", selectors.on_day(location, DAY), Look(), address,
        by=reception, way="print",
    )  # fmt: skip
    return given[0]


@pytest.fixture
def toxin(visit) -> Appointment:
    """Another procedure at noon of the same day, which forbids what the peel asks for."""
    revision = RevisionFactory.create(procedure__code="toxin", name={"en": "Toxin"})
    for kind, text in (
        ("leave", "No ice for 48 hours."),
        ("leave", "No sauna, pool, sport or alcohol."),
    ):
        CareStep.objects.create(
            revision=revision, kind=kind, from_day=0, to_day=9, text={"en": text}
        )
    course = Course.objects.create(
        plan=visit.session.course.plan,
        patient=visit.patient,
        revision=revision,
        created_at=clock.now(),
    )
    session = Session.objects.create(course=course, ordinal=1)
    return Appointment.objects.create(
        patient=visit.patient, location=visit.location, session=session, created_at=clock.now(),
        starts_at=visit.ends_at, ends_at=visit.ends_at + dt.timedelta(minutes=30),
    )  # fmt: skip


def test_what_was_handed_out_is_never_changed(secret):
    with pytest.raises(IntegrityError), transaction.atomic():
        HandedOut.objects.update(language="xx")


def test_the_code_opens_the_same_sheet_without_name_and_birth_date(secret, visit):
    page = Client().get(reverse("sheets:mine", args=[secret]))
    text = page.content.decode()
    assert "Should be over by Thu 26 Nov." in text
    assert visit.patient.family_name not in text
    assert page["Referrer-Policy"] == "no-referrer"
    assert "no-cache" in page["Cache-Control"]


def test_the_link_opens_the_visits_and_names_no_treatment(secret):
    file = Client().get(reverse("sheets:visits", args=[secret])).content.decode()
    assert file.count("BEGIN:VEVENT") == 2
    assert "SUMMARY:Appointment" in file
    assert "peel" not in file.lower()


def test_a_revoked_link_and_one_of_a_cancelled_visit_open_nothing(secret, visit):
    Appointment.objects.filter(pk=visit.pk).update(status="cancelled")
    assert Client().get(reverse("sheets:mine", args=[secret])).status_code == 404
    Appointment.objects.filter(pk=visit.pk).update(status="done")
    Link.objects.update(revoked_at=clock.now(), revoked_by=Link.objects.get().created_by)
    for name in ("mine", "visits"):
        assert Client().get(reverse(f"sheets:{name}", args=[secret])).status_code == 404


def test_the_sheet_says_when_the_treatment_really_began(visit, location):
    for status, minute in (("in_treatment", 42), ("done", 59)):
        at = dt.datetime(2026, 11, 23, 9, minute, tzinfo=dt.UTC)
        StatusChange.objects.create(appointment=visit, became=status, at=at)
    sheet = selectors.aftercare(selectors.visits_with(location, visit.pk))
    assert sheet.who[1] == ("Treated", "Mon 23 Nov 2026, 10:42, session 1 of 3")


def test_two_procedures_of_a_day_share_a_sheet_and_say_the_same_words_once(visit, toxin, location):
    visits = selectors.visits_with(location, toxin.pk)
    sheet = selectors.aftercare(visits)
    assert sheet.title == "After your treatment: Medium TCA peel and Toxin"
    said = [(line.when, text) for line in sheet.lines for text in line.leave if "sauna" in text]
    assert said == [("until Wed 2 Dec", "No sauna, pool, sport or alcohol.")]
    assert ("until Wed 2 Dec", "No ice for 48 hours. (Toxin)") in [
        (line.when, text) for line in sheet.lines for text in line.leave
    ]


def test_a_contradiction_is_shown_to_the_practitioner_who_leaves_a_line_off(
    client, reception, visit, toxin
):
    client.force_login(reception)
    address = reverse("sheets:aftercare", args=[visit.pk])
    page = client.get(address).content.decode()
    assert "1 place where the procedures contradict each other" in page
    ice = CareStep.objects.get(text__en="Cool with ice in a cloth.")
    printed = client.post(address, {"way": "page", "left_out": [ice.pk]}).content.decode()
    assert "Cool with ice" not in printed
    assert "No ice for 48 hours." in printed
    assert [given.left_out for given in HandedOut.objects.all()] == [[ice.pk], [ice.pk]]


def test_a_line_that_contradicts_nothing_cannot_be_left_off(client, reception, visit):
    client.force_login(reception)
    step = CareStep.objects.get(text__en="Redness.")
    answer = client.post(
        reverse("sheets:aftercare", args=[visit.pk]), {"way": "page", "left_out": [step.pk]}
    )
    assert answer.status_code == 422
    assert not HandedOut.objects.exists()


def test_home_care_stands_on_the_sheet_with_its_days(visit, location, reception):
    gel = RevisionFactory.create(
        procedure=ProcedureFactory.create(code="gel", is_home=True), name={"en": "Azelaic gel"},
        regimen={"times": {"value": 2, "unit": "per day"}},
    )  # fmt: skip
    HomeCare.objects.create(
        plan=visit.session.course.plan, patient=visit.patient, revision=gel, created_by=reception,
        starts_on=dt.date(2026, 12, 10), ends_on=dt.date(2026, 12, 30), created_at=clock.now(),
    )  # fmt: skip
    (use,) = selectors.aftercare(selectors.visits_with(location, visit.pk)).home
    assert use.when == "Thu 10 Dec 2026 to Wed 30 Dec 2026"
    assert use.what == "Azelaic gel, 2 times a day"


def test_the_sheet_before_the_visit_counts_its_days_back(course, location):
    revision = course.revision
    for kind, first, text in (
        ("leave", -14, "No sun."),
        ("leave", -7, "Stop retinol."),
        ("leave", -100, "No tan."),
    ):
        CareStep.objects.create(
            revision=revision,
            is_precare=True,
            kind=kind,
            from_day=first,
            to_day=0,
            text={"en": text},
        )
    visit = Appointment.objects.get(session__course=course, session__ordinal=2)
    sheet = selectors.precare(selectors.visits_with(location, visit.pk))
    assert [(line.when, line.leave) for line in sheet.lines] == [
        ("from now on", ("No tan.",)),
        ("from Tue 9 Feb 2027", ("No sun.",)),
        ("from Tue 16 Feb 2027", ("Stop retinol.",)),
    ]
    assert sheet.next_visits[0].when == "Tue 23 Feb 2027, 10:00"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (dt.date(2027, 1, 4), "Tue 23 Feb 2027 to Sun 23 May 2027, best Tue 23 Feb 2027"),
        (dt.date(2027, 3, 4), "now, until Sun 23 May 2027"),
        (dt.date(2027, 6, 4), "overdue, please call us"),
    ],
)
def test_the_plan_names_no_days_that_are_over(course, location, day, words):
    Appointment.objects.filter(session__course=course, session__ordinal=2).update(
        status="cancelled"
    )
    with time_machine.travel(dt.datetime.combine(day, dt.time(9), BERLIN)):
        sheet = selectors.plan(course.patient, location)
    assert sheet.next_visits[1].when == words


def test_a_sheet_of_two_procedures_says_which_next_visit_is_whose(course, visit, location):
    peel = RevisionFactory.create(procedure__code="meso", name={"en": "Mesotherapy"})
    other = CourseFactory.create(patient=visit.patient, revision=peel, plan=course.plan)
    sessions = [SessionFactory.create(course=other, ordinal=n) for n in (1, 2)]
    for session, days in zip(sessions, (0, 7), strict=True):
        start = visit.starts_at + dt.timedelta(days=days, hours=2)
        AppointmentFactory.create(
            session=session, patient=visit.patient, location=location, starts_at=start,
            ends_at=start + dt.timedelta(minutes=30),
        )  # fmt: skip
    sheet = selectors.aftercare(selectors.visits_with(location, visit.pk))
    assert [each.what.split(", Dr")[0] for each in sheet.next_visits] == [
        "Mesotherapy, session 2 of 2",
        "Medium TCA peel, session 2 of 3",
        "Medium TCA peel, session 3 of 3",
    ]


def test_the_plan_tells_the_date_or_the_window_of_each_session(client, reception, course):
    third = Appointment.objects.get(session__course=course, session__ordinal=3)
    third.occupancy.all().delete()
    Appointment.objects.filter(pk=third.pk).update(status="cancelled")
    client.force_login(reception)
    address = reverse("sheets:plan", args=[course.patient.number])
    page = client.get(address).content.decode()
    assert "done on Mon 23 Nov 2026" in page
    assert "Tue 23 Feb 2027, 10:00" in page
    assert ", best " in page
    assert client.post(address, {"way": "pdf"})["Content-Type"] == "application/pdf"
    assert HandedOut.objects.get().kind == "plan"


@pytest.fixture
def post_office(settings, visit):
    settings.EMAIL_URL = "smtp://x"
    visit.patient.email, visit.patient.may_email = "anna@mark.example", True
    visit.patient.save()


def send(client, visit):
    return client.post(reverse("sheets:aftercare", args=[visit.pk]), {"way": "mail"})


@pytest.mark.django_db(transaction=True)
def test_the_mail_holds_the_link_and_no_word_of_health(client, reception, visit, post_office):
    client.force_login(reception)
    assert send(client, visit).status_code == 302
    (sent,) = mail.outbox
    assert sent.to == ["anna@mark.example"]
    assert "/sheets/mine/" in sent.body
    said = f"{sent.subject} {sent.body}"
    assert not any(word in said for word in ("peel", "Anna", "Petrova", "TCA"))
    assert HandedOut.objects.get().way == "mail"


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_fails_is_told_and_its_link_opens_nothing(
    client, reception, visit, post_office, monkeypatch
):
    def fail(*_args: object, **_more: object) -> int:
        raise smtplib.SMTPException

    monkeypatch.setattr("django.core.mail.EmailMessage.send", fail)
    client.force_login(reception)
    answer = send(client, visit)
    assert answer.status_code == 422
    assert "could not be sent" in answer.content.decode()
    assert Link.objects.get().revoked_at is not None


def test_nobody_is_mailed_who_has_not_agreed(client, reception, visit, post_office):
    visit.patient.may_email = False
    visit.patient.save()
    client.force_login(reception)
    assert send(client, visit).status_code == 422
    assert not HandedOut.objects.exists()


def test_the_links_of_a_patients_sheets_are_revoked_together(client, reception, visit, secret):
    client.force_login(reception)
    assert client.post(reverse("sheets:revoke", args=[visit.patient.number])).status_code == 302
    assert Client().get(reverse("sheets:mine", args=[secret])).status_code == 404
