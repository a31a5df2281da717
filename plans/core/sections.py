"""The parts in which an editor works on a draft: each is typed and saved by itself, and leaves the others alone."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from plans.core.ruleset import THE_CLINIC, Origin, RuleSet

SECTIONS = (
    "rules",
    "needs",
    "contraindications",
    "gaps",
    "parameters",
    "regimen",
    "care",
    "texts",
    "suits",
)
# Which sections say nothing for a procedure in the clinic, or at home.
_ONLY_HOME = {"regimen"}
_ONLY_CLINIC = {"needs"}

# The places that do not stand in "rules"; a whole part of a place before its members.
_BY_PART = {
    "duration": "needs",
    "needs": "needs",
    "contraindications": "contraindications",
    "gaps": "gaps",
    "parameters": "parameters",
    "regimen": "regimen",
    "precare": "care",
    "aftercare": "care",
    "name": "texts",
    "indications": "texts",
    "home_allowed": "texts",
    "suits": "suits",
    "useless_for": "suits",
}
_BY_PLACE = {
    "anaesthesia.wait_minutes": "needs",
    "anaesthesia.method": "texts",
    "needs.words": "texts",
}


def sections_of(*, is_home: bool) -> tuple[str, ...]:
    """The sections of a procedure, in their order."""
    left_out = _ONLY_CLINIC if is_home else _ONLY_HOME
    return tuple(section for section in SECTIONS if section not in left_out)


def section_of(path: str) -> str:
    """The section in which the value at `path`, or what `path` speaks of, is typed.

    >>> section_of("interval.min"), section_of("sources.duration.treat"), section_of("aftercare.3")
    ('rules', 'needs', 'care')
    """
    path = path.removeprefix("sources.")
    return _BY_PLACE.get(path) or _BY_PART.get(path.partition(".")[0], "rules")


def part_of(rules: RuleSet, section: str) -> tuple[Any, ...]:
    """Everything that `rules` say in `section`, comparable."""
    return (
        [(path, value) for path, value in rules.values.items() if section_of(path) == section],
        rules.needs if section == "needs" else (),
        rules.lines if section == "contraindications" else (),
        rules.steps if section == "care" else (),
        [origin for origin in rules.origins if section_of(origin.path) == section],
    )


def fingerprint(part: Any) -> str:
    """A short text that differs wherever `part` does: sent along with a form, it tells whether another saved here."""
    return hashlib.sha256(repr(part).encode()).hexdigest()[:16]


def restated(
    base: RuleSet, section: str, origins: Iterable[Origin], changed: Iterable[str] = ()
) -> tuple[Origin, ...]:
    """The origins of `base` with those of `section` replaced by `origins`.

    A value of `changed` whose source was left as it stood is no longer that source's: it becomes the clinic's own.
    """
    stood = {origin.path: origin.source for origin in base.origins}
    own = set(changed)
    named = {
        one.path: replace(one, source=THE_CLINIC)
        if one.path in own and one.source in ("", stood.get(one.path))
        else one
        for one in origins
        if one.source or one.note or one.path in own
    }
    kept = {one.path: one for one in base.origins if section_of(one.path) != section}
    found = kept | named
    return tuple(found[path] for path in sorted(found))
