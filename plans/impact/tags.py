"""The impact of a change in words."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clinic.kit.tags import day_in_words
from plans.catalogue.tags import Change
from plans.core.gaps import GapChange, GapRule
from plans.core.impact import Effect, Impact, Kind, TouchedSession
from plans.courses.selectors import names as known_names
from plans.courses.tags import Names, finding_words
from plans.impact.selectors import capability_names, people
from plans.terms.tags import minutes_words, period_words

# What a session of each kind is called, the class of its mark, and its icon.
KINDS = {
    Kind.REFUSE: (gettext_lazy("refused"), "is-refuse", "x-octagon-fill"),
    Kind.WAIT: (gettext_lazy("must wait"), "is-wait", "hourglass-split"),
    Kind.ASK: (gettext_lazy("a question opens"), "is-ask", "question-circle-fill"),
    Kind.CAUTION: (gettext_lazy("caution"), "is-caution", "exclamation-triangle-fill"),
    Kind.EARLY: (gettext_lazy("too early"), "is-wait", "calendar-x"),
    Kind.LATE: (gettext_lazy("too late"), "is-wait", "calendar-x"),
    Kind.UNABLE: (gettext_lazy("held, but not able"), "is-plain", "person-x"),
    Kind.UNHELD: (gettext_lazy("nobody held"), "is-plain", "person-x"),
    Kind.COLLIDES: (gettext_lazy("runs into another visit"), "is-plain", "arrows-collapse"),
    Kind.LONGER: (gettext_lazy("longer visit"), "is-plain", "clock"),
    Kind.SHORTER: (gettext_lazy("shorter visit"), "is-plain", "clock"),
}
# What a spreadsheet would take for a formula, also in its full-width form.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class Mark:
    """One kind of effect, and how many sessions it meets (None: said of one session)."""

    kind: str
    words: str
    tone: str
    icon: str
    count: int | None = None


def mark(kind: str, count: int | None = None) -> Mark:
    words, tone, icon = KINDS[Kind(kind)]
    return Mark(kind, str(words), tone, icon, count)


def marks(impact: Impact) -> list[Mark]:
    """How many sessions each kind meets, the gravest first."""
    return [mark(kind, count) for kind, count in impact.counts.items()]


def summary(impact: Impact) -> str:
    """`7 sessions of 5 patients would not stand as they are.`"""
    if not impact.sessions:
        return _("Nobody who is booked or planned is touched.")
    sessions = ngettext("%(n)d session", "%(n)d sessions", len(impact.sessions))
    patients = ngettext("%(n)d patient", "%(n)d patients", impact.patients)
    return _("%(sessions)s of %(patients)s would not stand as they are.") % {
        "sessions": sessions % {"n": len(impact.sessions)},
        "patients": patients % {"n": impact.patients},
    }


@dataclass(frozen=True)
class Viewer:
    """What this person may read of a patient: a name of those of `location`, a reason about health."""

    sees_contact: bool
    sees_clinical: bool
    location: int | None

    def sees_name(self, each: TouchedSession) -> bool:
        return self.sees_contact and each.location == self.location


def viewer_of(request: HttpRequest) -> Viewer:
    """What whoever asks may read, at the location they work at; no query beyond their rights."""
    location = getattr(request, "location", None)
    may = request.user.has_perm
    return Viewer(
        sees_contact=may("clinic.see_contact"),
        sees_clinical=may("clinic.see_clinical"),
        location=location.pk if location else None,
    )


@dataclass(frozen=True)
class Line:
    """A session that is touched, as the list says it. `number`: the patient's, None where no name is shown."""

    session: int
    appointment: int | None
    number: int | None
    name: str
    title: str
    ordinal: int
    count: int
    day: dt.date
    revision: int
    marks: tuple[Mark, ...]
    why: tuple[str, ...]


