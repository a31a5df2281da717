"""Reading the impact of a change: every session to come, judged under the rules in force and under the new ones."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from clinic.audit.models import Entry as AuditEntry
from clinic.kit import clock
from clinic.kit.languages import localized
from clinic.patients.models import Fact, FactType, Patient
from clinic.patients.selectors import codes_now
from clinic.places.models import Capability, Location, Resource
from plans.catalogue.selectors import rulebook, ruleset, with_content
from plans.core.bounds import Bounds
from plans.core.gaps import GapChange, GapRule, gap_changes
from plans.core.impact import Comparison, Impact, Kind, TouchedSession
from plans.core.ruleset import Difference, RuleSet, differences
from plans.core.screening import Entry, Recheck, skin_type_facts
from plans.core.screening import Fact as CoreFact
from plans.core.screening import Patient as CorePatient
from plans.core.standing import Holding, Owed, SideBySide, Visit, done_of, standing_of
from plans.core.worlds import World
from plans.courses.models import HomeCare, PatchTest, Session
from plans.courses.selectors import live_appointment, local_day
from plans.diary.models import LIVE, Appointment, Occupancy
from plans.drafts.models import RevisionState
from plans.gaps.selectors import current_table, draft_table, gap_rules
from plans.impact.models import ReviewItem

__all__ = ["Impact", "TouchedSession"]  # what is answered here is a value of the core

# Rows fetched at a time from each of the streams that are read side by side.
CHUNK = 2000


# In place of a procedure's code: the clinic's table of gaps.
GAPS = "gaps"


@dataclass(frozen=True)
class Proposal:
    """A draft held against what is in force: of the rules of procedure `code`, or of the gaps (GAPS).

    `draft` and `current`: a Revision or a GapTable; None in force for a first revision.
    """

    code: str
    draft: Any
    current: Any
    differences: tuple[Difference, ...] = ()
    gap_changes: tuple[GapChange, ...] = ()
    rules: RuleSet | None = None
    gaps: tuple[GapRule, ...] | None = None

    @property
    def cause(self) -> str:
        """What a session is put on the list for: "tca_peel_medium 4"."""
        return f"{self.code} {self.draft.number}"

    def worlds(self) -> tuple[World, World]:
        """The rules in force, and those with the draft in their place. 13 queries at most."""
        return worlds({self.code: self.rules} if self.rules else None, self.gaps)


def proposal(code: str) -> Proposal | None:
    """The draft of procedure `code`, or of the gaps; None if there is none. 14 queries at most."""
    if code == GAPS:
        return _gaps_proposal()
    stored = with_content().filter(procedure__code=code).exclude(state=RevisionState.SUPERSEDED)
    found = {revision.state: revision for revision in stored}
    draft, current = found.get(RevisionState.DRAFT), found.get(RevisionState.CURRENT)
    if draft is None:
        return None
    rules = ruleset(draft)
    changes = differences(ruleset(current), rules) if current else ()
    return Proposal(code, draft, current, changes, rules=rules)


def _gaps_proposal() -> Proposal | None:
    draft, current = draft_table(), current_table()
    if draft is None:
        return None
    gaps = gap_rules(draft)
    changes = gap_changes(gap_rules(current) if current else (), gaps)
    return Proposal(GAPS, draft, current, gap_changes=changes, gaps=gaps)


def saved_since(proposal: Proposal, version: int) -> list[str]:
    """The places that were saved in the draft since its `version`, each once. One query."""
    draft = proposal.draft
    saves = draft.version - version
    action = "gaps_draft_saved" if proposal.code == GAPS else "draft_saved"
    subject = f"{draft._meta.model_name}:{draft.pk}"
    entries = AuditEntry.objects.filter(action=action, subject=subject).order_by("-id")
    details = entries.values_list("details", flat=True)[: max(saves, 0)]
    return list(dict.fromkeys(path for each in details for path in each.get("changed", ())))


def people(keys: Iterable[int]) -> dict[int, tuple[int, str]]:
    """Number and name of these patients, by key. One query."""
    return {one.pk: (one.number, one.full_name) for one in Patient.objects.filter(pk__in=set(keys))}


def capability_names() -> dict[str, str]:
    """What every capability is called in the page's language, by code. One query."""
    rows = Capability.objects.values_list("code", "name")
    return {code: localized(name) for code, name in rows}


