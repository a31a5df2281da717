"""How a lot stands, in words, and its sign."""

from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.kit.tags import figure
from plans.core.lots import Level, Standing
from plans.terms.tags import measure_words

# The sign of `{% verdict %}` that each level wears: a lot that may not be used refuses.
SIGNS: Mapping[Level, str] = {
    Level.GOOD: "ok",
    Level.SOON: "caution",
    Level.EXPIRED: "refuse",
    Level.RECALLED: "refuse",
}


def standing_words(standing: Standing) -> str:
    """`Expires in 12 days`, `Expired 3 days ago`, `Recalled`, `Good`."""
    days = standing.days_left
    if standing.level == Level.RECALLED:
        return _("Recalled")
    if standing.level == Level.EXPIRED:
        return ngettext("Expired %(n)d day ago", "Expired %(n)d days ago", -days) % {"n": -days}
    if standing.level == Level.SOON:
        if days == 0:
            return _("Last day today")
        return ngettext("Expires in %(n)d day", "Expires in %(n)d days", days) % {"n": days}
    return _("Good")


def amount_words(units: Decimal | None, unit: str) -> str:
    """`20 U`, `0.5 ml`; "" where nobody counted."""
    if units is None:
        return ""
    return f"{figure(units)} {measure_words(unit)}"
