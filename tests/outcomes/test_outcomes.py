"""Scores of a session: told once, corrected by a newer row, drawn over the course."""

import datetime as dt
import uuid
from contextlib import nullcontext

import pytest
from django.contrib.auth.context_processors import PermWrapper
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse

from clinic.audit.models import Entry
from clinic.kit import clock
from clinic.kit.refusals import AlreadyDone, Refusal
from plans.core.scores import Scale, Scored
from plans.courses.models import Course, Session
from plans.data.factories import AppointmentFactory, SessionFactory
from plans.diary.models import Appointment
from plans.outcomes.models import Score
from plans.outcomes.selectors import in_visit, over_course, score_of
from plans.outcomes.services import Stale, score_visit
from plans.outcomes.tags import course_words
from plans.records.models import TreatmentRecord
from tests.diary.clinic import Clinic, client_of


@pytest.fixture
def course(clinic: Clinic) -> Course:
    return clinic.book(clock.today() + dt.timedelta(days=17))


@pytest.fixture
def visit(clinic: Clinic, course: Course) -> Appointment:
    row = Appointment.objects.get(session__course=course)
    Appointment.objects.filter(pk=row.pk).update(status="arrived")
    return Appointment.objects.select_related("patient", "location", "session__course").get(
        pk=row.pk
    )


def tell(
    visit: Appointment, clinic: Clinic, scored: Scored, seen: int = 0, note: str = ""
) -> Score:
    return score_visit(
        visit, scored, note=note, seen=seen, by=clinic.practitioner, key=uuid.uuid4()
    )


def more(course: Course, n: int) -> list[Appointment]:
    """Further sessions of the course whose patient came, a month apart."""
    return [
        AppointmentFactory(
            session=SessionFactory(course=course, ordinal=ordinal), patient=course.patient,
            status="done", starts_at=clock.now() + dt.timedelta(days=30 * ordinal),
        )
        for ordinal in range(2, n + 2)
    ]  # fmt: skip


# --- writing


def test_a_session_is_scored_by_one_form(clinic: Clinic, visit: Appointment):
    practitioner = client_of(clinic.practitioner)
    page = reverse("outcomes:visit", args=[visit.pk])
    assert practitioner.get(page).status_code == 200
    said = {"key": uuid.uuid4(), "seen": 0, "pain": 0, "satisfaction": 9, "scar": 3, "note": "x"}
    answer = practitioner.post(page, said)
    assert answer["Location"] == reverse("visits:visit", args=[visit.pk])
    score = score_of(visit)
    assert score is not None
    assert score.scored == Scored(0, 9, Scale.GOODMAN_BARON, 3, None)
    assert Entry.objects.get(action="scored").details == {
        "scales": ["goodman_baron", "nrs", "satisfaction"]
    }


def test_the_other_scar_scale_is_kept_by_its_name(clinic: Clinic, visit: Appointment):
    page = reverse("outcomes:visit", args=[visit.pk])
    said = {"key": uuid.uuid4(), "seen": 0, "vancouver": 13}
    client_of(clinic.physician).post(page, said)
    assert score_of(visit).scored == Scored(scar_scale=Scale.VANCOUVER, scar=13)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"pain": 11},
        {"scar": 0},
        {"scar": 2, "vancouver": 5},
        {"vancouver": 14},
        {"pigmentation": 5},
    ],
)
def test_what_is_no_score_is_refused_in_the_form(
    clinic: Clinic, visit: Appointment, said: dict[str, int]
):
    page = reverse("outcomes:visit", args=[visit.pk])
    answer = client_of(clinic.practitioner).post(page, {"key": uuid.uuid4(), "seen": 0, **said})
    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert not Score.objects.exists()


