"""Reading protocols: the list, what a revision says, and its dates for one patient."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from textwrap import wrap
from typing import Any, cast

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from clinic.kit import clock
from clinic.kit.languages import localized
from clinic.kit.tags import date_in_words
from clinic.patients.models import Patient
from clinic.places.models import Location
from clinic.places.selectors import open_minutes
from plans.catalogue.models import Confirmation, Revision
from plans.catalogue.selectors import confirmations, cycle, offered_procedures, rulebook
from plans.core.confirming import unconfirmed
from plans.core.dating import FARTHEST, Dated, DatedStep, date_steps, later_start
from plans.core.drawing import Bar, BarKind, Lane, Mark, State
from plans.core.outline import Outline, outline
from plans.core.protocol import (
    Content,
    Starts,
    Step,
    Treatment,
    plain_step,
    read_steps,
    stated_steps,
)
from plans.core.screening import Entry, Screener, Screening
from plans.core.screening import Patient as CorePatient
from plans.core.spacing import Period
from plans.courses.models import HomeCare, Plan
from plans.courses.selectors import CourseView, SessionView, entry_of, known_patients, local_day
from plans.diary.models import Appointment
from plans.diary.selectors import standing_visits
from plans.drafts.models import RevisionState
from plans.protocols.models import Protocol, ProtocolRevision
from plans.terms.models import Pit, Sign, Source

# Letters of a course's name that fit into the timeline's gutter; the rest goes below it.
LANE_NAME = 24


def content(revision: ProtocolRevision) -> Content:
    """All that the revision says, as one value; no query."""
    return Content(
        revision.name, revision.suits, read_steps(revision.steps), revision.source, revision.note
    )


def offers() -> dict[str, Revision]:
    """What a step may be made of: the rules in force of every procedure that is offered, by code; one query."""
    return {revision.procedure.code: revision for revision in offered_procedures()}


def treatments(offered: Mapping[str, Revision]) -> dict[str, Treatment]:
    """The same as the core reads them; no query."""
    return {
        code: Treatment(
            code,
            revision.procedure.is_home,
            revision.interval,
            revision.sessions_min,
            revision.sessions_max,
            cycle(revision),
        )
        for code, revision in offered.items()
    }


def revisions() -> QuerySet[ProtocolRevision]:
    """Revisions with their protocol and who wrote and published them; one query."""
    return ProtocolRevision.objects.select_related("protocol", "created_by", "published_by")


def current_revision(code: str) -> ProtocolRevision:
    """The revision in force.  Raises ProtocolRevision.DoesNotExist. One query."""
    return revisions().get(protocol__code=code, state=RevisionState.CURRENT)


def draft_of(code: str) -> ProtocolRevision | None:
    """The protocol's draft; one query."""
    return revisions().filter(protocol__code=code, state=RevisionState.DRAFT).first()


def history(protocol: Protocol) -> QuerySet[ProtocolRevision]:
    """All revisions, latest first, each with `used`: how many plans were made from it; one query."""
    rows = revisions().filter(protocol=protocol).annotate(used=Count("plans", distinct=True))
    return rows.order_by("-number")


@dataclass(frozen=True)
class Row:
    """A protocol as the list shows it; `revision` is the one in force, else the draft."""

    protocol: Protocol
    revision: ProtocolRevision
    draft: ProtocolRevision | None
    used: int
    outline: Outline


def overview(*, offered_only: bool = False) -> list[Row]:
    """Every protocol, in the catalogue's order; `offered_only`: those that can be applied. Three queries."""
    rows = ProtocolRevision.objects.exclude(state=RevisionState.SUPERSEDED)
    stored: dict[tuple[int, str], ProtocolRevision] = {
        (row.protocol_id, row.state): row for row in rows
    }
    known = treatments(offers())
    protocols = Protocol.objects.annotate(used=Count("revisions__plans", distinct=True))
    if offered_only:
        protocols = protocols.filter(retired_at__isnull=True)
    found = []
    for protocol in protocols.order_by("position", "code"):
        current = stored.get((protocol.pk, RevisionState.CURRENT))
        draft = stored.get((protocol.pk, RevisionState.DRAFT))
        shown = current or (None if offered_only else draft)
        if shown is not None:
            drawn = outline(content(shown).steps, known)
            found.append(Row(protocol, shown, draft, protocol.used, drawn))
    return found


def confirmed_steps(code: str, said: Content) -> dict[int, Confirmation]:
    """Who confirmed a step as it stands, by its number; steps that nobody confirmed are missing. One query."""
    known = confirmations(prefix=f"protocols/{code}/")
    values = stated_steps(code, said.steps, said.source)
    waiting = {value.address for value in unconfirmed(values, known)}
    return {
        number: known[value.address]
        for number, value in enumerate(values, start=1)
        if value.address not in waiting
    }