def worlds(
    rules: Mapping[str, RuleSet] | None = None,
    gaps: tuple[GapRule, ...] | None = None,
    rechecks: Mapping[str, Recheck] | None = None,
) -> tuple[World, World]:
    """The rules in force, and the same with these in place of theirs. 13 queries at most."""
    rules = rules or {}
    stored = with_content().filter(state=RevisionState.CURRENT, procedure__code__in=list(rules))
    read_as = codes_now() if rules else {}
    current = {revision.procedure.code: ruleset(revision) for revision in stored} if rules else {}
    before = World(rulebook(), {}, {}).with_rules(current, read_as)
    after = before.with_rechecks(rechecks or {})
    after = after.with_rules({code: rules[code] for code in current}, read_as)
    return before, after if gaps is None else after.with_gaps(gaps)


def impact_of(
    rules: Mapping[str, RuleSet] | None = None,
    gaps: tuple[GapRule, ...] | None = None,
    rechecks: Mapping[str, Recheck] | None = None,
    *,
    location: Location | None,
) -> Impact:
    """What gets worse for the sessions to come if `rules` by procedure, `gaps` and `rechecks` were in force.

    Of patients of `location`, None = of all. At most 22 queries, however many sessions: rows are streamed side
    by side, patient by patient. Raises ValueError for rules that contradict themselves (`worlds.is_whole`).
    """
    return impact_between(*worlds(rules, gaps, rechecks), location=location)


def impact_between(before: World, after: World, *, location: Location | None) -> Impact:
    """What gets worse when `after` takes the place of `before`; as `impact_of`, 9 queries at most."""
    comparison = Comparison(before, after)
    if not comparison.procedures:
        return Impact()
    reading = _Reading(comparison, location)
    found = sorted(reading.touched(), key=lambda each: (each.day, each.session))
    return Impact(tuple(found), reading.judged)


