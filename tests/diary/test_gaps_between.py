"""Gaps as the database keeps them: between courses, whoever treats, in both directions, where the areas meet."""

import datetime as dt
import uuid
from dataclasses import replace

import pytest

from plans.core.chosen import Chosen
from plans.core.gaps import GapRule
from plans.core.spacing import Period
from plans.courses.models import Course
from plans.diary.services import NotAllowed
from plans.drafts.services import put_in_force
from plans.gaps.models import GapTable
from plans.gaps.services import new_table
from plans.series.services import book_series
from tests.diary.clinic import THURSDAY, Clinic

AFTER_PEEL = GapRule("peel_medium", "toxin", Period(2, "weeks"), {}, "article")
AFTER_TOXIN = GapRule("toxin", "peel_medium", Period(1, "weeks"), {}, "article")
OF_PROCEDURES = GapRule(
    "tca_peel_medium", "botulinum_toxin", Period(4, "weeks"), {}, "article",
    after_is_procedure=True, before_is_procedure=True,
)  # fmt: skip


def after(n: int) -> dt.date:
    return THURSDAY + dt.timedelta(days=n)


def keep(*rules: GapRule) -> None:
    """Let these be the clinic's gaps."""
    GapTable.objects.update(state="superseded")
    put_in_force(new_table(rules, by=None), "story", by=None)


def book_toxin(clinic: Clinic, day: dt.date, *areas: str) -> Course:
    """With Dr Brandt in the second room: nobody and nothing but the patient is the peel's."""
    held = {"practitioner": clinic.brandt.pk, "room": clinic.second_room.pk}
    series = clinic.series(day, revision=clinic.toxin, areas=areas)
    elsewhere = replace(series, sessions=(Chosen(1, day, 600, held),))
    return book_series(elsewhere, by=clinic.reception, key=uuid.uuid4())


def test_a_gap_holds_between_courses_whoever_treats(clinic: Clinic):
    clinic.book(THURSDAY)
    with pytest.raises(NotAllowed, match="wait 2 weeks"):
        book_toxin(clinic, after(13))
    assert book_toxin(clinic, after(14)).pk


def test_each_direction_has_a_length_of_its_own(clinic: Clinic):
    keep(AFTER_PEEL, AFTER_TOXIN)
    book_toxin(clinic, THURSDAY)
    with pytest.raises(NotAllowed, match="wait 1 week"):
        clinic.book(after(6))
    assert clinic.book(after(7)).pk


def test_what_is_booked_before_a_visit_keeps_the_gap_up_to_it(clinic: Clinic):
    keep(AFTER_PEEL, AFTER_TOXIN)
    book_toxin(clinic, THURSDAY)
    with pytest.raises(NotAllowed, match="Too near to Botulinum toxin"):
        clinic.book(after(-13))
    assert clinic.book(after(-14)).pk


def test_a_gap_between_two_procedures_counts_beside_that_of_their_groups(clinic: Clinic):
    keep(AFTER_PEEL, OF_PROCEDURES)
    clinic.book(THURSDAY)
    with pytest.raises(NotAllowed, match="wait 4 weeks"):
        book_toxin(clinic, after(27))
    assert book_toxin(clinic, after(28)).pk


@pytest.mark.parametrize(
    ("peeled", "treated", "meet"),
    [
        (("cheeks",), ("forehead",), False),
        (("cheeks", "chin"), ("chin",), True),
        ((), ("forehead",), True),
        (("cheeks",), (), True),
    ],
)
def test_a_gap_counts_where_the_areas_meet(
    clinic: Clinic, peeled: tuple[str, ...], treated: tuple[str, ...], meet: bool
):
    clinic.book(THURSDAY, areas=peeled)
    if meet:
        with pytest.raises(NotAllowed, match="wait 2 weeks"):
            book_toxin(clinic, after(4), *treated)
    else:
        assert book_toxin(clinic, after(4), *treated).pk
