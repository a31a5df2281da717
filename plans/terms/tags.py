"""Lengths, amounts and terms in words: periods, intervals, sessions, days of a care sheet, signs and pits."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clinic.kit.languages import localized
from plans.core.ruleset import Step
from plans.core.spacing import Interval, Period

Names = Mapping[str, str]


def period_words(period: Period | None) -> str:
    """`3 months`; "" for None."""
    if period is None:
        return ""
    patterns = {
        "days": ngettext("%(n)d day", "%(n)d days", period.n),
        "weeks": ngettext("%(n)d week", "%(n)d weeks", period.n),
        "months": ngettext("%(n)d month", "%(n)d months", period.n),
    }
    return patterns[period.unit] % {"n": period.n}


def interval_words(interval: Interval | None) -> str:
    """`3 to 6 months, best 4 months`; shorter where the three coincide; "" for None."""
    if interval is None:
        return ""
    least, best, most = interval.min, interval.recommended, interval.max
    span = period_words(least)
    if least.unit == most.unit and least.n != most.n:
        span = _("%(least)d to %(most)s") % {"least": least.n, "most": period_words(most)}
    elif least != most:
        span = _("%(least)s to %(most)s") % {"least": span, "most": period_words(most)}
    if least == most:
        return span
    return _("%(span)s, best %(best)s") % {"span": span, "best": period_words(best)}


def minutes_words(n: int) -> str:
    return ngettext("%(n)d minute", "%(n)d minutes", n) % {"n": n}


def sessions_words(least: int | None, best: int | None, most: int | None) -> str:
    """`3 to 6 sessions, best 4`; "" when no course is defined."""
    if least is None or best is None or most is None:
        return ""
    if least == most:
        return ngettext("%(n)d session", "%(n)d sessions", best) % {"n": best}
    words = _("%(least)d to %(most)d sessions, best %(best)d")
    return words % {"least": least, "most": most, "best": best}


def days_words(step: Step) -> str:
    """`day 0 to 3`, `from day 7`; "" for a step that always holds."""
    about = _("about ") if step.is_approximate else ""
    first, last = step.from_day, step.to_day
    if first is None and last is None:
        return ""
    if last is None:
        return about + _("from day %(first)d") % {"first": first}
    if first is None:
        return about + _("until day %(last)d") % {"last": last}
    if first == last:
        return about + _("day %(first)d") % {"first": first}
    return about + _("day %(first)d to %(last)d") % {"first": first, "last": last}


def amount_words(amount: Mapping[str, Any] | None) -> str:
    """`2 times a day`, `7 days`; "" for None."""
    if not amount:
        return ""
    n, unit = amount["value"], amount["unit"]
    if unit == "per day":
        return ngettext("%(n)d time a day", "%(n)d times a day", n) % {"n": n}
    if unit in ("days", "weeks", "months"):
        return period_words(Period(n, unit))
    return f"{n} {unit}"


_TERMS = {
    "signs": gettext_lazy("signs: %(names)s"),
    "pit_types": gettext_lazy("type of pits: %(names)s"),
    "pit_depths": gettext_lazy("depth of pits: %(names)s"),
    "pit_ages": gettext_lazy("age of pits: %(names)s"),
}


def terms_words(value: Any, names: Names) -> str:
    """Signs and pits by name, and why: of one mapping of codes or of a list of them; "" for nothing."""
    if isinstance(value, list):
        return " ".join(filter(None, (terms_words(one, names) for one in value)))
    said = [
        str(pattern) % {"names": ", ".join(names.get(f"{kind}.{code}", code) for code in codes)}
        for kind, pattern in _TERMS.items()
        if (codes := (value or {}).get(kind))
    ]
    why = localized((value or {}).get("why"))
    return ". ".join(filter(None, ["; ".join(said), why]))


def bounds_words(one: Mapping[str, Any]) -> str:
    """`10–40 %`, or what can be chosen; "" for a parameter that is simply written down."""
    bounds = "–".join(f"{one[end]:g}" for end in ("min", "max") if one.get(end) is not None)
    said = [bounds, ", ".join(map(str, one.get("choices") or ())), one.get("unit") or ""]
    return " ".join(filter(None, said)) if bounds or one.get("choices") else one.get("unit") or ""