def lines(
    sessions: Iterable[TouchedSession],
    people: Mapping[int, tuple[int, str]],
    names: Names,
    able: Mapping[str, str],
    viewer: Viewer,
) -> Iterator[Line]:
    """`people`: number and name by key; `able`: the names of capabilities. What `viewer` may not read is left out."""
    for each in sessions:
        number, name = None, _("A patient")
        if viewer.sees_name(each):
            number, name = people[each.patient]
        yield Line(
            each.session,
            each.appointment,
            number,
            name,
            names.procedure(each.procedure),
            each.ordinal,
            each.count,
            each.day,
            each.revision,
            tuple(mark(kind) for kind in each.kinds),
            tuple(filter(None, (_why(effect, names, able, viewer) for effect in each.effects))),
        )


def shown_lines(sessions: Iterable[TouchedSession], viewer: Viewer) -> list[Line]:
    """The lines with everything read that they name; as many queries for one session as for many."""
    shown = list(sessions)
    known = people({each.patient for each in shown if viewer.sees_name(each)})
    return list(lines(shown, known, known_names(), capability_names(), viewer))


def panel(impact: Impact, viewer: Viewer, most: int) -> dict[str, Any]:
    """What "Who is touched" shows: all of it in numbers, at most `most` sessions line by line."""
    return {
        "impact": impact,
        "summary": summary(impact),
        "marks": marks(impact),
        "lines": shown_lines(impact.sessions[:most], viewer),
        "hidden": max(len(impact.sessions) - most, 0),
    }


def _why(effect: Effect, names: Names, able: Mapping[str, str], viewer: Viewer) -> str:
    """One sentence, without a full stop; "" where the kind says it all, or the reason is not for this person."""
    if effect.findings:
        seen = viewer.sees_clinical
        return "; ".join(finding_words(f, names) for f in effect.findings) if seen else ""
    if effect.window is not None:
        if effect.kind is Kind.EARLY:
            return _("not before %(day)s") % {"day": day_in_words(effect.window.earliest)}
        return _("not after %(day)s") % {"day": day_in_words(effect.window.latest)}
    if effect.capabilities:
        return ", ".join(able.get(code, code) for code in effect.capabilities)
    if effect.kind is Kind.COLLIDES or effect.minutes is None:
        return ""
    old, new = effect.minutes
    return _("%(old)d becomes %(new)s") % {"old": old, "new": minutes_words(new)}


def gap_words(changes: Iterable[GapChange], names: Names) -> list[Change]:
    """What changes in the table of gaps."""
    return [
        Change(_between(change.new or change.old, names), _least(change.old), _least(change.new))
        for change in changes
    ]


def _between(rule: GapRule | None, names: Names) -> str:
    if rule is None:
        raise ValueError("a change of nothing")
    after, before = (
        names.procedure(code) if is_one else names.group(code)
        for code, is_one in (
            (rule.after, rule.after_is_procedure),
            (rule.before, rule.before_is_procedure),
        )
    )
    return _("%(before)s after %(after)s") % {"before": before, "after": after}


def _least(rule: GapRule | None) -> str:
    return period_words(rule.min) if rule else ""


def cause_words(cause: str, names: Names) -> str:
    """`Medium TCA peel, revision 4` of "tca_peel_medium 4"."""
    code, _space, number = cause.rpartition(" ")
    if code == "gaps":
        return _("Gaps, revision %(number)s") % {"number": number}
    return _("%(name)s, revision %(number)s") % {"name": names.procedure(code), "number": number}


def csv_rows(found: Iterable[Line]) -> Iterator[list[str]]:
    """The list as a table for a spreadsheet, its heads first."""
    yield [
        _("Day"), _("Patient"), _("Number"), _("Procedure"), _("Session"), _("What"), _("Why"),
        _("Keeps revision"),
    ]  # fmt: skip
    for line in found:
        cells = [
            line.day.isoformat(),
            line.name,
            str(line.number or ""),
            line.title,
            _("%(n)d of %(count)d") % {"n": line.ordinal, "count": line.count},
            ", ".join(one.words for one in line.marks),
            "; ".join(line.why),
            str(line.revision),
        ]
        yield [as_text(cell) for cell in cells]


def as_text(cell: str) -> str:
    """`cell` so that a spreadsheet cannot take it for a formula.

    >>> as_text("=1+1"), as_text("Peel")
    ("'=1+1", 'Peel')
    """
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
