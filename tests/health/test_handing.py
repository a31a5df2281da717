"""Questions in the patient's own hands: on a tablet that is locked meanwhile, and through a link beforehand."""

import datetime as dt
import re
import smtplib
import uuid

import pytest
from django.core import mail
from django.test import Client

from clinic.audit.models import Entry
from clinic.patients.models import Fact
from clinic.staff.models import User
from plans.data.factories import FactTypeFactory
from plans.diary.models import Appointment
from plans.links.models import Link
from tests.diary.clinic import BERLIN, said

SERIES = (dt.date(2026, 11, 26), dt.date(2027, 2, 26), dt.date(2027, 5, 26))
PASSWORD = "a-password-of-some-length"  # of a person in a test


@pytest.fixture
def visit(clinic, desk, monday) -> Appointment:
    course = clinic.book(*SERIES)
    clinic.reception.set_password(PASSWORD)
    clinic.reception.save()
    monday.move_to(dt.datetime(2026, 11, 26, 9, 50, tzinfo=BERLIN))
    desk.force_login(User.objects.get(pk=clinic.reception.pk))
    return Appointment.objects.get(session__course=course, session__ordinal=1)


@pytest.fixture
def tablet(desk, visit) -> str:
    """The address of the tablet's page; the tablet is in the patient's hands."""
    address = f"/health/visit/{visit.pk}/tablet/"
    assert desk.post(address)["Location"] == address
    return address


def answers(**more):
    return {"asked": "pregnancy", "key": uuid.uuid4(), **more}


# --- the tablet


@pytest.mark.parametrize("address", ["/", "/patients/142/", "/visits/{pk}/", "/worklist/", "/api/v1/appointments", "/account/2fa/"])  # fmt: skip
def test_nothing_else_opens_while_the_patient_holds_it(desk, visit, tablet, address):
    for method in (desk.get, desk.post):
        answer = method(address.format(pk=visit.pk))
        assert (answer.status_code, answer["Location"]) == (302, tablet)


