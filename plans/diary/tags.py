"""What the diary's pages say: days as a grid and as a list, and how full a month is."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.kit.tags import clock, day_in_words
from clinic.places.models import Resource, ResourceKind
from plans.core.availability import Range
from plans.core.daygrid import Frame, frame
from plans.core.load import Load, load
from plans.core.marks import Mark, mark
from plans.core.punctual import punctual
from plans.core.screening import Screening
from plans.core.shown import Shown
from plans.core.signatures import unsigned
from plans.core.wallclock import minute_of, stretches
from plans.courses.selectors import CourseView, SessionView, view_of
from plans.courses.tags import (
    Names,
    finding_words,
)
from plans.diary.models import (
    LIVE,
    MOVABLE,
    STRETCHABLE,
    Appointment,
    Occupancy,
    Status,
    StatusChange,
)
from plans.diary.selectors import Rescreened
from plans.terms.models import Group
from plans.terms.tags import minutes_words as length_words


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


def minute_words(minute: int) -> str:
    """`09:05`, of minutes since midnight."""
    return f"{minute // 60:02}:{minute % 60:02}"


KIND_WORDS = {
    ResourceKind.PRACTITIONER: lambda: _("Practitioners"),
    ResourceKind.ROOM: lambda: _("Rooms"),
    ResourceKind.DEVICE: lambda: _("Devices"),
}
PUNCTUAL_WORDS = {
    "early": lambda: _("too early"),
    "on_time": lambda: _("on time"),
    "late": lambda: _("too late"),
}


@dataclass(frozen=True)
class Days:
    """Everything read of one day or of several. `versions`: latest step of each visit; `judged`: by visit.

    `now`: local. `open_`: minutes by day and resource.
    """

    days: Sequence[dt.date]
    now: dt.datetime
    shown: Shown
    resources: Sequence[Resource]
    visits: Sequence[Appointment]
    blocks: Sequence[Occupancy]
    open_: Mapping[dt.date, Mapping[int, Sequence[Range]]]
    versions: Mapping[int, int]
    groups: Sequence[Group] = ()
    judged: Mapping[int, Rescreened] = field(default_factory=dict)

    @property
    def zone(self) -> dt.tzinfo:
        return self.now.tzinfo or dt.UTC


def day_page(read: Days) -> dict[str, Any]:
    """One day: a column for each resource shown, and the list of its visits."""
    (day,) = read.days
    chosen = [r for r in by_kind(read.resources) if read.shown.shows(r.pk, r.kind)]
    return _grid(read, [(day, resource) for resource in chosen]) | {
        "day": day,
        "before": day - dt.timedelta(days=1),
        "after": day + dt.timedelta(days=1),
        "counts": _counts(read.visits),
    }


def week_page(read: Days, resource: Resource) -> dict[str, Any]:
    """One practitioner's week: a column for each day."""
    return _grid(read, [(day, resource) for day in read.days]) | {
        "person": resource,
        "day": read.days[0],
        "last": read.days[-1],
        "before": read.days[0] - dt.timedelta(days=7),
        "after": read.days[-1] + dt.timedelta(days=1),
        "counts": _counts(read.visits),
    }


def _grid(read: Days, columns: Sequence[tuple[dt.date, Resource]]) -> dict[str, Any]:
    """The columns with what stands in them, and the rows of the list."""
    rows = _rows(read)
    held = _held(read)
    picture = _frame(read, columns, held)
    today, minute = read.now.date(), read.now.hour * 60 + read.now.minute
    met: set[int] = set()
    drawn = [_column(read, day, each, picture, held, rows, met) for day, each in columns]
    in_list = [row for row in rows.values() if _is_listed(row, read, {r.pk for _d, r in columns})]
    return {
        "frame": picture,
        "is_today": today in read.days,
        "minute": minute,
        "now": picture.cell(minute, minute + 5) if today in read.days else None,
        "now_words": minute_words(minute),
        "columns": drawn,
        "rows": in_list,
        "hidden_count": len(rows) - len(in_list),
        "statuses": ["booked", "confirmed", "arrived", "in_treatment", "done", "no_show"],
        "categories": _legend(rows.values(), read),
        "shown": read.shown,
    }


Held = Mapping[tuple[dt.date, int], Sequence[tuple[Range, Appointment]]]