def procedure_names() -> dict[str, str]:
    """What procedures are called in the page's language, by code; one query."""
    current = Revision.objects.filter(state=RevisionState.CURRENT)
    rows = current.values_list("procedure__code", "name")
    return {code: localized(texts) for code, texts in rows}


def plans_of(protocol: Protocol) -> int:
    """How many plans were made from it, under whichever revision; one query."""
    return Plan.objects.filter(protocol_revision__protocol=protocol).count()


def source_title(code: str) -> str:
    """What the source is called; "" for one that is not on record. One query."""
    return Source.objects.filter(code=code).values_list("title", flat=True).first() or ""


Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Vocabulary:
    """What an editor can choose: procedures, sources, and terms by the place in `suits`."""

    treatments: Mapping[str, Treatment]
    procedures: Mapping[str, str]
    sources: Choices
    terms: Mapping[str, Choices]

    def procedure_choices(self, chosen: str) -> list[tuple[str, Any]]:
        """Those of the clinic, then those for home; and what is `chosen`, though not offered any more."""
        groups: dict[bool, list[tuple[str, str]]] = {False: [], True: []}
        for code, treatment in self.treatments.items():
            groups[treatment.is_home].append((code, self.procedures.get(code, code)))
        found: list[tuple[str, Any]] = [("", _("Choose"))]
        found += [(_("In the clinic"), groups[False]), (_("At home"), groups[True])]
        if chosen and chosen not in self.treatments:
            gone = _("%(name)s, not offered any more")
            found.append((chosen, gone % {"name": self.procedures.get(chosen, chosen)}))
        return found


def vocabulary() -> Vocabulary:
    """What can be chosen today; five queries."""
    pits: dict[str, list[tuple[str, str]]] = {"type": [], "depth": [], "age": []}
    for pit in Pit.objects.order_by("kind", "position"):
        pits[pit.kind].append((pit.code, str(pit)))
    sources = Source.objects.filter(is_background=False).order_by("code")
    return Vocabulary(
        treatments=treatments(offers()),
        procedures=procedure_names(),
        sources=[(row.code, f"{row.code.replace('_', ' ')}: {row.title}"[:100]) for row in sources],
        terms={
            "signs": [(sign.code, str(sign)) for sign in Sign.objects.order_by("position")],
            **{f"pit_{kind}s": found for kind, found in pits.items()},
        },
    )


# For one patient


@dataclass(frozen=True)
class Wish:
    """How the protocol is to be applied. `counts`: sessions by step; `left_out`: numbers of steps."""

    start: dt.date
    left_out: frozenset[int] = frozenset()
    counts: Mapping[int, int] = field(default_factory=dict)
    areas: tuple[str, ...] = ()

    def counted(self, step: Step) -> Step:
        """The step with the number of sessions that was chosen for it."""
        return replace(step, sessions=self.counts.get(step.number, step.sessions))


@dataclass(frozen=True)
class Proposal:
    """Every chosen step with its dates; `gone`: numbers of chosen steps whose procedure is not offered any more.

    `start_on`: a later start from which everything fits, if one is found and needed.
    """

    steps: tuple[DatedStep, ...]
    gone: tuple[Step, ...]
    start_on: dt.date | None

    @property
    def fits(self) -> bool:
        """Something is chosen, and all of it has its dates."""
        return bool(self.steps) and not self.gone and not any(each.failure for each in self.steps)

    @property
    def dates(self) -> list[Dated]:
        return [dated for each in self.steps for dated in each.dates]

    @property
    def deferred(self) -> tuple[str, ...]:
        """Codes of the facts that are asked on the day of a session, each once."""
        return tuple(dict.fromkeys(code for dated in self.dates for code in dated.screening.deferred))  # fmt: skip

    @property
    def seal(self) -> str:
        """The same for the same dates only: what a person has seen can be told from what would be written."""
        return ";".join(
            f"{each.step.number}.{dated.ordinal}:{dated.day}" for each in self.steps for dated in each.dates
        )  # fmt: skip

    @property
    def last_day(self) -> dt.date | None:
        return max((dated.until or dated.day for dated in self.dates), default=None)


def of_product(code: str, today: dt.date) -> ProtocolRevision | None:
    """The use at home of one product for as long as its rules say, as a protocol of one step, which is never stored.

    None for what is not offered for use at home, or has no length. One query.
    """
    rules = offers().get(code)
    length = (rules.regimen or {}).get("course") if rules and rules.procedure.is_home else None
    if rules is None or not length:
        return None
    days = (Period(length["value"], length["unit"]).after(today) - today).days
    return ProtocolRevision(name=rules.name, steps=[plain_step(Step(1, code, Starts(), days=days))])


