"""What the programming interface reads: a question about a patient, series, visits, and the catalogue in plain values."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _

from clinic.kit import clock
from clinic.kit.refusals import Refusal
from clinic.patients.models import Patient
from clinic.patients.selectors import codes_now, get_patient
from clinic.places.models import Location, Resource
from clinic.places.selectors import resources_at
from clinic.staff.models import User
from plans.api.tags import plain_finding, plain_gap, plain_head
from plans.catalogue.models import Revision
from plans.catalogue.selectors import (
    confirmations,
    current_revision,
    current_revisions,
    fact_names,
    offered_procedures,
    rulebook,
    ruleset,
    sources,
)
from plans.core import screening as core
from plans.core.act_reading import MoveRequest
from plans.core.acts import Act, act_of
from plans.core.availability import PRACTITIONER
from plans.core.cascade import Cascade, cascade
from plans.core.chosen import ChosenSeries, unpacked
from plans.core.confirming import Stated, stated, stated_gap
from plans.core.gaps import touching
from plans.core.plain import plain_line, plain_need, plain_nested, plain_step
from plans.core.series_reading import Offered, Place, read_request
from plans.core.vignette_reading import read_vignette
from plans.core.vignettes import BadVignette, Slip, Vignette
from plans.core.wishes import Answer, Series
from plans.courses.models import Course
from plans.courses.selectors import local_day, names
from plans.courses.tags import AREAS
from plans.diary.forms import OFFER_SECONDS, signed
from plans.diary.models import HOLDING, STRETCHABLE, Appointment
from plans.diary.selectors import (
    candidates,
    core_patient,
    rescreen,
    standing_visits,
    visits,
)
from plans.gaps.selectors import current_table, gap_rules
from plans.moves.selectors import Change, Known, latest_steps, scene_of
from plans.series.forms import MOST_WITHOUT_LIMIT, chosen_of
from plans.series.selectors import Ask, occasions_of, proposals
from plans.sources.selectors import unconfirmed_rules

# What an offer is signed with: a token of the interface books nothing on a page.
SALT = "api.offer"
# Stands in for a patient of the clinic until the rest of the question is read.
_NOBODY = core.Patient(dt.date.min)
_DIGITS = re.compile(r"[0-9]{1,10}", re.ASCII)


@dataclass(frozen=True)
class Asked:
    """A question that can be answered, with the rules that answer it. `patient`: the clinic's own, if one is meant."""

    vignette: Vignette
    book: core.Rulebook
    patient: Patient | None = None


def asked(data: Any, location: Location | None) -> Asked:
    """The question that `data` puts, about the patient in it or one of `location`'s.

    Raises BadVignette with all that is wrong, Patient.DoesNotExist. 6 queries, 13 for a patient of the clinic.
    """
    book, former = rulebook(), codes_now()
    number = _number_in(data)
    if number is None:
        return Asked(read_vignette(data, book, former, is_expecting=False), book)
    rest = {key: value for key, value in data.items() if key not in ("patient", "patient_number")}
    question = read_vignette(rest, book, former, patient=_NOBODY, is_expecting=False)
    if location is None:
        raise Patient.DoesNotExist
    patient = get_patient(number, location)
    return Asked(_about(question, patient), book, patient)


def _number_in(data: Any) -> int | None:
    """The number of a patient of the clinic, also as a text; None where the patient is described instead.

    Raises BadVignette where it is no number.
    """
    if not isinstance(data, Mapping):
        return None
    key = "patient" if data.get("patient") is not None else "patient_number"
    value = data.get(key)
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if value is None or (key == "patient" and not isinstance(value, int)):
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**31:
        raise BadVignette([Slip(key, "not_a_choice", str(value)[:100])])
    return value


def _about(question: Vignette, patient: Patient) -> Vignette:
    """`question` about what is on record of `patient`.

    A session of this procedure that is booked for that very day is the one asked about, and no reason against itself.
    """
    day = question.session_date
    itself = [
        visit.session
        for visit in standing_visits(patient)
        if visit.session
        and local_day(visit) == day
        and visit.session.course.revision.procedure.code == question.procedure
    ]
    known = core_patient(patient, without=[session.pk for session in itself])
    as_of = question.as_of or day
    if any(fact.status == "denied" and fact.since and fact.since > as_of for fact in known.facts):
        raise BadVignette([Slip("as_of", "answered_after_screening", as_of.isoformat())])
    return replace(question, patient=known)


def screening_of(question: Asked) -> dict[str, Any]:
    """The answer to `question` in words and plain values; 13 queries at most."""
    vignette = question.vignette
    found = vignette.screen(question.book)
    words = names()
    table = current_table()
    numbers = current_revisions().values_list("number", flat=True)
    waiting = unconfirmed_rules(found.reasons)
    return {
        "procedure": vignette.procedure,
        "session_date": vignette.session_date,
        "as_of": vignette.as_of or vignette.session_date,
        "verdict": found.verdict.word,
        "reasons": list(found.reasons),
        "findings": [
            plain_finding(one, words) | {"is_confirmed": one.rule not in waiting}
            for one in found.findings
        ],
        "earliest_ok": found.earliest_ok,
        "deferred": [{"fact": code, "name": words.fact(code)} for code in found.deferred],
        "rules": {
            "procedure": numbers.get(procedure__code=vignette.procedure),
            "gaps": table.number if table else None,
        },
        "ignored": list(vignette.ignored),
    }


