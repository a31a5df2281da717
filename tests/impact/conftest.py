import datetime as dt
from dataclasses import replace
from typing import Any

from plans.catalogue.models import Revision
from plans.catalogue.selectors import ruleset, with_content
from plans.core.impact import Kind
from plans.core.ruleset import RuleSet
from plans.core.spacing import Period
from plans.impact.selectors import Impact, impact_of
from tests.diary.clinic import Clinic


def rules_of(revision: Revision) -> RuleSet:
    return ruleset(with_content().get(pk=revision.pk))


def changed(revision: Revision, **values: Any) -> dict[str, RuleSet]:
    """The revision's rules with other values, by its procedure; `__` stands for the point of a place."""
    rules = rules_of(revision)
    places = {name.replace("__", "."): value for name, value in values.items()}
    return {revision.procedure.code: replace(rules, values={**rules.values, **places})}


def spaced(revision: Revision, months: int) -> dict[str, RuleSet]:
    """The same with so many months between sessions, at least and best."""
    period = Period(months, "months")
    return changed(revision, interval__min=period, interval__recommended=period)


def kinds_by_day(impact: Impact) -> dict[dt.date, list[Kind]]:
    return {each.day: list(each.kinds) for each in impact.sessions}


def impact_here(clinic: Clinic, *args: Any, **kwargs: Any) -> Impact:
    return impact_of(*args, **kwargs, location=clinic.location)
