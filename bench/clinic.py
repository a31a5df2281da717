"""A clinic to measure on: 12 practitioners, 8 rooms, 6 devices, and ten years of visits, the same for the same seed.

At scale 1 it has 100,000 patients and 1.5 million sessions. The scale is the share of the ten years that
lie behind: at 0.01 the clinic opened five weeks ago. The year ahead is booked alike at every scale, so
that what differs is only how much lies behind.
"""

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.days import CLOSING, DEVICES, KINDS, OPENING, PRACTITIONERS, ROOMS, Years, hours_of
from bench.loading import Sheet, offset
from clinic.kit import clock
from clinic.kit.operations import Role
from clinic.patients.models import Fact, FactType, Patient
from clinic.patients.selectors import search_text_of
from clinic.places.models import Capability, Location, Resource, WorkingHours
from clinic.staff.models import User
from plans.catalogue.models import Contraindication, Need, Revision
from plans.data.factories import (
    CapabilityFactory,
    FactFactory,
    GroupFactory,
    LocationFactory,
    PatientFactory,
    ProcedureFactory,
    ResourceFactory,
    RevisionFactory,
    UserFactory,
    WorkingHoursFactory,
)
from plans.exchange.services import load_catalogue

SEED = 7
CATALOGUE = Path(__file__).parent.parent / "plans" / "data" / "catalogue.yaml"
DAYS_BEHIND, DAYS_AHEAD = 3653, 365
# Enough for the visits ahead with few courses for each, however short the history.
PATIENTS_AT_LEAST, PATIENTS = 12_000, 100_000
# Kept out of the history: what is measured is asked for them, and they are alike at every scale.
PROBES = 40
ANSWERS = 8
SINCE = dt.date(2010, 1, 4)
SERIES = "bench_resurfacing"
GIVEN = (
    "Ada", "Bruno", "Clara", "Dmitri", "Elena", "Felix", "Greta", "Hanna", "Ivan", "Jana",
    "Karl", "Lena", "Marta", "Nadia", "Olga", "Paul",
)  # fmt: skip
FAMILY = (
    "Adler", "Berger", "Castro", "Dietz", "Ebert", "Frank", "Garcia", "Huber", "Ivanova",
    "Jung", "Keller", "Lange", "Moreno", "Neumann", "Orlova", "Petrova", "Roth", "Stein",
    "Torres", "Vogel", "Weiss", "Zimmer",
)  # fmt: skip


@dataclass
class Clinic:
    """The house, its rules and its probes; `patients` counts all people."""

    location: Location
    today: dt.date
    scale: float
    staff: dict[Role, User]
    practitioners: list[Resource]
    rooms: list[Resource]
    devices: list[Resource]
    kinds: list[Revision]
    series: Revision
    facts: list[FactType]
    probes: list[Patient] = field(default_factory=list)
    patients: int = 0

    @property
    def resources(self) -> list[Resource]:
        return [*self.practitioners, *self.rooms, *self.devices]

    @property
    def days(self) -> Iterator[dt.date]:
        """Every day with visits, from the first of the history to the end of the year ahead."""
        for n in range(-self.days_behind, DAYS_AHEAD + 1):
            yield self.today + dt.timedelta(days=n)

    @property
    def days_behind(self) -> int:
        return round(DAYS_BEHIND * self.scale)


def open_clinic(scale: float, seed: int = SEED) -> Clinic:
    """The house with its rules, people and answers; `history.fill` gives it its visits."""
    load_catalogue(CATALOGUE.read_text(encoding="utf-8"))
    location = LocationFactory(name="Bench Clinic")
    clinic = Clinic(
        location=location,
        today=clock.today(location.zone),
        scale=scale,
        staff={
            role: UserFactory(username=f"bench-{role}", role=role, location=location)
            for role in (Role.RECEPTION, Role.PRACTITIONER, Role.PHYSICIAN, Role.MANAGER)
        },
        practitioners=list(_resources(location, "practitioner", PRACTITIONERS)),
        rooms=list(_resources(location, "room", ROOMS)),
        devices=list(_resources(location, "device", DEVICES)),
        kinds=[],
        series=_rules(SERIES, 30, ("practitioner", "room", "device"), 0),
        facts=list(FactType.objects.filter(kind="episode").order_by("position", "code")[:ANSWERS]),
    )
    clinic.kinds = [
        _rules(
            kind.code,
            kind.minutes,
            ("practitioner", "room", "device") if kind.with_device else ("practitioner", "room"),
            kind.from_minute,
            kind.days_apart,
        )
        for kind in KINDS
    ]
    for revision in (clinic.series, *clinic.kinds):
        _put_in_force(revision, clinic.facts)
    for resource in clinic.resources:
        resource.capabilities.set(Capability.objects.filter(kind=resource.kind))
    return clinic


