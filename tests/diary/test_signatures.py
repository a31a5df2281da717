"""A signature is tied to rule, fact, date and session: it dies with any of them, and a wait needs a physician's."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.kit import clock
from clinic.kit.refusals import Refusal
from clinic.patients.models import Answer, FormerCode
from clinic.patients.services import correct_fact
from plans.catalogue.models import Contraindication, Revision
from plans.courses.models import Course, Override
from plans.courses.selectors import local_day
from plans.data.factories import FactFactory, FactTypeFactory
from plans.diary.models import Appointment, StatusChange
from plans.diary.selectors import check_in, rescreen
from plans.diary.services import NotAllowed, change_status, sign
from plans.gaps.models import Gap, GapTable
from plans.series.services import book_series
from tests.diary.clinic import BERLIN, THURSDAY, TODAY, make_other
from tests.moves.moving import at, move

KELOID = "ci:tca_peel_medium:keloid_tendency"
ISOTRETINOIN = "ci:tca_peel_medium:isotretinoin_oral"
REASON = "low dose for one week only"
# Two weeks before, so that the wait ends in May.
STOPPED = dt.date(2026, 11, 7)


def present(clinic, code: str, **values):
    return FactFactory(
        patient=clinic.patient, fact_type=FactTypeFactory(code=code), status="present",
        **{"since": dt.date(2026, 1, 1), **values},
    )  # fmt: skip


def visit_of(course: Course) -> Appointment:
    return Appointment.objects.select_related("location").get(
        session__course=course, session__ordinal=1
    )


def signed(visit: Appointment, rule: str, by) -> Override:
    return sign(visit, rule, REASON, by=by, key=uuid.uuid4())


def standing(visit: Appointment) -> tuple[list[str], list[str]]:
    """The rules for which a signature counts, and why others do not."""
    checked = check_in(Appointment.objects.get(pk=visit.pk), TODAY)
    assert checked
    return sorted(checked.signatures), [why for _row, why in checked.void]


@pytest.fixture
def visit(clinic) -> Appointment:
    """A peel on Thursday, booked today; a keloid tendency came up, and a physician signed for it at once."""
    visit = visit_of(clinic.book(THURSDAY))
    present(clinic, "keloid_tendency")
    signed(visit, KELOID, clinic.physician)
    return visit


def test_a_physician_signs_days_before_the_visit(visit):
    assert standing(visit) == ([KELOID], [])


def test_a_signature_dies_when_the_visit_moves(clinic, visit):
    move(clinic, visit, at(clinic, THURSDAY + dt.timedelta(days=1)))
    assert standing(visit) == ([], ["moved"])


def test_a_signature_dies_when_the_fact_is_corrected(clinic, visit):
    fact = clinic.patient.facts.get(status="present")
    answer = Answer("keloid_tendency", "present", since=dt.date(2020, 1, 1))
    correct_fact(fact, answer, by=clinic.physician, reason="older than she said")
    assert standing(visit) == ([], ["record"])


def test_a_signature_dies_when_a_fact_is_added_that_changes_its_basis(clinic, visit):
    present(clinic, "keloid_tendency", since=dt.date(2026, 10, 1), until=None)
    assert standing(visit) == ([], ["record"])


def test_a_fact_of_another_rule_leaves_it_alone(clinic, visit):
    present(clinic, "pregnancy")
    assert standing(visit) == ([KELOID], [])


def test_it_is_not_needed_any_more_when_nothing_stands(clinic, visit):
    fact = clinic.patient.facts.get(status="present")
    correct_fact(fact, Answer("keloid_tendency", "denied"), by=clinic.physician, reason="misread")
    assert standing(visit) == ([], ["gone"])


def publish(clinic, severity: str = "relative", washout: int | None = None) -> None:
    """A next revision of the peel's rules in force, with another line for keloids."""
    old = clinic.peel
    lines = list(Contraindication.objects.filter(revision=old))
    Revision.objects.filter(pk=old.pk).update(state="superseded")
    new = Revision.objects.get(pk=old.pk)
    new.pk, new.number, new.state = None, 2, "draft"
    new.save(force_insert=True)
    for line in lines:
        line.pk, line.revision = None, new
        if line.fact_type.code == "keloid_tendency":
            line.severity = severity
            line.washout_n, line.washout_unit = washout, "months" if washout else ""
        line.save(force_insert=True)
    Revision.objects.filter(pk=new.pk).update(state="current")


