"""Sentences about screening and spacing: what was found, and what they do not allow, in words and dates."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clinic.kit.languages import localized
from clinic.kit.tags import day_in_words
from plans.catalogue.models import Revision
from plans.core.case import ENDANGERS
from plans.core.problems import Impossible, Relaxation
from plans.core.screening import Finding, Screening, Verdict
from plans.core.spacing import Window
from plans.terms.tags import period_words

FEW_QUESTIONS = 2

# What can be treated, none inside another: sessions count for each other where they name one area in common.
AREAS = {
    "forehead": gettext_lazy("Forehead"),
    "temples": gettext_lazy("Temples"),
    "cheeks": gettext_lazy("Cheeks"),
    "nose": gettext_lazy("Nose"),
    "chin": gettext_lazy("Chin and jaw"),
    "neck": gettext_lazy("Neck"),
    "chest": gettext_lazy("Chest"),
    "shoulders": gettext_lazy("Shoulders"),
    "back": gettext_lazy("Back"),
}


@dataclass(frozen=True)
class Names:
    """What codes are called in the page's language; a code without a name is read out as it is."""

    facts: Mapping[str, str] = field(default_factory=dict)
    procedures: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    medications: frozenset[str] = (
        frozenset()
    )  # codes of facts: a drug is stopped, anything else ends

    def fact(self, code: str) -> str:
        return self.facts.get(code) or _readable(code)

    def procedure(self, code: str) -> str:
        return self.procedures.get(code) or _readable(code)

    def group(self, code: str) -> str:
        return self.groups.get(code) or self.procedures.get(code) or _readable(code)


def _readable(code: str) -> str:
    return capfirst(code.replace("_", " "))


def finding_words(finding: Finding, names: Names) -> str:
    """The finding as one sentence with its dates, without a full stop.

    "Isotretinoin stopped 23 Jul 2026: wait 6 months, until Sat 23 Jan 2027"
    """
    return _WORDS[finding.kind](finding, names)


def _line_words(finding: Finding, names: Names) -> str:
    name = names.fact(finding.subject)
    if finding.level is Verdict.CAUTION:
        return _("%(what)s: a practitioner decides and signs") % {"what": _when(finding, name)}
    if finding.free_day is None:
        if finding.level is Verdict.REFUSE:
            return _("%(what)s: not while this is so") % {"what": _when(finding, name)}
        return _("%(what)s: wait until it has ended") % {"what": _when(finding, name)}
    values = {
        "what": _ended(finding, name, names) if finding.until else name,
        "until": long_day(finding.free_day),
    }
    if finding.washout is not None and finding.until is not None:
        values["period"] = period_words(finding.washout)
        return _("%(what)s: wait %(period)s, until %(until)s") % values
    return _("%(what)s: wait until %(until)s") % values


def _when(finding: Finding, name: str) -> str:
    values = {"name": name, "since": _date(finding.since), "until": _date(finding.until)}
    if finding.until:
        return _("%(name)s until %(until)s") % values
    return _("%(name)s since %(since)s") % values if finding.since else name


def _ended(finding: Finding, name: str, names: Names) -> str:
    values = {"name": name, "day": _date(finding.until)}
    if finding.since == finding.until:
        return _("%(name)s on %(day)s") % values
    if finding.subject in names.medications:
        return _("%(name)s stopped %(day)s") % values
    return _("%(name)s ended %(day)s") % values


def _question_words(finding: Finding, names: Names) -> str:
    values = {"name": names.fact(finding.subject), "day": _date(finding.evidence)}
    if finding.is_recorded_unknown:
        return _("%(name)s: asked, not known") % values
    if finding.evidence:
        return _("%(name)s: last known on %(day)s, ask again") % values
    return _("%(name)s: never asked") % values


def _age_words(finding: Finding, names: Names) -> str:
    values = {"years": finding.years, "day": long_day(finding.free_day)}
    if finding.kind == "age_over":
        return _("%(years)s or older: a practitioner decides and signs") % values
    return _("Younger than %(years)s: not before %(day)s") % values


def _spacing_words(finding: Finding, names: Names) -> str:
    entry, spacing = finding.entry, finding.spacing
    name = names.procedure(entry.procedure) if entry else names.group(finding.subject)
    day = entry.date if entry else None
    if entry is not None and finding.free_day is None:
        return _("%(name)s is still used at home: stop it first") % {"name": name}
    values = {
        "name": name,
        "day": _date(day),
        "period": period_words(spacing) if spacing else "",
        "until": long_day(finding.free_day),
    }
    return _("%(name)s on %(day)s: wait %(period)s, until %(until)s") % values


def _pause_words(finding: Finding, names: Names) -> str:
    values = {
        "name": names.procedure(finding.subject),
        "since": _date(finding.since),
        "until": _date(finding.until),
        "period": period_words(finding.spacing) if finding.spacing else "",
        "free": long_day(finding.free_day),
    }
    if finding.free_day is None:
        return _("%(name)s in use since %(since)s without an end: pause first") % values
    words = _("%(name)s used from %(since)s to %(until)s: pause %(period)s, until %(free)s")
    return words % values


def _patch_words(finding: Finding, names: Names) -> str:
    values = {
        "name": _("Patch test"),
        "until": _date(finding.until),
        "free": long_day(finding.free_day),
    }
    if finding.entry is None:
        return _("%(name)s: not done yet, do it first") % values
    if finding.free_day is None:
        return _("%(name)s was good until %(until)s: do it again") % values
    return _("%(name)s: read it first, on %(free)s") % values


_WORDS = {
    "ci": _line_words,
    "ask": _question_words,
    "age": _age_words,
    "age_over": _age_words,
    "interval": _spacing_words,
    "gap": _spacing_words,
    "break": _pause_words,
    "patch": _patch_words,
}


