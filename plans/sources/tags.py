"""Values and their sources in words: documents, each with its sections of values."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from clinic.kit.languages import localized
from plans.catalogue.models import Severity
from plans.catalogue.tags import (
    Backing,
    Section,
    Value,
    sheet,
    strengths,
)
from plans.core.confirming import Stated, decides, stated_gap
from plans.core.gaps import GapRule
from plans.core.protocol import read_steps, stated_steps
from plans.core.spacing import Period
from plans.sources.selectors import FACTS, GAPS, PROTOCOLS, Shelf, recheck_of
from plans.terms.tags import Names, period_words, step_words


@dataclass(frozen=True)
class Document:
    """What is confirmed together: a procedure, the gaps, the rechecks of facts, the protocols.

    `deciding`: addresses of the values by which screening judges a session that is booked.
    """

    code: str
    title: str
    sections: tuple[Section, ...]
    deciding: frozenset[str]

    @property
    def values(self) -> list[Value]:
        """All that can be confirmed; plain words that stand on no source are left out."""
        return [value for one in self.sections for value in one.values if value.stated]

    @property
    def waiting(self) -> list[Value]:
        """What is not confirmed, the values that decide a booked session first."""
        return sorted(
            (value for value in self.values if value.is_open),
            key=lambda one: not self.is_urgent(one),
        )

    @property
    def urgent(self) -> int:
        """How many values wait that decide a booked session."""
        return sum(self.is_urgent(value) for value in self.waiting)

    def is_urgent(self, value: Value) -> bool:
        return value.stated is not None and value.stated.address in self.deciding


def documents(
    found: Shelf, backing: Backing, names: Names, booked: Collection[str]
) -> list[Document]:
    """Everything on the shelf in words; those with values that decide a booked session first."""
    made = [
        _document(code, revision.title, _procedure(code, found, backing, names), code in booked)
        for code, revision in found.revisions.items()
    ]
    if found.gaps:
        made.append(_gaps(found.gaps, backing, names, booked))
    if found.facts:
        values = tuple(
            _fact(one, fact, backing) for fact in found.facts for one in [recheck_of(fact)]
        )
        section = Section("recheck", _("An answer stays good for"), values)
        made.append(_document(FACTS, _("Health questions"), [section], False))
    if found.protocols:
        sections = [_protocol(row, backing, names) for row in found.protocols]
        made.append(_document(PROTOCOLS, _("Protocols"), sections, False))
    return sorted(made, key=lambda one: not one.urgent)


def _document(code: str, title: str, sections: Iterable[Section], is_booked: bool) -> Document:
    kept = tuple(section for section in sections if any(value.stated for value in section.values))
    stated = [value.stated for section in kept for value in section.values if value.stated]
    deciding = {one.address for one in stated if is_booked and decides(one.address)}
    return Document(code, title, kept, frozenset(deciding))


def _procedure(code: str, found: Shelf, backing: Backing, names: Names) -> list[Section]:
    rules = found.rules[code]
    against = [
        Section(
            strength.severity,
            _("Contraindications: %(what)s") % {"what": Severity(strength.severity).label},
            tuple(strength.values),
        )
        for strength in strengths(code, rules, backing, names)
    ]
    return [*sheet(code, rules, backing, names), *against]


def _gaps(
    rules: Iterable[GapRule], backing: Backing, names: Names, booked: Collection[str]
) -> Document:
    sections: dict[str, list[Value]] = {}
    deciding = set()
    for rule in rules:
        before = f"{'procedures' if rule.before_is_procedure else 'groups'}.{rule.before}"
        after = f"{'procedures' if rule.after_is_procedure else 'groups'}.{rule.after}"
        one = stated_gap(rule.rule, rule.min, rule.source)
        words = ". ".join(filter(None, [period_words(rule.min), localized(rule.why)]))
        value = backing.value(names.get(before, rule.before), words, one)
        sections.setdefault(names.get(after, rule.after), []).append(value)
        if (rule.before if rule.before_is_procedure else before) in booked:
            deciding.add(one.address)
    made = tuple(
        Section(f"after-{n}", _("After: %(name)s") % {"name": name}, tuple(values))
        for n, (name, values) in enumerate(sections.items(), start=1)
    )
    return Document(GAPS, _("Gaps between procedures"), made, frozenset(deciding))


def _fact(one: Stated, fact: Any, backing: Backing) -> Value:
    words = period_words(Period(fact.recheck_n, fact.recheck_unit))
    return backing.value(localized(fact.name), words, one)


def _protocol(row: Any, backing: Backing, names: Names) -> Section:
    code, steps = row.protocol.code, read_steps(row.steps)
    values = [
        backing.value(
            _("Step %(n)s") % {"n": step.number},
            step_words(step, names.get(f"procedures.{step.procedure}", step.procedure)),
            one,
        )
        for step, one in zip(steps, stated_steps(code, steps, row.source), strict=True)
    ]
    return Section(code, row.title, tuple(values))
