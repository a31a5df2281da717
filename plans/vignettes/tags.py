"""What is wrong in a case, and what a rule's code means, in words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plans.core.vignettes import Slip, SlipKind

_SLIPS: dict[SlipKind, Promise] = {
    "not_json": gettext_lazy("This is not JSON as it should be."),
    "missing": gettext_lazy("This is missing."),
    "not_an_object": gettext_lazy("An object belongs here."),
    "not_a_list": gettext_lazy("A list belongs here."),
    "not_text": gettext_lazy("A text belongs here."),
    "not_a_date": gettext_lazy("“%(value)s” is no date. Write it as 2026-11-23."),
    "beyond_years": gettext_lazy("%(value)s is too far away. Leave an unknown end open."),
    "not_known": gettext_lazy("The catalogue does not know “%(value)s”."),
    "not_a_choice": gettext_lazy("“%(value)s” is none of the choices."),
    "too_many": gettext_lazy("%(value)s are too many: 1000 at most."),
    "ends_before_it_begins": gettext_lazy("The end is before the beginning."),
    "only_what_was_true_ends": gettext_lazy("Only what is present has an end."),
    "answered_after_screening": gettext_lazy("The answer is dated after the screening."),
    "screened_after_session": gettext_lazy("The screening is dated after the session."),
    "born_later": gettext_lazy("The birth is dated after the screening."),
    "not_a_number": gettext_lazy("A whole number belongs here."),
    "not_offered": gettext_lazy(
        "“%(value)s” cannot be booked: it is used at home, or no longer offered."
    ),
    "not_here": gettext_lazy("There is no “%(value)s” where you work."),
    "cannot_do_it": gettext_lazy("“%(value)s” does not do this procedure."),
    "more_than_a_course": gettext_lazy(
        "A course of this procedure has fewer sessions than %(value)s."
    ),
    "day_is_over": gettext_lazy("That day is over. Choose today or a later day."),
    "years_away": gettext_lazy("That is years away. Check the year."),
    "not_a_time": gettext_lazy("“%(value)s” is no time. Write it as 2026-11-23T10:00."),
    "stale": gettext_lazy("These dates are more than half an hour old. Choose from the new ones."),
    "damaged": gettext_lazy("This offer is damaged. Choose from the new ones."),
}

_RULES: Mapping[str, Promise] = {
    "ci": gettext_lazy("contraindication: %(fact)s"),
    "ask": gettext_lazy("open question: %(fact)s"),
    "age": gettext_lazy("too young"),
    "age_over": gettext_lazy("older than is usual"),
    "interval": gettext_lazy("too soon after the last session"),
    "gap": gettext_lazy("too soon after %(after)s"),
    "break": gettext_lazy("the pause after months of use"),
    "patch": gettext_lazy("patch test"),
}


def slip_words(slip: Slip) -> str:
    """The sentence about what is wrong; its place is the slip's `field`."""
    return str(_SLIPS[slip.kind]) % {"value": slip.value}


def rule_words(rule: str, names: Mapping[str, str]) -> str:
    """What the code of a rule means; a code of no rule is given back as it is.

    `names`: of facts by code, of groups by "groups.<code>", of procedures by "procedures.<code>".
    """
    kind, _colon, named = rule.partition(":")
    words = _RULES.get(kind)
    if words is None:
        return rule
    fact = named.rpartition(":")[2]
    after = named.partition(">")[0]
    known = names.get(f"groups.{after}") or names.get(f"procedures.{after}") or after
    return str(words) % {"fact": names.get(fact, fact), "after": known}


def place_words(n: int, field: str) -> str:
    """Where a slip is, in the `n`th case of many."""
    said = _("Case %(n)s") % {"n": n}
    return f"{said}, {field}" if field else said