class Applying:
    """One protocol revision before one patient: reads everything once, then dates without a query."""

    def __init__(self, patient: Patient, location: Location, revision: ProtocolRevision) -> None:
        """Thirteen queries, however long the protocol and the patient's history are."""
        self.patient = patient
        self.steps = read_steps(revision.steps)
        self.today = clock.today(location.zone)
        self.offered = offers()
        self.treatments = treatments(self.offered)
        self._book = rulebook()
        known = known_patients([patient])[patient.pk]
        entries = [*known.history, *map(_entry, standing_visits(patient))]
        # What is still to come may be threatened by what is added; what was is history.
        self._to_come = tuple(entry for entry in entries if entry.date > self.today)
        self._known = replace(
            known, history=tuple(entry for entry in entries if entry.date <= self.today)
        )
        self._open_days = _open_days(location, self.today)
        # A later start meets mostly the days that an earlier one met.
        self._judged: dict[tuple[Entry, tuple[Entry, ...]], Screening] = {}

    def propose(self, wish: Wish) -> Proposal:
        """The dates of what was chosen; no query."""
        chosen = [step for step in self.steps if step.number not in wish.left_out]
        gone = tuple(step for step in chosen if step.procedure not in self.treatments)
        found = self._dated(wish, gone)
        start_on = None
        if any(each.failure for each in found):
            start_on = later_start(
                lambda day: self._dated(replace(wish, start=day), gone), wish.start
            )
        return Proposal(found, gone, start_on)

    def _dated(self, wish: Wish, gone: Iterable[Step]) -> tuple[DatedStep, ...]:
        return date_steps(
            [wish.counted(step) for step in self.steps],
            self.treatments,
            wish.start,
            self._judge,
            is_open=self._is_open,
            booked=self._to_come,
            areas=frozenset(wish.areas),
            left_out={*wish.left_out, *(step.number for step in gone)},
        )

    def _judge(self, entry: Entry, others: Sequence[Entry]) -> Screening:
        asked = (entry, tuple(others))
        if asked not in self._judged:
            self._judged[asked] = self._screen(entry, others)
        return self._judged[asked]

    def _screen(self, entry: Entry, others: Sequence[Entry]) -> Screening:
        history = (*self._known.history, *others)
        patient = CorePatient(self._known.birth, self._known.facts, history)
        screener = Screener(self._book, entry.procedure, patient, self.today, entry.areas)
        return screener.screen(entry.date)

    def _is_open(self, day: dt.date) -> bool:
        return day > self._last_read or day in self._open_days

    @cached_property
    def _last_read(self) -> dt.date:
        """Beyond it nothing is known of the clinic's hours; nor is it where none are recorded."""
        return self.today + FARTHEST if self._open_days else dt.date.min


def _entry(visit: Appointment) -> Entry:
    if visit.session is None:
        raise ValueError("a consultation is no treatment")
    return entry_of(visit.session.course, local_day(visit))


def _open_days(location: Location, today: dt.date) -> frozenset[dt.date]:
    """The days on which anybody or anything at `location` can be booked; three queries."""
    hours = open_minutes(location, today, today + FARTHEST)
    return frozenset(day for day, spans in hours.items() if any(spans.values()))


# Home care


def home_care_of(patient: Patient) -> list[HomeCare]:
    """What is or was to be used at home, by its first day; one query."""
    rows = HomeCare.objects.filter(patient=patient).select_related("revision__procedure", "plan")
    return list(rows.order_by("starts_on", "id"))


def home_lane(used: Iterable[HomeCare], today: dt.date) -> Lane | None:
    """The lane of a patient's timeline for what is used at home; None for nothing. No query.

    What is still to begin is drawn as planned; what goes on without an end, to today at least.
    """
    bars = []
    for care in used:
        end = care.last_day or max(today, care.starts_on)
        if end >= care.starts_on:
            kind: BarKind = "home_planned" if care.starts_on > today else "home"
            bars.append(Bar(care.starts_on, end, kind, label=care.revision.title))
    return Lane(_("Home care"), bars=tuple(bars)) if bars else None


def due_day(view: SessionView) -> dt.date | None:
    """The middle of its window; while that is not open, the day that was planned."""
    return view.window.target if view.window else view.planned_on


def course_lane(course: CourseView, signs: Mapping[int, str]) -> Lane:
    """The lane of a patient's timeline for one course. `signs`: of its sessions, by key. No query."""
    marks, bars = [], []
    for view in course.sessions:
        window, day = view.window, view.day or due_day(view)
        if view.state == "written_off" or day is None:
            continue
        label = f"{view.ordinal} · {date_in_words(day, 'no year')}"
        marks.append(Mark(day, cast(State, signs[view.session.pk]), label))
        if window and view.state in ("booked", "due"):
            bars.append(Bar(window.earliest, window.latest, "window", window.target))
        elif window and view.state == "lapsed":
            bars.append(Bar(window.earliest, window.latest, "lapsed"))
    progress = _("%(done)s of %(count)s done") % {"done": course.done, "count": course.count}
    name, *rest = wrap(course.title, LANE_NAME)
    return Lane(
        name, (" ".join(rest), progress) if rest else (progress,), tuple(marks), tuple(bars)
    )