def test_a_correction_is_a_newer_row_and_the_older_stays(clinic: Clinic, visit: Appointment):
    first = tell(visit, clinic, Scored(pain=7))
    second = tell(visit, clinic, Scored(pain=2), seen=first.pk)
    assert score_of(visit) == second
    assert second.replaces == first
    page = reverse("outcomes:visit", args=[visit.pk])
    shown = client_of(clinic.practitioner).get(page).context["history"]
    assert [score.pain for score, _lines in shown] == [2, 7]


def test_a_score_can_be_taken_back_but_the_first_says_something(clinic: Clinic, visit: Appointment):
    with pytest.raises(Refusal):
        tell(visit, clinic, Scored())
    first = tell(visit, clinic, Scored(pain=7))
    assert tell(visit, clinic, Scored(), seen=first.pk).scored.is_empty


def test_two_who_score_at_once_do_not_undo_each_other(clinic: Clinic, visit: Appointment):
    first = tell(visit, clinic, Scored(pain=7))
    with pytest.raises(Stale):
        tell(visit, clinic, Scored(pain=1), seen=0)
    page = reverse("outcomes:visit", args=[visit.pk])
    said = {"key": uuid.uuid4(), "seen": 0, "pain": 1}
    answer = client_of(clinic.practitioner).post(page, said)
    assert answer.status_code == 422
    # What was typed stays, and sent again it means the row that stands now.
    assert (answer.context["form"]["pain"].value(), answer.context["form"]["seen"].value()) == (
        "1", first.pk,
    )  # fmt: skip


def test_nothing_new_is_not_written_twice(clinic: Clinic, visit: Appointment):
    first = tell(visit, clinic, Scored(pain=7))
    with pytest.raises(Refusal):
        tell(visit, clinic, Scored(pain=7), seen=first.pk)


def test_a_second_click_scores_once(clinic: Clinic, visit: Appointment):
    key = uuid.uuid4()
    for expected in (nullcontext(), pytest.raises(AlreadyDone)):
        with expected:
            score_visit(visit, Scored(pain=7), seen=0, by=clinic.practitioner, key=key)
    assert Score.objects.count() == 1


@pytest.mark.parametrize("status", ["booked", "confirmed", "no_show", "cancelled"])
def test_nobody_scores_a_visit_that_nobody_came_to(clinic: Clinic, visit: Appointment, status: str):
    Appointment.objects.filter(pk=visit.pk).update(status=status)
    with pytest.raises(Refusal):
        tell(visit, clinic, Scored(pain=7))


def test_a_consultation_has_no_score(clinic: Clinic):
    visit = AppointmentFactory(
        session=None, patient=clinic.patient, location=clinic.location, status="done"
    )
    with pytest.raises(Refusal):
        tell(visit, clinic, Scored(pain=7))


def test_a_score_replaces_only_one_of_its_own_visit(
    clinic: Clinic, visit: Appointment, course: Course
):
    first = tell(visit, clinic, Scored(pain=7))
    [other] = more(course, 1)
    with pytest.raises(IntegrityError, match="score_replaces_its_own_visits"), transaction.atomic():
        Score.objects.create(
            visit=other, replaces=first, pain=1, at=clock.now(), by=clinic.practitioner
        )


def test_a_score_is_never_changed(clinic: Clinic, visit: Appointment):
    first = tell(visit, clinic, Scored(pain=7))
    with pytest.raises(IntegrityError, match="outcomes_score_append_only"), transaction.atomic():
        Score.objects.filter(pk=first.pk).update(pain=0)


# --- reading


def test_the_pain_that_the_record_tells_is_not_asked_again(clinic: Clinic, visit: Appointment):
    TreatmentRecord.objects.create(
        visit=visit, values={"pain_score": 4}, saved_at=clock.now(), saved_by=clinic.practitioner
    )
    visit = Appointment.objects.select_related("session__course").get(pk=visit.pk)
    page = reverse("outcomes:visit", args=[visit.pk])
    form = client_of(clinic.practitioner).get(page).context["form"]
    assert form["pain"].value() == 4
    shown = in_visit(visit)
    assert (shown["lines"], shown["pain_from_record"]) == ([("Pain", "4 of 10")], True)
    tell(visit, clinic, Scored(pain=6))
    assert in_visit(visit)["lines"] == [("Pain", "6 of 10")]


