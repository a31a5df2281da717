"""The editor in words and drawings: its tabs, its rows of values, an interval as it is and as it would be."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.kit.languages import localized
from clinic.kit.tags import day_in_words
from plans.catalogue.models import Confirmation, StepKind
from plans.catalogue.tags import LABELS, SHEET, line_words, unit_words, value_words
from plans.core import care
from plans.core.confirming import stated_gap
from plans.core.gaps import GapRule, concerns
from plans.core.rhythm import (
    Spacing,
    Spell,
    Stretch,
    Visit,
    phases_of,
    place_rhythm,
    place_visit,
)
from plans.core.ruleset import MINUTES, RuleSet, Step
from plans.core.sections import sections_of
from plans.core.spacing import Interval, Period
from plans.editor.selectors import Choices, Marks
from plans.terms.tags import (
    IntervalDrawing,
    amount_words,
    bounds_words,
    days_words,
    interval_words,
    period_words,
)

TITLES = {
    "rules": gettext_lazy("Rules"),
    "needs": gettext_lazy("Visit and needs"),
    "contraindications": gettext_lazy("Contraindications"),
    "gaps": gettext_lazy("Gaps"),
    "parameters": gettext_lazy("Parameters"),
    "regimen": gettext_lazy("Regimen"),
    "care": gettext_lazy("Care sheets"),
    "texts": gettext_lazy("Texts"),
    "suits": gettext_lazy("What it helps"),
}
# A gap or two in the drawing say what it is for; the table below says them all.
MOST_SPELLS = 3


@dataclass(frozen=True)
class Tab:
    """One section: its name, where it stands, whether it is the one shown, and its marks."""

    slug: str
    title: str
    href: str
    is_shown: bool
    marks: Marks


def tabs(code: str, *, is_home: bool, shown: str, marks: Mapping[str, Marks]) -> list[Tab]:
    """The sections of a procedure in their order."""
    return [
        Tab(
            slug,
            str(TITLES[slug]),
            reverse("editor:section", args=[code, slug]),
            slug == shown,
            marks.get(slug, Marks()),
        )
        for slug in sections_of(is_home=is_home)
    ]


@dataclass(frozen=True)
class Row:
    """One value of the data sheet: what is in force, the field of the draft, where it comes from."""

    path: str
    current: str
    unit: str
    value: Any
    source: Any
    note: Any
    is_changed: bool
    confirmed: Confirmation | None
    is_open: bool


def value_rows(
    form: Any,
    rules: RuleSet,
    current: RuleSet | None,
    confirmed: Mapping[str, Confirmation],
    unconfirmed: Iterable[str],
) -> list[tuple[str, list[Row]]]:
    """The values of `form` in the groups of the data sheet; groups without any are left out."""
    waiting = set(unconfirmed)
    now = current.values if current else {}

    def row(path: str) -> Row:
        return Row(
            path=path,
            current=value_words(path, now.get(path)),
            unit=unit_words(path),
            is_changed=current is not None and now.get(path) != rules.values[path],
            confirmed=confirmed.get(path),
            is_open=path in waiting,
            **form.field(path),
        )

    groups = [(str(label), [row(p) for p in paths if p in form.paths]) for label, paths in SHEET]
    # The interval first: it is what is changed most.
    groups.sort(key=lambda group: not any(row.path.startswith("interval.") for row in group[1]))
    return [(label, rows) for label, rows in groups if rows]


@dataclass(frozen=True)
class Beside:
    """What stands beside a line of a list: what is in force, where that differs, and whether it is confirmed."""

    current: str
    is_changed: bool
    confirmed: Confirmation | None
    is_open: bool


def beside(
    now: str | None,
    then: str,
    places: Iterable[str],
    confirmed: Mapping[str, Confirmation],
    unconfirmed: Iterable[str],
) -> Beside:
    """`now` in words as in force (None: there is no such revision), `then` as in the draft; where both stand."""
    places, waiting = list(places), set(unconfirmed)
    return Beside(
        now or "",
        now is not None and now != then,
        next((confirmed[place] for place in places if place in confirmed), None)
        if waiting.isdisjoint(places)
        else None,
        not waiting.isdisjoint(places),
    )


def lines_beside(
    section: str, rules: RuleSet, current: RuleSet | None, *state: Any
) -> dict[str, Beside]:
    """What stands beside the lines of `section`, by their first place. `state`: confirmed, unconfirmed."""
    then = _said(section, rules)
    now = _said(section, current) if current else None
    return {
        place: beside(
            None if now is None else now.get(place, ""), words, (place, f"{place}.washout"), *state
        )
        for place, words in then.items()
    }


def gaps_beside(
    shown: Iterable[GapRule], in_force: Iterable[GapRule], standing: Mapping[str, Confirmation]
) -> dict[Any, Beside]:
    """The same for the gaps, by their place. `standing`: confirmations by address."""
    now = {rule.place: rule for rule in in_force}
    found = {}
    for rule in shown:
        value = stated_gap(rule.rule, rule.min, rule.source)
        row = standing.get(value.address)
        is_confirmed = row is not None and value.is_same(row.value, row.source)
        stands = now.get(rule.place)
        words = period_words(stands.min) if stands else ""
        found[rule.place] = Beside(
            words, stands != rule, row if is_confirmed else None, not is_confirmed
        )
    return found


def _said(section: str, rules: RuleSet) -> dict[str, str]:
    """The values of `section` in words, by their place."""
    if section == "contraindications":
        return {f"contraindications.{line.fact}": line_words(line) for line in rules.lines}
    if section == "parameters":
        found = rules.values["parameters"] or ()
        return {f"parameters.{one['key']}": bounds_words(one) for one in found}
    regimen = rules.values["regimen"] or {}
    return {
        f"regimen.{name}": amount_words(regimen[name]) for name in ("times", "course") if regimen
    }


def interval_of(rules: RuleSet | None) -> Interval | None:
    """The interval that `rules` state; None where one of its three parts is missing or they contradict."""
    if rules is None:
        return None
    parts = [rules.values[f"interval.{part}"] for part in ("min", "recommended", "max")]
    if None in parts:
        return None
    lengths = [part.rough_tenths_of_a_day() for part in parts]
    return Interval(*parts) if lengths == sorted(lengths) else None


def interval_drawing(
    rules: RuleSet, current: RuleSet | None, gaps: Iterable[tuple[Period, str]] = ()
) -> IntervalDrawing | None:
    """The interval in force against the draft's, and what surrounds it; None where neither has one.

    `gaps`: how long after a session the procedures named must wait.
    """
    then, now = interval_of(rules), interval_of(current)
    if then is None and now is None:
        return None
    rows = [_spacing(_("In force"), now)] if current else []
    rows.append(_spacing(_("Draft"), then))
    rest = rules.values["downtime"]
    spells = [_spell("rest", rest, _("off work %(period)s"))] if rest and rest.n else []
    for length, name in sorted(gaps, key=lambda gap: -gap[0].rough_tenths_of_a_day())[:MOST_SPELLS]:
        spells.append(_spell("gap", length, _("%(name)s: wait %(period)s"), name))
    drawn = place_rhythm(rows, spells)
    sentence = _("Interval from session to session: in force %(now)s, draft %(then)s") % {
        "now": interval_words(now) or _("none"),
        "then": interval_words(then) or _("none"),
    }
    return IntervalDrawing(drawn, sentence)


def _spacing(name: str, interval: Interval | None) -> Spacing:
    if interval is None:
        return Spacing(name, None, _("no interval"))
    least, best = interval.min, interval.recommended
    said = _("from %(least)s, best %(best)s")
    if least == best:
        said = _("%(least)s, recommended and earliest")
    words = said % {"least": period_words(least), "best": period_words(best)}
    latest = _("latest %(period)s") % {"period": period_words(interval.max)}
    return Spacing(name, interval, words, latest)


def _spell(kind: Any, length: Period, pattern: str, name: str = "") -> Spell:
    return Spell(kind, length, pattern % {"period": period_words(length), "name": name})


def gaps_after(
    table: Iterable[GapRule], code: str, group: str, known: Choices
) -> list[tuple[Period, str]]:
    """What must wait after the procedure: how long, and its name."""
    return [
        (
            rule.min,
            (known.procedures if rule.before_is_procedure else known.groups).get(
                rule.before, rule.before
            ),
        )
        for rule in table
        if concerns(rule, code, group)[1]
    ]


def visit_drawing(rules: RuleSet, known: Choices) -> Visit:
    """What happens in a visit and who and what is held meanwhile."""
    phases = phases_of({place: rules.values[place] for place in MINUTES})
    named = [Stretch(str(LABELS[one.name]), one.from_minute, one.to_minute) for one in phases]
    held = [
        Stretch(
            known.capabilities.get(need.capability, need.capability),
            need.from_minute,
            need.to_minute,
        )
        for need in rules.needs
    ]
    return place_visit(named, held)


@dataclass(frozen=True)
class SheetRow:
    """What holds over the same days: when, counted from today as an example, and what is said."""

    days: str
    dates: str
    do: tuple[str, ...]
    leave: tuple[str, ...]


@dataclass(frozen=True)
class SheetPreview:
    """A care sheet in one language, as it would be printed for a visit today."""

    language: str
    rows: tuple[SheetRow, ...]
    call: tuple[str, ...]
    next: tuple[str, ...]


def sheet_preview(
    steps: Iterable[Step], today: Any, language: str, *, is_precare: bool
) -> SheetPreview:
    """The sheet of `steps`, dated from `today`; texts without a translation are shown in English."""
    told = care.advice(
        [
            care.Step(
                StepKind(step.kind).value,  # type: ignore[arg-type]  # the model's kinds are the core's
                localized(step.text, language),
                step.from_day,
                step.to_day,
                step.is_approximate,
            )
            for step in steps
            if step.is_precare is is_precare
        ],
        today,
    )
    return SheetPreview(language, tuple(map(_sheet_row, told.rows)), told.call, told.next)


def _sheet_row(row: care.Row) -> SheetRow:
    days = Step(False, "do", row.from_day, row.to_day, row.is_approximate, {})
    dates = [day_in_words(day) for day in dict.fromkeys((row.first, row.last)) if day]
    return SheetRow(
        days_words(days) or _("always"), " – ".join(dates), (*row.expect, *row.do), row.leave
    )
