"""docs/api.md as a page, and what the diary holds as plain values, as docs/api.md describes them."""

import datetime as dt
import zoneinfo
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import nh3
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt

from clinic.kit.languages import localized
from clinic.places.models import Location, Resource
from plans.catalogue.models import Revision
from plans.core.cascade import Cascade, Line
from plans.core.gaps import GapRule
from plans.core.offers import Booked, Place
from plans.core.plain import cost_number, plain_value, plain_window
from plans.core.problems import Relaxation
from plans.core.screening import Finding, Screening, Verdict
from plans.core.wallclock import instant
from plans.core.wishes import Answer, Series
from plans.courses.tags import (
    Names,
    finding_words,
    impossible_words,
    relaxation_words,
    screening_words,
)
from plans.diary.models import Appointment
from plans.moves.selectors import Known
from plans.moves.tags import fault_words, named
from plans.series.tags import reasons_words

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "api.md"


@cache
def guide() -> SafeString:
    """The guide for those who write programs, as HTML; its title is left to the page. It is in English only."""
    _title, _line, text = GUIDE.read_text(encoding="utf-8").partition("\n")
    html = nh3.clean(MarkdownIt("commonmark").enable("table").render(text))
    return SafeString(html.replace("<table>", '<table class="table">'))


# What version 1 promises; the booking page may know more ways to differ.
KINDS = ("best", "soonest", "other_practitioner")


def plain_resource(resource: Resource) -> dict[str, Any]:
    """One of `resources_at`."""
    return {
        "id": resource.pk,
        "name": resource.name,
        "kind": resource.kind,
        "note": resource.note,
        "capabilities": sorted(capability.code for capability in resource.capabilities.all()),
    }


def plain_place(location: Location) -> dict[str, Any]:
    return {"id": location.pk, "name": location.name, "time_zone": location.time_zone}


def plain_offer(
    series: Series,
    resources: Mapping[int, Resource],
    names: Names,
    zone: zoneinfo.ZoneInfo,
    *,
    sees_screening: bool,
) -> dict[str, Any]:
    """One offer; `sees_screening`: whether the caller may be told what the screening says."""
    offer = series.offer
    called = {pk: resource.name for pk, resource in resources.items()}
    return {
        "kind": offer.kind,
        "cost": cost_number(offer.cost),
        "reasons": [
            {"is_for": plus, "text": text}
            for plus, text in reasons_words(
                offer, called, series.screenings, names if sees_screening else None
            )
        ],
        "sessions": [
            _session(place, screening if sees_screening else None, resources, names, zone)
            for place, screening in zip(offer.places, series.screenings, strict=True)
        ],
    }


def _session(
    place: Place,
    screening: Screening | None,
    resources: Mapping[int, Resource],
    names: Names,
    zone: zoneinfo.ZoneInfo,
) -> dict[str, Any]:
    start = instant(place.day, place.start_minute, zone)
    end = start + dt.timedelta(minutes=place.end_minute - place.start_minute)
    return {
        "ordinal": place.ordinal,
        "start": local_iso(start, zone),
        "end": local_iso(end, zone),
        "resources": serving(place.resources, resources),
        "window": plain_window(place.window),
        "target": place.window.target,
        "deviation_days": place.deviation_days,
        **plain_screening(screening, names),
    }


def plain_screening(screening: Screening | None, names: Names) -> dict[str, Any]:
    """What a screening says; None: the caller may not know, or there is none."""
    if screening is None:
        return {"verdict": None, "reasons": [], "words": "", "deferred": []}
    return {
        "verdict": screening.verdict.word,
        "reasons": list(screening.reasons),
        "words": screening_words(screening, names),
        "deferred": list(screening.deferred),
    }


def plain_waits(answer: Answer, names: Names) -> list[dict[str, Any]]:
    """What keeps the first session off from the day asked for."""
    return [
        {"rule": found.rule, "words": finding_words(found, names), "earliest": found.free_day}
        for found in answer.waits
    ]


def not_bookable_words() -> str:
    return _(
        "The patient is described, not registered. Register the patient, then search by number."
    )


def plain_impossible(
    answer: Answer, names: Names, *, sees_screening: bool
) -> dict[str, Any] | None:
    """Which session cannot be placed and why; None where there are offers."""
    found = answer.impossible
    if found is None and answer.series:
        return None
    if found is None:
        # No first day is known: what has to end first is on record without an end.
        reasons = [each.rule for each in answer.waits]
        words = "; ".join(finding_words(each, names) for each in answer.waits)
        nothing: dict[str, Any] = {
            "detail": {},
            "window": None,
            "earliest": None,
            "relaxation": None,
        }
        nothing |= {"relaxations": []}
        shown = (
            {"reasons": reasons, "words": words} if sees_screening else {"reasons": [], "words": ""}
        )
        return {"ordinal": 1, "constraint": "screening"} | nothing | shown
    return {
        "ordinal": found.ordinal,
        "constraint": found.constraint,
        "detail": dict(found.detail),
        "window": found.window and {"earliest": found.window[0], "latest": found.window[1]},
        "reasons": list(found.reasons) if sees_screening else [],
        "earliest": found.earliest if sees_screening else None,
        "words": impossible_words(found),
        "relaxation": found.relaxation and _relaxation(found.relaxation),
        "relaxations": [_relaxation(way) for way in found.relaxations],
    }


