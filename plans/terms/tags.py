"""Lengths, amounts and terms in words: periods, intervals, sessions, days of a care sheet, signs and pits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from clinic.kit.languages import localized
from plans.core.protocol import Starts
from plans.core.protocol import Step as ProtocolStep
from plans.core.rhythm import Rhythm
from plans.core.ruleset import Step
from plans.core.spacing import Interval, Period

Names = Mapping[str, str]
# Skin types after Fitzpatrick, the first one first.
ROMAN = ("I", "II", "III", "IV", "V", "VI")
# Units of what is measured and used, as the catalogue and the lots write them down.
_MEASURES = {
    "U": pgettext_lazy("unit", "U"),
    "ml": pgettext_lazy("unit", "ml"),
    "g": pgettext_lazy("unit", "g"),
    "pc": pgettext_lazy("unit", "pieces"),
    "mm": pgettext_lazy("unit", "mm"),
    "nm": pgettext_lazy("unit", "nm"),
    "min": pgettext_lazy("unit", "min"),
    "s": pgettext_lazy("unit", "s"),
    "ms": pgettext_lazy("unit", "ms"),
    "us": pgettext_lazy("unit", "µs"),
    "mJ": pgettext_lazy("unit", "mJ"),
    "J/cm2": pgettext_lazy("unit", "J/cm²"),
    "W": pgettext_lazy("unit", "W"),
    "rpm": pgettext_lazy("unit", "rpm"),
    "kPa": pgettext_lazy("unit", "kPa"),
}


def measure_words(unit: str) -> str:
    """A unit as the page's language writes it; one that is not known as it is."""
    return str(_MEASURES.get(unit, unit))


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


@dataclass(frozen=True)
class IntervalDrawing:
    """The shapes of templates/parts/rhythm.svg, and the sentence that says all of it."""

    rhythm: Rhythm
    sentence: str

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """What stands at the lines of the grid, by their place."""
        first, *others = self.rhythm.ticks
        return [(first.x, _("session")), *((one.x, period_words(one.length)) for one in others)]


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


_PITS = ("pit_types", "pit_depths", "pit_ages")


def terms_words(value: Any, names: Names) -> str:
    """`Pits, Scarring (Boxcar, Deep)`, and why: of one mapping of codes or of a list of them; "" for nothing."""
    if isinstance(value, list):
        return " ".join(filter(None, (terms_words(one, names) for one in value)))
    value = value or {}
    signs, pits = (
        ", ".join(
            names.get(f"{kind}.{code}", code) for kind in kinds for code in value.get(kind) or ()
        )
        for kinds in (("signs",), _PITS)
    )
    said = f"{signs} ({pits})" if signs and pits else signs or pits
    return ". ".join(filter(None, [said, localized(value.get("why"))]))


def bounds_words(one: Mapping[str, Any]) -> str:
    """`10–40 %`, or what can be chosen; "" for a parameter that is simply written down."""
    bounds = "–".join(f"{one[end]:g}" for end in ("min", "max") if one.get(end) is not None)
    said = [bounds, ", ".join(map(str, one.get("choices") or ())), one.get("unit") or ""]
    return " ".join(filter(None, said)) if bounds or one.get("choices") else one.get("unit") or ""


def course_words(step: ProtocolStep) -> str:
    """`3 sessions`, `90 days`."""
    if step.days is not None:
        return ngettext("%(n)d day", "%(n)d days", step.days) % {"n": step.days}
    n = step.sessions or 0
    return ngettext("%(n)d session", "%(n)d sessions", n) % {"n": n}


def starts_words(starts: Starts) -> str:
    """`3 months after the last session of step 2`."""
    values = {"gap": period_words(starts.gap), "n": starts.step}
    if starts.after == "plan":
        said = _("at the start of the plan"), _("%(gap)s after the start of the plan")
    elif starts.after == "end":
        said = _("on the last day of step %(n)d"), _("%(gap)s after the end of step %(n)d")
    else:
        said = (
            _("on the day of the last session of step %(n)d"),
            _("%(gap)s after the last session of step %(n)d"),
        )
    return said[bool(starts.gap.n)] % values


def step_words(step: ProtocolStep, title: str) -> str:
    """`Medium TCA peel, 3 sessions, 14 days after the end of step 1, optional`; `title` of its procedure."""
    said = [title, course_words(step), starts_words(step.starts)]
    return ", ".join([*said, _("optional")] if step.is_optional else said)
