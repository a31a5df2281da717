"""Every address, as every role, by every method: who is let in stands in matrix.py, nowhere else."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from clinic.audit.models import Entry
from clinic.kit import clock
from clinic.kit.operations import OPERATIONS, Role, roles_allow
from clinic.patients.models import Patient
from plans.courses.models import Override
from plans.data.factories import UserFactory
from plans.diary.models import Status
from plans.diary.selectors import check_in
from tests.house.matrix import BY_LINK, MATRIX, ROLES, may
from tests.house.routes import (
    OPEN_BY_LINK,
    OPEN_TO_STAFF,
    OPEN_TO_STRANGERS,
    RULES,
    Rule,
    all_routes,
    our_routes,
)
from tests.house.world import CONDITION, FOREIGN, IDENTITY, NOTE, World, build

METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE")
WHOSE = ("own", "other", "missing")
ANONYMOUS = None
# A form sent empty comes back; whatever else a page answers to the right person, it is not a closed door.
WELCOME = {"GET": {200, 302}, "HEAD": {200, 302}, "POST": {200, 204, 302, 400, 409, 422}}
WRITING = ("INSERT", "UPDATE", "DELETE", "REPLACE")


# --- the list


def test_the_code_and_the_clinics_table_say_the_same():
    assert tuple(Role) == ROLES
    assert OPERATIONS.keys() == MATRIX.keys()
    for operation in MATRIX:
        for role in (*ROLES, ""):
            said = roles_allow(frozenset(filter(None, [role])), operation)
            assert said == may(role, operation), (role or "no role", operation)


def undeclared() -> set[str]:
    return {route.name for route in all_routes() if not route.permission}


def test_every_view_of_ours_states_its_permission():
    assert undeclared() == OPEN_TO_STRANGERS | OPEN_TO_STAFF
    assert not undeclared() & our_routes().keys()


def test_only_the_way_in_is_open_to_strangers():
    open_ = {route.name for route in all_routes() if not route.asks_to_sign_in}
    assert open_ == OPEN_TO_STRANGERS | OPEN_BY_LINK


def test_every_address_is_walked():
    assert our_routes().keys() == RULES.keys()


@pytest.mark.parametrize("name", RULES)
def test_an_address_asks_for_the_right_permission(name: str):
    assert our_routes()[name].permission == RULES[name].operation


def test_every_call_of_a_program_is_known_as_one():
    calls = {name for name, rule in RULES.items() if rule.is_call}
    assert calls == {name for name in RULES if name.startswith("api:")} - {
        "api:api-root",
        "api:docs",
    }


def test_no_view_of_ours_does_without_the_forms_token():
    assert not [route.name for route in all_routes() if getattr(route.view, "csrf_exempt", False)]


# --- the walk


@pytest.fixture
def world(db: None) -> World:
    return build()


@contextmanager
def nothing_kept() -> Iterator[list[str]]:
    """Collect what is written, and take it back: the next request finds the world as it was."""
    written: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        # That a door stayed shut is itself written down, and nothing else.
        if sql.lstrip().upper().startswith(WRITING) and '"audit_entry"' not in sql:
            written.append(sql)
        return execute(sql, params, many, context)

    with transaction.atomic(), connection.execute_wrapper(watch):
        yield written
        transaction.set_rollback(True)


def expected(rule: Rule, role: str | None, method: str, whose: str) -> set[int]:
    """The statuses that this answer may have; `role` None is a stranger, "" somebody without a role."""
    if role is ANONYMOUS and rule.is_call:
        return {401}
    if role is ANONYMOUS and rule.operation != BY_LINK:
        return {302, 200}  # 200 tells htmx to load the page anew: see leads_to_the_door
    allowed = rule.operation == BY_LINK or may(role or "", rule.operation)
    if method not in rule.methods:
        return {405} if allowed else {403, 405}
    if not allowed:
        return {403}
    return WELCOME[method] if whose == "own" else {404}


# Here the name of a condition is a word of the catalogue's, and says nothing of any patient.
OF_THE_CATALOGUE = (
    "catalogue:", "editor:", "sources:", "vocabulary:", "protocols:", "exchange:", "vignettes:", "api:procedure",
)  # fmt: skip


def forbidden_marks(name: str, role: str | None, status: int) -> tuple[str, ...]:
    """What may not stand in this answer."""
    if role is ANONYMOUS or status in (403, 404, 405):
        return (*IDENTITY, *FOREIGN, NOTE, CONDITION)
    marks: tuple[str, ...] = FOREIGN
    if not may(role, "see_contact"):
        marks += IDENTITY
    if not may(role, "see_clinical"):
        marks += (NOTE,)
        if not may(role, "see_screening") and not name.startswith(OF_THE_CATALOGUE):
            marks += (CONDITION,)
    return marks


def leads_to_the_door(answer: Any) -> bool:
    """To the sign-in page, or under htmx to a reload of this page, which then leads there."""
    if answer.get("HX-Refresh") == "true":
        return answer.status_code == 200 and not answer.content
    return bool(answer.get("Location", "").startswith(reverse("account_login")))


def complaints(name: str, role: str | None, method: str, whose: str, answer: Any) -> list[str]:
    """What is wrong with this answer, its status or its words."""
    status = answer.status_code
    rule = RULES[name]
    found = []
    if status not in expected(rule, role, method, whose):
        found.append(f"answers {status}, not {sorted(expected(rule, role, method, whose))}")
    asks = not rule.is_call and rule.operation != BY_LINK
    if role is ANONYMOUS and asks and not leads_to_the_door(answer):
        found.append("does not lead to the sign-in page")
    if rule.is_call and status >= 400 and answer["Content-Type"] != "application/problem+json":
        found.append("is no problem document")
    told = answer.content.decode("utf-8", "replace") + str(answer.headers)
    found += [f"says {mark}" for mark in forbidden_marks(name, role, status) if mark in told]
    return found


def walk(world: World, role: str | None, headers: dict[str, str]) -> list[str]:
    """Complaints about every answer that `role` gets."""
    # A page that breaks is a complaint like any other: the walk goes on.
    client = Client(raise_request_exception=False, headers=headers)
    if role is not ANONYMOUS:
        client.force_login(world.staff[role])
    wrong = []
    for name, rule in RULES.items():
        for whose in WHOSE:
            for arguments in world.arguments(rule.kind, whose):
                address = reverse(name, kwargs=arguments)
                for method in METHODS:
                    with nothing_kept() as written:
                        answer = client.generic(method, address)
                    what = complaints(name, role, method, whose, answer)
                    if written and answer.status_code in (403, 404, 405):
                        what.append(f"writes {written[0][:60]}")
                    wrong += [f"{method} {address}: {complaint}" for complaint in what]
    return wrong


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
@pytest.mark.parametrize("role", [*ROLES, "", ANONYMOUS], ids=[*ROLES, "no role", "stranger"])
def test_each_role_gets_what_the_table_gives_it(world: World, role: str | None, htmx: bool):
    wrong = walk(world, role, {"HX-Request": "true"} if htmx else {})
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if rule.kind])
def test_what_is_elsewhere_looks_like_what_is_nowhere(world: World, name: str):
    rule = RULES[name]
    client = Client()
    client.force_login(world.staff[next(role for role in ROLES if may(role, rule.operation))])
    there, nowhere = (world.arguments(rule.kind, whose) for whose in ("other", "missing"))
    answers = {
        client.generic(method, reverse(name, kwargs=arguments)).content
        for arguments in there + nowhere
        for method in rule.methods
        if method != "HEAD"
    }
    assert len(answers) <= 1


# What a person may do with a form, where that depends on what the form says.
STATUS_ASKS = {
    "confirmed": "book_session",
    "cancelled": "book_session",
    "arrived": "mark_arrived",
    "no_show": "mark_arrived",
    "in_treatment": "mark_done",
    "done": "mark_done",
}


@pytest.mark.parametrize("to", STATUS_ASKS)
def test_a_status_is_set_by_those_who_may(world: World, to: str):
    visit = world.own.visit
    for role in ROLES:
        client = Client()
        client.force_login(world.staff[role])
        form = {"to": to, "reason": "called in sick", "key": str(uuid.uuid4()), "version": 0}
        with nothing_kept() as written:
            answer = client.post(reverse("visits:status", args=[visit.pk]), form)
        allowed = may(role, "view_day") and may(role, STATUS_ASKS[to])
        # The patient's condition refuses treatment: whoever may begin it is told so.
        welcome = 422 if STATUS_ASKS[to] == "mark_done" else 302
        assert answer.status_code == (welcome if allowed else 403), role
        assert allowed or not written, role


def test_every_status_is_asked_for():
    assert STATUS_ASKS.keys() | {"booked"} == set(Status.values)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("severity", "asks"),
    [("relative", "sign_caution"), ("temporary", "override_wait"), ("absolute", None)],
)
def test_a_finding_is_signed_by_those_who_may(
    world: World, severity: str, asks: str | None, role: str
):
    judge_by(world, severity)
    client = Client()
    client.force_login(world.staff[role])
    checked = check_in(world.own.visit, clock.today(world.own.location.zone))
    assert checked is not None
    form = {
        "rule": next(found.rule for found in checked.open_findings if found.kind == "ci"),
        "reason": "talked it over with her",
        "key": str(uuid.uuid4()),
    }
    answer = client.post(reverse("visits:sign", args=[world.own.visit.pk]), form)
    signed = Override.objects.filter(by=world.staff[role]).exists()
    assert signed == (asks is not None and may(role, asks))
    if not may(role, "sign_caution"):
        assert answer.status_code == 403


def judge_by(world: World, severity: str) -> None:
    """Put rules in force under which the patient's condition weighs otherwise."""
    procedure = world.procedure
    draft = procedure.revisions.get(state="draft")
    draft.contraindications.update(severity=severity, washout_n=None)
    procedure.revisions.filter(state="current").update(state="superseded")
    procedure.revisions.filter(pk=draft.pk).update(state="current")