def procedure_list() -> list[dict[str, Any]]:
    """Every procedure with the revision in force; one query."""
    return [plain_head(revision) for revision in current_revisions()]


def procedure_detail(code: str) -> dict[str, Any]:
    """All that the revision in force says of `code`; 11 queries.  Raises Revision.DoesNotExist."""
    revision = current_revision(code)
    rules = ruleset(revision)
    group = revision.procedure.group.code
    gaps = touching(gap_rules(), code, group)
    named, titles = fact_names(), sources()
    values = [*stated(code, rules), *(stated_gap(gap.rule, gap.min, gap.source) for gap in gaps)]
    used = {one.source for one in values}
    return plain_head(revision) | {
        "in_force_since": revision.published_at,
        "values": plain_nested(rules.values),
        "needs": [plain_need(need) for need in rules.needs],
        "contraindications": [plain_line(line, named) for line in rules.lines],
        "gaps": [plain_gap(gap) for gap in gaps],
        "precare": [plain_step(step) for step in rules.steps if step.is_precare],
        "aftercare": [plain_step(step) for step in rules.steps if not step.is_precare],
        "stated": _stated(values),
        "sources": {one: titles[one].title for one in sorted(used) if one in titles},
    }


def _stated(values: Iterable[Stated]) -> list[dict[str, Any]]:
    """Each value with its source, and who confirmed it as it stands now. One query."""
    values = list(values)
    known = confirmations(one.address for one in values)
    found = []
    for one in values:
        row = known.get(one.address)
        is_confirmed = row is not None and one.is_same(row.value, row.source)
        by = row.by.display_name if row and row.by and is_confirmed else None
        on = row.on if row and is_confirmed else None
        said: dict[str, Any] = {
            "address": one.address,
            "value": one.text,
            "source": one.source,
            "note": one.note,
        }
        found.append(said | {"is_confirmed": is_confirmed, "confirmed_by": by, "confirmed_on": on})
    return found


@dataclass(frozen=True)
class Wanted:
    """A series that can be searched for. `described`: who is no patient of the clinic; `ignored`: fields that nothing reads."""

    ask: Ask
    resources: Sequence[Resource]
    described: core.Patient | None
    ignored: tuple[str, ...]

    def answer(self) -> Answer:
        """What fits, by the search of the booking page; it costs what that one costs."""
        return proposals(self.ask, self.resources, described=self.described)

    def token(self, series: Series) -> str | None:
        """What books one of the series, for half an hour; None for somebody who is no patient of the clinic."""
        if self.described is not None:
            return None
        ask = self.ask
        places = chosen_of(series.offer)
        chosen = ChosenSeries(
            ask.patient.number, ask.location.pk, ask.revision.pk, places, areas=ask.areas
        )
        return signed(chosen, SALT)


def places_of(user: User) -> list[Location]:
    """Where `user` works, the place of the pages first. One query."""
    return list(Location.objects.filter(staff=user))


def wanted(data: Any, user: User) -> Wanted:
    """The series that `data` asks for, about the patient in it or one of the location asked for.

    Raises BadVignette with all that is wrong, Patient.DoesNotExist. 14 queries, one more for a patient of the clinic.
    """
    locations, book = places_of(user), rulebook()
    if not locations:
        raise Location.DoesNotExist
    number = _number_in(data)
    today = clock.today(locations[0].zone)
    asked_for = read_request(
        data, book, codes_now(), offered=_offered(locations), today=today,
        patient=None if number is None else _NOBODY,
    )  # fmt: skip
    location = next(each for each in locations if each.pk == asked_for.location)
    revision, resources = current_revision(asked_for.procedure), resources_at(location)
    able = candidates(revision, resources).get(PRACTITIONER, ())
    if asked_for.practitioner is not None and asked_for.practitioner not in able:
        raise BadVignette([Slip("practitioner", "cannot_do_it", str(data["practitioner"])[:100])])
    patient = Patient() if number is None else get_patient(number, location)
    ask = Ask(
        patient=patient,
        location=location,
        revision=revision,
        count=asked_for.sessions,
        first_from=asked_for.not_before,
        practitioner=asked_for.practitioner,
        part=asked_for.part,
        weekdays=asked_for.weekdays,
        every=asked_for.every,
        areas=tuple(sorted(asked_for.areas)),
        occasions=() if number is None else _kept_clear(patient),
    )
    return Wanted(ask, resources, asked_for.patient if number is None else None, asked_for.ignored)