def _held(read: Days) -> Held:
    """Minutes that visits hold, by day and resource."""
    held: dict[tuple[dt.date, int], list[tuple[Range, Appointment]]] = {}
    for visit in read.visits:
        for row in visit.occupancy.all():
            for day, minutes in stretches(row.starts_at, row.ends_at, read.zone):
                held.setdefault((day, row.resource_id), []).append((minutes, visit))
    return held


def _frame(read: Days, columns: Iterable[tuple[dt.date, Resource]], held: Held) -> Frame:
    """The hours that show what is open and what is held in these columns."""
    pairs = [(day, resource.pk) for day, resource in columns]
    busy = [minutes for pair in pairs for minutes, _visit in held.get(pair, ())]
    return frame(*(read.open_.get(day, {}).get(pk, ()) for day, pk in pairs), busy)


def _column(
    read: Days,
    day: dt.date,
    resource: Resource,
    picture: Frame,
    held: Held,
    rows: Mapping[int, dict[str, Any]],
    met: set[int],
) -> dict[str, Any]:
    """One resource on one day; `met`: visits that stand in a column already, so that each is read out once."""
    visits, here = [], held.get((day, resource.pk), ())
    for minutes, visit in here:
        if cell := picture.cell(*minutes):
            visits.append((cell, rows[visit.pk], visit.pk not in met))
            met.add(visit.pk)
    kind = KIND_WORDS[ResourceKind(resource.kind)]()
    open_, blocked = read.open_.get(day, {}).get(resource.pk, ()), _blocked(read, day, resource)
    booked = [minutes for minutes, _visit in here]
    return {
        "resource": resource,
        "kind": kind,
        "day": day,
        "is_today": day == read.now.date(),
        "is_wide": resource.kind == ResourceKind.PRACTITIONER,
        "closed": picture.closed(open_),
        "blocks": [(cell, why) for span, why in blocked if (cell := picture.cell(*span))],
        "visits": visits,
        "words": load_row(kind, load(open_, booked, [span for span, _why in blocked]))["words"],
    }


def _blocked(read: Days, day: dt.date, resource: Resource) -> list[tuple[Range, str]]:
    """The minutes of the day in which the resource is blocked, and why."""
    return [
        (minutes, row.block.reason if row.block else "")
        for row in read.blocks
        if row.resource_id == resource.pk
        for when, minutes in stretches(row.starts_at, row.ends_at, read.zone)
        if when == day
    ]


def _is_listed(row: Mapping[str, Any], read: Days, columns: Iterable[int]) -> bool:
    """A visit of the chosen groups that a column shows; what holds nothing any more only where nothing is left out."""
    if row["is_busy"]:
        return False
    return not read.shown.narrows or not set(columns).isdisjoint(row["held"])


def _rows(read: Days) -> dict[int, dict[str, Any]]:
    """What is said of each visit, by its key; a continuation says what the visit it continues says."""
    places = {group.code: number for number, group in enumerate(read.groups)}
    heads = {visit.pk: visit for visit in read.visits}
    return {
        visit.pk: _row(visit, heads.get(visit.continues_id or 0), read, places)
        for visit in read.visits
    }


