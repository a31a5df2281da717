"""Reading records: what a page fills in, what a visit and a patient's file show, and the paper."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery

from clinic.patients.models import Patient
from clinic.places.models import Location
from plans.catalogue.models import Revision
from plans.core import record as core
from plans.core.record_map import USUAL
from plans.courses.models import Session
from plans.courses.selectors import local_day
from plans.diary.models import Appointment, Status
from plans.lots.models import Lot
from plans.records.models import (
    Addendum,
    AdverseEvent,
    EventEntry,
    LotUse,
    RecordState,
    TreatmentRecord,
)
from plans.records.tags import harm_words, lines_of, reaction_words, title_of

# Of a visit that did not take place there is nothing to record.
NOTHING_DONE = (Status.CANCELLED, Status.NO_SHOW)
# What a written record says of itself, and in what it stands when it is read back.
Content = Mapping[str, Any]


def records() -> QuerySet[TreatmentRecord]:
    """Records with all that hangs on them. Six queries, however many."""
    events = AdverseEvent.objects.select_related("by").prefetch_related(
        Prefetch("entries", EventEntry.objects.select_related("by"))
    )
    return TreatmentRecord.objects.select_related(
        "visit__patient", "visit__location", "revision__procedure", "saved_by", "signed_by"
    ).prefetch_related(
        Prefetch("lot_uses", LotUse.objects.select_related("lot")),
        "reactions",
        Prefetch("events", events),
        Prefetch("addenda", Addendum.objects.select_related("by")),
    )


def record_of(visit: Appointment) -> TreatmentRecord | None:
    """The record of a visit with all that hangs on it, None before its first save. Six queries at most."""
    return records().filter(visit=visit).first()


def session_of(visit: Appointment) -> Session | None:
    """What is treated; a second part treats what the visit that it continues does. One query for such a part."""
    return (visit.continues or visit).session


def revision_of(visit: Appointment) -> Revision | None:
    """Whose parameters the visit's record asks for; None for a consultation."""
    session = session_of(visit)
    return session.course.revision if session else None


def last_signed(visit: Appointment, revision: Revision) -> TreatmentRecord | None:
    """The patient's latest signed record of the same procedure before `visit`. One query."""
    rows = TreatmentRecord.objects.select_related("visit__location", "revision").filter(
        state=RecordState.SIGNED,
        visit__patient=visit.patient_id,
        visit__starts_at__lt=visit.starts_at,
        revision__procedure=revision.procedure_id,
    )
    return rows.order_by("-visit__starts_at", "-pk").first()


def lots_for(visit: Appointment, kept: Iterable[int] = ()) -> list[Lot]:
    """Lots of the visit's location that may have been used at it, and those with the keys `kept`. One query.

    A lot recalled since is among them: its recall has to find this patient.
    """
    location = visit.location
    stood = Q(recalled_at__isnull=True) | Q(recalled_at__gt=visit.starts_at)
    good = stood & Q(location=location, expires_on__gte=local_day(visit))
    return list(Lot.objects.filter(good | Q(pk__in=list(kept), location=location)))


@dataclass(frozen=True)
class Page:
    """What the form of a record is built from."""

    visit: Appointment
    day: dt.date
    revision: Revision | None
    fields: tuple[core.Field, ...]
    offered_areas: tuple[str, ...]
    needs_areas: bool
    record: TreatmentRecord | None
    before: TreatmentRecord | None
    lots: tuple[Lot, ...]

    @property
    def before_values(self) -> Mapping[str, Any]:
        return self.before.values if self.before else {}

    @property
    def filled_in(self) -> core.Written:
        """The draft, or what a first one begins with: the settings of the last session."""
        if self.record is not None:
            return written_of(self.record)
        usual = (self.revision.anaesthesia or {}).get("method", "") if self.revision else ""
        return core.Written(
            core.carried(self.fields, self.before_values),
            tuple(area for area in self._areas_before() if area in self.offered_areas),
            self.before.anaesthesia if self.before else usual,
        )

    def _areas_before(self) -> Iterable[str]:
        if self.before:
            return list(self.before.areas)
        session = session_of(self.visit)
        return list(session.course.areas) if session else []