def _offered(locations: Iterable[Location]) -> Offered:
    """What may be asked for at `locations`; two queries."""
    people: dict[int, dict[int, str]] = {location.pk: {} for location in locations}
    rows = Resource.objects.filter(location__in=people, kind=PRACTITIONER, is_active=True)
    for pk, location, name in rows.values_list("pk", "location", "name"):
        people[location][pk] = name
    most = {
        revision.procedure.code: (revision.sessions_max or MOST_WITHOUT_LIMIT)
        if revision.interval
        else 1
        for revision in offered_procedures().filter(procedure__is_home=False)
    }
    places = (Place(each.pk, each.name, people[each.pk]) for each in locations)
    return Offered(most, tuple(places), frozenset(AREAS))


def fresh(chosen: ChosenSeries, user: User) -> Wanted:
    """The search for the same series as `chosen`, from its first day on, with the same practitioner if possible."""
    location = next(each for each in places_of(user) if each.pk == chosen.location)
    first, revision = chosen.sessions[0], _rules(chosen.revision)
    patient = get_patient(chosen.patient, location)
    return Wanted(
        Ask(
            patient=patient,
            location=location,
            revision=revision,
            count=len(chosen.sessions),
            first_from=max(first.day, clock.today(location.zone)),
            practitioner=first.resources.get(PRACTITIONER),
            areas=chosen.areas,
            occasions=_kept_clear(patient),
        ),
        resources_at(location),
        None,
        (),
    )


def _kept_clear(patient: Patient) -> tuple[dt.date, ...]:
    return tuple(occasion.day for occasion in occasions_of(patient))


def _rules(pk: int) -> Revision:
    return Revision.objects.select_related("procedure__group").get(pk=pk)


@dataclass(frozen=True)
class Judged:
    """A visit with its version, and what today's records say of it; None: nothing, or it may not be seen."""

    visit: Appointment
    version: int
    screening: core.Screening | None


def judged(rows: Sequence[Appointment], user: User) -> list[Judged]:
    """Rows of plans.diary.selectors.visits(), judged where `user` may know. One query, 13 where they are judged."""
    people = {row.patient for row in rows} if user.has_perm("clinic.see_screening") else set()
    today = clock.today(rows[0].location.zone) if rows else dt.date.min
    said = {one.visit.pk: one.screening for one in rescreen(people, today)} if people else {}
    versions = latest_steps([row.pk for row in rows])
    return [Judged(row, versions.get(row.pk, 0), said.get(row.pk)) for row in rows]


def visits_of(course: Course) -> list[Appointment]:
    """The visits of the course's sessions that stand, by their start; 6 queries."""
    rows = visits().filter(session__course=course, status__in=HOLDING)
    return list(rows.order_by("starts_at"))


@dataclass(frozen=True)
class Planned:
    """A move with what follows from it; `version`: what the caller knows of the visit."""

    known: Known
    plan: Cascade
    act: Act


def planned(visit: Appointment, wish: MoveRequest) -> Planned:
    """What becomes of the patient's visits when `visit` moves as wished; costs as plans.moves.selectors.scene_of.

    Raises BadVignette for a length that the visit cannot have, and for resources that cannot serve it; Refusal for
    a visit that is over.
    """
    if visit.status not in STRETCHABLE:
        raise Refusal(_("Only a visit that is booked or confirmed can be moved."))
    try:
        known = scene_of(visit, Change(wish.minutes))
    except ValueError:
        raise BadVignette([Slip("minutes", "not_a_choice", str(wish.minutes))]) from None
    versions = {key: known.versions.get(row.pk, 0) for key, row in known.visits.items()}
    if wish.version is not None:
        versions[known.key] = wish.version
    needs, free = known.scene.needs[known.key], known.scene.days(wish.day)
    plan = cascade(known.scene, known.key, wish.place(needs, known.here, free), mode=wish.rest)
    return Planned(known, plan, act_of("move", plan, visit.pk, versions))


def accepted_keys(known: Known, visits: Iterable[int]) -> list[int]:
    """The keys of the visits that may move too.  Raises BadVignette for one that is none of the patient's."""
    keys = {row.pk: key for key, row in known.visits.items()}
    for n, pk in enumerate(sorted(visits)):
        if pk not in keys:
            raise BadVignette([Slip(f"accept[{n}]", "not_a_choice", str(pk))])
    return [keys[pk] for pk in visits]


def read_token(body: Any) -> tuple[ChosenSeries, bool]:
    """The series that a token stands for, and whether the token is too old.  Raises BadVignette if it is none of ours."""
    if not isinstance(body, Mapping):
        raise BadVignette([Slip("", "not_an_object")])
    token = body.get("token")
    if not token:
        raise BadVignette([Slip("token", "missing")])
    if not isinstance(token, str):
        raise BadVignette([Slip("token", "not_text")])
    try:
        values = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        raise BadVignette([Slip("token", "damaged")]) from None
    try:
        signing.loads(token, salt=SALT, max_age=OFFER_SECONDS)
    except signing.SignatureExpired:
        return unpacked(values), True
    return unpacked(values), False