def test_somebody_without_a_place_of_work_meets_no_patient(world: World):
    world.own.location.staff.clear()
    for role in ROLES:
        client = Client()
        client.force_login(world.staff[role])
        for name, rule in RULES.items():
            arguments = world.arguments(rule.kind, "own")[0]
            for method in rule.methods:
                with nothing_kept():
                    answer = client.generic(method, reverse(name, kwargs=arguments))
                assert not [mark for mark in (*IDENTITY, NOTE) if mark in answer.text], (role, name)
                assert answer.status_code < 500, (role, name)


def test_a_closed_door_is_written_down(world: World):
    client = Client()
    client.force_login(world.staff["auditor"])
    client.get(reverse("desk:patient", args=[world.own.patient.number]))
    entry = Entry.objects.get(action="denied")
    assert (entry.subject, entry.by) == ("desk:patient", world.staff["auditor"])


def test_a_role_taken_away_is_gone_at_the_next_page(world: World):
    client = Client()
    client.force_login(world.staff["reception"])
    page = reverse("desk:patient", args=[world.own.patient.number])
    assert client.get(page).status_code == 200
    world.staff["reception"].groups.clear()
    assert client.get(page).status_code == 403


def test_somebody_who_left_is_out_at_the_next_page(world: World):
    client = Client()
    client.force_login(world.staff["physician"])
    world.staff["physician"].__class__.objects.update(is_active=False)
    assert client.get(reverse("desk:worklist")).status_code == 302


