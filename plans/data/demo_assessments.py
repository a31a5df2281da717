"""What was seen on the skin of some of the demo's cast, so that their files have advice to show."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from clinic.kit.operations import Role
from clinic.patients.models import Patient
from plans.assessments.models import Assessment
from plans.core.wallclock import instant
from plans.data.demo_clinic import House
from plans.data.factories import AssessmentFactory

_AT_MINUTE = 9 * 60 + 20
_FACE = ["forehead", "cheeks"]

# Given and family name, days before today, what was seen.
_SEEN: tuple[tuple[str, str, int, Mapping[str, Any]], ...] = (
    (
        "Anna", "Petrova", 160,
        {
            "signs": ["pits", "scarring", "hyperpigmentation"], "pit_types": ["boxcar", "rolling"],
            "pit_depth": "deep", "pit_age": "old", "causes": ["late_treatment", "squeezing"],
            "goodman_baron": 4, "skin_type": 3, "areas": _FACE,
            "note": "Worst on the left cheek. Wants to be done before next summer.",
        },
    ),
    (
        "Anna", "Petrova", 5,
        {
            "signs": ["pits", "scarring", "uneven_texture"], "pit_types": ["boxcar", "rolling"],
            "pit_depth": "deep", "pit_age": "old", "causes": ["late_treatment", "squeezing"],
            "goodman_baron": 3, "skin_type": 3, "areas": _FACE,
            "note": "After one peel: the pigment is gone, the edges are softer.",
        },
    ),
    (
        "Emma", "Clarke", 3,
        {
            "signs": ["pits"], "pit_types": ["ice_pick"], "pit_depth": "deep", "pit_age": "old",
            "causes": ["cystic_acne"], "goodman_baron": 3, "skin_type": 2, "areas": ["cheeks"],
        },
    ),
    (
        "Lea", "Hartmann", 150,
        {
            "signs": ["pits", "uneven_texture"], "pit_types": ["rolling"], "pit_depth": "shallow",
            "pit_age": "old", "causes": ["chickenpox"], "goodman_baron": 2, "skin_type": 2,
            "areas": _FACE,
        },
    ),
    (
        "Сергей", "Волков", 20,
        {
            "signs": ["pits", "active_acne", "oily_skin"], "pit_types": ["boxcar"],
            "pit_depth": "shallow", "pit_age": "recent", "causes": ["hormonal_acne", "squeezing"],
            "goodman_baron": 2, "skin_type": 2, "areas": ["cheeks", "back"],
        },
    ),
    (
        "Tea", "Novak", 40,
        {
            "signs": ["capillary_mesh", "uneven_texture"], "causes": ["injury"], "skin_type": 3,
            "areas": ["nose", "cheeks"], "note": "Fell from a bicycle as a child.",
        },
    ),
)  # fmt: skip


def assess_some(house: House, today: dt.date) -> list[Assessment]:
    """Write down what was seen of those of the cast who are there, none before they were registered."""
    people = {
        (patient.given_name, patient.family_name): patient
        for patient in Patient.objects.filter(location=house.location)
    }
    return [
        _assessment(people[given, family], today - dt.timedelta(days=days), seen, house)
        for given, family, days, seen in _SEEN
        if (given, family) in people
    ]


def _assessment(
    patient: Patient, day: dt.date, seen: Mapping[str, Any], house: House
) -> Assessment:
    day = max(day, patient.registered_on)
    return AssessmentFactory.create(
        **seen,
        patient=patient,
        done_on=day,
        created_at=instant(day, _AT_MINUTE, house.location.zone),
        created_by=house.staff[Role.PHYSICIAN],
    )
