"""What became of the demo's visits, what the patients answered at them, and what was signed."""

import datetime as dt
import random
from collections.abc import Iterable
from dataclasses import dataclass, field

from clinic.kit.operations import Role
from plans.core.availability import PRACTITIONER
from plans.core.screening import Fact, Finding, Patient, Rulebook, Screener
from plans.data.demo_booking import File, Owed, Visit
from plans.diary.models import Status

INTAKE_MINUTE = 10 * 60
# How long before their time people come, and after it the clinic stops waiting.
EARLY_MINUTES, LATE_MINUTES = 6, 25
_DERIVED = ("phototype_4", "phototype_5_6")


@dataclass(frozen=True)
class Moment:
    """The day and the minute at which the demo is made, on the clinic's clock."""

    today: dt.date
    minute: int


@dataclass(frozen=True)
class Said:
    """One answer: on which day, at which minute of it, and who wrote it down."""

    fact: Fact
    on: dt.date
    minute: int
    role: Role
    note: str = ""


@dataclass(frozen=True)
class Signature:
    """A caution accepted at the check-in of a visit."""

    session: Owed
    visit: Visit
    finding: Finding
    reason: str


@dataclass
class Record:
    """All that was answered by and signed for one person, in the order of time."""

    said: list[Said] = field(default_factory=list)
    signatures: list[Signature] = field(default_factory=list)


def settle_status(file: File, moment: Moment, rng: random.Random) -> None:
    """Let every visit stand as it would by now."""
    for booking in file.bookings:
        for visit in booking.visits:
            visit.status = visit.missed or _status(visit, moment, rng)
            waited = visit.minute + LATE_MINUTES <= moment.minute
            if booking.script.fails_today and visit.day == moment.today and waited:
                visit.status = Status.NO_SHOW
    if file.consultation:
        file.consultation.status = _status(file.consultation, moment, rng)


def _status(visit: Visit, moment: Moment, rng: random.Random) -> str:
    days = (visit.day - moment.today).days
    if days == 0:
        return _status_today(visit, moment.minute, rng)
    if days < 0:
        return Status.DONE
    chance = 0.6 if days <= 2 else 0.2 if days <= 14 else 0
    return Status.CONFIRMED if rng.random() < chance else Status.BOOKED


def _status_today(visit: Visit, now: int, rng: random.Random) -> str:
    numbed = next(p.from_minute for p in visit.treatment.phases if p.role == PRACTITIONER)
    if visit.end_minute <= now:
        return Status.DONE
    if visit.minute + max(numbed, 5) <= now:
        return Status.IN_TREATMENT
    if visit.minute - 2 * EARLY_MINUTES <= now:
        return Status.ARRIVED
    return Status.CONFIRMED if rng.random() < 0.7 else Status.BOOKED


def interview(file: File, rules: Rulebook, moment: Moment) -> Record:
    """The first answers, those of every check-in since, and what was told at last."""
    return _Interview(file, rules, moment).run()


class _Interview:
    def __init__(self, file: File, rules: Rulebook, moment: Moment) -> None:
        self.file, self.rules, self.moment = file, rules, moment
        self.record = Record()
        # The latest "no" for each fact: older ones say nothing more to a screening.
        self.denied: dict[str, Fact] = {}

    def run(self) -> Record:
        person = self.file.person
        self._register()
        treated = [
            (visit, session)
            for booking in self.file.bookings
            for session in booking.sessions
            for visit in session.visits
            if visit.status in (Status.ARRIVED, Status.IN_TREATMENT, Status.DONE)
        ]
        for visit, session in sorted(treated, key=lambda pair: pair[0].day):
            self._check_in(visit, session)
        for known in person.surprises:
            on = known.told_on or self.moment.today
            # of today: a quarter of an hour ago, or as the day began
            minute = max(0, self.moment.minute - 15) if on == self.moment.today else 16 * 60
            self._say(known.fact, on, minute, Role.PRACTITIONER, known.note)
        return self.record

    def _register(self) -> None:
        """The form that a patient fills in first: everything that any of their treatments asks."""
        person, on = self.file.person, self.file.registered_on
        for known in person.known:
            self._say(known.fact, on, INTAKE_MINUTE, Role.RECEPTION, known.note)
        told = {known.fact.code for known in person.known}
        asked = {
            line.fact
            for booking in self.file.bookings
            for line in self.rules.rules(booking.treatment.code).lines
        }
        for code in sorted(asked - told - set(_DERIVED)):
            if code == person.unknown:
                self._say(Fact(code, "unknown"), on, INTAKE_MINUTE, Role.RECEPTION)
            else:
                self._deny(code, on, INTAKE_MINUTE, Role.RECEPTION)

    def _check_in(self, visit: Visit, session: Owed) -> None:
        """Ask what is open on the day; sign what stays as a caution."""
        findings = self._screener(visit).judge(visit.day)
        minute = min(visit.minute - EARLY_MINUTES, self.moment.minute) if self._is_today(visit) else (
            visit.minute - EARLY_MINUTES
        )  # fmt: skip
        asked = [
            found for found in findings if found.kind == "ask" and not found.is_recorded_unknown
        ]
        # Who has only just come has not answered everything yet.
        answered = asked[2:] if visit.status == Status.ARRIVED else asked
        for found in answered:
            self._deny(found.subject, visit.day, minute, Role.PRACTITIONER)
        if visit.status == Status.ARRIVED:
            return
        for found in findings:
            if found.signers and found not in asked:
                reason = "Discussed with the patient, who agrees; treated with a lower dose."
                self.record.signatures.append(Signature(session, visit, found, reason))

    def _screener(self, visit: Visit) -> Screener:
        person = self.file.person
        unknown = [Fact(person.unknown, "unknown")] if person.unknown else []
        facts = (*person.facts(), *self.denied.values(), *unknown)
        known = Patient(person.birth_date, facts, self.file.patient(without=visit).history)
        return Screener(self.rules, visit.treatment.code, known, visit.day)

    def _is_today(self, visit: Visit) -> bool:
        return visit.day == self.moment.today

    def _deny(self, code: str, on: dt.date, minute: int, role: Role) -> None:
        self.denied[code] = Fact(code, "denied", since=on)
        self._say(self.denied[code], on, minute, role)

    def _say(self, fact: Fact, on: dt.date, minute: int, role: Role, note: str = "") -> None:
        self.record.said.append(Said(fact, on, minute, role, note))


def known_on(said: Iterable[Said], day: dt.date) -> list[Said]:
    """What had been said by the end of `day`."""
    return [each for each in said if each.on <= day]
