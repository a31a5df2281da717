"""The differences of a catalogue file in words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clinic.kit.languages import localized
from plans.catalogue.tags import Change, change_words, value_words
from plans.core.gaps import GapChange, GapRule
from plans.core.ruleset import Difference
from plans.core.spacing import Period
from plans.data.catalogue_differences import Comparison, RowChange, by_code
from plans.data.catalogue_file import LARGEST_FILE
from plans.data.catalogue_layout import CatalogueFile
from plans.data.catalogue_procedure import LANGUAGES
from plans.terms.tags import period_words

TABLES = {
    "sources": gettext_lazy("Sources"),
    "signs": gettext_lazy("Skin signs"),
    "pit_types": gettext_lazy("Types of pits"),
    "pit_depths": gettext_lazy("Depths of pits"),
    "pit_ages": gettext_lazy("Ages of pits"),
    "groups": gettext_lazy("Categories"),
    "capabilities": gettext_lazy("Capabilities"),
    "facts": gettext_lazy("Facts"),
    "procedures": gettext_lazy("Procedures"),
    "protocols": gettext_lazy("Protocols"),
}
_FIELDS = {
    "name": gettext_lazy("Name"),
    "title": gettext_lazy("Title"),
    "url": gettext_lazy("Address"),
    "background": gettext_lazy("Background only"),
    "kind": gettext_lazy("Kind"),
    "category": gettext_lazy("Category"),
    "group": gettext_lazy("Category"),
    "recheck": gettext_lazy("An answer stays good"),
    "order": gettext_lazy("Place in the list"),
    "question": gettext_lazy("Question"),
    "hint": gettext_lazy("Hint"),
    "end_question": gettext_lazy("Question about the end"),
    "asked_by": gettext_lazy("Asked by"),
    "former_codes": gettext_lazy("Former codes"),
    "merged_into": gettext_lazy("Merged into"),
    "retired_on": gettext_lazy("Retired on"),
    "version": gettext_lazy("Version of the file"),
    "status": gettext_lazy("Status of the file"),
    "severities": gettext_lazy("Severities"),
    "suits": gettext_lazy("Suits"),
    "steps": gettext_lazy("Steps"),
    "source": gettext_lazy("Source"),
    "note": gettext_lazy("Note"),
}


@dataclass(frozen=True, slots=True)
class Section:
    """Differences that go the same way. `key`: what a tick must name to let them happen; "" = no tick."""

    title: str
    changes: tuple[Change, ...]
    key: str = ""
    is_named_only: bool = False


def names_of(*files: CatalogueFile) -> dict[str, str]:
    """The names of all that the files hold, in the page's language; the last file wins.

    As the catalogue's own `names_in`: facts and capabilities by code too, everything as "groups.<code>".
    """
    named = {
        f"{table}.{code}": localized(item.name)
        for file in files
        for table in TABLES
        if table != "sources"
        for code, item in by_code(file, table).items()
    }
    plain = {
        key.partition(".")[2]: name
        for key, name in named.items()
        if key.startswith(("facts.", "capabilities."))
    }
    return plain | named


def drafts(found: Comparison, names: Mapping[str, str]) -> list[Section]:
    """What becomes a draft: procedures, gaps, protocols."""
    sections = [
        Section(names.get(f"procedures.{code}", code), tuple(change_words(changes, names)))
        for code, changes in found.procedures.items()
    ]
    if found.gaps:
        sections.append(Section(_("Gaps"), tuple(_gap(change, names) for change in found.gaps)))
    for code, changes in found.protocols.items():
        sections.append(Section(names.get(f"protocols.{code}", code), tuple(map(_field, changes))))
    return sections


def at_once(found: Comparison, names: Mapping[str, str]) -> list[Section]:
    """What has no drafts: words that change with the load, and what changes only when it is ticked."""
    sections = [_row(row, names) for row in found.rows]
    if found.edition:
        sections.append(Section(_("The file"), tuple(map(_field, found.edition))))
    return sections


def _row(row: RowChange, names: Mapping[str, str]) -> Section:
    title = f"{TABLES[row.table]}: {names.get(row.key, row.code)}"
    key = row.key if row.needs_tick else ""
    return Section(title, tuple(map(_field, row.changes)), key, row.is_named_only)


def new_words(found: Comparison, names: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """What the file adds: part of the catalogue, names."""
    return _listed(found.new, names)


def absent_words(found: Comparison, names: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """What the file leaves out, and what therefore stays: part of the catalogue, names."""
    return _listed(found.absent, names)


def _listed(
    codes: Mapping[str, Iterable[str]], names: Mapping[str, str]
) -> list[tuple[str, list[str]]]:
    found = {
        table: [names.get(f"{table}.{code}", code) for code in each]
        for table, each in codes.items()
    }
    return [(str(TABLES[table]), each) for table, each in found.items() if each]


def _field(change: Difference) -> Change:
    old, new = change.old, change.new
    if _is_texts(old) and _is_texts(new):
        codes = [code for code in LANGUAGES if old.get(code) != new.get(code)]
        old, new = ({code: texts.get(code, "") for code in codes} for texts in (old, new))
    label = str(_FIELDS.get(change.path, change.path))
    return Change(label, _words(change.path, old), _words(change.path, new))


def _is_texts(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and set(value) <= set(LANGUAGES)


def _words(path: str, value: Any) -> str:
    if path == "recheck" and isinstance(value, dict):
        return ", ".join(filter(None, [recheck_words(value), value.get("source", "")]))
    if _is_texts(value):
        return ", ".join(f"{code}: {text or '–'}" for code, text in value.items())
    return "; ".join(map(_plain, value)) if isinstance(value, list) else value_words(path, value)


def _plain(value: Any) -> str:
    """A step or a severity, without its brackets."""
    if isinstance(value, dict) and "starts" in value:
        return _step(value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_plain(part)}" for key, part in value.items())
    return str(value)


def _step(step: Mapping[str, Any]) -> str:
    """`2 tca_peel_medium, 3 sessions, 14 days after end of step 1`."""
    n, gap = step.get("sessions"), step["starts"]["gap"]
    length = period_words(Period(step.get("days") or 0, "days"))
    if n:
        length = ngettext("%(n)d session", "%(n)d sessions", n) % {"n": n}
    starts = {
        "gap": period_words(Period(gap["value"], gap["unit"])),
        "after": step["starts"]["after"],
    }
    said = [
        f"{step['step']} {step['procedure']}",
        length,
        _("%(gap)s after %(after)s") % starts,
        _("if wanted") if step.get("optional") else "",
    ]
    return ", ".join(filter(None, said))


def recheck_words(recheck: Mapping[str, Any]) -> str:
    """`3 months`, `for one visit`, `for good`."""
    unit, value = recheck.get("unit"), recheck.get("value", 0)
    if unit == "session":
        return _("for one visit")
    return _("for good") if unit == "never" else period_words(Period(int(value), unit or "days"))


def _gap(change: GapChange, names: Mapping[str, str]) -> Change:
    rule = change.new or change.old
    sides = {"after": "", "before": ""}
    if rule is not None:
        sides = {side: _side(rule, side, names) for side in sides}
    what = _("%(before)s after %(after)s") % sides
    is_longer_or_shorter = not (change.old and change.new and change.old.min == change.new.min)
    words = _least if is_longer_or_shorter else _whole
    return Change(what, words(change.old), words(change.new))


def _side(rule: GapRule, side: str, names: Mapping[str, str]) -> str:
    code: str = getattr(rule, side)
    table = "procedures" if getattr(rule, f"{side}_is_procedure") else "groups"
    return names.get(f"{table}.{code}", code)


def _least(rule: GapRule | None) -> str:
    return _("at least %(period)s") % {"period": period_words(rule.min)} if rule else ""


def _whole(rule: GapRule | None) -> str:
    if rule is None:
        return ""
    why = ", ".join(f"{code}: {rule.why[code]}" for code in LANGUAGES if code in rule.why)
    return " · ".join(filter(None, [_least(rule), why, rule.source]))


def printed(found: Comparison, names: Mapping[str, str]) -> Iterator[str]:
    """The differences as lines of text, for the command line."""
    for table, added in new_words(found, names):
        yield f"{table}, {_('new')}: {', '.join(added)}"
    for section in (*drafts(found, names), *at_once(found, names)):
        yield f"{section.title}{f' [{section.key}]' if section.key else ''}"
        for change in section.changes:
            yield f"  {change.what}: {change.old or '–'} -> {change.new or '–'}"
    for table, left in absent_words(found, names):
        yield f"{table}, {_('not in the file, they stay')}: {', '.join(left)}"
    if found.is_empty:
        yield _("The file says what the catalogue says.")


def fault_count(n: int) -> str:
    """`1 fault`, `3 faults`."""
    return ngettext("%(n)d fault", "%(n)d faults", n) % {"n": n}


def largest_words() -> str:
    """How large a file may be."""
    return f"{LARGEST_FILE // 1024 // 1024} MB"