def test_being_a_superuser_opens_nothing(world: World):
    boss = UserFactory.create(location=world.own.location, is_superuser=True, is_staff=True)
    client = Client()
    client.force_login(boss)
    address = reverse("desk:patient", args=[world.own.patient.number])
    assert client.get(address).status_code == 403


def test_a_form_from_another_site_changes_nothing(world: World):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.staff["physician"])
    before = Patient.objects.count()
    for name, rule in RULES.items():
        if "POST" in rule.methods:
            arguments = world.arguments(rule.kind, "own")[0]
            assert client.post(reverse(name, kwargs=arguments)).status_code == 403, name
    assert Patient.objects.count() == before


# --- the net under the net


@pytest.mark.parametrize("name", RULES)
def test_a_view_that_forgets_its_permission_is_closed_and_noticed(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
):
    everybody = UserFactory.create(location=world.own.location)
    for colleague in world.staff.values():
        everybody.groups.add(*colleague.groups.all())
    client = Client()
    client.force_login(everybody)
    rule, route = RULES[name], our_routes()[name]
    address = reverse(name, kwargs=world.arguments(rule.kind, "own")[0])
    with nothing_kept():
        assert client.generic(rule.methods[0], address).status_code in WELCOME[rule.methods[0]]
    monkeypatch.delattr(route.view, "permission")
    assert client.generic(rule.methods[0], address).status_code == 403
    assert name in undeclared()