class _Reading:
    """One pass over the patients who have a session to come that the change can touch."""

    def __init__(self, comparison: Comparison, location: Location | None) -> None:
        self.judged = 0
        self._comparison = comparison
        self._zones = {place.pk: place.zone for place in Location.objects.all()}
        self._today = {pk: clock.today(zone) for pk, zone in self._zones.items()}
        # No zone is a day away from here: what is over there is left out when it is judged.
        self._from = clock.now() - dt.timedelta(days=1)
        self._people = self._touchable(location)
        self._able = _able_by_resource() if comparison.counts_minutes else {}

    def touched(self) -> Iterator[TouchedSession]:
        """The sessions for which something gets worse, patient by patient; holds one at a time."""
        people: Any = self._people.order_by("pk").values_list(
            "pk", "birth_date", "skin_type", "skin_type_on", "location_id"
        )
        rows = {name: SideBySide(query.iterator(CHUNK)) for name, query in self._streams().items()}
        for pk, birth, skin_type, skin_type_on, location in people.iterator(CHUNK):
            own = {name: stream.of(pk) for name, stream in rows.items()}
            derived = skin_type_facts(skin_type, skin_type_on)
            facts = (
                *_answers(own.get("answers", ()), self._today[location]),
                *(fact for fact in derived if fact.code in self._comparison.facts),
            )
            known = CorePatient(birth, facts)
            yield from self._judge(pk, location, known, own)

    def _judge(
        self, patient: int, location: int, known: CorePatient, own: Mapping[str, Any]
    ) -> Iterator[TouchedSession]:
        as_of = self._today[location]
        sessions = {row[1]: (_owed(row), row[-1]) for row in own["sessions"]}
        owed = [each for each, _number in sessions.values()]
        visits = [self._visit(row) for row in own["visits"]]
        holdings = (self._holding(row) for row in own.get("holdings", ()))
        standing = standing_of(owed, visits, holdings, as_of)
        self.judged += sum(each.entry.date >= as_of for each in standing)
        known = replace(known, history=(*done_of(owed), *_others(own)))
        keys = {visit.session: visit.key for visit in visits}
        for upcoming, effects in self._comparison.effects(known, standing, as_of):
            each, number = sessions[upcoming.key]
            yield TouchedSession(
                session=each.key,
                appointment=keys.get(each.key),
                patient=patient,
                location=location,
                procedure=each.procedure,
                revision=number,
                ordinal=each.ordinal,
                count=sum(other.course == each.course for other in owed),
                day=upcoming.entry.date,
                effects=effects,
            )

    def _visit(self, row: Any) -> Visit:
        _patient, key, session, start, end, place = row
        zone = self._zones[place]
        return Visit(key, session, start.astimezone(zone), end.astimezone(zone))

    def _holding(self, row: Any) -> Holding:
        _patient, visit, resource, since, until = row
        kind, capabilities = self._able[resource]
        return Holding(visit, kind, capabilities, since, until)

    def _touchable(self, location: Location | None) -> QuerySet[Patient]:
        """The patients who have such a session; a subquery of all that is read of them."""
        visits = Appointment.objects.filter(
            session=OuterRef("pk"), status__in=LIVE, starts_at__gte=self._from
        )
        sessions = Session.objects.filter(
            Q(planned_on__gte=self._from.date()) | Exists(visits),
            performed_on__isnull=True,
            written_off_on__isnull=True,
            course__revision__procedure__code__in=self._comparison.procedures,
        )
        people = Patient.objects.filter(pk__in=sessions.values("course__patient"))
        return people.filter(location=location) if location else people

    def _streams(self) -> dict[str, QuerySet[Any, Any]]:
        """What is read side by side, each sorted by patient; only what can decide."""
        people = self._people.order_by().values("pk")
        streams = {"sessions": self._sessions(people), "visits": self._visits(people)}
        if self._comparison.facts:
            streams["answers"] = _live_answers(people, self._comparison.facts)
        if self._comparison.looks_back:
            streams["tests"] = _tests(people)
            streams["care"] = _care(people)
        if self._comparison.counts_minutes:
            streams["holdings"] = self._holdings(people)
        return streams

    def _sessions(self, people: Any) -> QuerySet[Any, Any]:
        rows = Session.objects.filter(course__patient__in=people)
        if not self._comparison.looks_back:
            codes = self._comparison.procedures
            rows = rows.filter(course__revision__procedure__code__in=codes)
        return rows.order_by("course__patient_id", "course_id", "ordinal").values_list(
            "course__patient_id", "pk", "course_id", "ordinal", "planned_on", "performed_on",
            "written_off_on", "course__revision__procedure__code", "course__areas",
            "course__revision__number",
        )  # fmt: skip

    def _visits(self, people: Any) -> QuerySet[Any, Any]:
        to_come = Q(session__isnull=True, starts_at__gte=self._from)
        rows = Appointment.objects.filter(
            Q(session__isnull=False, session__performed_on__isnull=True) | to_come,
            patient__in=people,
            status__in=LIVE,
        )
        return rows.order_by("patient_id", "starts_at").values_list(
            "patient_id", "pk", "session_id", "starts_at", "ends_at", "location_id"
        )

    def _holdings(self, people: Any) -> QuerySet[Any, Any]:
        """Who and what visits to come hold, with the end and the start of the use before and after it."""
        others = Occupancy.objects.filter(resource=OuterRef("resource")).exclude(
            appointment=OuterRef("appointment")
        )
        before = others.filter(starts_at__lt=OuterRef("starts_at")).order_by("-starts_at")
        after = others.filter(starts_at__gte=OuterRef("ends_at")).order_by("starts_at")
        rows = Occupancy.objects.filter(
            appointment__patient__in=people,
            appointment__status__in=LIVE,
            appointment__starts_at__gte=self._from,
        )
        return rows.order_by("appointment__patient_id").values_list(
            "appointment__patient_id",
            "appointment_id",
            "resource_id",
            Subquery(before.values("ends_at")[:1]),
            Subquery(after.values("starts_at")[:1]),
        )


