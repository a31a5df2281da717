"""What the diary's pages say: why an offer is good or there is none, a day as a grid, a visit's next steps."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clinic.kit.tags import clock, day_in_words, weekday_word
from clinic.places.models import Resource, ResourceKind
from clinic.staff.models import User
from plans.core.availability import Range
from plans.core.daygrid import Frame, frame
from plans.core.offers import Offer, Place, Reason
from plans.core.screening import Finding, Screening
from plans.core.signatures import unsigned
from plans.core.spacing import Period
from plans.core.wallclock import stretches
from plans.courses.selectors import CourseView, local_day, view_of
from plans.courses.tags import (
    VOID_WORDS,
    Names,
    deferred_words,
    finding_words,
    long_day,
    signed_for_words,
)
from plans.diary.models import LIVE, OPERATIONS, TRANSITIONS, Appointment, Occupancy, Status
from plans.diary.selectors import CheckIn, Rescreened
from plans.terms.tags import period_words

OFFER_TITLES = {
    "best": lambda: _("Best"),
    "soonest": lambda: _("Soonest end"),
    "other_practitioner": lambda: _("Other practitioner"),
}


def reason_words(reason: Reason, resources: Mapping[int, str]) -> str:
    """One argument for or against an offer. `resources`: names by key."""
    p = reason.params
    values = {
        "n": p.get("ordinal"),
        "days": _days(p.get("days", 0)),
        "count": p.get("count", 0),
        "who": resources.get(p.get("practitioner", 0), ""),
        "room": resources.get(p.get("room", 0), ""),
        "weekday": weekday_word(p["weekday"]) if "weekday" in p else "",
    }
    return _reason_pattern(reason) % values


def reasons_words(offer: Offer, resources: Mapping[int, str]) -> list[tuple[bool, str]]:
    """All arguments, those for the offer first; what several sessions share is said once."""
    cautions = sum(reason.code == "caution" for reason in offer.reasons)
    reasons = [reason for reason in offer.reasons if reason.code != "caution" or cautions == 1]
    if cautions > 1:
        reasons.append(Reason("cautions", False, {"count": cautions}))
    return [(reason.plus, reason_words(reason, resources)) for reason in reasons]


def _reason_pattern(reason: Reason) -> str:
    is_first = reason.params.get("ordinal") == 1
    patterns = {
        "on_target": _("Every session on its target day"),
        "days_late": _("Starts %(days)s after the first day possible")
        if is_first
        else _("Session %(n)s comes %(days)s after its target"),
        "days_early": _("Session %(n)s comes %(days)s before its target"),
        "one_practitioner": _("One practitioner: %(who)s"),
        "practitioner_changes": _("The practitioner changes on the way"),
        "one_room": _("Always %(room)s"),
        "preferred_practitioner": _("With %(who)s, as asked"),
        "not_preferred_practitioner": _("Not always with %(who)s"),
        "part_of_day_kept": _("At the time of day asked for"),
        "part_of_day_missed": _("Session %(n)s at another time of day than asked for"),
        "weekdays_kept": _("On the weekdays asked for"),
        "weekday_missed": _("Session %(n)s on a %(weekday)s"),
        "caution": _("Session %(n)s has something to settle first"),
        "cautions": ngettext(
            "%(count)d session has something to settle first",
            "%(count)d sessions have something to settle first",
            reason.params.get("count", 0),
        ),
        "ends_earlier": _("Ends %(days)s earlier"),
    }
    return patterns[reason.code]


def deviation_words(place: Place, *, first_asked: dt.date | None = None) -> str:
    """How a session stands to its target: "on target", "3 days after target".

    `first_asked`: for a first session, the day asked for; it may have to wait beyond that one.
    """
    days = _days(abs(place.deviation_days))
    if first_asked is not None:
        if place.deviation_days:
            return _("%(days)s after the first day possible") % {"days": days}
        return _("first day asked for") if place.day == first_asked else _("first day allowed")
    if place.deviation_days == 0:
        return _("on target")
    late = _("%(days)s after target") if place.deviation_days > 0 else _("%(days)s before target")
    return late % {"days": days}


def offer_words(offer: Offer, called: Mapping[int, str]) -> str:
    """`Thu 26 Nov 2026, Fri 26 Feb 2027 and Wed 26 May 2027, always 10:00, Dr Weiss`"""
    new = [place for place in offer.places if not place.stays]
    times = {place.start_minute for place in new}
    days = [long_day(place.day) for place in new]
    if len(times) > 1:
        days = [f"{long_day(place.day)} {minute_words(place.start_minute)}" for place in new]
    parts = [get_text_list(days, _("and"))]
    if len(times) == 1:
        time = minute_words(*times)
        parts.append(_("always %(time)s") % {"time": time} if len(new) > 1 else time)
    people = {called.get(place.practitioner or 0, "") for place in new}
    return ", ".join([*parts, *sorted(filter(None, people))])


def _days(n: int) -> str:
    return period_words(Period(n, "days"))


def excuses(asked: Screening, screenings: Iterable[Screening], names: Names) -> dict[str, object]:
    """For what a physician may give a reason: whether for the day asked for, and for each rule met by an offer."""
    blocking = {found.rule for found in asked.findings if found.level.blocks}
    met = {
        found.rule: found for each in screenings for found in each.findings if found.level.blocks
    }
    return {
        "can_excuse": bool(blocking) and not unsigned(asked.findings, blocking),
        "reasons": [(rule, finding_words(found, names)) for rule, found in met.items()],
    }


def taken_words(day: dt.date, minute: int) -> str:
    return _("%(time)s on %(day)s is not free any more. Nothing was booked; choose again.") % {
        "time": minute_words(minute),
        "day": day_in_words(day),
    }


def unfit_words(was: str, to: str) -> str:
    return _("This visit is %(was)s; it cannot become %(to)s. Load the page again.") % {
        "was": Status(was).label,
        "to": Status(to).label,
    }


def moved_words(before: dt.datetime, reason: str) -> str:
    """Where a visit stood before it was moved, and why it was moved."""
    said = _("Moved from %(day)s, %(time)s.") % {
        "day": day_in_words(before, "year"),
        "time": clock(before),
    }
    return f"{said} {reason}".strip()


def minute_words(minute: int) -> str:
    """`09:05`, of minutes since midnight."""
    return f"{minute // 60:02}:{minute % 60:02}"


# The day


def day_page(
    day: dt.date,
    *,
    now: dt.datetime,
    resources: Sequence[Resource],
    visits: Sequence[Appointment],
    blocks: Sequence[Occupancy],
    open_: Mapping[int, Sequence[Range]],
    judged: Mapping[int, Rescreened],
) -> dict[str, Any]:
    """A day as a grid by resource and as a list; `now`: local. `judged`: by visit, as things stand today."""
    views = {visit.pk: _visit_row(visit, now, judged.get(visit.pk)) for visit in visits}
    zone = now.tzinfo or dt.UTC
    held = [(row, visit) for visit in visits for row in visit.occupancy.all()]
    busy = [_minutes(row, day, zone) for row, _visit in held]
    shown = frame(*open_.values(), busy)
    minute = now.hour * 60 + now.minute
    return {
        "day": day,
        "before": day - dt.timedelta(days=1),
        "after": day + dt.timedelta(days=1),
        "is_today": day == now.date(),
        "frame": shown,
        "now": shown.cell(minute, minute + 5) if day == now.date() else None,
        "now_words": minute_words(minute),
        "columns": [
            _column(r, shown, day, zone, open_, held, blocks, views) for r in by_kind(resources)
        ],
        "rows": list(views.values()),
        "counts": _counts(visits),
        "legend": ["booked", "confirmed", "arrived", "in_treatment", "done", "no_show"],
    }


def _minutes(row: Occupancy, day: dt.date, zone: dt.tzinfo) -> Range:
    """The part of `day` that a row holds."""
    return dict(stretches(row.starts_at, row.ends_at, zone)).get(day, (0, 0))


def _column(
    resource: Resource,
    shown: Frame,
    day: dt.date,
    zone: dt.tzinfo,
    open_: Mapping[int, Sequence[Range]],
    held: Iterable[tuple[Occupancy, Appointment]],
    blocks: Iterable[Occupancy],
    views: Mapping[int, dict[str, Any]],
) -> dict[str, Any]:
    """One resource: what is closed, what is blocked, and the visits that hold it."""
    mine = [(row, visit) for row, visit in held if row.resource_id == resource.pk]
    blocked = [row for row in blocks if row.resource_id == resource.pk]
    return {
        "resource": resource,
        "is_wide": resource.kind == ResourceKind.PRACTITIONER,
        "closed": shown.closed(open_.get(resource.pk, ())),
        "blocks": [
            (cell, row.block.reason if row.block else "")
            for row in blocked
            if (cell := shown.cell(*_minutes(row, day, zone)))
        ],
        "visits": [
            (cell, views[visit.pk])
            for row, visit in mine
            if (cell := shown.cell(*_minutes(row, day, zone)))
        ],
    }


def _visit_row(visit: Appointment, now: dt.datetime, judged: Rescreened | None) -> dict[str, Any]:
    course = view_of(visit.session.course, now.date()) if visit.session else None
    resources = {row.resource_id: row.resource for row in visit.occupancy.all()}
    given, family = visit.patient.given_name, visit.patient.family_name
    return {
        "visit": visit,
        "course": course,
        "judged": judged,
        "title": course.title if course else _("Consultation"),
        "short_name": f"{given[:1]}. {family}",
        "of": _("%(n)d of %(count)d") % {"n": visit.session.ordinal, "count": course.count}
        if course and visit.session
        else "",
        "who": ", ".join(resource.name for resource in by_kind(resources.values())),
        "minutes": int((visit.ends_at - visit.starts_at).total_seconds() // 60),
        "next": _next_words(course, visit.session.ordinal) if course and visit.session else "",
        "is_now": visit.starts_at <= now < visit.ends_at and visit.status in LIVE,
    }


def by_kind(resources: Iterable[Resource]) -> list[Resource]:
    """People first, then rooms, then devices."""
    order = [kind.value for kind in ResourceKind]
    return sorted(resources, key=lambda resource: (order.index(resource.kind), resource.position))


def _next_words(course: CourseView, ordinal: int) -> str:
    """When the session after this one is, or when it is due."""
    later = [view for view in course.sessions if view.ordinal > ordinal]
    if not later:
        return _("last session")
    view = later[0]
    if view.appointment is not None:
        values = {"day": day_in_words(view.day), "time": clock(view.appointment.starts_at)}
        return _("next %(day)s %(time)s") % values
    if view.window is None:
        return _("next not booked")
    return _("next due %(day)s, not booked") % {"day": day_in_words(view.window.target)}


def _counts(visits: Sequence[Appointment]) -> str:
    """`14 visits: 4 done, 1 in treatment, 1 waiting, 1 no-show`"""
    count = sum(visit.status != Status.CANCELLED for visit in visits)
    said = ngettext("%(n)d visit", "%(n)d visits", count) % {"n": count}
    words = {
        Status.DONE: _("%(n)d done"),
        Status.IN_TREATMENT: _("%(n)d in treatment"),
        Status.ARRIVED: _("%(n)d waiting"),
        Status.NO_SHOW: _("%(n)d no-show"),
        Status.CANCELLED: _("%(n)d cancelled"),
    }
    tally = Counter(visit.status for visit in visits)
    parts = [pattern % {"n": tally[key]} for key, pattern in words.items() if tally[key]]
    return f"{said}: {', '.join(parts)}." if parts else f"{said}."


# One visit


STEPS: Mapping[str, Any] = {
    Status.ARRIVED: gettext_lazy("Patient has arrived"),
    Status.IN_TREATMENT: gettext_lazy("Begin treatment"),
    Status.DONE: gettext_lazy("Treatment is done"),
    Status.CONFIRMED: gettext_lazy("Confirm visit"),
    Status.BOOKED: gettext_lazy("Not confirmed"),
    Status.NO_SHOW: gettext_lazy("Did not come"),
    Status.CANCELLED: gettext_lazy("Cancel visit"),
}
# What undoes a step says so.
_BACK = {
    (Status.ARRIVED, Status.CONFIRMED): gettext_lazy("Not here yet"),
    (Status.IN_TREATMENT, Status.ARRIVED): gettext_lazy("Not begun yet"),
    (Status.CONFIRMED, Status.BOOKED): gettext_lazy("Not confirmed after all"),
}
_WITH_REASON = (Status.NO_SHOW, Status.CANCELLED)
_ON_THE_DAY = (Status.ARRIVED, Status.IN_TREATMENT, Status.DONE)


def visit_page(
    visit: Appointment, checked: CheckIn | None, names: Names, by: User, today: dt.date
) -> dict[str, Any]:
    """One visit: what may come next, what stands in its way, and what has been."""
    course = view_of(visit.session.course, today) if visit.session else None
    session = visit.session
    is_clear = checked is None or not checked.open_findings
    steps = [
        (to, _BACK.get((Status(visit.status), Status(to)), label))
        for to, label in STEPS.items()
        if to in TRANSITIONS[visit.status]
        and by.has_perm(f"clinic.{OPERATIONS[to]}")
        and (to not in _ON_THE_DAY or local_day(visit) == today or _is_late_end(visit, to, today))
        and (to != Status.NO_SHOW or local_day(visit) <= today)
        and (is_clear or to not in (Status.IN_TREATMENT, Status.DONE))
    ]
    resources = {row.resource_id: row.resource for row in visit.occupancy.all()}
    return {
        "visit": visit,
        "patient": visit.patient,
        "course": course,
        "view": next((v for v in course.sessions if v.session == session), None)
        if course
        else None,
        "title": course.title if course else _("Consultation"),
        "resources": by_kind(resources.values()),
        "steps": [
            (to, label, (visit.status, to) not in _BACK)
            for to, label in steps
            if to not in _WITH_REASON
        ],
        "is_held_up": not is_clear and visit.status == Status.ARRIVED,
        "steps_with_reason": [step for step in steps if step[0] in _WITH_REASON],
        "may_move": course and visit.status in (Status.BOOKED, Status.CONFIRMED),
        "is_today": local_day(visit) == today,
        "check": checked,
        "findings": _findings(checked, names, by) if checked else [],
        "void": [
            (row, signed_for_words(row.rule, names), VOID_WORDS[why])
            for row, why in (checked.void if checked else ())
        ],
        "has_questions": checked is not None
        and any(f.kind == "ask" for f in checked.open_findings),
        "deferred": deferred_words(checked.screening.deferred, names) if checked else [],
        "changes": list(visit.changes.select_related("by")),
    }


def _is_late_end(visit: Appointment, to: str, today: dt.date) -> bool:
    """A treatment that was begun on its day is recorded as done afterwards."""
    return to == Status.DONE and visit.status == Status.IN_TREATMENT and local_day(visit) < today


def _findings(checked: CheckIn, names: Names, by: User) -> list[dict[str, Any]]:
    return [
        {
            "finding": found,
            "words": finding_words(found, names),
            "signature": checked.signatures.get(found.rule),
            "may_sign": by.has_perm("clinic.override_wait")
            if found.signers == ("physician",)
            else bool(found.signers) and by.has_perm("clinic.sign_caution"),
            "needs": signer_words(found),
            "key": uuid.uuid4(),
        }
        for found in checked.screening.findings
    ]


def signer_words(found: Finding) -> str:
    """Whose matter a finding is, for those who cannot settle it themselves."""
    if found.kind == "ask" and not found.signers:
        return _("needs its answer")
    if not found.signers:
        return _("nobody can sign for this")
    if found.signers == ("physician",):
        return _("a physician decides")
    return _("practitioner or physician signs")