@pytest.mark.parametrize(("severity", "washout"), [("temporary", None), ("relative", 2)])
def test_a_signature_dies_when_the_line_is_published_anew(clinic, visit, severity, washout):
    publish(clinic, severity, washout)
    assert standing(visit) == ([], ["rule"])


def test_a_publication_that_leaves_the_line_alone_leaves_the_signature(clinic, visit):
    publish(clinic)
    assert standing(visit) == ([KELOID], [])


def test_a_signature_does_not_reach_another_session(clinic, visit):
    course = book_series(
        clinic.series(dt.date(2027, 3, 4), minute=700), by=clinic.reception, key=uuid.uuid4()
    )
    assert standing(visit_of(course)) == ([], [])


@pytest.mark.parametrize("change", ["renamed", "merged"])
def test_a_signature_stays_when_its_fact_is_called_otherwise(clinic, visit, change):
    fact_type = FactTypeFactory(code="keloid_tendency")
    if change == "renamed":
        fact_type.code = "keloids"
        fact_type.save(update_fields=["code"])
        FormerCode.objects.create(code="keloid_tendency", fact_type=fact_type)
    else:
        fact_type.merged_into = FactTypeFactory(code="keloids")
        fact_type.save(update_fields=["merged_into"])
    assert standing(visit) == (["ci:tca_peel_medium:keloids"], [])


def test_a_void_signature_is_shown_with_why(clinic, visit, client):
    publish(clinic, "temporary")
    client.force_login(clinic.physician)
    page = client.get(reverse("visits:visit", args=[visit.pk])).content.decode()
    assert "Keloid tendency, signed by" in page
    assert "void: the rule has changed since" in page


# A day on which the rules say wait, for a reason


@pytest.fixture
def waiting(clinic) -> None:
    """Isotretinoin stopped two days ago: wait six months."""
    present(clinic, "isotretinoin_oral", until=STOPPED)


def book(clinic, by, *days: dt.date, reasons=None) -> Course:
    return book_series(
        clinic.series(*(days or (THURSDAY,))), by=by, key=uuid.uuid4(), overrides=reasons or {}
    )


def test_a_physician_books_a_day_of_waiting_and_signs_in_the_same_breath(clinic, waiting):
    visit = visit_of(book(clinic, clinic.physician, reasons={ISOTRETINOIN: REASON}))
    (row,) = Override.objects.all()
    assert (row.session, row.session_date, row.rule, row.reason, row.by) == (
        visit.session, THURSDAY, ISOTRETINOIN, REASON, clinic.physician
    )  # fmt: skip
    assert standing(visit) == ([ISOTRETINOIN], [])
    assert visit.screening["verdict"] == "wait"
    (judged,) = rescreen([clinic.patient], TODAY)
    assert not judged.is_endangered


def test_without_the_reason_nobody_books_it(clinic, waiting):
    with pytest.raises(NotAllowed, match="wait 6 months"):
        book(clinic, clinic.physician)


@pytest.mark.parametrize("role", ["reception", "practitioner"])
def test_only_a_physician_gives_the_reason(clinic, waiting, role):
    with pytest.raises(PermissionDenied):
        book(clinic, getattr(clinic, role), reasons={ISOTRETINOIN: REASON})
    assert not Appointment.objects.exists()
    assert not Override.objects.exists()


def test_a_reason_that_says_nothing_books_nothing(clinic, waiting):
    with pytest.raises(Refusal, match="10 letters"):
        book(clinic, clinic.physician, reasons={ISOTRETINOIN: "fine"})
    assert not Course.objects.exists()


def test_a_refusal_is_booked_for_no_reason(clinic):
    Contraindication.objects.filter(fact_type__code="keloid_tendency")
    publish(clinic, "absolute")
    present(clinic, "keloid_tendency")
    with pytest.raises(NotAllowed):
        book_series(
            clinic.series(THURSDAY, revision=Revision.objects.get(number=2)),
            by=clinic.physician, key=uuid.uuid4(), overrides={KELOID: REASON},
        )  # fmt: skip


def test_each_session_that_has_to_wait_gets_its_own_signature(clinic, waiting):
    book(
        clinic, clinic.physician, THURSDAY, dt.date(2027, 2, 26), dt.date(2027, 5, 26),
        reasons={ISOTRETINOIN: REASON},
    )  # fmt: skip
    days = [row.session_date for row in Override.objects.all()]
    assert days == [THURSDAY, dt.date(2027, 2, 26)]


