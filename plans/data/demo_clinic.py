"""The demo clinic's house: where it is, who works there, with what, and when."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from clinic.kit.operations import Role
from clinic.places.models import Capability, Location, Resource, WorkingHours
from clinic.places.services import add_exception, add_holidays
from clinic.staff.models import User
from clinic.staff.services import create_user
from plans.data.factories import LocationFactory, ResourceFactory, WorkingHoursFactory

# One password for all, known to everybody who reads this: these accounts are for trying out.
SIGN_IN_WORD = "cadence-demo-2026"


@dataclass(frozen=True)
class LogIn:
    """A demo account; its user name is its role's name."""

    role: Role
    first_name: str
    last_name: str
    title: str = ""

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.title, self.first_name, self.last_name)))


LOG_INS = (
    LogIn(Role.RECEPTION, "Nadia", "Roth"),
    LogIn(Role.PRACTITIONER, "Lena", "Vogel"),
    LogIn(Role.PHYSICIAN, "Marta", "Weiss", "Dr"),
    LogIn(Role.EDITOR, "Jana", "Busch"),
    LogIn(Role.MANAGER, "Peter", "Lindner"),
    LogIn(Role.AUDITOR, "Karin", "Stein"),
)


@dataclass(frozen=True)
class Thing:
    """A practitioner, room or device. `hours`: weekdays (1 is Monday) to "08:00-13:00 14:00-18:00"."""

    kind: str
    name: str
    note: str
    capabilities: str
    hours: Mapping[str, str] = field(default_factory=dict)
    role: Role | None = None


# As long as anybody works: rooms and devices have no hours that matter.
_HOUSE = {"1245": "08:00-18:30", "3": "08:00-20:00", "6": "09:00-13:00"}

_PRACTITIONERS = (
    Thing(
        "practitioner", "Dr Marta Weiss", "physician", "physician microneedling light_devices",
        {"1245": "08:00-13:00 14:00-18:00", "3": "08:00-13:00"}, Role.PHYSICIAN,
    ),
    Thing(
        "practitioner", "Dr Jonas Brandt", "physician, laser and surgery",
        "physician physician_laser surgeon",
        {"124": "09:00-12:30 13:15-17:30", "3": "12:00-16:00 16:30-20:00", "5": "09:00-14:00"},
    ),
    Thing(
        "practitioner", "Lena Vogel", "cosmetologist", "cosmetologist electro_face",
        {"1": "13:00-18:00", "245": "09:00-12:30 13:15-17:00", "3": "09:00-14:00", "6": "09:00-13:00"},
        Role.PRACTITIONER,
    ),
    Thing(
        "practitioner", "Sofia Marin", "nurse, light and needling",
        "microneedling light_devices laser_hair_removal electro_face",
        {"1245": "08:30-12:00 12:45-16:30", "3": "11:30-15:30 16:15-20:00"},
    ),
    Thing(
        "practitioner", "Ines Castro", "cosmetologist", "cosmetologist electro_face",
        {"124": "10:00-13:30 14:15-18:30", "3": "12:00-16:00 16:30-20:00", "5": "08:00-12:00"},
    ),
)  # fmt: skip
_ROOMS = (
    Thing("room", "Room 1", "water", "procedure_room procedure_water magnifier_lamp", _HOUSE),
    Thing("room", "Room 2", "laser", "laser_room light_room", _HOUSE),
    Thing("room", "Injection", "emergency kit", "injection_room filler_room", _HOUSE),
    Thing("room", "Cosmetology", "water", "cosmetology cosmetology_water", _HOUSE),
    Thing("room", "Room 3", "wooden couch", "cosmetology electro_room procedure_room", _HOUSE),
    Thing("room", "Operating room", "", "operating_room", _HOUSE),
    Thing("room", "Office", "consultations", "", _HOUSE),
)
_DEVICES = (
    Thing("device", "CO2 laser", "", "co2_laser", _HOUSE),
    Thing("device", "Fractional laser", "", "fractional_laser", _HOUSE),
    Thing("device", "Erbium laser", "", "erbium_laser", _HOUSE),
    Thing("device", "IPL", "", "ipl_unit", _HOUSE),
    Thing("device", "Diode laser", "hair removal", "hair_laser", _HOUSE),
    Thing("device", "Darsonval unit", "", "darsonval_unit", _HOUSE),
    Thing("device", "Microdermabrasion", "", "microdermabrasion_unit", _HOUSE),
    Thing("device", "Needling pen", "", "microneedling_pen", _HOUSE),
    Thing("device", "Centrifuge", "", "centrifuge", _HOUSE),
    Thing("device", "Dermabrasion handpiece", "", "dermabrasion_handpiece", _HOUSE),
)
THINGS = (*_PRACTITIONERS, *_ROOMS, *_DEVICES)

