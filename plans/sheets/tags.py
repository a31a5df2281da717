"""A sheet as words: what stands on paper and page alike, in the language that is active."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from textwrap import shorten
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.kit import clock
from clinic.kit.codes import Code
from clinic.kit.markdown import blocks
from clinic.kit.tags import date_in_words, day_in_words, weekday_short
from clinic.patients.models import Patient
from clinic.places.models import Location
from plans.catalogue.models import Revision
from plans.core import care
from plans.core.spacing import is_lapsed
from plans.courses.models import Course, Session
from plans.diary.models import Appointment, Status
from plans.homecare.selectors import InUse
from plans.homecare.tags import span_words, times_words

# The chart: its width, the room for its labels, where its lanes begin, how far they stand apart.
CHART_WIDTH, _LABELS_WIDTH, _TOP, _LANE = 640, 160, 35, 15
_CLAUSE = re.compile(r"[.,;:(—]")
_MOST_LETTERS = 22


@dataclass(frozen=True)
class Look:
    """How a sheet is made: its paper, its letters, its language (None: the patient's), what is left off."""

    paper: str = "a4"
    is_large: bool = False
    language: str | None = None
    left_out: tuple[int, ...] = ()


@dataclass(frozen=True)
class Line:
    """One row of a sheet's table: when, in how many days, what to expect and do, what to leave."""

    when: str
    days: str
    do: tuple[str, ...]
    leave: tuple[str, ...]


@dataclass(frozen=True)
class Bar:
    """What fills days of the chart: from the column `first` on, `count` columns. `x`, `y`, `width`: in the drawing."""

    label: str
    first: int
    count: int
    is_approximate: bool
    x: int
    y: int
    width: int


@dataclass(frozen=True)
class Chart:
    """The first days at a glance: each with its weekday, its number and its middle in the drawing; and the bars."""

    label: str
    days: tuple[tuple[str, int, int], ...]
    bars: tuple[Bar, ...]
    left: int
    width: int
    height: int


@dataclass(frozen=True)
class NextVisit:
    """An appointment still to come, or a session that has no date yet (`when` says so)."""

    when: str
    what: str


@dataclass(frozen=True)
class Sheet:
    """Everything printed, as words; `labels` are the fixed words in the sheet's language.

    `home`: what is used at home, as `next_visits`. `codes`: what each opens, and the code itself.
    """

    language: str
    title: str
    clinic: dict[str, str]
    who: tuple[tuple[str, str], ...]
    labels: dict[str, str]
    lines: tuple[Line, ...] = ()
    chart: Chart | None = None
    call: tuple[str, ...] = ()
    home: tuple[NextVisit, ...] = ()
    next_visits: tuple[NextVisit, ...] = ()
    notes: tuple[str, ...] = ()
    foot: str = ""
    codes: tuple[tuple[str, Code], ...] = ()
    patient_number: int = field(default=0)

    def values(self) -> dict[str, Any]:
        """Plain values for the PDF's template; texts as lists of blocks of runs, so that none is markup."""
        lines = [
            {
                "when": line.when,
                "days": line.days,
                "do": _marked(line.do),
                "leave": _marked(line.leave),
            }
            for line in self.lines
        ]
        marked = {"call": _marked(self.call), "notes": _marked(self.notes)}
        codes = [{"words": words, "svg": code.svg} for words, code in self.codes]
        plain = asdict(replace(self, lines=(), codes=()))
        return {**plain, "lines": lines, "codes": codes, **marked}

    def with_codes(self, *codes: tuple[str, Code]) -> "Sheet":
        return replace(self, codes=codes)

    @property
    def unnamed(self) -> "Sheet":
        """The sheet for a page that a link opens: whoever finds the link learns no name and no birth date."""
        return replace(self, who=self.who[1:], patient_number=0)


def _marked(texts: Iterable[str]) -> list[tuple[dict[str, Any], ...]]:
    """The clinic's texts with their few marks, as values."""
    return [_read(text) for text in texts]


@lru_cache(maxsize=2000)
def _read(text: str) -> tuple[dict[str, Any], ...]:
    """Fifty sheets of a day say the same few hundred lines."""
    return tuple(asdict(block) for block in blocks(text))


def patient_words(patient: Patient) -> str:
    return f"{patient.full_name}, {date_in_words(patient.birth_date)}"


def long(day: dt.date) -> str:
    return day_in_words(day, "year")


def joined(words: Sequence[str]) -> str:
    """`A, B and C`."""
    if len(words) < 2:  # two are joined by "and"
        return "".join(words)
    return _("%(first)s and %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}


def clinic_words(location: Location) -> dict[str, str]:
    return {
        "name": location.name,
        "address": location.address,
        "phone": location.phone,
        "after_hours": location.phone_after_hours,
    }


def labels() -> dict[str, str]:
    return {
        "when": _("When"),
        "do": _("What to expect and do"),
        "leave": _("What to leave"),
        "call_day": _("In the daytime"),
        "call_night": _("Nights and weekends"),
        "home": _("At home"),
        "next": _("Your next visits"),
        "nothing_next": _("No further visit is booked."),
    }


def line_of(row: care.Row) -> Line:
    """A row of aftercare."""
    over = (
        _("Should be over by %(day)s.") % {"day": day_in_words(row.last)}
        if row.expect and row.last
        else ""
    )
    return Line(
        when=_when(row),
        days=_days(row),
        do=(*row.expect, *([over] if over else []), *row.do),
        leave=row.leave,
    )


def chart_of(found: care.Glance | None) -> Chart | None:
    """The drawing of the first days, in whole units of a picture CHART_WIDTH wide."""
    if found is None:
        return None
    column = (CHART_WIDTH - _LABELS_WIDTH) // len(found.days)
    days = tuple(
        (weekday_short(str(day.isoweekday())), day.day, _LABELS_WIDTH + n * column + column // 2)
        for n, day in enumerate(found.days)
    )
    bars = tuple(
        Bar(
            _in_short(lane.text),
            lane.first,
            lane.last - lane.first + 1,
            lane.is_approximate,
            x=_LABELS_WIDTH + lane.first * column + 1,
            y=_TOP + n * _LANE,
            width=(lane.last - lane.first + 1) * column - 2,
        )
        for n, lane in enumerate(found.lanes)
    )
    label = _("The first days at a glance; the table below says the same")
    return Chart(label, days, bars, _LABELS_WIDTH, CHART_WIDTH, _TOP + len(bars) * _LANE)


def _in_short(text: str) -> str:
    """The first words of a line of advice: its first clause, and of a long one as much as stands before a bar.

    >>> _in_short("No sauna, pool, sport or alcohol.")
    'No sauna'
    """
    plain = "".join(run.text for block in blocks(text) for run in block.runs)
    clause = _CLAUSE.split(plain, maxsplit=1)[0].strip()
    return shorten(clause, _MOST_LETTERS, placeholder="…")


def line_before(row: care.Row, today: dt.date) -> Line:
    """A row of pre-care, its days counted back from the visit."""
    return Line(_when_before(row, today), _days_before(row), (*row.expect, *row.do), row.leave)


def _when_before(row: care.Row, today: dt.date) -> str:
    if row.first is None:
        return _("Before the visit")
    if row.first == row.last:
        return day_in_words(row.first)
    if row.first < today:
        return _("from now on")
    if row.last is None or not row.to_day:
        return _("from %(day)s") % {"day": day_in_words(row.first)}
    return _("%(first)s to %(last)s") % {
        "first": day_in_words(row.first),
        "last": day_in_words(row.last),
    }


def _days_before(row: care.Row) -> str:
    if row.from_day is None:
        return ""
    if row.from_day == 0:
        return _("the day of the visit")
    return ngettext("%(n)s day before", "%(n)s days before", -row.from_day) % {"n": -row.from_day}


def _when(row: care.Row) -> str:
    first, last = (day_in_words(day) if day else "" for day in (row.first, row.last))
    if not first and not last:
        return _("Always")
    if not last:
        return _("from %(day)s") % {"day": first}
    if first == last:
        return first
    if row.is_approximate and row.from_day:
        return _("from about %(first)s to %(last)s") % {"first": first, "last": last}
    if not row.from_day:
        about = _("until about %(day)s") if row.is_approximate else _("until %(day)s")
        return about % {"day": last}
    return _("%(first)s to %(last)s") % {"first": first, "last": last}


def _days(row: care.Row) -> str:
    if row.from_day == row.to_day == 0:
        return _("the day of treatment")
    if row.from_day is not None and row.to_day is not None and row.from_day > 0:
        return _("day %(first)s to %(last)s") % {"first": row.from_day, "last": row.to_day}
    if row.to_day:
        return ngettext("%(n)s day", "%(n)s days", row.to_day) % {"n": row.to_day}
    return ""


def foot_words(revisions: Iterable[Revision]) -> str:
    """What it rests on, and when it was printed."""
    rests_on = [
        _("%(procedure)s, catalogue revision %(number)s")
        % {"procedure": revision.title, "number": revision.number}
        for revision in revisions
    ]
    at = f"{long(clock.today())}, {timezone.localtime(clock.now()):%H:%M}"
    return _("%(what)s. Printed %(at)s.") % {"what": "; ".join(rests_on), "at": at}


def practitioner_of(appointment: Appointment) -> str:
    """Who treats, as the diary holds it; needs `occupancy` prefetched with practitioners only."""
    return ", ".join(dict.fromkeys(held.resource.name for held in appointment.occupancy.all()))


def local_start(appointment: Appointment) -> dt.datetime:
    return timezone.localtime(appointment.starts_at, appointment.location.zone)


def planned_words(view: Any, today: dt.date) -> str:
    """When the session is or was; without a date the window in which it belongs, as far as that is to come."""
    if view.appointment is not None and view.state != "done":
        local = local_start(view.appointment)
        return f"{long(local.date())}, {local:%H:%M}"
    if view.day:
        return _("done on %(day)s") % {"day": long(view.day)}
    if view.window is None:
        return _("not booked yet")
    if is_lapsed(view.window, today):
        return _("overdue, please call us")
    if view.window.target < today:
        return _("now, until %(day)s") % {"day": long(view.window.latest)}
    return _("%(first)s to %(last)s, best %(day)s") % {
        "first": long(view.window.earliest),
        "last": long(view.window.latest),
        "day": long(view.window.target),
    }


def of_count(course: Any, ordinal: int, count: int) -> str:
    words = _("session %(ordinal)s of %(count)s") % {"ordinal": ordinal, "count": count}
    return f"{course.title}, {words}"


def home_lines(uses: Iterable[InUse]) -> tuple[NextVisit, ...]:
    return tuple(
        NextVisit(
            span_words(use.first, use.last),
            ", ".join(filter(None, [use.title, times_words(use.regimen)])),
        )
        for use in uses
        if use.is_open
    )


def next_visit(visit: Appointment, *, names_course: bool) -> NextVisit:
    """An appointment; `names_course`: it is of another course than the rest of the sheet."""
    local, session = local_start(visit), visit.session
    what = _("Consultation")
    if session is not None:
        name = f"{session.course.revision.title}, " if names_course else ""
        what = name + session_words(session)
    when = f"{long(local.date())}, {local:%H:%M}"
    return NextVisit(when, ", ".join(filter(None, [what, practitioner_of(visit)])))


def session_lines(course: Course) -> tuple[NextVisit, ...]:
    """Every session of the course that is not written off, with its date or that it has none."""
    lines = []
    for session in course.sessions.all():
        live = next(iter(session.appointments.all()), None)
        if live:
            lines.append(next_visit(live, names_course=False))
        elif session.is_owed:
            lines.append(NextVisit(_("not booked yet"), session_words(session)))
    return tuple(lines)


def unbooked_lines(course: Course, *, names_course: bool) -> list[NextVisit]:
    """The sessions of the course that are owed and have no date."""
    name = f"{course.revision.title}, " if names_course else ""
    return [
        NextVisit(_("not booked yet"), name + session_words(session))
        for session in course.sessions.all()
        if session.is_owed and not session.appointments.all()
    ]


def session_words(session: Session) -> str:
    count = len(session.course.sessions.all())
    return _("session %(ordinal)s of %(count)s") % {"ordinal": session.ordinal, "count": count}


def treated_at(visit: Appointment) -> dt.datetime | None:
    steps = visit.changes.all()
    return care.treated_at(
        (step.at for step in steps if step.became == Status.IN_TREATMENT),
        (step.at for step in steps if step.became == Status.DONE),
    )