def test_a_session_too_early_is_booked_with_a_reason_for_its_interval(clinic):
    rule = "interval:tca_peel_medium"
    early = dt.date(2027, 2, 4)
    with pytest.raises(NotAllowed, match="Session 2"):
        book(clinic, clinic.physician, THURSDAY, early, reasons={ISOTRETINOIN: REASON})
    book(clinic, clinic.physician, THURSDAY, early, reasons={rule: REASON})
    assert [row.rule for row in Override.objects.all()] == [rule]


def test_a_physician_moves_a_visit_into_a_time_of_waiting(clinic):
    visit = visit_of(clinic.book(dt.date(2027, 6, 10)))
    present(clinic, "isotretinoin_oral", until=STOPPED)
    to, by = at(clinic, THURSDAY), clinic.physician
    with pytest.raises(NotAllowed):
        move(clinic, visit, to, by=by)
    move(clinic, visit, to, by=by, overrides={ISOTRETINOIN: REASON})
    assert standing(visit) == ([ISOTRETINOIN], [])


def publish_gap(weeks: int) -> None:
    """The next table of gaps, with another length after a peel."""
    old = Gap.objects.get()
    GapTable.objects.update(state="superseded")
    table = GapTable.objects.create(number=old.table.number + 1, created_at=clock.now())
    Gap.objects.create(
        table=table, after=old.after, before=old.before, min_n=weeks, min_unit="weeks", source="x"
    )
    GapTable.objects.filter(pk=table.pk).update(state="current")


def test_a_signature_for_a_gap_dies_with_its_length(clinic):
    book_series(clinic.series(THURSDAY), by=clinic.reception, key=uuid.uuid4())
    rule, day = "gap:peel_medium>toxin", dt.date(2026, 12, 3)
    course = book_series(
        clinic.series(day, revision=clinic.toxin), by=clinic.physician, key=uuid.uuid4(),
        overrides={rule: REASON},
    )  # fmt: skip
    assert standing(visit_of(course)) == ([rule], [])
    publish_gap(weeks=3)
    assert standing(visit_of(course)) == ([], ["rule"])


# On the pages


def test_the_booking_page_offers_a_physician_the_day_with_a_reason(clinic, waiting, client):
    url = reverse("series:book", args=[142, "tca_peel_medium"]) + "?sessions=1"
    client.force_login(clinic.physician)
    assert "with_reason=1" in client.get(url).content.decode()
    page = client.get(url + "&with_reason=1")
    assert page.context["series"][0]["sessions"][0]["place"].day == TODAY
    assert f'value="{ISOTRETINOIN}"' in page.content.decode()
    sent = {
        "key": uuid.uuid4(), "offer": page.context["series"][0]["value"],
        "rule": [ISOTRETINOIN], "why": ["short"],
    }  # fmt: skip
    refused = client.post(url + "&with_reason=1", sent)
    assert refused.status_code == 422
    assert 'value="short"' in refused.content.decode()
    assert client.post(url, sent | {"why": [REASON]}).status_code == 302
    assert Override.objects.get().by == clinic.physician


def test_the_next_session_of_a_course_may_be_booked_too_early_with_a_reason(clinic, client):
    course = clinic.book(THURSDAY, dt.date(2027, 2, 26))
    second = Appointment.objects.get(session__course=course, session__ordinal=2)
    change_status(second, "cancelled", by=clinic.reception, reason="holiday", key=uuid.uuid4())
    rule, early = "interval:tca_peel_medium", dt.date(2027, 1, 25)
    url = reverse("series:book", args=[142, "tca_peel_medium"]) + f"?course={course.pk}"
    url += f"&first_from={early}"
    client.force_login(clinic.reception)
    assert "with_reason=1" not in client.get(url).content.decode()
    client.force_login(clinic.physician)
    assert "before the window opens" in client.get(url).content.decode()
    page = client.get(url + "&with_reason=1")
    sent = {"key": uuid.uuid4(), "offer": page.context["series"][0]["value"], "rule": [rule]}
    assert client.post(url, sent | {"why": [REASON]}).status_code == 302
    visit = Appointment.objects.get(session__course=course, session__ordinal=2, status="booked")
    assert (local_day(visit), Override.objects.get().rule) == (early, rule)


