"""The demo clinic: a house, its people, and a year behind and before them, by the house's own rules.

The same seed on the same day makes the same clinic. Visits of today stand around the hour at which
it is made.
"""

import datetime as dt
import itertools
import random
import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from clinic.audit.models import Entry
from clinic.audit.services import record
from clinic.kit import clock
from clinic.kit.operations import Role
from clinic.kit.refusals import Refusal
from clinic.patients.models import Patient
from clinic.places.selectors import open_minutes, resources_at
from plans.catalogue.models import Procedure
from plans.catalogue.selectors import current_revisions, phases, rulebook
from plans.core.availability import PRACTITIONER, Needs, Phase, busy_bits, open_bits
from plans.core.screening import Patient as CorePatient
from plans.core.screening import Rulebook, Screener
from plans.core.wallclock import instant, minute_of
from plans.data.demo_answers import Moment, interview, settle_status
from plans.data.demo_assessments import assess_some
from plans.data.demo_booking import CONSULTATION_MINUTES, Booker, File, Treatment, Visit
from plans.data.demo_clinic import House, open_house
from plans.data.demo_consents import consent_some
from plans.data.demo_homecare import care_at_home
from plans.data.demo_outcomes import score_some, shelve_some
from plans.data.demo_people import make_people
from plans.data.demo_photos import photograph_some
from plans.data.demo_records import record_some
from plans.data.demo_rows import Rows
from plans.data.factories import BlockFactory, OccupancyFactory
from plans.diary.models import Status
from plans.diary.selectors import candidates
from plans.exchange.services import load_catalogue

CATALOGUE = Path(__file__).parent / "catalogue.yaml"
ZONE = zoneinfo.ZoneInfo("Europe/Berlin")
_MADE = "demo_made"
_PAST_DAYS = 385
# When a resource is blocked: name, days from today, minutes of the day, why.
_BLOCKS = (
    ("CO2 laser", 0, 16 * 60, 18 * 60, "Service"),
    ("Room 1", 0, 8 * 60, 8 * 60 + 30, "Cleaning"),
    ("Room 1", 1, 8 * 60, 8 * 60 + 30, "Cleaning"),
    ("Room 1", 7, 8 * 60, 8 * 60 + 30, "Cleaning"),
    ("Injection", 2, 17 * 60, 18 * 60, "Stock check"),
    ("IPL", 8, 9 * 60, 11 * 60, "New lamp"),
    ("Fractional laser", 15, 8 * 60, 10 * 60, "Service"),
)  # fmt: skip

FreeDays = Mapping[dt.date, dict[int, int]]


@dataclass(frozen=True)
class Demo:
    """What was made: how many, and the keys of the visits that rules forbid by now, on purpose."""

    patients: int
    visits: int
    endangered: tuple[int, ...]


def was_made() -> bool:
    """This database holds a demo clinic, not a real one."""
    return Entry.objects.filter(action=_MADE).exists()


@transaction.atomic
def make_demo(patients: int, seed: int) -> Demo:
    """Make the whole clinic, or nothing.  Raises Refusal where there is a patient already."""
    if Patient.objects.exists():
        raise Refusal("This database holds patients already. The demo needs an empty one.")
    if not Procedure.objects.exists():
        load_catalogue(CATALOGUE.read_text(encoding="utf-8"))
    rng = random.Random(seed)  # noqa: S311  # a demo must come out the same, not be unguessable
    now = clock.now()
    moment = Moment(clock.today(ZONE), minute_of(now, ZONE))
    house = open_house(moment.today)
    rules = rulebook()
    free = _free_days(house, moment.today)
    _block(house, free, moment.today)
    booker = Booker(rules, _treatments(house), free, moment.today, moment.minute, rng)
    files = [File(person) for person in make_people(patients, rng, moment.today)]
    _fill_diary(files, booker, house, moment.today)
    _register(files, rng, moment.today)
    for file in files:
        settle_status(file, moment, rng)
    records = [interview(file, rules, moment) for file in files]
    written = Rows(house, rules, moment, rng, files, records).write()
    assess_some(house, moment.today)
    consent_some(house, moment.today)
    photograph_some(house)
    record_some(house)
    shelve_some(house, moment.today)
    score_some(house)
    care_at_home(house, moment.today)
    endangered = [
        written[id(visit)].pk for file in files for visit in _endangered(file, rules, moment.today)
    ]
    demo = Demo(len(files), len(written), tuple(endangered))
    record(
        _MADE,
        house.location,
        by=house.staff[Role.MANAGER],
        seed=seed,
        patients=demo.patients,
        visits=demo.visits,
        endangered=endangered,
    )
    return demo


