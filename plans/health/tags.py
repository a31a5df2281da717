"""What is known about a patient's health, in words; denied, unknown and never asked differ in word and sign."""

import datetime as dt
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from clinic.kit.partial import PartialDate
from clinic.kit.tags import date_in_words
from clinic.patients.models import Fact, FactKind, FactStatus
from plans.core.answers import State, good_until
from plans.core.screening import Fact as CoreFact
from plans.core.screening import Recheck

# State of a fact today -> class, icon, word.
STATES: Mapping[str, tuple[str, str, str | Promise]] = {
    "true": ("is-caution", "check-circle-fill", pgettext_lazy("fact", "Yes")),
    "ahead": ("is-plain", "calendar-event", pgettext_lazy("fact", "Still to come")),
    "over": ("is-plain", "clock-history", pgettext_lazy("fact", "Over")),
    "unknown": ("is-ask", "question-circle-fill", pgettext_lazy("fact", "Asked, not known")),
    "stale": ("is-ask", "arrow-repeat", pgettext_lazy("fact", "No, ask again")),
    "denied": ("is-plain", "x-circle", pgettext_lazy("fact", "No")),
    "never": ("is-ask", "circle", pgettext_lazy("fact", "Never asked")),
}

GROUP_TITLES: Mapping[str, str | Promise] = {
    "now": gettext_lazy("Today or in the last four weeks"),
    "lapsed": gettext_lazy("Since we last asked"),
    "unknown": gettext_lazy("Asked before, not known then"),
    "new": gettext_lazy("Never asked before"),
}


def since_of(fact: Fact) -> PartialDate | None:
    """The first day as it was told."""
    return PartialDate(fact.since, fact.since_precision) if fact.since else None  # type: ignore[arg-type]  # a choice


def until_of(fact: Fact) -> PartialDate | None:
    """The last day as it was told."""
    return PartialDate(fact.until, fact.until_precision) if fact.until else None  # type: ignore[arg-type]  # a choice


def fact_words(fact: Fact) -> str:
    """When an answer holds, as it was told: "since March 2025, still true", "asked 26 Nov 2026"."""
    since, until = since_of(fact), until_of(fact)
    if fact.status == FactStatus.UNKNOWN:
        return _("asked, not known")
    if fact.status == FactStatus.DENIED:
        return _("answered %(day)s") % {"day": since.words()} if since else ""
    if since and until and since == until:
        return since.words()
    if since and until:
        return _("%(first)s to %(last)s") % {"first": since.words(), "last": until.words()}
    if until:
        return _("until %(day)s") % {"day": until.words(alone=False)}
    if fact.fact_type.kind == FactKind.LIFELONG:
        return standing_words(fact)
    if since:
        return _("since %(day)s, still true") % {"day": since.words(alone=False)}
    return _("still true")


def standing_words(fact: Fact) -> str:
    """Since when something on record is true: "since March 2025"; "" when nobody knows."""
    since = since_of(fact)
    return _("since %(day)s") % {"day": since.words(alone=False)} if since else ""


def counted_words(fact: Fact) -> str:
    """From and to which day a month or year counts; "" where the days were told exactly."""
    said = []
    if fact.since and fact.since_precision != "day":
        said.append(_("from %(day)s") % {"day": date_in_words(fact.since)})
    if fact.until and fact.until_precision != "day":
        said.append(_("to %(day)s") % {"day": date_in_words(fact.until)})
    return _("Counted %(days)s.") % {"days": " ".join(said)} if said else ""


def good_words(state: State, told: dt.date | None, recheck: Recheck) -> str:
    """How long an answer counts: "counts until 26 Feb 2027", "asked at each visit"; "" where nothing is denied."""
    if state in ("true", "ahead", "unknown") or told is None:
        return ""
    if recheck == "session":
        return _("asked at each visit")
    until = good_until(told, recheck)
    return _("the answer counts until %(day)s") % {"day": date_in_words(until)} if until else ""


def core_fact(fact: Fact) -> CoreFact:
    """The row as screening reads it."""
    code = fact.fact_type.stands_for.code
    return CoreFact(code, fact.status, fact.since, fact.until)  # type: ignore[arg-type]  # a choice
