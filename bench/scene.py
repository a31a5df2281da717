"""A clinic where everybody wants the same few things: what a storm of bookings is let loose on."""

import datetime as dt
from dataclasses import dataclass

from clinic.kit import clock
from clinic.kit.operations import Role
from clinic.patients.models import Patient
from clinic.places.models import Location, Resource, WorkingHours
from clinic.staff.models import User
from plans.catalogue.models import Need, Revision
from plans.core.chosen import Chosen, ChosenSeries
from plans.data.factories import (
    CapabilityFactory,
    LocationFactory,
    PatientFactory,
    ProcedureFactory,
    ResourceFactory,
    RevisionFactory,
    UserFactory,
    WorkingHoursFactory,
)

ROLES = ("practitioner", "room", "device")
COUNTS = {"practitioner": 4, "room": 3, "device": 2}
MINUTES, STEP = 30, 15
OPENS, CLOSES = 8 * 60, 18 * 60
PATIENTS, DAYS = 60, 20


@dataclass(frozen=True)
class Scene:
    """One procedure of 30 minutes with a practitioner, a room and a device; `days` are open for it."""

    location: Location
    revision: Revision
    by: User
    patients: tuple[Patient, ...]
    resources: dict[str, tuple[Resource, ...]]
    days: tuple[dt.date, ...]

    def series(
        self, patient: int, places: list[tuple[dt.date, int, dict[str, int]]]
    ) -> ChosenSeries:
        """A new course with a session at each of `places`: day, minute, resource by role."""
        return ChosenSeries(
            patient=patient,
            location=self.location.pk,
            revision=self.revision.pk,
            sessions=tuple(Chosen(n, *place) for n, place in enumerate(places, start=1)),
        )


def make_scene(patients: int = PATIENTS, days: int = DAYS) -> Scene:
    location = LocationFactory()
    revision = RevisionFactory(
        procedure=ProcedureFactory(), numbing_minutes=0, treat_minutes=MINUTES,
        setup_minutes=0, cleanup_minutes=0, sessions_min=1, sessions_recommended=1,
        interval_min_n=1, interval_min_unit="days", interval_recommended_n=2,
        interval_recommended_unit="days", interval_max_n=60, interval_max_unit="days",
    )  # fmt: skip
    resources = {}
    for role in ROLES:
        able = CapabilityFactory(code=f"storm_{role}", kind=role)
        Need.objects.create(revision=revision, kind=role, capability=able, to_minute=MINUTES)
        resources[role] = tuple(
            ResourceFactory(location=location, kind=role, capabilities=[able])
            for _ in range(COUNTS[role])
        )
    revision.state = "current"
    revision.save(update_fields=["state"])
    WorkingHours.objects.bulk_create(
        WorkingHoursFactory.build(
            resource=resource, weekday=weekday,
            opens=dt.time(OPENS // 60), closes=dt.time(CLOSES // 60),
        )
        for role in ROLES
        for resource in resources[role]
        for weekday in range(1, 8)
    )  # fmt: skip
    first = clock.today(location.zone) + dt.timedelta(days=2)
    return Scene(
        location=location,
        revision=revision,
        by=UserFactory(role=Role.RECEPTION, location=location),
        patients=tuple(PatientFactory(location=location) for _ in range(patients)),
        resources=resources,
        days=tuple(first + dt.timedelta(days=n) for n in range(days)),
    )