def _resources(location: Location, kind: str, count: int) -> Iterator[Resource]:
    for number in range(count):
        resource = ResourceFactory(
            location=location, kind=kind, name=f"{kind.capitalize()} {number + 1}", position=number
        )
        hours = hours_of(number) if kind == "practitioner" else ((OPENING, CLOSING),)
        WorkingHours.objects.bulk_create(
            WorkingHoursFactory.build(
                resource=resource, weekday=weekday, opens=_time(opens), closes=_time(closes),
                valid_from=SINCE,
            )
            for weekday in range(1, 8)
            for opens, closes in hours
        )  # fmt: skip
        yield resource


def _time(minute: int) -> dt.time:
    return dt.time(minute // 60, minute % 60)


def _rules(
    code: str, minutes: int, roles: Sequence[str], from_minute: int, days_apart: int = 0
) -> Revision:
    """A draft: three sessions three months apart, or as many days apart as KINDS says."""
    spaced = {"interval_min": 3, "interval_recommended": 3, "interval_max": 6}
    if days_apart:
        spaced = {
            "interval_min": days_apart - 5,
            "interval_recommended": days_apart,
            "interval_max": days_apart + 21,
        }
    revision = RevisionFactory(
        procedure=ProcedureFactory(code=code, group=GroupFactory(code=code)),
        setup_minutes=0, treat_minutes=minutes - from_minute, cleanup_minutes=0,
        numbing_minutes=from_minute,
        **{f"{name}_n": n for name, n in spaced.items()},
        **{f"{name}_unit": "days" if days_apart else "months" for name in spaced},
    )  # fmt: skip
    for role in roles:
        Need.objects.create(
            revision=revision, kind=role,
            capability=CapabilityFactory(code=f"bench_{role}", kind=role),
            from_minute=from_minute if role == "practitioner" else 0, to_minute=minutes,
        )  # fmt: skip
    return revision


def _put_in_force(revision: Revision, facts: Sequence[FactType]) -> None:
    Contraindication.objects.bulk_create(
        Contraindication(revision=revision, fact_type=fact, severity="temporary", source="bench")
        for fact in facts
    )
    revision.state = "current"
    revision.save(update_fields=["state"])


def add_people(clinic: Clinic, seed: int = SEED) -> list[int]:
    """Everybody with their answers; returns the keys of the patients whom the history may treat."""
    draw = random.Random(f"{seed} people")
    clinic.patients = PATIENTS_AT_LEAST + round((PATIENTS - PATIENTS_AT_LEAST) * clinic.scale)
    for number in range(PROBES):
        probe = PatientFactory(
            location=clinic.location, number=9_000_000 + number, given_name="Probe",
            family_name=f"Number {number}", skin_type=3, skin_type_on=clinic.today,
        )  # fmt: skip
        for fact in FactType.objects.exclude(kind="derived"):
            FactFactory(patient=probe, fact_type=fact, since=clinic.today)
        clinic.probes.append(probe)
    first = clinic.probes[-1].pk + 1
    keys = list(range(first, first + clinic.patients - PROBES))
    people = Sheet(
        Patient,
        ("id", "number", "given_name", "family_name", "birth_date", "search_text", "registered_on"),
        location=clinic.location.pk, sex="female", skin_type=3, skin_type_on=clinic.today,
    )  # fmt: skip
    answers = Sheet(Fact, ("patient", "fact_type", "since", "recorded_at"), status="denied")
    since = max(
        clinic.today - dt.timedelta(days=200), clinic.today - dt.timedelta(days=clinic.days_behind)
    )
    registered = (clinic.today - dt.timedelta(days=clinic.days_behind)).isoformat()
    recorded = f"{since.isoformat()} 06:00:00{offset()}"
    for key in keys:
        person = Patient(
            number=key, given_name=draw.choice(GIVEN), family_name=draw.choice(FAMILY),
            birth_date=dt.date(1950, 1, 1) + dt.timedelta(days=draw.randrange(19_000)),
        )  # fmt: skip
        people.add(
            key, key, person.given_name, person.family_name, person.birth_date.isoformat(),
            search_text_of(person), registered,
        )  # fmt: skip
        for fact in clinic.facts:
            answers.add(key, fact.pk, since.isoformat(), recorded)
        if len(people.rows) == 10_000:
            people.flush()
            answers.flush()
    people.flush()
    answers.flush()
    draw.shuffle(keys)
    return keys


def years_of(clinic: Clinic, seed: int = SEED) -> Years:
    return Years(seed, clinic.today)
