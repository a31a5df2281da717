"""A seeded clinic with as many sessions to come as are asked for, and changes to measure on it."""

import datetime as dt
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.kit import clock
from clinic.patients.models import Fact, Patient
from clinic.places.models import Resource
from plans.catalogue.models import Contraindication, Need
from plans.catalogue.selectors import ruleset, with_content
from plans.core.gaps import GapRule
from plans.core.ruleset import LineRule, RuleSet
from plans.core.spacing import Period
from plans.courses.models import Course, Plan, Session
from plans.data.factories import (
    CapabilityFactory,
    FactTypeFactory,
    GroupFactory,
    LocationFactory,
    ProcedureFactory,
    ResourceFactory,
    RevisionFactory,
    UserFactory,
)
from plans.diary.models import Appointment, Occupancy
from plans.impact.selectors import Impact, impact_of

PER_PATIENT, QUESTIONS = 3, 20
# A practitioner and a room see so many visits a day, one after the other; then the next pair is asked.
A_DAY, VISIT = 6, dt.timedelta(minutes=80)
FIRST_HOUR, DAYS_APART = 7, 95
ONE_DAY = dt.timedelta(days=1)


class SeededClinic:
    """Patients with (nearly) every question answered and a course of three booked peels each."""

    def __init__(self) -> None:
        self.draw = random.Random(7)
        self.location, self.user = LocationFactory(), UserFactory()
        self.facts = [FactTypeFactory(code=f"question_{n:02}") for n in range(QUESTIONS)]
        self.peel = RevisionFactory(
            procedure=ProcedureFactory(code="peel", group=GroupFactory(code="peels"))
        )
        RevisionFactory(
            procedure=ProcedureFactory(code="toxin", group=GroupFactory(code="toxin")),
            state="current",
        )
        self.able = [
            CapabilityFactory(code="peeling"),
            CapabilityFactory(code="chair", kind="room"),
        ]
        for able in self.able:
            Need.objects.create(revision=self.peel, kind=able.kind, capability=able, to_minute=80)
        Contraindication.objects.bulk_create(
            Contraindication(
                revision=self.peel, fact_type=fact, severity="temporary", source="bench"
            )
            for fact in self.facts[:-1]
        )
        self.peel.state = "current"
        self.peel.save(update_fields=["state"])
        self.first_day = clock.today(self.location.zone) + ONE_DAY
        self.pairs: list[list[Resource]] = []
        self.patients = 0

    @property
    def rules(self) -> RuleSet:
        return ruleset(with_content().get(pk=self.peel.pk))

    def grow(self, sessions: int) -> None:
        """Add patients until there are so many sessions to come."""
        first, self.patients = self.patients, -(-sessions // PER_PATIENT)
        for start in range(first, self.patients, 2000):
            self._add(range(start, min(start + 2000, self.patients)))

    def _add(self, numbers: range) -> None:
        people = Patient.objects.bulk_create(
            Patient(
                number=10_000 + n, location=self.location, given_name="A", family_name=f"B{n}",
                birth_date=dt.date(1950, 1, 1) + self.draw.randrange(20_000) * ONE_DAY,
                registered_on=self.first_day, skin_type=3, skin_type_on=self.first_day,
            )
            for n in numbers
        )  # fmt: skip
        Fact.objects.bulk_create(fact for person in people for fact in self._answers(person))
        plans = Plan.objects.bulk_create(
            Plan(patient=person, created_at=clock.now(), created_by=self.user) for person in people
        )
        courses = Course.objects.bulk_create(
            Course(plan=plan, patient=plan.patient, revision=self.peel, created_at=clock.now())
            for plan in plans
        )
        sessions = Session.objects.bulk_create(
            Session(course=course, ordinal=n) for course in courses for n in (1, 2, 3)
        )
        starts = [self._start(n, ordinal) for n in numbers for ordinal in range(PER_PATIENT)]
        visits = Appointment.objects.bulk_create(
            Appointment(
                patient=session.course.patient, location=self.location, session=session,
                starts_at=start, ends_at=start + VISIT, created_at=clock.now(),
            )
            for session, (_pair, start) in zip(sessions, starts, strict=True)
        )  # fmt: skip
        Occupancy.objects.bulk_create(
            Occupancy(resource=one, appointment=visit, starts_at=start, ends_at=start + VISIT)
            for visit, (pair, start) in zip(visits, starts, strict=True)
            for one in pair
        )

    def _answers(self, person: Patient) -> Iterator[Fact]:
        for kind in self.facts:
            drawn = self.draw.random()
            if drawn < 0.9:
                status = "present" if drawn < 0.02 else "denied"
                yield Fact(
                    patient=person, fact_type=kind, status=status,
                    since=self.first_day - self.draw.randrange(1, 300) * ONE_DAY,
                    recorded_at=clock.now(),
                )  # fmt: skip

    def _start(self, n: int, ordinal: int) -> tuple[list[Resource], dt.datetime]:
        """Who serves, and from when: the patients of a day stand one after the other, pair by pair."""
        within, place = n % (DAYS_APART * A_DAY), n // (DAYS_APART * A_DAY)
        while len(self.pairs) <= place:
            self.pairs.append(
                [
                    ResourceFactory(location=self.location, kind=able.kind, capabilities=[able])
                    for able in self.able
                ]
            )
        day = self.first_day + (within // A_DAY + ordinal * DAYS_APART) * ONE_DAY
        hour = dt.time(FIRST_HOUR, tzinfo=self.location.zone)
        return self.pairs[place], dt.datetime.combine(day, hour) + VISIT * (within % A_DAY)


@dataclass(frozen=True)
class Measured:
    seconds: float
    queries: int
    touched: int


def measure(change: Callable[[], Impact]) -> Measured:
    """The faster of two rounds."""
    spent = []
    for _ in range(2):
        begin = time.perf_counter()
        with CaptureQueriesContext(connection) as queries:
            impact = change()
        spent.append(time.perf_counter() - begin)
    return Measured(min(spent), len(queries), len(impact.sessions))


def changes(clinic: SeededClinic) -> dict[str, Callable[[], Impact]]:
    """One change of each kind, and all of them at once."""
    rules, months = clinic.rules, Period(4, "months")
    spaced = {"interval.min": months, "interval.recommended": months}
    line = LineRule(clinic.facts[-1].code, "absolute")
    wider = tuple(replace(need, to_minute=95) for need in rules.needs)
    gaps = (GapRule("peels", "toxin", months), GapRule("toxin", "peels", months))
    said: dict[str, RuleSet] = {
        "a longer interval": replace(rules, values={**rules.values, **spaced}),
        "a new contraindication": replace(rules, lines=(*rules.lines, line)),
        "a longer visit": replace(
            rules, values={**rules.values, "duration.treat": 35}, needs=wider
        ),
        "all of it": replace(
            rules,
            values={**rules.values, **spaced, "duration.treat": 35},
            lines=(*(replace(one, severity="absolute") for one in rules.lines), line),
            needs=wider,
        ),
    }
    found: dict[str, Callable[[], Impact]] = {
        name: partial(impact_of, {"peel": after}, location=None) for name, after in said.items()
    }
    return found | {"a new gap": partial(impact_of, gaps=gaps, location=None)}
