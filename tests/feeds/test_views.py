"""Links to calendars: who makes them, what they open, and who learns of them."""

import datetime as dt
import logging
import re
import uuid
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from clinic.audit.models import Entry
from clinic.kit.logs import PlainFormatter
from clinic.staff.models import User
from clinic.staff.selectors import digest_of
from plans.data.factories import PatientFactory, UserFactory
from plans.feeds import services
from plans.feeds.models import Feed
from plans.feeds.services import issue_feed
from tests.diary.clinic import Clinic

OWN, OF_142 = "/feeds/", "/feeds/patients/142/"


def sent(act: str) -> dict[str, str]:
    return {"key": str(uuid.uuid4()), "act": act}


def address_in(page: Any) -> str:
    found = re.search(r">http://testserver(/feeds/[\w-]+\.ics)</textarea>", page.text)
    assert found, page.text
    return found[1]


@pytest.mark.parametrize(("page", "who"), [(OWN, "physician"), (OF_142, "desk")])
def test_a_link_is_made_and_shown_once(
    booked: Clinic, page: str, who: str, stranger: Client, request: pytest.FixtureRequest
):
    client = request.getfixturevalue(who)
    assert ".ics" not in client.get(page).text

    form = sent("issue")
    shown = client.post(page, form)
    address = address_in(shown)
    token = address.split("/")[-1].removesuffix(".ics")

    assert len(token) >= 43  # 256 bits
    feed = Feed.objects.get()
    assert feed.digest == digest_of(token)
    assert token not in str(Feed.objects.values()) + str(Entry.objects.values())
    assert ".ics" not in client.get(page).text
    assert client.post(page, form).status_code == 302  # sent twice: not shown again
    assert Feed.objects.count() == 1
    assert stranger.get(address).status_code == 200


def test_a_link_that_is_replaced_opens_nothing_any_more(
    booked: Clinic, desk: Client, stranger: Client
):
    first = address_in(desk.post(OF_142, sent("issue")))
    second = address_in(desk.post(OF_142, sent("issue")))

    assert stranger.get(first).status_code == 404
    assert stranger.get(second).status_code == 200
    assert [entry.action for entry in Entry.objects.order_by("id")][-3:] == [
        "feed_issued", "feed_revoked", "feed_issued",
    ]  # fmt: skip


def test_a_link_that_is_revoked_opens_nothing_any_more(
    booked: Clinic, desk: Client, stranger: Client
):
    address = address_in(desk.post(OF_142, sent("issue")))
    answer = desk.post(OF_142, sent("revoke"))

    assert answer["Location"] == OF_142
    gone, unknown = stranger.get(address), stranger.get("/feeds/no-such-link.ics")
    assert (gone.status_code, gone.content) == (404, unknown.content)
    assert gone["Content-Type"] == "text/plain"
    feed = Feed.objects.get()
    assert (feed.revoked_by, feed.revoked_at is not None) == (booked.reception, True)
    assert Entry.objects.get(action="feed_revoked").patient_number == 142


def test_one_s_own_link_and_a_patient_s_do_not_end_each_other(
    booked: Clinic, physician: Client, stranger: Client
):
    own = address_in(physician.post(OWN, sent("issue")))
    other = PatientFactory.create(location=booked.location, number=143)
    issue_feed(booked.patient, by=booked.physician, key=uuid.uuid4())
    issue_feed(other, by=booked.physician, key=uuid.uuid4())

    assert stranger.get(own).status_code == 200
    assert Feed.objects.filter(revoked_at=None).count() == 3


def test_a_form_that_says_nothing_sensible_changes_nothing(booked: Clinic, desk: Client):
    assert desk.post(OF_142, sent("burn")).status_code == 422
    assert not Feed.objects.exists()


def test_somebody_who_is_nobody_in_the_diary_is_told_so(clinic: Clinic):
    client = Client()
    client.force_login(clinic.practitioner)

    page = client.get(OWN)
    assert "No practitioner of the diary is linked with your account" in page.text
    client.post(OWN, sent("issue"))
    assert not Feed.objects.exists()


def test_a_patient_of_another_location_is_not_found(clinic: Clinic, desk: Client):
    PatientFactory.create(number=900)

    assert desk.get("/feeds/patients/900/").status_code == 404
    assert desk.post("/feeds/patients/900/", sent("issue")).status_code == 404


# --- what the link answers


@pytest.fixture
def link(booked: Clinic) -> str:
    return f"/feeds/{issue_feed(booked.patient, by=booked.reception, key=uuid.uuid4())}.ics"


