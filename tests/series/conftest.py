import pytest

from plans.catalogue.models import Need, Revision
from plans.data.factories import (
    CapabilityFactory,
    GroupFactory,
    ProcedureFactory,
    RevisionFactory,
)
from tests.diary.clinic import Clinic


@pytest.fixture
def mask(clinic: Clinic) -> Revision:
    """A mask of half an hour that no gap keeps from a peel; healed after a week."""
    mask = RevisionFactory(
        procedure=ProcedureFactory(code="mask", group=GroupFactory(code="mask")),
        name={"en": "Calming mask"}, numbing_minutes=0,
        sessions_min=1, sessions_recommended=1, sessions_max=3,
        downtime_n=1, downtime_unit="weeks",
    )  # fmt: skip
    for kind, code in (("practitioner", "physician"), ("room", "procedure_water")):
        capability = CapabilityFactory(code=code)
        Need.objects.create(
            revision=mask, kind=kind, capability=capability, from_minute=0, to_minute=30
        )
    mask.state = "current"
    mask.save(update_fields=["state"])
    return mask
