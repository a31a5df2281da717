"""The catalogue in words: what a value is called, what it says, what changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from clinic.kit.languages import localized
from plans.catalogue.models import Confirmation, Severity, StepKind
from plans.core.confirming import Stated, stated
from plans.core.ruleset import (
    MINUTES,
    NUMBERS,
    Difference,
    LineRule,
    NeedRule,
    Origin,
    RuleSet,
    Step,
)
from plans.core.spacing import Period
from plans.terms.tags import (
    Names,
    amount_words,
    bounds_words,
    days_words,
    minutes_words,
    period_words,
    terms_words,
)

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
    "home_allowed": gettext_lazy("Allowed at home"),
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


def strength_words(severity: str, washout: Period | None) -> str:
    """`Wait, until 6 months after its end`."""
    word = str(Severity(severity).label)
    if washout is None:
        return word
    said = {"word": word, "period": period_words(washout)}
    return _("%(word)s, until %(period)s after its end") % said


def line_words(line: LineRule) -> str:
    return strength_words(line.severity, line.washout)


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
        Change(_what(change.path, names), *_both_words(change, names))
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


def _both_words(change: Difference, names: Names) -> tuple[str, str]:
    old, new = change.old, change.new
    if change.path in ("suits", "useless_for"):
        return terms_words(old, names), terms_words(new, names)
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
    if path == "patch_test.code":
        return short_source(value)
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
    if isinstance(value, bool):
        return _("yes") if value else _("no")
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
    """One line of the data sheet.

    `stated`: what a physician confirms, None for a plain word that stands on no source. `confirmed`: who did.
    """

    path: str
    label: str
    words: str
    stated: Stated | None = None
    confirmed: Confirmation | None = None
    title: str = ""
    remark: str = ""

    @property
    def source(self) -> str:
        """Its source as a table shows it; `title` says it in full."""
        return short_source(self.stated.source) if self.stated else ""

    @property
    def note(self) -> str:
        return self.stated.note if self.stated else self.remark

    @property
    def is_open(self) -> bool:
        """It waits for the physician."""
        return self.stated is not None and self.confirmed is None


@dataclass(frozen=True, slots=True)
class Backing:
    """What values rest on: confirmations by address, and the titles of sources by code."""

    confirmations: Mapping[str, Confirmation]
    titles: Names

    def value(
        self, label: str, words: str, one: Stated | None, path: str = "", remark: str = ""
    ) -> Value:
        """A line that says `words`; a confirmation of another text or source does not count."""
        if one is None:
            return Value(path, label, words, remark=remark)
        row = self.confirmations.get(one.address)
        confirmed = row if row and one.is_same(row.value, row.source) else None
        return Value(one.path, label, words, one, confirmed, self.titles.get(one.source, ""))


@dataclass(frozen=True, slots=True)
class Section:
    """Values that stand together; `anchor` names them in an address."""

    anchor: str
    label: str
    values: tuple[Value, ...]


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
            "home_allowed",
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


def sheet(code: str, rules: RuleSet, backing: Backing, names: Names) -> list[Section]:
    """The data sheet of procedure `code` without its contraindications; what says nothing is left out."""
    backed = {one.path: one for one in stated(code, rules)}

    # A note on a whole part stands beside the first of its values: "patch_test" beside "patch_test.code".
    remarks = {f"{origin.path}.code": origin.note for origin in rules.origins if origin.note}

    def line(path: str, label: str, words: str) -> Value:
        return backing.value(label, words, backed.get(path), path, remarks.get(path, ""))

    sections = []
    for label, paths in SHEET:
        values = [line(path, str(LABELS[path]), _words_at(path, rules, backed)) for path in paths]
        said = tuple(value for value in values if value.words)
        if any(value.stated or rules.values[value.path] for value in said):
            sections.append(Section(paths[0].partition(".")[0], str(label), said))
    regimen = [
        line(f"regimen.{name}", str(label), amount_words((rules.values["regimen"] or {}).get(name)))
        for name, label in _AMOUNTS.items()
    ]
    helps = [
        line(path, str(LABELS[path]), terms_words(rules.values[path], names))
        for path in ("suits", "useless_for")
    ]
    written = [
        line(f"parameters.{one['key']}", localized(one["label"]), bounds_words(one))
        for one in rules.values["parameters"] or ()
    ]
    more = (
        Section("regimen", _("Regimen"), tuple(one for one in regimen if one.words)),
        Section("suits", _("What it helps with"), tuple(one for one in helps if one.words)),
        Section("parameters", _("Written down at a session"), tuple(written)),
    )
    return [*sections, *(section for section in more if section.values)]


def _words_at(path: str, rules: RuleSet, backed: Mapping[str, Stated]) -> str:
    if path.startswith("patch_test.") and not rules.values["patch_test.code"]:
        return ""
    value = rules.values[path]
    if path in backed and value is None:
        return _("no known end")
    says_nothing = path in NUMBERS and value == 0 and path not in backed
    return "" if says_nothing else value_words(path, value)


_AMOUNTS = {"times": gettext_lazy("How often"), "course": gettext_lazy("For how long")}


@dataclass(frozen=True, slots=True)
class Line:
    """A contraindication: how strongly the fact stands against the procedure, and how long after its end."""

    fact: str
    name: str
    severity: Value
    washout: Value | None


@dataclass(frozen=True, slots=True)
class Strength:
    """The contraindications of one severity, by name."""

    severity: str
    verdict: str
    lines: tuple[Line, ...]

    @property
    def values(self) -> list[Value]:
        """All values of its lines, one after the other."""
        return [value for line in self.lines for value in (line.severity, line.washout) if value]


def strengths(code: str, rules: RuleSet, backing: Backing, names: Names) -> list[Strength]:
    """The contraindications of procedure `code`, the strongest first."""
    backed = {one.path: one for one in stated(code, rules)}
    after = _("after its end")

    def line(rule: LineRule) -> Line:
        name, path = names.get(rule.fact, rule.fact), f"contraindications.{rule.fact}"
        severity = backing.value(name, str(Severity(rule.severity).label), backed[path])
        if rule.washout is None:
            return Line(rule.fact, name, severity, None)
        words = period_words(rule.washout)
        washout = backing.value(f"{name}, {after}", words, backed[f"{path}.washout"])
        return Line(rule.fact, name, severity, washout)

    verdicts = {"absolute": "refuse", "temporary": "wait", "relative": "caution"}
    groups = []
    for severity, verdict in verdicts.items():
        lines = [line(rule) for rule in rules.lines if rule.severity == severity]
        ordered = sorted(lines, key=lambda one: one.name.casefold())
        groups += [Strength(severity, verdict, tuple(ordered))] if ordered else []
    return groups


def short_source(code: str) -> str:
    """A code as a table shows it; a source's title stands once below."""
    return code.replace("_", " ")