def test_the_booking_page_offers_others_the_first_day_allowed(clinic, waiting, client):
    url = reverse("series:book", args=[142, "tca_peel_medium"]) + "?sessions=1&with_reason=1"
    client.force_login(clinic.practitioner)
    page = client.get(url)
    assert page.context["with_reason"] is False
    assert page.context["series"][0]["sessions"][0]["place"].day >= dt.date(2027, 5, 7)


def test_the_page_to_move_asks_a_physician_for_reasons_and_shows_others_the_first_day(
    clinic, client
):
    visit = visit_of(clinic.book(dt.date(2027, 6, 10)))
    present(clinic, "isotretinoin_oral", until=STOPPED)
    url = reverse("moves:move", args=[visit.pk]) + f"?day={THURSDAY.isoformat()}"
    client.force_login(clinic.reception)
    page = client.get(url).content.decode()
    assert "?day=2027-05-07" in page
    assert 'name="why"' not in page
    client.force_login(clinic.physician)
    page = client.get(url)
    assert 'name="why"' in page.content.decode()
    sent = {
        "key": uuid.uuid4(), "act": page.context["act"],
        "rule": [ISOTRETINOIN], "why": [REASON],
    }  # fmt: skip
    assert client.post(url, sent).status_code == 302
    shown = client.get(reverse("visits:visit", args=[visit.pk])).content.decode()
    assert "Overridden by" in shown
    assert REASON in shown


# What is kept


def test_a_booking_keeps_all_that_its_screening_rested_on(clinic):
    kept = visit_of(clinic.book(THURSDAY)).screening
    table = Gap.objects.get().table
    assert (kept["revision"], kept["gaps"], kept["as_of"]) == (1, table.number, "2026-11-09")
    assert kept["facts"] == sorted(clinic.patient.facts.values_list("pk", flat=True))
    assert kept["findings"] == []


def test_a_treatment_keeps_what_was_signed_and_known_when_it_began(clinic, visit, monday):
    monday.move_to(dt.datetime(2026, 11, 26, 10, tzinfo=BERLIN))
    clinic.deny("pregnancy", on=THURSDAY)
    for status in ("arrived", "in_treatment", "done"):
        change_status(visit, status, by=clinic.physician, key=uuid.uuid4())
    steps = StatusChange.objects.filter(appointment=visit)
    kept: dict[str, Any] = {row.became: row.screening for row in steps}
    assert kept["booked"] is kept["arrived"] is None
    began = kept["in_treatment"]
    assert (began["verdict"], began["as_of"]) == ("caution", "2026-11-26")
    assert began["findings"] == [{
        "rule": KELOID, "level": "caution",
        "basis": {"level": "caution", "severity": "relative", "since": "2026-01-01"},
    }]  # fmt: skip
    assert began["signatures"] == [Override.objects.get().pk]
    assert kept["done"] == began


def test_a_treatment_written_down_a_day_later_keeps_what_was_known_when_it_began(clinic, monday):
    visit = visit_of(clinic.book(THURSDAY))
    monday.move_to(dt.datetime(2026, 11, 26, 10, tzinfo=BERLIN))
    clinic.deny("pregnancy", on=THURSDAY)
    for status in ("arrived", "in_treatment"):
        change_status(visit, status, by=clinic.physician, key=uuid.uuid4())
    monday.move_to(dt.datetime(2026, 11, 27, 9, tzinfo=BERLIN))
    change_status(visit, "done", by=clinic.physician, key=uuid.uuid4())
    done: Any = StatusChange.objects.get(appointment=visit, became="done")
    assert done.screening["as_of"] == "2026-11-26"


# The badge


def test_the_day_shows_what_stands_against_each_visit_to_those_who_may_know(clinic, client):
    clinic.book(THURSDAY)
    present(clinic, "isotretinoin_oral", until=STOPPED)
    url = reverse("diary:day", args=[THURSDAY])
    client.force_login(clinic.reception)
    assert "Wait until Fri 7 May" in client.get(url).content.decode()
    sign(
        visit_of(Course.objects.get()), ISOTRETINOIN, REASON, by=clinic.physician, key=uuid.uuid4()
    )
    assert "Wait, overridden" in client.get(url).content.decode()


def test_the_day_costs_the_same_queries_for_one_patient_and_for_several(clinic, client):
    url = reverse("diary:day", args=[THURSDAY])
    clinic.book(THURSDAY)
    client.force_login(clinic.reception)
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    for minute in (680, 760):
        clinic.book(THURSDAY, minute=minute, patient=make_other(clinic))
    with CaptureQueriesContext(connection) as three:
        client.get(url)
    assert len(three) == len(one)