def _free_days(house: House, today: dt.date) -> FreeDays:
    """From a year ago to the end of next year, as far as the holidays are known."""
    first = today - dt.timedelta(days=_PAST_DAYS)
    open_ = open_minutes(house.location, first, dt.date(today.year + 1, 12, 31))
    return {
        day: {resource: open_bits(spans) for resource, spans in resources.items()}
        for day, resources in open_.items()
    }


def _block(house: House, free: FreeDays, today: dt.date) -> None:
    """Take time from resources that are open all that while."""
    for name, days, start, end, reason in _BLOCKS:
        resource, day = house.named(name), today + dt.timedelta(days=days)
        bits = busy_bits([(start, end)])
        if free[day][resource.pk] & bits != bits:
            continue
        free[day][resource.pk] &= ~bits
        block = BlockFactory.create(
            resource=resource,
            starts_at=instant(day, start, ZONE),
            ends_at=instant(day, end, ZONE),
            reason=reason,
        )
        OccupancyFactory.create(
            resource=resource,
            appointment=None,
            block=block,
            starts_at=block.starts_at,
            ends_at=block.ends_at,
        )


def _treatments(house: House) -> dict[str, Treatment]:
    """Every procedure of the clinic that needs somebody, by code."""
    resources = resources_at(house.location)
    revisions = current_revisions().filter(procedure__is_home=False)
    found = {}
    for revision in revisions.prefetch_related("needs__capability"):
        parts = phases(revision)
        if parts:
            needs = Needs(parts, candidates(revision, resources))
            found[revision.procedure.code] = Treatment(revision, parts, needs)
    return found


def _consultation(house: House) -> Treatment:
    """Half an hour with a physician in the office."""
    parts = (Phase(PRACTITIONER, 0, CONSULTATION_MINUTES), Phase("room", 0, CONSULTATION_MINUTES))
    physicians = [house.named(name).pk for name in ("Dr Marta Weiss", "Dr Jonas Brandt")]
    needs = Needs(parts, {PRACTITIONER: physicians, "room": [house.named("Office").pk]})
    return Treatment(None, parts, needs)


def _fill_diary(files: Sequence[File], booker: Booker, house: House, today: dt.date) -> None:
    """Courses first, in the order of the cast, so that its visits find their place."""
    for file in files:
        for script in file.person.scripts:
            booker.book(file, script)
    talk = _consultation(house)
    for file in files:
        if file.person.wants_consultation is not None:
            day = today + dt.timedelta(days=file.person.wants_consultation)
            booker.consult(file, talk, day)


def _register(files: Sequence[File], rng: random.Random, today: dt.date) -> None:
    """Days of registration and numbers in their order; somebody may bring a number of their own."""
    for file in files:
        days = [booking.opened_on for booking in file.bookings]
        days += [file.consultation.booked_on] if file.consultation else []
        first = min(days, default=today - dt.timedelta(days=1 + rng.randrange(20)))
        file.registered_on = first - dt.timedelta(days=rng.choice((0, 0, 1, 3)))
    kept = {file.person.number for file in files}
    numbers = (number for number in itertools.count(1) if number not in kept)
    for file in sorted(files, key=lambda file: file.registered_on):
        if file.person.number is None:
            file.person.number = next(numbers)


def _endangered(file: File, rules: Rulebook, today: dt.date) -> Iterator[Visit]:
    """The visits to come that what was learnt last forbids."""
    person = file.person
    facts = person.facts(with_surprises=True)
    for visit in file.standing if person.surprises else ():
        if visit.status in (Status.BOOKED, Status.CONFIRMED):
            history = file.patient(without=visit).history
            known = CorePatient(person.birth_date, facts, history)
            if Screener(rules, visit.treatment.code, known, today).blocks(visit.day):
                yield visit
