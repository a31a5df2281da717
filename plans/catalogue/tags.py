"""The catalogue in words: what a value is called, what it says, what changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from clinic.kit.languages import localized
from clinic.places.models import ResourceKind
from plans.catalogue.models import Severity, StepKind
from plans.core.ruleset import MINUTES, Difference, LineRule, NeedRule, Origin, RuleSet, Step
from plans.core.spacing import Interval, Period

LABELS = {
    "name": gettext_lazy("Name"),
    "course.min": gettext_lazy("Fewest sessions"),
    "course.recommended": gettext_lazy("Recommended sessions"),
    "course.max": gettext_lazy("Most sessions"),
    "interval.min": gettext_lazy("Shortest interval"),
    "interval.recommended": gettext_lazy("Recommended interval"),
    "interval.max": gettext_lazy("Longest interval"),
    "effect_lasts": gettext_lazy("Effect lasts"),
    "downtime": gettext_lazy("Off work"),
    "on_break.on_for": gettext_lazy("Use for at most"),
    "on_break.break_min": gettext_lazy("Then pause at least"),
    "on_break.break_max": gettext_lazy("Advised pause at most"),
    "on_break.counts_together": gettext_lazy("Counted together with"),
    "anaesthesia.wait_minutes": gettext_lazy("Numbing"),
    "anaesthesia.method": gettext_lazy("Anaesthesia"),
    "duration.setup": gettext_lazy("Set-up"),
    "duration.treat": gettext_lazy("Treatment"),
    "duration.cleanup": gettext_lazy("Clean-up"),
    "age.min": gettext_lazy("Least age"),
    "age.caution_from": gettext_lazy("Caution from age"),
    "consent.required": gettext_lazy("Consent needed"),
    "consent.valid_for": gettext_lazy("Consent good for"),
    "patch_test.code": gettext_lazy("Patch test"),
    "patch_test.required": gettext_lazy("Patch test needed"),
    "patch_test.read_after": gettext_lazy("Patch test read after"),
    "patch_test.valid_for": gettext_lazy("Patch test good for"),
    "patch_test.renewed_by_session": gettext_lazy("Patch test renewed by a session"),
    "needs.words": gettext_lazy("Needs, in words"),
    "indications": gettext_lazy("Indications"),
    "suits": gettext_lazy("Suits"),
    "useless_for": gettext_lazy("Does not help"),
    "parameters": gettext_lazy("Parameters"),
    "regimen": gettext_lazy("Regimen"),
}
_YEARS = ("age.min", "age.caution_from")
_SESSIONS = ("course.min", "course.recommended", "course.max")

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


def line_words(line: LineRule) -> str:
    """`Wait, until 6 months after its end`."""
    word = str(Severity(line.severity).label)
    if line.washout is None:
        return word
    return _("%(word)s, until %(period)s after its end") % {
        "word": word,
        "period": period_words(line.washout),
    }


@dataclass(frozen=True, slots=True)
class Change:
    """One difference in words; `old` or `new` is "" where nothing stood or stands."""

    what: str
    old: str
    new: str


def change_words(changes: Iterable[Difference], names: Names) -> list[Change]:
    """`changes` for people: without what merely follows from another change. `names`: facts and capabilities."""
    changes = list(changes)
    paths = {change.path for change in changes}
    return [
        Change(_what(change.path, names), *_both_words(change))
        for change in changes
        if not _follows(change.path, paths)
    ]


def _follows(path: str, paths: set[str]) -> bool:
    """A source changes with its value; the minutes of a need with those of the visit."""
    kind, _dot, rest = path.partition(".")
    if kind == "sources":
        return any(rest == other or rest.startswith(f"{other}.") for other in paths)
    return kind == "needs" and path not in LABELS and not paths.isdisjoint(MINUTES)


def _what(path: str, names: Names) -> str:
    if path in LABELS:
        return str(LABELS[path])
    kind, _dot, rest = path.partition(".")
    patterns = {
        "contraindications": _("Contraindication: %(name)s"),
        "needs": _("Held: %(name)s"),
        "precare": _("Before the visit, line %(name)s"),
        "aftercare": _("Aftercare, line %(name)s"),
        "sources": _("Source: %(name)s"),
    }
    return patterns[kind] % {"name": names.get(rest, str(LABELS.get(rest, rest)))}


def _both_words(change: Difference) -> tuple[str, str]:
    old, new = change.old, change.new
    if change.path == "name" and old and new:
        # Only the languages that changed: the others would hide them.
        languages = [code for code in {**old, **new} if old.get(code) != new.get(code)]
        old, new = ({code: texts.get(code, "") for code in languages} for texts in (old, new))
        return _each_language(old), _each_language(new)
    return value_words(change.path, old), value_words(change.path, new)


def _each_language(texts: Mapping[str, str]) -> str:
    return ", ".join(f"{code}: {text}" for code, text in texts.items())


def value_words(path: str, value: Any) -> str:
    """What stands at `path`, in words; "" for nothing."""
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return _number_words(path, value)
    kinds: dict[type, Any] = {
        Period: period_words,
        LineRule: line_words,
        Step: _step_words,
        NeedRule: lambda need: (
            _("minute %(a)d to %(b)d") % {"a": need.from_minute, "b": need.to_minute}
        ),
        Origin: lambda origin: ", ".join(filter(None, [origin.source, origin.note])),
        dict: _mapping_words,
        list: lambda items: "; ".join(value_words(path, item) for item in items),
    }
    return str(kinds.get(type(value), str)(value))


def unit_words(path: str) -> str:
    """What the number at `path` counts; "" where it has its unit beside it."""
    if path in MINUTES:
        return _("minutes")
    if path in _YEARS:
        return _("years")
    return _("sessions") if path in _SESSIONS else ""


def _number_words(path: str, value: int) -> str:
    if path in MINUTES:
        return minutes_words(value)
    if path in _YEARS:
        return ngettext("%(n)d year", "%(n)d years", value) % {"n": value}
    if path in _SESSIONS:
        return ngettext("%(n)d session", "%(n)d sessions", value) % {"n": value}
    return str(value)


def _step_words(step: Step) -> str:
    # All languages: a change of one translation must be seen by who publishes it.
    language = get_language() or "en"
    texts = [localized(step.text, language), *(t for c, t in step.text.items() if c != language)]
    words = filter(
        None, [str(StepKind(step.kind).label), days_words(step), " / ".join(dict.fromkeys(texts))]
    )
    return " · ".join(words)


def _mapping_words(value: Mapping[str, Any]) -> str:
    texts = all(isinstance(text, str) for text in value.values()) and {
        "en",
        "ru",
        "es",
        "de",
    } >= set(value)
    if texts:
        return localized(value)
    if "label" in value:
        return f"{localized(value['label'])} ({value.get('min', '')}–{value.get('max', '')} {value.get('unit', '')})"
    return "; ".join(f"{name}: {value_words(name, part)}" for name, part in value.items())


@dataclass(frozen=True, slots=True)
class Value:
    """One line of the data sheet."""

    path: str
    label: str
    words: str
    source: str
    note: str


# The groups of the data sheet and the places in each.
SHEET = (
    (gettext_lazy("Course"), ("course.min", "course.recommended", "course.max", "effect_lasts")),
    (
        gettext_lazy("Interval, counted from the session performed"),
        ("interval.min", "interval.recommended", "interval.max"),
    ),
    (
        gettext_lazy("Use and pause"),
        ("on_break.on_for", "on_break.break_min", "on_break.break_max", "on_break.counts_together"),
    ),
    (
        gettext_lazy("Visit"),
        ("anaesthesia.wait_minutes", "anaesthesia.method", *MINUTES[:3], "downtime"),
    ),
    (
        gettext_lazy("Age, consent, patch test"),
        (
            "age.min",
            "age.caution_from",
            "consent.required",
            "consent.valid_for",
            "patch_test.code",
            "patch_test.required",
            "patch_test.read_after",
            "patch_test.valid_for",
            "patch_test.renewed_by_session",
        ),
    ),
)


def sheet(rules: RuleSet) -> list[tuple[str, list[Value]]]:
    """The data sheet: groups of values in words with their source; empty values are left out."""
    origins = {origin.path: origin for origin in rules.origins}
    groups = []
    for label, paths in SHEET:
        values = [value for path in paths if (value := _value(path, rules, origins)).words]
        if values and any(rules.values[value.path] for value in values):
            groups.append((str(label), values))
    return groups


def _value(path: str, rules: RuleSet, origins: Mapping[str, Origin]) -> Value:
    origin = origins.get(path)
    stored = rules.values[path]
    words = value_words(path, stored)
    if path.startswith("patch_test.") and not rules.values["patch_test.code"]:
        words = ""
    return Value(
        path, str(LABELS[path]), words, short_source(origin), origin.note if origin else ""
    )


@dataclass(frozen=True, slots=True)
class Strength:
    """The contraindications of one severity: (fact, washout in words, source)."""

    severity: str
    verdict: str
    lines: tuple[tuple[str, str, str], ...]


def strengths(rules: RuleSet, names: Names) -> list[Strength]:
    """The contraindications, the strongest first, by name."""
    verdicts = {"absolute": "refuse", "temporary": "wait", "relative": "caution"}
    groups = []
    for severity, verdict in verdicts.items():
        lines = sorted(
            (
                names.get(line.fact, line.fact),
                period_words(line.washout),
                _short(line.source),
            )
            for line in rules.lines
            if line.severity == severity
        )
        if lines:
            groups.append(Strength(severity, verdict, tuple(lines)))
    return groups


def held(rules: RuleSet, names: Names) -> list[tuple[str, str, int, int]]:
    """Who and what a visit holds: kind, capability, from minute, to minute."""
    kinds = dict(ResourceKind.choices)
    return [
        (
            str(kinds[need.kind]),
            names.get(need.capability, need.capability),
            need.from_minute,
            need.to_minute,
        )
        for need in rules.needs
    ]


def care(rules: RuleSet, *, is_precare: bool) -> list[tuple[str, str, str]]:
    """The lines of one care sheet: days, kind, text."""
    return [
        (days_words(step), str(StepKind(step.kind).label), localized(step.text))
        for step in rules.steps
        if step.is_precare is is_precare
    ]


def short_source(origin: Origin | None) -> str:
    """A source as a table shows it; its title stands once below."""
    return _short(origin.source) if origin else ""


def _short(code: str) -> str:
    return code.replace("_", " ")


def sources_used(rules: RuleSet, titles: Names) -> list[tuple[str, str]]:
    """Every source that the rules rest on: its short name and its title."""
    codes = {origin.source for origin in rules.origins}
    codes |= {source for line in rules.lines for source in (line.source, line.washout_source)}
    return [(_short(code), titles.get(code, "")) for code in sorted(codes - {""})]


def parameters(rules: RuleSet) -> list[tuple[str, str]]:
    """What is written down at a session: name, and unit, bounds or choices."""
    found = []
    for one in rules.values["parameters"]:
        bounds = "–".join(str(one[end]) for end in ("min", "max") if end in one)
        said = [bounds, one.get("unit", ""), ", ".join(map(str, one.get("choices", ())))]
        found.append((localized(one["label"]), " ".join(filter(None, said))))
    return found
