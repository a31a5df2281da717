"""Facts in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.kit.languages import localized
from clinic.patients.models import FactCategory, FactType
from plans.catalogue.tags import strength_words
from plans.core.screening import Recheck
from plans.core.spacing import Period
from plans.terms.tags import period_words
from plans.vocabulary.selectors import TRAIT, MergedLine, Row, Use, recheck_of

CATEGORIES = [*FactCategory.choices, (TRAIT, gettext_lazy("Trait (skin type)"))]
VERDICTS = {"absolute": "refuse", "temporary": "wait", "relative": "caution"}
_TEXTS = {
    "name": gettext_lazy("Name"),
    "question": gettext_lazy("Question"),
    "hint": gettext_lazy("Hint"),
    "end_question": gettext_lazy("Question about the end"),
}


def recheck_words(recheck: Recheck) -> str:
    """`3 months`, `for one visit: asked each time`, `for good: asked once`."""
    if isinstance(recheck, Period):
        return period_words(recheck)
    return (
        _("for one visit: asked each time") if recheck == "session" else _("for good: asked once")
    )


def recheck_line(fact: FactType) -> str:
    """How long an answer to the fact stays good."""
    return recheck_words(recheck_of(fact))


def category_words(category: str) -> str:
    """`Condition`, `Trait (skin type)`."""
    return str(dict(CATEGORIES).get(category, category))


@dataclass(frozen=True, slots=True)
class Texts:
    """One text of a fact in each language: (code, language, text), the text "" where it is missing."""

    label: str
    rows: tuple[tuple[str, str, str], ...]


def texts_of(fact: FactType) -> list[Texts]:
    """What the fact says, by text; texts that no language has are left out."""
    return [
        Texts(
            str(label),
            tuple((code, str(name), said.get(code, "")) for code, name in settings.LANGUAGES),
        )
        for field, label in _TEXTS.items()
        if any((said := getattr(fact, field) or {}).values())
    ]


def use_words(use: Use | MergedLine) -> str:
    return strength_words(use.severity, use.washout)


def shown_uses(found: Iterable[Use]) -> list[dict[str, Any]]:
    """Uses as the page of a fact lists them."""
    return [
        {
            "use": use,
            "verdict": VERDICTS[use.severity],
            "washout": period_words(use.washout),
            "source": ", ".join(dict.fromkeys(filter(None, (use.source, use.washout_source)))),
        }
        for use in found
    ]


def merged_lines(lines: Iterable[MergedLine]) -> list[dict[str, Any]]:
    """Lines of procedures before and after a merge."""
    return [
        {
            "line": line,
            "before": [use_words(use) for use in line.before],
            "after": use_words(line),
        }
        for line in lines
    ]


def listed(row: Row) -> dict[str, Any]:
    """A fact as the list shows it."""
    return {
        "row": row,
        "title": localized(row.fact.name) or row.fact.code,
        "question": localized(row.fact.question) or row.fact.code,
        "category": category_words(row.category),
        "recheck": recheck_line(row.fact),
    }


def choice_words(fact: FactType) -> str:
    """A fact in a list of choices: its name, and its code where names may be alike."""
    return f"{localized(fact.name)} ({fact.code})"
