"""Nobody is treated without the consent that the procedure asks for."""

import datetime as dt
import uuid

import pytest

from plans.consents.selectors import missing
from plans.consents.services import withdraw
from plans.data.factories import ConsentFactory, ConsentTextFactory
from plans.diary.services import NotAllowed
from tests.diary.clinic import THURSDAY, to


@pytest.fixture(autouse=True)
def _nothing_else_is_open(clinic, visit):
    clinic.deny("pregnancy", on=THURSDAY)


def consent(clinic, **changes):
    return ConsentFactory.create(
        patient=clinic.patient, revision=clinic.peel, taken_by=clinic.reception, **changes
    )


@pytest.mark.parametrize("step", ["in_treatment", "done"])
def test_without_a_consent_the_treatment_does_not_begin(clinic, visit, text, step):
    with pytest.raises(NotAllowed, match=r"No consent to Medium TCA peel .* Have it signed first"):
        to(visit, step, clinic.practitioner)


@pytest.mark.parametrize("step", ["in_treatment", "done"])
def test_with_one_it_begins(clinic, visit, text, step):
    consent(clinic, valid_until=THURSDAY)
    assert to(visit, step, clinic.practitioner).status == step


def test_where_no_text_is_published_a_paper_lets_it_begin(clinic, visit):
    with pytest.raises(NotAllowed, match="No text of ours is published"):
        to(visit, "in_treatment", clinic.practitioner)
    consent(clinic)
    assert to(visit, "in_treatment", clinic.practitioner).status == "in_treatment"


def test_one_that_ended_yesterday_does_not_count(clinic, visit, text):
    yesterday = THURSDAY - dt.timedelta(days=1)
    consent(clinic, signed_on=yesterday - dt.timedelta(days=365), valid_until=yesterday)
    with pytest.raises(NotAllowed, match="was good until Wed 25 Nov"):
        to(visit, "in_treatment", clinic.practitioner)


def test_one_that_was_taken_back_does_not_count(clinic, visit, text):
    row = consent(clinic)
    withdraw(row, "changed her mind", by=clinic.reception, key=uuid.uuid4())
    with pytest.raises(NotAllowed, match="has taken back"):
        to(visit, "in_treatment", clinic.practitioner)


def test_one_for_other_rules_or_photos_does_not_count(clinic, visit, text):
    ConsentTextFactory.create(procedure=None)
    ConsentFactory.create(patient=clinic.patient, revision=clinic.toxin)
    ConsentFactory.create(patient=clinic.patient, revision=None)
    assert missing(clinic.patient, clinic.peel, THURSDAY)
    with pytest.raises(NotAllowed, match="No consent"):
        to(visit, "in_treatment", clinic.practitioner)


def test_what_was_begun_is_recorded_as_done_whatever_was_taken_back(clinic, visit, text):
    row = consent(clinic)
    visit = to(visit, "in_treatment", clinic.practitioner)
    withdraw(row, "changed her mind", by=clinic.reception, key=uuid.uuid4())
    assert to(visit, "done", clinic.practitioner).status == "done"


def test_who_has_come_may_still_be_sent_home(clinic, visit, text):
    assert to(visit, "cancelled", clinic.reception, "no consent").status == "cancelled"
