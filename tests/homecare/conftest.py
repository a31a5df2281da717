"""The small clinic with a retinoid, an ointment and acids for home; the retinoid stops seven days before a peel."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from plans.catalogue.models import Contraindication, Revision
from plans.core.gaps import GapRule
from plans.core.spacing import Period
from plans.courses.models import HomeCare
from plans.data.factories import FactTypeFactory, GroupFactory, ProcedureFactory, RevisionFactory
from plans.drafts.services import put_in_force
from plans.gaps.selectors import current_table
from plans.gaps.services import new_table
from plans.homecare.services import start
from tests.diary.clinic import Clinic, client_of


@dataclass
class AtHome:
    """What the tests of this room speak of."""

    clinic: Clinic
    retinoid: Revision
    ointment: Revision
    acid: Revision

    @property
    def patient(self) -> Any:
        return self.clinic.patient

    def begin(
        self, revision: Revision, first: dt.date, last: dt.date | None = None, reason: str = ""
    ) -> HomeCare:
        by = self.clinic.physician
        return start(self.patient, revision, first, last, by=by, key=uuid.uuid4(), reason=reason)


def _product(code: str, group: str, times: tuple[int, str], days: int, **values: Any) -> Revision:
    made = ProcedureFactory(code=code, group=GroupFactory(code=group), is_home=True)
    return RevisionFactory(
        procedure=made,
        sessions_min=None, sessions_recommended=None, sessions_max=None,
        interval_min_n=None, interval_min_unit="",
        interval_recommended_n=None, interval_recommended_unit="",
        interval_max_n=None, interval_max_unit="",
        regimen={
            "times": {"value": times[0], "unit": times[1]},
            "course": {"value": days, "unit": "days"},
            "instructions": [{"en": "A thin layer.", "de": "Eine dünne Schicht."}],
        },
        **values,
    )  # fmt: skip


def _in_force(revision: Revision) -> Revision:
    Revision.objects.filter(pk=revision.pk).update(state="current")
    return Revision.objects.select_related("procedure__group").get(pk=revision.pk)


def _rule(revision: Revision, code: str, severity: str) -> None:
    fact_type = FactTypeFactory(code=code, category="allergy")
    Contraindication.objects.create(
        revision=revision, fact_type=fact_type, severity=severity, source="article"
    )


@pytest.fixture
def home(clinic: Clinic) -> AtHome:
    retinoid = _product("retinoid_topical", "home_retinoid", (1, "per day"), 90)
    ointment = _product(
        "heparin_ointment", "home_topical", (2, "per day"), 7, name={"en": "Heparin ointment", "de": "Heparinsalbe"}
    )  # fmt: skip
    acid = _product(
        "fruit_peel_home", "home_acid", (1, "per week"), 180,
        cycle_on_n=3, cycle_on_unit="months", cycle_break_min_n=1, cycle_break_min_unit="months",
        cycle_break_max_n=2, cycle_break_max_unit="months", cycle_counts_together=["fruit_peel_home"],
    )  # fmt: skip
    _rule(ointment, "allergy_heparin", "absolute")
    _rule(ointment, "bleeding_disorder", "relative")
    rules = [
        GapRule("home_retinoid", "peel_medium", Period(7, "days"), {}, "article"),
        GapRule("peel_medium", "home_retinoid", Period(2, "weeks"), {}, "article"),
        GapRule("peel_medium", "toxin", Period(2, "weeks"), {}, "article"),
    ]
    table = new_table(rules, by=None)
    put_in_force(table, "story", by=None, instead_of=current_table())
    return AtHome(clinic, *(map(_in_force, (retinoid, ointment, acid))))


@pytest.fixture
def healthy(home: AtHome) -> AtHome:
    """The ointment's questions are answered: no allergy, no bleeding."""
    home.clinic.deny("allergy_heparin", "bleeding_disorder")
    return home


@pytest.fixture
def physician(home: AtHome) -> Client:
    return client_of(home.clinic.physician)