def test_a_calendar_is_told_as_one_and_kept_by_nobody_on_the_way(link: str, stranger: Client):
    answer = stranger.get(link)

    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert {"private", "no-cache"} <= set(answer["Cache-Control"].split(", "))
    assert answer.content.startswith(b"BEGIN:VCALENDAR\r\n")
    assert stranger.head(link).status_code == 200
    assert stranger.post(link).status_code == 405


def test_what_has_not_changed_is_not_sent_again(link: str, stranger: Client, booked: Clinic):
    first = stranger.get(link)
    again = stranger.get(link, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Referrer-Policy"] == "no-referrer"

    booked.book(dt.date(2027, 6, 29), revision=booked.toxin, minute=900)
    changed = stranger.get(link, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200


def test_when_a_link_was_last_read_is_noted_to_the_hour(
    link: str, stranger: Client, monday: time_machine.Traveller, desk: Client
):
    assert "never" in desk.get(OF_142).text
    stranger.get(link)
    first = Feed.objects.get().last_read_at
    monday.shift(dt.timedelta(minutes=59))
    stranger.get(link)
    assert Feed.objects.get().last_read_at == first
    monday.shift(dt.timedelta(minutes=2))
    stranger.get(link)
    assert first
    assert Feed.objects.get().last_read_at == first + dt.timedelta(minutes=61)
    assert "never" not in desk.get(OF_142).text


def test_the_link_of_somebody_who_left_or_lost_the_role_opens_nothing(
    booked: Clinic, stranger: Client
):
    address = f"/feeds/{issue_feed(booked.weiss, by=booked.physician, key=uuid.uuid4())}.ics"
    assert stranger.get(address).status_code == 200

    booked.physician.groups.clear()
    assert stranger.get(address).status_code == 404
    booked.physician.groups.add(*UserFactory.create(role="practitioner").groups.all())
    assert stranger.get(address).status_code == 200
    User.objects.filter(pk=booked.physician.pk).update(is_active=False)
    assert stranger.get(address).status_code == 404


def test_trying_and_reading_too_often_is_stopped_for_a_while(
    link: str, stranger: Client, monkeypatch: pytest.MonkeyPatch, monday: time_machine.Traveller
):
    monkeypatch.setattr(services, "MOST_MISSES", 2)
    monkeypatch.setattr(services, "MOST_READINGS", 2)

    missed = [stranger.get(f"/feeds/guess{n}.ics").status_code for n in range(3)]
    assert missed == [404, 404, 429]
    # whoever guesses does not lock out those who need not
    read = [stranger.get(link) for _ in range(3)]
    assert [answer.status_code for answer in read] == [200, 200, 429]
    assert read[-1]["Retry-After"] == "3600"


def test_a_calendar_costs_the_same_however_full_it_is(
    booked: Clinic, stranger: Client, django_assert_num_queries: Any
):
    people = (booked.weiss, booked.patient)
    links = [
        f"/feeds/{issue_feed(who, by=booked.physician, key=uuid.uuid4())}.ics" for who in people
    ]
    for address in links:
        stranger.get(address)  # the hour's note is written
    for n in range(6):
        other = PatientFactory.create(
            location=booked.location, skin_type=3, skin_type_on="2026-11-09"
        )
        booked.deny("isotretinoin_oral", "keloid_tendency", patient=other)
        booked.book(dt.date(2026, 12, 1) + dt.timedelta(days=7 * n), patient=other)

    with django_assert_num_queries(9):
        assert stranger.get(links[0]).content.count(b"BEGIN:VEVENT") == 9
    with django_assert_num_queries(3):
        assert stranger.get(links[1]).content.count(b"BEGIN:VEVENT") == 3


def test_no_log_and_no_audit_holds_a_link(
    link: str, stranger: Client, desk: Client, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    caplog.handler.setFormatter(PlainFormatter("{levelname} {name} {message}", style="{"))
    for name in ("django", "django.request", "django.server", "plans", "clinic"):
        caplog.set_level(logging.DEBUG, logger=name)
    token = link.split("/")[-1].removesuffix(".ics")

    stranger.get(link)
    stranger.get(f"{link}x")  # a slip of the finger: the page is not found, and that is logged
    stranger.post(link)
    stranger.get(f"/feeds/{token}")
    careful = Client(enforce_csrf_checks=True)
    careful.cookies = desk.cookies
    assert careful.post(link).status_code == 403

    assert "/feeds/***" in caplog.text
    assert token not in caplog.text
    assert token not in str(list(Entry.objects.values()))


def test_the_server_writes_no_addresses():
    served: dict[str, Any] = {}
    exec((settings.BASE_DIR / "deploy" / "gunicorn.py").read_text(), served)  # noqa: S102  # our own file
    assert served["accesslog"] is None