def deferred_words(codes: Iterable[str], names: Names) -> list[str]:
    """The names of what is asked on the day, in the order of `codes`."""
    return [names.fact(code) for code in codes]


def long_day(day: dt.date | None) -> str:
    """`Sat 23 Jan 2027`; the year always, for what a rule says is read out of its context."""
    return day_in_words(day, "year")


def _date(day: dt.date | None) -> str:
    """`23 Jul 2026`, for what is over: its weekday helps nobody."""
    return day_in_words(day, "year").split(" ", 1)[-1] if day else ""


def screening_words(screening: Screening, names: Names) -> str:
    """All reasons of a screening in one line; many open questions are counted instead of listed."""
    questions = [found for found in screening.findings if found.kind == "ask"]
    others = [found for found in screening.findings if found.kind != "ask"]
    said = [finding_words(found, names) for found in others]
    if len(questions) <= FEW_QUESTIONS:
        said += [finding_words(found, names) for found in questions]
    else:
        first = ", ".join(names.fact(found.subject) for found in questions[:FEW_QUESTIONS])
        values = {"first": first, "n": len(questions) - FEW_QUESTIONS}
        said.append(_("Not known yet: %(first)s and %(n)s more") % values)
    return "; ".join(said) or _("no objection")


def not_allowed_words(day: dt.date, why: str) -> str:
    return _("%(day)s is not allowed. %(why)s.") % {"day": day_in_words(day), "why": why}


def too_near_words(what: str, day: dt.date) -> str:
    return _(
        "Too near to %(what)s on %(day)s, which is booked. Choose another day, or move that visit first."
    ) % {"what": what, "day": day_in_words(day)}


def misplaced_words(ordinal: int, day: dt.date, window: Window) -> str:
    said = _("Session %(n)s would stand on %(day)s; its window is %(first)s to %(last)s.") % {
        "n": ordinal,
        "day": day_in_words(day),
        "first": day_in_words(window.earliest),
        "last": day_in_words(window.latest),
    }
    return f"{said} {_('Choose another day, or move that session first.')}"


def impossible_words(problem: Impossible) -> str:
    """Which session cannot be placed, and what stands in its way."""
    values = {
        "n": problem.ordinal,
        "first": long_day(problem.window[0] if problem.window else None),
        "last": long_day(problem.window[1] if problem.window else None),
        "earliest": long_day(problem.earliest),
    }
    patterns = {
        "closed": _("Session %(n)s: from %(first)s to %(last)s nobody who can do it is at work."),
        "no_common_time": _(
            "Session %(n)s: from %(first)s to %(last)s practitioner, room and device are never free together."
        ),
        "cycle": _("Session %(n)s: from %(first)s to %(last)s the cycle of use asks for a pause."),
        "interval": _("Session %(n)s: its window holds no day. A later session stands too near."),
        "screening": _("Session %(n)s: from %(first)s to %(last)s the screening allows no day."),
        "occasion": _(
            "Session %(n)s: from %(first)s to %(last)s each day would still be healing on a date to be kept clear."
        ),
    }
    said = patterns[problem.constraint] % values
    if problem.constraint == "screening" and ENDANGERS in problem.reasons:
        said += " " + _("Another booked visit of the patient stands too near.")
    if problem.constraint in ("screening", "occasion") and problem.earliest:
        said += " " + _("The first day allowed is %(earliest)s.") % values
    return said


def relaxation_words(relaxation: Relaxation) -> str:
    """What the button says that asks for the nearest wish that can be met."""
    values = {"n": relaxation.value, "day": long_day(relaxation.day)}
    patterns = {
        "finer_start": _("Allow starts every %(n)s minutes"),
        "anyone": _("With anyone who is free"),
        "allow_occasion": _("Do not keep %(day)s clear")
        if relaxation.day
        else _("Keep none of the dates clear"),
        "release_session": _("Move session %(n)s as well"),
        "later_start": _("Begin on %(day)s"),
        "widen_window": _("It needs windows %(n)s days longer: ask a physician"),
        "fewer_sessions": ngettext(
            "Book %(n)s session now", "Book %(n)s sessions now", relaxation.value
        ),
    }
    return patterns[relaxation.kind] % values


def rules_words(revision: Revision) -> str:
    """How far apart the sessions stand, how long each lasts, and what it needs."""
    said, interval = [], revision.interval
    if interval is not None:
        apart = _("%(best)s apart, at most %(max)s.")
        values = {"best": period_words(interval.recommended), "max": period_words(interval.max)}
        said.append(apart % values)
    needs = list(revision.needs.all())
    minutes = max((need.to_minute for need in needs), default=revision.total_minutes)
    said.append(ngettext("%(n)d minute each", "%(n)d minutes each", minutes) % {"n": minutes})
    if revision.numbing_minutes:
        words = _("%(n)d of them numbing") % {"n": revision.numbing_minutes}
        said[-1] += f", {words}"
    able = ", ".join(localized(need.capability.name) for need in needs)
    said[-1] += "."
    return " ".join([*said, _("Needs: %(what)s.") % {"what": able}])


VOID_WORDS = {
    "moved": gettext_lazy("void: the session has another date now"),
    "rule": gettext_lazy("void: the rule has changed since"),
    "record": gettext_lazy("void: what is known of the patient has changed since"),
    "gone": gettext_lazy("not needed any more"),
}


def signed_for_words(rule: str, names: Names) -> str:
    """What a signature was given for, by its rule: the fact, the groups or the procedure."""
    kind, *rest = rule.split(":")
    if kind in ("ci", "ask"):
        return names.fact(rest[-1])
    if kind == "gap":
        return " – ".join(names.group(side) for side in rest[-1].split(">"))
    return names.procedure(rest[-1])
