"""Publishing with the sessions it touches, and what becomes of those on the list."""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.audit.models import Entry
from clinic.kit.refusals import AlreadyDone, Refusal
from plans.catalogue.selectors import current_revision
from plans.catalogue.services import save_draft, start_draft
from plans.core.gaps import GapRule
from plans.core.impact import Decision
from plans.core.spacing import Period
from plans.courses.models import Session
from plans.data.factories import CourseFactory, LocationFactory
from plans.diary.services import change_status
from plans.gaps.models import GapTable
from plans.gaps.selectors import gap_rules
from plans.gaps.services import save_table, start_table
from plans.impact import services
from plans.impact.models import ReviewItem
from plans.impact.selectors import GAPS, Proposal, proposal, to_review
from plans.impact.services import publish_reviewed, settle_review
from plans.vignettes.models import Vignette
from tests.diary.clinic import THURSDAY, Clinic
from tests.impact.conftest import spaced
from tests.impact.test_selectors import PEEL, SECOND, THIRD


def draft_peel(clinic: Clinic, months: int = 4) -> Proposal:
    """A draft of the peel with so many months between sessions."""
    draft = start_draft(clinic.peel.procedure, by=clinic.physician)
    save_draft(draft, spaced(clinic.peel, months)[PEEL], draft.version, by=clinic.physician)
    found = proposal(PEEL)
    assert found is not None
    return found


def publish(clinic: Clinic, found: Proposal, **decided) -> int:
    decision = Decision(
        "Healing takes longer", decided.pop("version", found.draft.version), **decided
    )
    _revision, listed = publish_reviewed(found, decision, by=clinic.physician, key=uuid.uuid4())
    return listed


def test_publishing_puts_every_touched_session_on_the_list(clinic: Clinic):
    course = clinic.book(THURSDAY, SECOND, THIRD)

    assert publish(clinic, draft_peel(clinic)) == 2

    assert current_revision(PEEL).number == 2
    first, second = ReviewItem.objects.all()
    assert (first.session, second.session) == tuple(course.sessions.filter(ordinal__gte=2))
    assert (first.kinds, first.cause, first.day) == (["early"], f"{PEEL} 2", SECOND)
    assert (first.patient, first.created_by) == (clinic.patient, clinic.physician)
    course.refresh_from_db()
    assert course.revision == clinic.peel


def test_sessions_of_other_locations_are_listed_too(clinic: Clinic):
    clinic.book(THURSDAY, SECOND)
    clinic.patient.location = LocationFactory()
    clinic.patient.save(update_fields=["location"])

    assert publish(clinic, draft_peel(clinic)) == 1


def test_a_session_unticked_stays_under_its_revision_without_a_word(clinic: Clinic):
    course = clinic.book(THURSDAY, SECOND, THIRD)
    second = course.sessions.get(ordinal=2)

    assert publish(clinic, draft_peel(clinic), kept=frozenset({second.pk})) == 1

    assert [item.session.ordinal for item in ReviewItem.objects.all()] == [3]


def test_all_may_stay_under_their_revision(clinic: Clinic):
    clinic.book(THURSDAY, SECOND)

    assert publish(clinic, draft_peel(clinic), lists=False) == 0
    assert current_revision(PEEL).number == 2
    assert not ReviewItem.objects.exists()


def test_the_record_says_how_many_and_names_nobody(clinic: Clinic):
    clinic.book(THURSDAY, SECOND)
    publish(clinic, draft_peel(clinic))

    entry = Entry.objects.get(action="review_listed")

    assert entry.details == {"cause": f"{PEEL} 2", "sessions": 1, "kept": 0}
    assert (entry.by, entry.patient_number) == (clinic.physician, None)


def test_a_draft_saved_since_the_review_is_not_published(clinic: Clinic):
    clinic.book(THURSDAY, SECOND)
    found = draft_peel(clinic)

    with pytest.raises(Refusal, match="changed after you opened"):
        publish(clinic, found, version=found.draft.version - 1)

    assert current_revision(PEEL).number == 1
    assert not ReviewItem.objects.exists()


