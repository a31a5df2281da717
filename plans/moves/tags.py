"""What a move is called: the visits in it, what stands against it, what became of a visit."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.kit import clock as kit_clock
from clinic.kit.tags import clock, day_in_words
from clinic.places.models import Resource
from clinic.staff.models import User
from plans.core.availability import PRACTITIONER
from plans.core.cascade import Cascade, Line, accepted
from plans.core.move_starts import Start
from plans.core.offers import Booked
from plans.core.preview import Preview, SplitPreview
from plans.core.scene import Fault, State
from plans.core.screening import Verdict
from plans.core.shift import Drawn, Moved, Row, draw
from plans.core.spacing import Interval, Period, add_months
from plans.courses.tags import Names, finding_words, impossible_words
from plans.diary.models import Appointment, Status, StatusChange
from plans.diary.tags import minute_words
from plans.moves.selectors import NEW_PART, Known
from plans.terms.tags import period_words


def named(known: Known, key: int) -> str:
    """`TCA peel 2`, or without the number where the course has one session only."""
    course = known.course_of(key)
    if course is None:
        return _("Consultation")
    if key == NEW_PART or key in known.scene.first_parts:
        first = named(known, known.scene.first_parts.get(key, known.key))
        return _("%(what)s, second part") % {"what": first}
    title = course.revision.title
    return f"{title} {known.ordinal_of(key)}" if len(course.sessions.all()) > 1 else title


def fault_words(known: Known, fault: Fault, state: State, names: Names, *, sees: bool) -> str:
    """Why a visit may not stand where it would; `sees`: the reader may know the reasons of health."""
    booked = state[fault.key]
    values: dict[str, Any] = {
        "what": named(known, fault.key),
        "day": day_in_words(booked.day),
        "time": minute_words(booked.start_minute),
        "first": day_in_words(fault.window.earliest) if fault.window else "",
        "last": day_in_words(fault.window.latest) if fault.window else "",
        "other": named(known, fault.other) if fault.other is not None else "",
    }
    if fault.kind == "screening":
        values["why"] = finding_words(fault.findings[0], names) if sees else _("Ask a practitioner")
    return _fault_pattern(fault.kind) % values


def _fault_pattern(kind: str) -> str:
    window = _("%(what)s would stand on %(day)s; its window is %(first)s to %(last)s.")
    patterns = {
        "early": window,
        "late": window,
        "screening": _("%(what)s is not allowed on %(day)s. %(why)s."),
        "clash": _("%(what)s would be at the same time as %(other)s. Choose another time."),
        "taken": _("%(time)s on %(day)s is not free for %(what)s. Choose another time."),
        "apart": _("%(what)s comes after its first part, on the same day. Choose a later time."),
    }
    return patterns[kind]


def needs_words(known: Known, keys: Iterable[int]) -> str:
    """Which other lines have to be accepted as well."""
    what = get_text_list([named(known, key) for key in keys], _("and"))
    return _("Accept the new date of %(what)s as well.") % {"what": what}


def stale_words(visit: Appointment, step: StatusChange | None) -> str:
    """Who changed what while the form was open."""
    if step is None:
        return _("This visit has changed. Look again before you change it.")
    who = step.by.display_name if step.by else _("Cadence")
    values = {
        "who": who,
        "at": moment_words(step.at),
        "day": day_in_words(visit.starts_at),
        "time": clock(visit.starts_at),
        "status": Status(visit.status).label,
    }
    if step.became == Status.CANCELLED:
        said = _("%(who)s cancelled this visit at %(at)s.")
    elif step.before and step.became in (Status.BOOKED, step.was):
        said = _("%(who)s moved this visit to %(day)s, %(time)s at %(at)s.")
    else:
        said = _("%(who)s set this visit to “%(status)s” at %(at)s.")
    return f"{said % values} {_('Look again before you change it.')}"


def moment_words(moment: dt.datetime) -> str:
    """`14:05`, with its day when that is not today."""
    if timezone.localtime(moment).date() == kit_clock.today():
        return clock(moment)
    return f"{clock(moment)}, {day_in_words(moment)}"


# The page of a move


def change_page(known: Known, found: Preview, names: Names, by: User) -> dict[str, Any]:
    """What the page of an act says: starts, lines before and after, what stands against them, what happens."""
    called = {each.pk: each.name for each in known.resources}
    plan, sees = found.plan, by.has_perm("clinic.see_screening")
    held = set(known.here.resources.values())
    context: dict[str, Any] = {
        "found": found,
        "starts": [_start(each, found.start, called) for each in found.starts],
        "near": found.near,
        "with_whom": _people(found.start.resources if found.start else {}, called),
        "latest": _latest(known),
        "has_others": found.start is not None and not held & set(found.start.resources.values()),
    }
    if plan is None:
        return context
    state = accepted(known.scene, plan, found.accepted)
    rows = [_row(known, line, called, names, found) for line in plan.lines]
    counted = [row for row in rows if row["is_accepted"] and not row["is_part"]]
    return context | {
        "plan": plan,
        "rows": rows,
        "count": len(counted),
        "total": sum(not row["is_part"] for row in rows),
        "has_choice": any(row["may_choose"] for row in rows),
        "problems": _problems(known, found, state, names, sees=sees),
        "stuck": _stuck(known, plan),
        "left_behind": [
            fault_words(known, fault, plan.state, names, sees=sees)
            for fault in plan.faults
            if fault not in plan.hard_faults
        ],
        "reasons": [(each.rule, finding_words(each, names)) for each in found.excusable],
        "ends": _ends(plan, known, state),
        "drawn": _drawn(known, plan) if known.course_of(known.key) else None,
        "sentence": _sentence(rows),
    }


def split_page(known: Known, found: SplitPreview) -> dict[str, Any]:
    """What the page of a split says: minutes to split at, starts of the second part."""
    called = {each.pk: each.name for each in known.resources}
    first = known.here.start_minute
    return {
        "points": [(at, minute_words(first + at)) for at in known.points],
        "at": known.at,
        "starts": [_start(each, found.start, called) for each in found.starts],
        "first": f"{minute_words(first)}–{minute_words(first + known.at)}",
        "rest": _place(found.to, known.here, called) if found.to else "",
    }


def _start(each: Start, chosen: Start | None, called: Mapping[int, str]) -> dict[str, Any]:
    who = each.resources.get(PRACTITIONER, next(iter(each.resources.values()), 0))
    return {
        "value": f"{each.minute}-{who}",
        "words": ", ".join([minute_words(each.minute), *_names(each.resources, called)]),
        "is_chosen": each is chosen,
    }


def _names(resources: Mapping[str, int], called: Mapping[int, str]) -> list[str]:
    """The person first, then room and devices."""
    order = sorted(resources, key=lambda role: (role != PRACTITIONER, role))
    return [called[resources[role]] for role in order if resources[role] in called]


def _people(resources: Mapping[str, int], called: Mapping[int, str]) -> str:
    return called.get(resources.get(PRACTITIONER, 0), "")


def _latest(known: Known) -> dt.date | None:
    window = known.scene.window(known.key, known.scene.state) if known.is_session else None
    return window.latest if window else None


def _row(
    known: Known, line: Line, called: Mapping[int, str], names: Names, found: Preview
) -> dict[str, Any]:
    """One line of the table of changes."""
    is_part = line.key in known.scene.first_parts
    is_main = found.plan is not None and line is found.plan.lines[0]
    falls_out = found.plan is not None and found.plan.falls_out
    is_free = line.is_moved and line.after is not None and not is_part
    may_choose = is_free and (not is_main or falls_out)
    level = max((each.level for each in line.findings), default=Verdict.OK)
    first = line.findings[0] if line.findings else None
    return {
        "key": line.key,
        "what": named(known, line.key),
        "line": line,
        "is_part": is_part,
        "may_choose": may_choose,
        "is_accepted": line.is_moved and (not may_choose or line.key in found.accepted),
        "now": _place(line.before, line.after, called),
        "after": _place(line.after, line.before, called),
        "by": _moves_by(line),
        "rule": _rule(known, line, names),
        "level": None if is_part or line.key not in known.scene.places else level,
        "found": first,
        "finding": finding_words(first, names) if first else "",
        "occasions": [day_in_words(day) for day in line.occasions],
    }


def _place(booked: Booked | None, other: Booked | None, called: Mapping[int, str]) -> str:
    """`Fri 26 Feb, 10:00`, with the end and the names where they differ from the other side."""
    if booked is None:
        return ""
    time = minute_words(booked.start_minute)
    said = [day_in_words(booked.day)]
    if other and _minutes(other) != _minutes(booked):
        time = f"{time}–{minute_words(booked.end_minute)}"
    said.append(time)
    if other and dict(other.resources) != dict(booked.resources):
        held = booked.resources.items()
        changed = {role: pk for role, pk in held if other.resources.get(role) != pk}
        said += _names(changed, called)
    return ", ".join(said)


def _minutes(booked: Booked) -> int:
    return booked.end_minute - booked.start_minute


def _moves_by(line: Line) -> str:
    """`+14 days`, or what else changes."""
    if not line.is_moved:
        return _("stays")
    if line.before is None or line.after is None:
        return _("falls out") if line.after is None else _("new")
    days = (line.after.day - line.before.day).days
    if days:
        said = ngettext("%(n)s day", "%(n)s days", abs(days))
        return said % {"n": f"{'+' if days > 0 else '−'}{abs(days)}"}
    if line.after.start_minute != line.before.start_minute:
        return _("same day")
    return _("same time")


def _rule(known: Known, line: Line, names: Names) -> str:
    """How far it is from what it counts from, and what the rule asks."""
    if line.because and line.because.entry and line.because.spacing and line.after:
        days = (line.after.day - line.because.entry.date).days
        return _("%(distance)s after %(what)s; at least %(least)s") % {
            "distance": period_words(Period(abs(days), "days")),
            "what": names.procedure(line.because.entry.procedure),
            "least": period_words(line.because.spacing),
        }
    course = known.course_of(line.key)
    if line.gap_after is None or line.after is None or course is None:
        return ""
    apart = apart_words(line.after.day - dt.timedelta(days=line.gap_after), line.after.day)
    if course.revision.interval is None:
        return apart
    return f"{apart}; {_span_words(course.revision.interval)}"


def _span_words(interval: Interval) -> str:
    """`3 to 6 months`: the shortest and the longest distance allowed."""
    least, most = interval.min, interval.max
    if least == most:
        return period_words(least)
    shown = str(least.n) if least.unit == most.unit else period_words(least)
    return _("%(least)s to %(most)s") % {"least": shown, "most": period_words(most)}


def apart_words(start: dt.date, end: dt.date) -> str:
    """`3 months 14 days`: whole calendar months, then days; `−7 days` where `end` comes first."""
    if end < start:
        return f"−{period_words(Period((start - end).days, 'days'))}"
    months = (end.year - start.year) * 12 + end.month - start.month
    while months and add_months(start, months) > end:
        months -= 1
    days = (end - add_months(start, months)).days
    parts = [Period(months, "months")] if months else []
    parts += [Period(days, "days")] if days or not months else []
    return " ".join(period_words(part) for part in parts)


def _problems(known: Known, found: Preview, state: State, names: Names, *, sees: bool) -> list[str]:
    """What keeps the accepted part from standing, each with what would help."""
    said = []
    for each in found.refused:
        words = fault_words(known, each.fault, state, names, sees=sees)
        said.append(f"{words} {needs_words(known, each.needs)}" if each.needs else words)
    return said


def _stuck(known: Known, plan: Cascade) -> str:
    if plan.stuck is None:
        return ""
    key, problem = plan.stuck
    return impossible_words(replace(problem, ordinal=known.ordinal_of(key)))


def _ends(plan: Cascade, known: Known, state: State) -> tuple[dt.date, dt.date] | None:
    """The last day of the course after and before, where the accepted part changes it."""
    course = known.course_of(known.key)
    if course is None or plan.last_before is None:
        return None
    track, _position = known.scene.places.get(known.key, (None, 0))
    keys = {stop.key for stop in track.stops} if track else set()
    last = max((booked.day for key, booked in state.items() if key in keys), default=None)
    return (last, plan.last_before) if last and last != plan.last_before else None


def _sentence(rows: Iterable[Mapping[str, Any]]) -> str:
    """The drawing in words."""
    pattern = _("%(what)s: %(now)s becomes %(after)s")
    return "; ".join(
        pattern % {"what": row["what"], "now": row["now"], "after": row["after"]}
        for row in rows
        if row["now"] and row["after"] and row["line"].is_moved
    )


def _drawn(known: Known, plan: Cascade) -> Drawn:
    """Now and after on one axis; of the other courses only what moves."""
    own = known.scene.places[known.key][0] if known.is_session else None
    moved = []
    for line in plan.lines:
        if line.key not in known.scene.places:
            continue
        track, _position = known.scene.places[line.key]
        row: Row = 0 if track is own else 1
        name = str(known.ordinal_of(line.key)) if row == 0 else named(known, line.key)
        window = known.scene.window(line.key, known.scene.state) if row == 0 else None
        moved.append(
            Moved(
                row,
                line.before.day if line.before else None,
                line.after.day if line.after else None,
                f"{name} · {_short(line.before)}",
                f"{name} · {_short(line.after)}",
                window,
                line.window if row == 0 else None,
            )
        )
    course = known.course_of(known.key)
    title = course.revision.title if course else ""
    return draw(moved, known.scene.as_of, (_("Now"), _("After")), [title, _("others")])


def _short(booked: Booked | None) -> str:
    return day_in_words(booked.day, "no year").split(" ", 1)[-1] if booked else ""


# The history of a visit


def history_rows(visit: Appointment) -> list[dict[str, Any]]:
    """Each step of the visit in words, latest last, with times and resources before and after. 2 queries.

    `visit`: with its occupancy prefetched.
    """
    steps = list(visit.changes.select_related("by"))
    held = {pk for step in steps for pk in (step.before or {}).get("resources", {}).values()}
    called = dict(Resource.objects.filter(pk__in=held).values_list("pk", "name"))
    rows_held = sorted(visit.occupancy.all(), key=lambda row: row.resource.kind != PRACTITIONER)
    present = [row.resource.name for row in rows_held]
    after = _stood(visit.starts_at, visit.ends_at, list(dict.fromkeys(present)))
    rows = []
    for step in reversed(steps):
        rows.append({"change": step, "words": _step_words(step, after, called)})
        if step.before:
            after = _stood_before(step.before, called)
    return rows[::-1]


def _step_words(step: StatusChange, after: str, called: Mapping[int, str]) -> str:
    if not step.was:
        return _("Booked for %(where)s") % {"where": after}
    if not step.before:
        return ""
    values = {"before": _stood_before(step.before, called), "after": after}
    if "undoes" in step.before:
        return _("Undone: from %(before)s back to %(after)s") % values
    if step.became in (Status.CANCELLED, Status.NO_SHOW) and step.became != step.was:
        return _("Was to be %(before)s") % values
    return _("From %(before)s to %(after)s") % values


def _stood_before(before: Mapping[str, Any], called: Mapping[int, str]) -> str:
    start, end = (dt.datetime.fromisoformat(before[name]) for name in ("starts_at", "ends_at"))
    return _stood(start, end, _names(before["resources"], called))


def _stood(start: dt.datetime, end: dt.datetime, names: Iterable[str]) -> str:
    """`Fri 26 Feb 2027, 10:00–11:20, Dr Weiss, Room 1`."""
    return ", ".join([day_in_words(start, "year"), f"{clock(start)}–{clock(end)}", *names])