@pytest.mark.parametrize("value", ["much", 11, None, ""])
def test_a_pain_that_is_none_in_the_record_is_left_out(
    clinic: Clinic, visit: Appointment, value: object
):
    TreatmentRecord.objects.create(
        visit=visit,
        values={"pain_score": value},
        saved_at=clock.now(),
        saved_by=clinic.practitioner,
    )
    assert in_visit(Appointment.objects.get(pk=visit.pk))["lines"] == []


def test_a_course_costs_two_queries_however_long(
    clinic: Clinic, course: Course, visit: Appointment, django_assert_num_queries
):
    first = tell(visit, clinic, Scored(pain=7))
    tell(visit, clinic, Scored(pain=5), seen=first.pk)
    for row in more(course, 5):
        tell(row, clinic, Scored(pain=2))
    with django_assert_num_queries(2):
        found = over_course(course)
        assert [(each.ordinal, each.scored.pain) for each in found] == [
            (1, 5), (2, 2), (3, 2), (4, 2), (5, 2), (6, 2),
        ]  # fmt: skip
        assert found[0].score.by.display_name


def test_the_page_of_a_course_draws_and_tells_its_scores(
    clinic: Clinic, course: Course, visit: Appointment
):
    tell(visit, clinic, Scored(pain=7, scar_scale=Scale.GOODMAN_BARON, scar=3), note="after ice")
    for row in more(course, 2):
        tell(row, clinic, Scored(pain=3))
    page = (
        client_of(clinic.practitioner)
        .get(reverse("outcomes:course", args=[course.pk]))
        .content.decode()
    )
    assert "Pain: from 7 of 10 to 3 of 10, better." in page
    assert page.count("<polyline") == 1
    assert page.count('class="tl-move-head"') == 4
    assert "3, Moderate" in page
    assert "after ice" in page
    assert 'role="img"' in page


def test_a_course_without_scores_has_no_drawing(clinic: Clinic, course: Course):
    page = client_of(clinic.practitioner).get(reverse("outcomes:course", args=[course.pk]))
    assert page.context["chart"] is None
    assert "No session of this course has begun yet" in page.content.decode()


def test_reception_sees_no_scores(clinic: Clinic, course: Course):
    assert (
        client_of(clinic.reception).get(reverse("outcomes:course", args=[course.pk])).status_code
        == 403
    )


def test_one_score_alone_says_nothing_of_the_course():
    assert course_words([Scored(pain=3), Scored(satisfaction=3)]) == []
    assert course_words([Scored(satisfaction=3), Scored(satisfaction=3)]) == [
        "Satisfaction: from 3 of 10 to 3 of 10, the same."
    ]


def test_a_session_without_a_visit_stands_nowhere(clinic: Clinic, course: Course):
    Session.objects.filter(course=course).update(performed_on=None)
    assert over_course(course) == []


def test_a_visit_shows_its_scores_and_leads_to_them(clinic: Clinic, visit: Appointment):
    tell(visit, clinic, Scored(pain=7), note="after ice")
    request = RequestFactory().get("/")
    request.user = clinic.practitioner
    perms = {"perms": PermWrapper(clinic.practitioner)}
    part = render_to_string(
        "outcomes/in_visit.html", {"outcome": in_visit(visit), **perms}, request
    )
    assert "7 of 10" in part
    assert "after ice" in part
    assert reverse("outcomes:visit", args=[visit.pk]) in part
    assert reverse("outcomes:course", args=[visit.session.course_id]) in part


def test_a_course_leads_to_its_outcomes_for_those_who_may_see_them(clinic, course):
    address = reverse("outcomes:course", args=[course.pk])
    page = reverse("courses:course", args=[course.pk])
    assert address in client_of(clinic.practitioner).get(page).text
    assert address not in client_of(clinic.reception).get(page).text
