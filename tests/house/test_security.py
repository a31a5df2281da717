"""What a stranger, a shared computer and a curious reader of logs get: nothing."""

import logging
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse

from clinic.staff.models import User
from plans.data.factories import UserFactory
from tests.house.matrix import may
from tests.house.routes import RULES
from tests.house.source import ROOT
from tests.house.world import (
    CONDITION,
    FAMILY,
    FOREIGN,
    IDENTITY,
    MAIL,
    NAME,
    NOTE,
    PHONE,
    World,
    build,
)

MARKS = (*IDENTITY, *FOREIGN, NOTE, CONDITION)
POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
}
# What the policy would drop: it must not be there in the first place.
INLINE = {
    "a style attribute": r"<[^>]*\sstyle\s*=",
    "a style element": r"<style\b",
    "a script": r"<script(?![^>]*\bsrc=)",
    "a handler": r"<[^>]*\s(?:on[a-z]+|hx-on[:a-z-]*)\s*=",
    "a script's address": r"(?:href|src|action)\s*=\s*[\"']?\s*javascript:",
    "another host's file": r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=[\"'](?:https?:)?//",
}
SIGN_IN, PASSWORD = "/account/login/", UserFactory.PASSWORD
# Pages of strangers: signing in, and what a curious one tries.
OUTSIDE = (
    SIGN_IN,
    "/account/signup/",
    "/account/password/reset/",
    "/account/logout/",
    "/no-such-page/",
)


@pytest.fixture
def world(db: None) -> World:
    return build()


@pytest.fixture
def desk(world: World) -> Client:
    client = Client()
    client.force_login(world.staff["reception"])
    return client


def answers(world: World, role: str) -> Iterator[tuple[str, Any]]:
    """Every answer that `role` gets to a GET and to an empty form, each on an untouched database."""
    client = Client(raise_request_exception=False)
    client.force_login(world.staff[role])
    for name, rule in RULES.items():
        if may(role, rule.operation):
            address = reverse(name, kwargs=world.arguments(rule.kind, "own")[0])
            for method in rule.methods:
                with transaction.atomic():
                    yield f"{method} {address}", client.generic(method, address)
                    transaction.set_rollback(True)


def outside() -> Iterator[tuple[str, Any]]:
    for address in OUTSIDE:
        yield address, Client().get(address)


def faults_of(page: Any) -> list[str]:
    """What in a page would break the policy, or weaken it."""
    sent = page.headers.get("Content-Security-Policy", "")
    parts = [part.strip().partition(" ") for part in sent.split(";") if part.strip()]
    policy = {name: value for name, _space, value in parts}
    # A file that somebody uploaded may be shown, and do nothing at all.
    is_sealed = policy.get("default-src") == "'none'" and policy.get("sandbox") == ""
    faults = [] if is_sealed or policy == POLICY else [f"policy {sent!r}"]
    if page["Content-Type"].startswith("text/html"):
        faults += [what for what, sign in INLINE.items() if re.search(sign, page.text, re.I)]
    for header, value in (
        ("X-Frame-Options", ("DENY",)),
        ("X-Content-Type-Options", ("nosniff",)),
        ("Referrer-Policy", ("same-origin", "no-referrer")),
    ):
        if page.headers.get(header) not in value:
            faults.append(f"{header} is {page.headers.get(header)}")
    return faults


@pytest.mark.parametrize("role", ["reception", "physician", "manager", "editor"])
def test_every_page_keeps_the_policy(world: World, role: str):
    found = {
        address: faults for address, page in answers(world, role) if (faults := faults_of(page))
    }
    assert not found


def test_every_page_of_strangers_keeps_the_policy(db: None):
    found = {address: faults for address, page in outside() if (faults := faults_of(page))}
    assert not found


def test_what_a_signed_in_person_saw_is_not_kept_by_the_browser(world: World):
    kept = [
        address
        for address, page in answers(world, "physician")
        if not {"no-store", "private"}
        <= set(re.split(r",\s*", page.headers.get("Cache-Control", "")))
    ]
    assert not kept


# --- signing in


def sign_in(client: Client, username: str, password: str) -> Any:
    return client.post(SIGN_IN, {"login": username, "password": password})


def test_nobody_signs_up(db: None):
    assert "<form" not in Client().get("/account/signup/").text.lower()
    Client().post(
        "/account/signup/", {"username": "eve", "password1": PASSWORD, "password2": PASSWORD}
    )
    assert not User.objects.exists()


def test_guessing_passwords_is_stopped_for_a_while(db: None):
    UserFactory.create(username="julia")
    with time_machine.travel("2026-11-23 09:00Z", tick=False) as clock:
        for _guess in range(5):
            sign_in(Client(), "julia", "wrong-password")
        refused = sign_in(Client(), "julia", PASSWORD)
        assert refused.status_code != 302
        assert "Too many" in refused.text
        clock.shift(5 * 60 + 1)
        assert sign_in(Client(), "julia", PASSWORD).status_code == 302


def test_a_flood_of_guesses_is_answered_429(db: None):
    with time_machine.travel("2026-11-23 09:00Z", tick=False) as clock:
        seen = [sign_in(Client(), f"name{n}", "wrong-password").status_code for n in range(40)]
        assert seen[-1] == 429
        clock.shift(61)
        assert Client().get(SIGN_IN).status_code == 200
        assert sign_in(Client(), "name", "wrong-password").status_code == 200


def test_a_wrong_name_and_a_wrong_password_sound_the_same(db: None):
    UserFactory.create(username="julia")
    unknown, wrong = (
        re.sub(r'value="[^"]*"', "", sign_in(Client(), username, "wrong-password").text)
        for username in ("nobody", "julia")
    )
    assert unknown == wrong


def test_signing_in_leads_to_no_other_site(db: None):
    UserFactory.create(username="julia")
    typed = {"login": "julia", "password": PASSWORD, "next": "https://evil.example/"}
    assert Client().post(SIGN_IN, typed)["Location"] == "/"


def test_the_session_is_new_after_signing_in_and_kept_from_scripts(db: None):
    UserFactory.create(username="julia")
    client = Client()
    client.session.save()
    planted = client.session.session_key
    assert planted
    client.cookies[settings.SESSION_COOKIE_NAME] = planted
    sign_in(client, "julia", PASSWORD)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie.value != planted
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["max-age"], "a shared computer forgets when the browser closes"


def test_over_https_no_cookie_travels_in_the_clear(db: None, settings: Any):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    UserFactory.create(username="julia")
    client = Client()
    client.get(SIGN_IN)
    sign_in(client, "julia", PASSWORD)
    assert client.cookies[settings.SESSION_COOKIE_NAME]["secure"]
    assert client.cookies[settings.CSRF_COOKIE_NAME]["secure"]


def test_the_settings_for_https_leave_nothing_to_warn_of(tmp_path: Any):
    checked = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(tmp_path),
            "HTTPS": "1",
            "ALLOWED_HOSTS": "clinic.example",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


# --- what stands in answers, addresses and logs


def marks_in(text: str) -> list[str]:
    return [mark for mark in MARKS if mark in text]


def test_no_address_names_anybody(world: World, desk: Client):
    told = [answer.get(header, "") for role in ("reception", "physician") for _, answer in answers(world, role)
            for header in ("Location", "HX-Redirect", "HX-Push-Url")]  # fmt: skip
    for typed in (NAME, PHONE, f"{NAME} {FAMILY}"):
        told.append(desk.post(reverse("patients:list"), {"q": typed}).get("Location", ""))
        told.append(desk.post(reverse("desk:search"), {"q": typed}).get("Location", ""))
    told.append(desk.post(reverse("patients:register"), newcomer()).get("Location", ""))
    assert any(told), "somebody is led somewhere"
    assert not marks_in(" ".join(told))


def newcomer() -> dict[str, str]:
    return {
        "given_name": f"{NAME}a",
        "family_name": f"{FAMILY}sky",
        "birth_date": "1980-05-01",
        "email": MAIL,
        "language": "en",
        "key": str(uuid.uuid4()),
    }


@pytest.fixture
def broken(world: World, desk: Client, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The answer of a page that breaks while it holds a patient's data, even in its message."""

    def fail(*args: Any, **kwargs: Any) -> None:
        given, note = args, NOTE
        raise RuntimeError(f"{given} {note} {NAME} {PHONE}")

    monkeypatch.setattr("plans.desk.selectors.patient_file", fail)
    desk.raise_request_exception = False
    return lambda: desk.get(reverse("desk:patient", args=[world.own.patient.number]))


def test_a_broken_page_tells_nothing(broken: Any):
    answer = broken()
    assert answer.status_code == 500
    assert "Something broke" in answer.text
    assert not marks_in(answer.text)


def test_pages_of_refusal_tell_nothing(world: World, desk: Client):
    there = world.other.patient.number
    assert not marks_in(desk.get(reverse("desk:patient", args=[there])).text)
    assert not marks_in(desk.get(reverse("editor:section", args=["tca_peel", "rules"])).text)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(world.staff["reception"])
    refused = strict.post(reverse("patients:register"), newcomer())
    assert refused.status_code == 403
    assert not marks_in(refused.text)


def written(caplog: pytest.LogCaptureFixture) -> str:
    """Everything logged, as the console handler would write it."""
    console = next(h for h in logging.getLogger().handlers if h.get_name() == "console")
    return "\n".join(console.format(record) for record in caplog.records)


def test_logs_name_nobody_whatever_was_done(
    world: World, desk: Client, caplog: pytest.LogCaptureFixture
):
    for name in ("", "django", "django.request", "django.security", "clinic", "plans", "allauth"):
        caplog.set_level(logging.DEBUG, logger=name)
    for role in ("reception", "physician", "manager"):
        for _address, _answer in answers(world, role):
            pass
    desk.post(reverse("patients:list"), {"q": NAME})
    desk.post(reverse("patients:register"), newcomer() | {"birth_date": NAME})
    desk.post(reverse("patients:register"), newcomer())
    Client(enforce_csrf_checks=True).post(SIGN_IN, {"login": NAME, "password": NOTE})
    sign_in(Client(), NAME, NOTE)
    assert caplog.records, "something is logged"
    assert not marks_in(written(caplog))


def test_a_broken_page_is_logged_without_what_it_held(
    broken: Any, caplog: pytest.LogCaptureFixture
):
    broken()
    told = written(caplog)
    assert "RuntimeError" in told
    assert "test_security.py" in told
    assert not marks_in(told)