def _row(
    visit: Appointment, head: Appointment | None, read: Days, places: Mapping[str, int]
) -> dict[str, Any]:
    today = read.now.date()
    session = (head or visit).session
    course = view_of(session.course, today) if session else None
    view = next((v for v in course.sessions if v.session == session), None) if course else None
    resources = {row.resource_id: row.resource for row in visit.occupancy.all()}
    group = session.course.revision.procedure.group if session else None
    day = visit.starts_at.astimezone(read.zone).date()
    words = _plan_words(course, view, day) if course and view else {}
    minutes = int((visit.ends_at - visit.starts_at).total_seconds() // 60)
    stays = visit.status in STRETCHABLE and visit.status not in MOVABLE
    may_move = visit.status in MOVABLE and visit.starts_at > read.now - dt.timedelta(days=1)
    return words | called(visit, hides=read.shown.hides_names) | {
        "visit": visit,
        "href": reverse("visits:visit", args=[visit.pk]),
        "status": visit.status,
        "at": clock(visit.starts_at),
        "day": day,
        "version": read.versions.get(visit.pk, 0),
        "course": course,
        "judged": read.judged.get(visit.pk),
        "title": course.title if course else _("Consultation"),
        "part": _("goes on from %(time)s") % {"time": clock(head.starts_at)} if head else "",
        "who": ", ".join(resource.name for resource in by_kind(resources.values())),
        "held": resources.keys(),
        "start": minute_of(visit.starts_at, read.zone),
        "minutes": minutes,
        "length": length_words(minutes),
        "is_now": visit.starts_at <= read.now < visit.ends_at and visit.status in LIVE,
        "may_move": may_move,
        "may_stretch": may_move or stays,
        "is_busy": bool(read.shown.groups) and (group.code if group else "") not in read.shown.groups,
        "category": group.code if group else None,
        "mark": mark(places.get(group.code, 0)) if group else None,
    }  # fmt: skip


def called(visit: Appointment, *, hides: bool) -> dict[str, str]:
    """What the patient is called on a page that others can see: by name, in short, or by the number only."""
    patient = visit.patient
    if hides:
        number = _("Patient %(number)s") % {"number": patient.number}
        return {"name": number, "short_name": _("No. %(number)s") % {"number": patient.number}}
    short = f"{patient.given_name[:1]}. {patient.family_name}"
    return {"name": patient.full_name, "short_name": short}


def _plan_words(course: CourseView, view: SessionView, day: dt.date) -> dict[str, Any]:
    """`2 of 3`, then when it is due, its window and how it stands to that."""
    of = _("%(n)d of %(count)d") % {"n": view.ordinal, "count": course.count}
    stands = punctual(day, view.window)
    said = {"of": of, "punctual": stands, "next": _next_words(course, view.ordinal), "plan": of}
    if view.window is None:
        return said
    values = {
        "of": of,
        "due": day_in_words(view.window.target),
        "last": day_in_words(view.window.latest),
        "stands": PUNCTUAL_WORDS[stands](),
    }
    pattern = _("%(of)s, due %(due)s, window to %(last)s, %(stands)s")
    return said | {
        "plan": pattern % values,
        "late": "" if stands == "on_time" else values["stands"],
    }


def _legend(rows: Iterable[Mapping[str, Any]], read: Days) -> list[tuple[Mark, str]]:
    """The groups that stand on the page, with their marks and names."""
    present = {row["category"] for row in rows}
    places = [(place, each) for place, each in enumerate(read.groups) if each.code in present]
    return [(mark(place), str(group)) for place, group in places]


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


def news_words(steps: Iterable[StatusChange], *, hides: bool, most: int = 3) -> list[str]:
    """Who did what, a line for each visit, latest first; what is beyond `most` is counted."""
    latest = {step.appointment_id: step for step in reversed(list(steps))}
    said = [_step_words(step, hides=hides) for step in reversed(latest.values())]
    rest = len(said) - most
    more = ngettext("and %(n)d more change", "and %(n)d more changes", rest) % {"n": rest}
    return said if rest <= 0 else [*said[:most], more]


def _step_words(step: StatusChange, *, hides: bool) -> str:
    visit = step.appointment
    values = {
        "by": step.by.display_name if step.by else _("Cadence"),
        "who": called(visit, hides=hides)["name"],
        "day": day_in_words(visit.starts_at),
        "time": clock(visit.starts_at),
        "status": Status(step.became).label,
    }
    if not step.was:
        return _("%(by)s booked %(who)s, %(day)s %(time)s.") % values
    if _was_moved(step):
        return _("%(by)s moved %(who)s, now %(day)s %(time)s.") % values
    return _("%(by)s: %(who)s, %(status)s.") % values


def _was_moved(step: StatusChange) -> bool:
    """It changed the time, or whom it is with; what was confirmed may be only booked after that."""
    stood = [(step.before or {}).get(name) for name in ("starts_at", "ends_at")]
    stands = step.appointment.starts_at, step.appointment.ends_at
    changed = any(
        a and dt.datetime.fromisoformat(a) != b for a, b in zip(stood, stands, strict=True)
    )
    return changed or step.was == step.became


def load_row(kind: str, full: Load) -> dict[str, Any]:
    """One meter of a day: `6 h 20 of 16 h`."""
    values = {"booked": hours_words(full.booked), "open": hours_words(full.open_)}
    words = _("%(booked)s of %(open)s") % values if full.open_ else ""
    return {"kind": kind, "load": full, "words": words}


def hours_words(minutes: int) -> str:
    """`6 h`, `6 h 20`, `40 min`."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(n)d min") % {"n": rest}
    whole = _("%(n)d h") % {"n": hours}
    return f"{whole}\N{NO-BREAK SPACE}{rest:02}" if rest else whole