def test_the_list_is_written_with_the_revision_or_not_at_all(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
):
    clinic.book(THURSDAY, SECOND)
    found = draft_peel(clinic)

    def fail(*args: object, **kwargs: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(services, "record", fail)
    with pytest.raises(OSError, match="disk"):
        publish(clinic, found)

    assert current_revision(PEEL).number == 1
    assert not ReviewItem.objects.exists()


def test_the_same_form_sent_twice_publishes_once(clinic: Clinic):
    clinic.book(THURSDAY, SECOND)
    found, key = draft_peel(clinic), uuid.uuid4()
    decision = Decision("Healing takes longer", found.draft.version)
    publish_reviewed(found, decision, by=clinic.physician, key=key)
    again = Proposal(PEEL, current_revision(PEEL), None)

    with pytest.raises(AlreadyDone):
        publish_reviewed(again, decision, by=clinic.physician, key=key)

    assert ReviewItem.objects.count() == 1


def case_of_three_months(clinic: Clinic) -> None:
    """A case of the clinic's own: a second peel after three months is allowed."""
    Vignette.objects.create(
        code="second-peel", created_at=clinic.peel.created_at, created_by=clinic.physician,
        case={
            "id": "second-peel", "procedure": PEEL, "session_date": "2027-02-26",
            "patient": {
                "birth": "1990-05-14",
                "facts": [
                    {"code": code, "status": "denied", "since": "2027-02-26"}
                    for code in ("isotretinoin_oral", "keloid_tendency", "pregnancy")
                ],
                "history": [{"procedure": PEEL, "date": "2026-11-26"}],
            },
            "expect": {"verdict": "ok", "reasons": [], "earliest_ok": None},
        },
    )  # fmt: skip


def test_a_case_that_changes_its_answer_stops_the_publication(clinic: Clinic):
    case_of_three_months(clinic)
    found = draft_peel(clinic)

    with pytest.raises(Refusal, match="1 case changes its answer"):
        publish(clinic, found)

    assert current_revision(PEEL).number == 1


def test_a_case_that_changes_as_intended_lets_it_go_on(clinic: Clinic):
    case_of_three_months(clinic)

    publish(clinic, draft_peel(clinic), cases=1)

    assert current_revision(PEEL).number == 2


def test_the_gaps_are_published_with_the_sessions_they_touch(clinic: Clinic):
    clinic.book(THURSDAY)
    clinic.book(dt.date(2026, 12, 21), revision=clinic.toxin, minute=660)
    draft = start_table(by=clinic.physician)
    longer = (GapRule("peel_medium", "toxin", Period(6, "weeks"), {}, "article"),)
    save_table(draft, longer, draft.version, by=clinic.physician)
    found = proposal(GAPS)
    assert found is not None

    assert publish(clinic, found) == 1

    item = ReviewItem.objects.get()
    assert (item.kinds, item.cause) == (["wait"], f"gaps {found.draft.number}")
    assert gap_rules() == longer
    assert GapTable.objects.get(state="current").reason == "Healing takes longer"


# The list


@pytest.fixture
def listed(clinic: Clinic) -> ReviewItem:
    """The second of two peels, three months apart, on the list because four are asked for now."""
    clinic.book(THURSDAY, SECOND)
    publish(clinic, draft_peel(clinic))
    return ReviewItem.objects.get()


def on_list(clinic: Clinic) -> list[ReviewItem]:
    return [each.item for each in to_review(clinic.location)]


def test_the_list_shows_a_session_with_the_visit_that_stands(clinic: Clinic, listed: ReviewItem):
    (each,) = to_review(clinic.location)

    assert (each.item, each.day, each.visit) == (listed, SECOND, listed.appointment)
    assert to_review(LocationFactory()) == []


def test_the_list_takes_as_many_queries_for_many_as_for_one(clinic: Clinic, listed: ReviewItem):
    with CaptureQueriesContext(connection) as few:
        to_review(clinic.location)
    for n in range(4):
        course = CourseFactory(patient=clinic.patient, revision=clinic.peel)
        session = Session.objects.create(course=course, ordinal=1, planned_on=THIRD)
        ReviewItem.objects.create(
            patient=clinic.patient, session=session, day=THIRD, kinds=["ask"],
            cause=f"gaps {n}", created_at=listed.created_at,
        )  # fmt: skip

    with CaptureQueriesContext(connection) as many:
        assert len(to_review(clinic.location)) == 5
    assert len(many) == len(few) <= 4


def test_a_planned_session_that_lost_its_day_is_off_the_list(clinic: Clinic):
    course = CourseFactory(patient=clinic.patient, revision=clinic.peel)
    session = Session.objects.create(course=course, ordinal=1, planned_on=THIRD)
    item = ReviewItem.objects.create(
        patient=clinic.patient, session=session, day=THIRD, kinds=["ask"],
        cause="gaps 2", created_at=clinic.peel.created_at,
    )  # fmt: skip
    assert on_list(clinic) == [item]

    Session.objects.filter(pk=session.pk).update(planned_on=None)

    assert on_list(clinic) == []


def test_a_settled_session_is_off_the_list(clinic: Clinic, listed: ReviewItem):
    settle_review(listed, "Dr Weiss agrees to three months", by=clinic.reception)

    listed.refresh_from_db()
    assert (listed.settled_by, listed.settled_reason) == (
        clinic.reception,
        "Dr Weiss agrees to three months",
    )
    assert on_list(clinic) == []
    assert Entry.objects.get(action="review_settled").patient_number == clinic.patient.number


def test_settling_asks_for_a_reason(clinic: Clinic, listed: ReviewItem):
    with pytest.raises(Refusal, match="Say what was decided"):
        settle_review(listed, " ", by=clinic.reception)

    assert on_list(clinic) == [listed]


def test_what_was_settled_stays_as_it_was_settled_first(clinic: Clinic, listed: ReviewItem):
    settle_review(listed, "Agreed", by=clinic.reception)
    settle_review(listed, "Not agreed", by=clinic.physician)

    listed.refresh_from_db()
    assert (listed.settled_reason, listed.settled_by) == ("Agreed", clinic.reception)


def test_a_performed_session_is_off_the_list(clinic: Clinic, listed: ReviewItem):
    Session.objects.filter(pk=listed.session_id).update(performed_on=SECOND)

    assert on_list(clinic) == []


def test_a_cancelled_visit_is_off_the_list(clinic: Clinic, listed: ReviewItem):
    assert listed.appointment is not None
    change_status(
        listed.appointment, "cancelled", by=clinic.reception, reason="Moves away", key=uuid.uuid4()
    )

    assert on_list(clinic) == []


@pytest.mark.parametrize(("days", "stays"), [(-3, True), (7, True), (25, False)])
def test_a_visit_moved_to_a_day_that_is_allowed_is_off_the_list(
    clinic: Clinic, listed: ReviewItem, days: int, stays: bool
):
    """The new rules allow it from 26 March on."""
    visit = listed.appointment
    assert visit is not None
    visit.starts_at += dt.timedelta(days=days)
    visit.ends_at += dt.timedelta(days=days)
    visit.save(update_fields=["starts_at", "ends_at"])

    assert bool(on_list(clinic)) is stays