def page_of(visit: Appointment) -> Page:
    """Everything that the page of a record needs; ten queries at most. `visit`: of diary.selectors.visits."""
    revision, record, day = revision_of(visit), record_of(visit), local_day(visit)
    if record is not None:
        # The draft keeps the revision that it was begun under.
        revision = record.revision
    scheme = core.scheme(revision.parameters) if revision else ()
    zones = next((one for one in scheme if one.key == core.ZONES), None)
    kept = [use.lot_id for use in record.lot_uses.all()] if record else []
    return Page(
        visit,
        day,
        revision,
        tuple(one for one in scheme if one.key != core.ZONES),
        zones.choices if zones else USUAL,
        bool(zones and zones.is_required),
        record,
        last_signed(visit, revision) if revision else None,
        tuple(lots_for(visit, kept)),
    )


def written_of(record: TreatmentRecord) -> core.Written:
    """What a record holds, as its form would write it. No query on `records()`."""
    uses = tuple(core.Use(use.lot_id, use.units, use.sites) for use in record.lot_uses.all())
    return core.Written(
        record.values,
        tuple(record.areas),
        record.anaesthesia,
        record.anaesthesia_at,
        record.notes,
        record.outside_reason,
        uses,
    )


def content_of(record: TreatmentRecord) -> Content:
    """All that is signed, plain and in one form, so that it has one digest. No query on `records()`."""
    revision = record.revision
    return {
        "visit": record.visit_id,
        "revision": [revision.procedure.code, revision.number] if revision else None,
        "values": record.values,
        "areas": record.areas,
        "anaesthesia": [record.anaesthesia, _instant(record.anaesthesia_at)],
        "notes": record.notes,
        "outside_reason": record.outside_reason,
        "lots": [
            [use.lot_id, use.lot.product, use.lot.number, use.lot.expires_on.isoformat(),
             f"{use.units:.2f}" if use.units is not None else "", use.sites]
            for use in record.lot_uses.all()
        ],
        "reactions": [
            [row.kind, row.severity, _instant(row.at), row.note] for row in record.reactions.all()
        ],
        "signed": [record.signed_by_id, _instant(record.signed_at)],
    }  # fmt: skip


def is_intact(record: TreatmentRecord) -> bool:
    """Whether a signed record is what was signed. No query on `records()`."""
    return record.is_signed and core.digest(content_of(record)) == record.digest


def _instant(at: dt.datetime | None) -> str:
    return at.astimezone(dt.UTC).isoformat() if at else ""


def in_visit(visit: Appointment) -> dict[str, Any]:
    """What records/in_visit.html shows on the page of a visit: `visit`, `record`, `lines` and more. Six queries at most."""
    record = record_of(visit)
    return {
        "visit": visit,
        "record": record,
        "lines": lines_of(record) if record else [],
        "events": len(record.events.all()) if record else 0,
        "is_open": visit.status not in NOTHING_DONE,
    }


@dataclass(frozen=True)
class HistoryRow:
    """One signed record in a patient's file; a draft only where harm was recorded under it."""

    record: TreatmentRecord
    title: str
    day: dt.date
    lines: list[tuple[str, str]]
    reactions: list[str]
    events: list[AdverseEvent]


def history(patient: Patient) -> list[HistoryRow]:
    """A patient's records and what went wrong, latest first. Six queries, however many rows."""
    rows = records().filter(visit__patient=patient)
    rows = rows.filter(Q(state=RecordState.SIGNED) | Q(events__isnull=False)).distinct()
    return [
        HistoryRow(
            row,
            title_of(row),
            local_day(row.visit),
            lines_of(row),
            [reaction_words(one, row) for one in row.reactions.all()],
            list(row.events.all()),
        )
        for row in rows.order_by("-visit__starts_at", "-pk")
    ]


def events_of(record: TreatmentRecord) -> list[tuple[AdverseEvent, str]]:
    """The record's adverse events, each with its words. No query on `records()`."""
    return [(event, harm_words(event)) for event in record.events.all()]


def is_over(event: AdverseEvent) -> bool:
    """Whether nobody needs to follow an event up any more. No query with its entries prefetched."""
    return any(entry.is_over for entry in event.entries.all())


def looks_due(location: Location, today: dt.date) -> list[tuple[AdverseEvent, dt.date]]:
    """The adverse events that are to be looked at again by `today`, each with its day, the oldest first. One query.

    The last entry of an event says when; an event that is over has no such day.
    """
    last = EventEntry.objects.filter(event=OuterRef("pk")).order_by("-pk").values("next_on")[:1]
    rows = AdverseEvent.objects.annotate(look_on=Subquery(last)).filter(
        record__visit__location=location, look_on__lte=today
    )
    rows = rows.select_related(
        "record__visit__patient", "record__visit__location", "record__revision"
    )
    return [(row, row.look_on) for row in rows.order_by("look_on", "pk")]
