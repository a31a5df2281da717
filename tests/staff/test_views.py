"""The language that a staff member chooses."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation

from clinic.audit.models import Entry
from clinic.kit.operations import Role
from clinic.staff.models import User
from plans.data.factories import UserFactory

pytestmark = pytest.mark.django_db

URL = "/staff/language/"


@pytest.fixture(autouse=True)
def _no_language_left_behind() -> Iterator[None]:
    """The page's language stays with the thread, and would greet the next test."""
    with translation.override("en"):
        yield


@pytest.fixture
def nurse(client: Client) -> User:
    user = UserFactory.create(role=Role.EDITOR)
    client.force_login(user)
    return user


def test_a_chosen_language_is_kept_by_the_account_and_the_browser(client: Client, nurse: User):
    answer = client.post(URL, {"language": "de", "next": "/catalogue/"})
    assert (answer.status_code, answer["Location"]) == (302, "/catalogue/")
    nurse.refresh_from_db()
    assert nurse.language == "de"
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "de"
    assert '<html lang="de"' in client.get(URL).text
    assert Entry.objects.get(action="language_set").by == nurse


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_nobody_is_led_to_another_site(client: Client, nurse: User, to: str):
    assert client.post(URL, {"language": "de", "next": to})["Location"] == "/"


def test_a_language_that_is_not_offered_changes_nothing(client: Client, nurse: User):
    assert client.post(URL, {"language": "tlh"}).status_code == 400
    nurse.refresh_from_db()
    assert nurse.language == "en"


def test_signing_in_brings_one_s_own_language(client: Client):
    UserFactory.create(username="julia", language="ru", password="quiet-harbour-42")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "de"
    client.post("/account/login/", {"login": "julia", "password": "quiet-harbour-42"})
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "ru"


def test_without_a_mail_server_nobody_is_promised_a_reset(client, db):
    page = client.get(reverse("account_login")).content.decode()
    assert "Forgotten?" not in page
    assert "The manager sets a new one" in page
    answer = client.post("/account/password/reset/", {"email": "anna@example.org"})
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))