def test_a_part_of_a_page_is_led_back_as_a_whole(desk, tablet):
    answer = desk.get("/worklist/", headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == tablet


def test_the_tablet_shows_the_questions_and_nobody(clinic, desk, tablet):
    page = desk.get(tablet).content.decode()
    assert 'name="yes_pregnancy"' in page
    assert "Petrova" not in page
    assert 'class="rail"' not in page


def test_the_tablet_speaks_the_patients_language(clinic, desk, tablet):
    clinic.patient.language = "de"
    clinic.patient.save()
    assert '<html lang="de">' in desk.get(tablet).content.decode()


def test_answers_on_the_tablet_are_kept_and_it_stays_locked(desk, tablet):
    assert desk.post(tablet, answers())["Location"] == tablet
    fact = Fact.objects.get(fact_type__code="pregnancy")
    assert (fact.status, fact.note) == ("denied", "answered by the patient on the tablet")
    assert "Please give the tablet back" in said(desk.get(tablet))
    assert desk.get("/worklist/")["Location"] == tablet


def test_only_the_password_opens_the_rest(desk, visit, tablet):
    wrong = desk.post(f"{tablet}back/", {"password": "guess"})
    assert wrong.status_code == 422
    assert "not the password" in said(wrong)
    assert desk.get("/worklist/").status_code == 302
    right = desk.post(f"{tablet}back/", {"password": PASSWORD})
    assert right["Location"] == f"/visits/{visit.pk}/"
    assert desk.get("/worklist/").status_code == 200
    kept = [entry.action for entry in Entry.objects.filter(subject=f"appointment:{visit.pk}")]
    assert {"handed_over", "not_taken_back", "taken_back"} <= set(kept)


def test_guessing_the_password_ends(desk, tablet):
    for _try in range(10):
        desk.post(f"{tablet}back/", {"password": "guess"})
    late = desk.post(f"{tablet}back/", {"password": PASSWORD})
    assert "Tried too often" in said(late)
    assert desk.get("/worklist/")["Location"] == tablet


def test_signing_out_is_always_a_way(desk, tablet):
    desk.post("/account/logout/")
    assert "/account/login/" in desk.get("/worklist/")["Location"]


# --- the link


def make_link(desk, visit) -> str:
    answer = desk.post(f"/health/visit/{visit.pk}/link/", {"act": "issue", "key": uuid.uuid4()})
    found = re.search(r"/health/mine/[\w-]+/", answer.content.decode())
    assert found
    return found[0]


def test_a_link_asks_a_stranger_what_is_due_and_names_nobody(desk, visit):
    page = Client().get(make_link(desk, visit))
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "no-referrer"
    assert "yes_pregnancy" in page.content.decode()
    assert not [word for word in ("Anna", "Petrova", "142", "TCA") if word in said(page)]


def test_looking_writes_no_answer_and_sending_does(desk, visit):
    address, stranger = make_link(desk, visit), Client()
    stranger.get(address)
    assert not Fact.objects.filter(fact_type__code="pregnancy").exists()
    sent = answers()
    assert [stranger.post(address, sent).status_code for _ in range(2)] == [302, 302]
    fact = Fact.objects.get(fact_type__code="pregnancy")
    assert (fact.recorded_by, fact.note) == (None, "answered by the patient through the link")
    assert "nothing more is asked" in said(stranger.get(address))


def test_before_the_day_only_what_will_still_count_is_asked(clinic, desk, visit, monday):
    FactTypeFactory(code="pregnancy")
    monday.move_to(dt.datetime(2026, 11, 20, 10, tzinfo=BERLIN))
    desk.force_login(clinic.reception)
    second = Appointment.objects.get(session__course=visit.session.course, session__ordinal=2)
    page = Client().get(make_link(desk, second)).content.decode()
    assert "yes_isotretinoin_oral" in page  # will be older than three months by then
    assert "yes_pregnancy" not in page


def test_a_new_link_closes_the_one_before(desk, visit):
    first, second = make_link(desk, visit), make_link(desk, visit)
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200
    desk.post(f"/health/visit/{visit.pk}/link/", {"act": "revoke", "key": uuid.uuid4()})
    assert Client().get(second).status_code == 404


def test_a_link_ends_a_day_after_the_visit(desk, visit, monday):
    address = make_link(desk, visit)
    assert Link.objects.get().expires_at == visit.ends_at + dt.timedelta(days=1)
    monday.move_to(dt.datetime(2026, 11, 28, 10, tzinfo=BERLIN))
    assert Client().get(address).status_code == 404


# --- the link by e-mail


@pytest.fixture
def post_office(settings, visit):
    settings.EMAIL_URL = "smtp://x"
    visit.patient.email, visit.patient.may_email = "anna@mark.example", True
    visit.patient.language = "de"
    visit.patient.save()


def send_link(desk, visit, key=None):
    sent = {"act": "send", "key": key or uuid.uuid4()}
    return desk.post(f"/health/visit/{visit.pk}/link/", sent)


@pytest.mark.django_db(transaction=True)
def test_the_link_goes_out_by_mail_and_opens_the_questions(desk, visit, post_office):
    assert "Send by e-mail" in desk.get(f"/health/visit/{visit.pk}/link/").text
    key = uuid.uuid4()
    assert send_link(desk, visit, key).status_code == 302
    assert send_link(desk, visit, key).status_code == 302
    (letter,) = mail.outbox
    assert letter.to == ["anna@mark.example"]
    assert "Fragen vor Ihrem Besuch" in letter.subject
    words = f"{letter.subject} {letter.body}"
    assert not any(word in words for word in ("Anna", "Petrova", "peel", "TCA", "26"))
    address = re.search(r"/health/mine/[^/]+/", str(letter.body))
    assert address
    assert Client().get(address.group()).status_code == 200
    assert Entry.objects.filter(action="link_sent").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_cannot_be_sent_is_told_and_its_link_opens_nothing(
    desk, visit, post_office, monkeypatch
):
    def fail(*_args: object, **_more: object) -> int:
        raise smtplib.SMTPException

    monkeypatch.setattr("django.core.mail.EmailMessage.send", fail)
    answer = send_link(desk, visit)
    assert answer.status_code == 422
    assert "could not be sent" in said(answer)
    assert "give it to the patient yourself" in said(answer)
    assert Link.objects.get().revoked_at is not None


def test_without_consent_to_mail_nothing_is_made(desk, visit, post_office):
    earlier = make_link(desk, visit)
    visit.patient.may_email = False
    visit.patient.save()
    assert "Send by e-mail" not in desk.get(f"/health/visit/{visit.pk}/link/").text
    answer = send_link(desk, visit)
    assert answer.status_code == 422
    assert "has not agreed to e-mail" in said(answer)
    assert Client().get(earlier).status_code == 200