# Who is away: name, first and last day counted from today, why.
_ABSENCES = (
    ("Lena Vogel", -54, -48, "Holiday"),
    ("Dr Jonas Brandt", 37, 43, "Holiday"),
    ("Sofia Marin", 13, 13, "Training"),
)


@dataclass(frozen=True)
class House:
    """The clinic as it stands before its first patient. `staff` by role."""

    location: Location
    staff: Mapping[Role, User]
    resources: tuple[Resource, ...]

    def named(self, name: str) -> Resource:
        return next(resource for resource in self.resources if resource.name == name)


def open_house(today: dt.date) -> House:
    """Make the location, its accounts, its resources and their hours, with the holidays of three years."""
    location = LocationFactory.create(
        name="Skin Clinic Lindenhof",
        address="Lindenhofstr. 12, 10247 Berlin",
        phone="+49 30 700 100",
        phone_after_hours="+49 170 700 1000",
        subdivision="BE",
        time_zone="Europe/Berlin",
    )
    staff = {log_in.role: _employ(log_in, location) for log_in in LOG_INS}
    resources = tuple(_resources(location, staff))
    since = dt.date(today.year - 2, 1, 1)
    WorkingHours.objects.bulk_create(
        row
        for resource, thing in zip(resources, THINGS, strict=True)
        for row in _hours(resource, thing, since)
    )
    house = House(location, staff, resources)
    _close(house, today)
    return house


def _employ(log_in: LogIn, location: Location) -> User:
    user = create_user(
        log_in.role.value,
        SIGN_IN_WORD,
        frozenset({log_in.role}),
        first_name=log_in.first_name,
        last_name=log_in.last_name,
        title=log_in.title,
    )
    location.staff.add(user)
    return user


def _resources(location: Location, staff: Mapping[Role, User]) -> Iterator[Resource]:
    capabilities = {row.code: row for row in Capability.objects.all()}
    for position, thing in enumerate(THINGS):
        yield ResourceFactory.create(
            location=location,
            kind=thing.kind,
            name=thing.name,
            note=thing.note,
            position=position,
            user=staff[thing.role] if thing.role else None,
            capabilities=[capabilities[code] for code in thing.capabilities.split()],
        )


def _hours(resource: Resource, thing: Thing, since: dt.date) -> Iterator[WorkingHours]:
    for weekdays, spans in thing.hours.items():
        for weekday in map(int, weekdays):
            for span in spans.split():
                opens, closes = map(dt.time.fromisoformat, span.split("-"))
                yield WorkingHoursFactory.build(
                    resource=resource,
                    weekday=weekday,
                    opens=opens,
                    closes=closes,
                    valid_from=since,
                )


def _close(house: House, today: dt.date) -> None:
    manager = house.staff[Role.MANAGER]
    for year in (today.year - 1, today.year, today.year + 1):
        add_holidays(house.location, year, by=manager)
    for name, first, last, reason in _ABSENCES:
        add_exception(
            house.location,
            today + dt.timedelta(days=first),
            today + dt.timedelta(days=last),
            by=manager,
            resource=house.named(name),
            reason=reason,
        )