def _live_answers(people: Any, codes: Iterable[str]) -> QuerySet[Any, Any]:
    """Answers that no correction replaced; one to a question merged into another is read as one to that."""
    types = FactType.objects.filter(Q(code__in=codes) | Q(merged_into__code__in=codes))
    rows = Fact.objects.filter(
        patient__in=people, fact_type__in=types.values("pk"), replaced_by__isnull=True
    )
    code = Coalesce("fact_type__merged_into__code", "fact_type__code")
    return rows.order_by("patient_id", "id").values_list(
        "patient_id", code, "status", "since", "until"
    )


def _tests(people: Any) -> QuerySet[Any, Any]:
    rows = PatchTest.objects.filter(patient__in=people)
    return rows.order_by("patient_id").values_list("patient_id", "code", "done_on")


def _care(people: Any) -> QuerySet[Any, Any]:
    rows = HomeCare.objects.filter(patient__in=people).exclude(stopped_on__lt=F("starts_on"))
    return rows.order_by("patient_id").values_list(
        "patient_id",
        "revision__procedure__code",
        "starts_on",
        Coalesce("stopped_on", "ends_on"),
    )


def _able_by_resource() -> dict[int, tuple[str, frozenset[str]]]:
    """Kind and capabilities of every resource. One query."""
    rows = Resource.objects.order_by("pk").values_list("pk", "kind", "capabilities__code")
    return {
        pk: (kind, frozenset(code for _pk, _kind, code in own if code))
        for (pk, kind), own in groupby(rows, key=itemgetter(0, 1))
    }


def _owed(row: Any) -> Owed:
    _patient, key, course, ordinal, planned, performed, written_off, procedure, areas, _n = row
    return Owed(
        key,
        course,
        ordinal,
        procedure,
        frozenset(areas),
        planned,
        performed,
        written_off is not None,
    )


def _answers(rows: Iterable[Any], as_of: dt.date) -> Iterator[CoreFact]:
    derived = {fact.code for fact in skin_type_facts(None, None)}
    for _patient, code, status, since, until in rows:
        # Given where it is tomorrow already: for the patient's clinic that is today.
        told = min(since, as_of) if status == "denied" and since else since
        if code not in derived:
            yield CoreFact(code, status, told, until)


def _others(own: Mapping[str, Any]) -> Iterator[Entry]:
    """Patch tests and home care."""
    for _patient, code, day in own.get("tests", ()):
        yield Entry(code, day)
    for _patient, code, start, end in own.get("care", ()):
        yield Entry(code, start, end)


# The list of sessions to review


@dataclass(frozen=True)
class Review:
    """A session on the list, with the day on which it stands now and the visit of that day, if there is one."""

    item: ReviewItem
    day: dt.date
    visit: Appointment | None


def to_review(location: Location) -> list[Review]:
    """The sessions of `location` that a published change touches and nobody has settled, by day. 4 queries.

    One is off the list by itself once it is performed, written off or cancelled, or stands on a day on which the
    change does nothing to it any more.
    """
    items = (
        ReviewItem.objects.filter(
            patient__location=location,
            settled_at__isnull=True,
            session__performed_on__isnull=True,
            session__written_off_on__isnull=True,
        )
        .select_related("patient", "session__course__revision__procedure")
        .prefetch_related("session__appointments__location")
    )
    found = [review for item in items if (review := _review(item)) is not None]
    return sorted(found, key=lambda review: (review.day, review.item.pk))


def _review(item: ReviewItem) -> Review | None:
    visit = live_appointment(item.session)
    day = local_day(visit) if visit else None if item.appointment_id else item.session.planned_on
    bounds = Bounds.read(item.details)
    if day is None or not bounds.hold(map(Kind, item.kinds), day, was=item.day):
        return None
    return Review(item, day, visit)