def _relaxation(found: Relaxation) -> dict[str, Any]:
    """A change that works; `request`: the fields to send instead, null where no request can ask for it."""
    changed: dict[str, dict[str, Any]] = {
        "later_start": {"not_before": found.day},
        "fewer_sessions": {"sessions": found.value},
        "finer_start": {"every": found.value},
    }
    return {
        "kind": found.kind,
        "value": found.value,
        "day": found.day,
        "words": relaxation_words(found),
        "request": changed.get(found.kind),
    }


def plain_visit(
    visit: Appointment, version: int, screening: Screening | None, names: Names
) -> dict[str, Any]:
    """A visit of plans.diary.selectors.visits()."""
    zone, session = visit.location.zone, visit.session
    procedure = session.course.revision.procedure if session else None
    resources = {row.resource_id: row.resource for row in visit.occupancy.all()}
    return {
        "id": visit.pk,
        "patient": visit.patient.number,
        "patient_name": visit.patient.full_name,
        "procedure": procedure and procedure.code,
        "title": session.course.revision.title if session else "",
        "course": session and session.course_id,
        "ordinal": session and session.ordinal,
        "start": local_iso(visit.starts_at, zone),
        "end": local_iso(visit.ends_at, zone),
        "status": visit.status,
        "resources": [
            {"id": pk, "name": resource.name, "kind": resource.kind, "role": resource.kind}
            for pk, resource in resources.items()
        ],
        "version": version,
        **plain_screening(screening, names),
    }


def plain_plan(
    known: Known, plan: Cascade, names: Names, *, sees_screening: bool
) -> dict[str, Any]:
    """A move with what follows from it, as it would be or as it was carried out."""
    zone = known.visit.location.zone
    resources = {resource.pk: resource for resource in known.resources}
    return {
        "appointment": known.visit.pk,
        "version": known.version,
        "is_possible": plan.is_legal,
        "problems": [
            {
                "id": _id_of(known, fault.key),
                "kind": fault.kind,
                "is_hard": fault in plan.hard_faults,
                "words": fault_words(known, fault, plan.state, names, sees=sees_screening),
            }
            for fault in plan.faults
        ],
        "lines": [
            {
                "id": _id_of(known, line.key),
                "title": named(known, line.key),
                "is_moved": line.is_moved,
                "before": _stand(line.before, resources, zone),
                "after": _stand(line.after, resources, zone),
                "window": line.window and plain_window(line.window),
                "gap_before": line.gap_before,
                "gap_after": line.gap_after,
                **_judged(line, names, sees_screening=sees_screening),
            }
            for line in plan.lines
        ],
        "last_day_before": plan.last_before,
        "last_day_after": plan.last_after,
    }


def _id_of(known: Known, key: int) -> int | None:
    """The visit's; null for a session that has none yet."""
    row = known.visits.get(key)
    return row.pk if row else None


def _stand(
    booked: Booked | None, resources: Mapping[int, Resource], zone: zoneinfo.ZoneInfo
) -> dict[str, Any] | None:
    if booked is None:
        return None
    return {
        "start": local_iso(instant(booked.day, booked.start_minute, zone), zone),
        "end": local_iso(instant(booked.day, booked.end_minute, zone), zone),
        "resources": serving(booked.resources, resources),
    }


def _judged(line: Line, names: Names, *, sees_screening: bool) -> dict[str, Any]:
    """What screening says of the new day: the strongest finding decides."""
    if not sees_screening or line.after is None:
        return plain_screening(None, names)
    verdict = max((found.level for found in line.findings), default=Verdict.OK)
    return {
        "verdict": verdict.word,
        "reasons": [found.rule for found in line.findings],
        "words": "; ".join(finding_words(found, names) for found in line.findings),
        "deferred": [],
    }


def serving(by_role: Mapping[str, int], resources: Mapping[int, Resource]) -> list[dict[str, Any]]:
    """Who and what serves; one that is not active any more has no name here."""
    return [
        {"id": pk, "name": resources[pk].name, "kind": resources[pk].kind, "role": role}
        for role, pk in by_role.items()
        if pk in resources
    ]


def local_iso(moment: dt.datetime, zone: zoneinfo.ZoneInfo) -> str:
    """`2026-11-26T10:00:00+01:00`"""
    return moment.astimezone(zone).isoformat(timespec="seconds")


def plain_finding(found: Finding, words: Names) -> dict[str, Any]:
    return {
        "rule": found.rule,
        "kind": found.kind,
        "level": found.level.word,
        "verdict": found.level.word,
        "severity": found.severity,
        "subject": found.subject,
        "reason": finding_words(found, words),
        "since": found.since,
        "until": found.until,
        "earliest": found.free_day,
        "signed_by": list(found.signers),
    }


def plain_head(revision: Revision) -> dict[str, Any]:
    procedure = revision.procedure
    return {
        "code": procedure.code,
        "name": revision.name,
        "kind": "home" if procedure.is_home else "clinic",
        "group": procedure.group.code,
        "revision": revision.number,
        "is_offered": procedure.retired_at is None,
    }


def plain_gap(gap: GapRule) -> dict[str, Any]:
    return {
        "rule": gap.rule,
        "after": gap.after,
        "before": gap.before,
        "min": plain_value(gap.min),
        "why": localized(gap.why),
        "source": gap.source,
    }
