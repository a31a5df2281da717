"""How a lot stands, in words, and its sign."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clinic.kit.tags import figure
from plans.core.lots import Level, Standing
from plans.lots.models import Unit

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# The sign of `{% verdict %}` that each level wears: a lot that may not be used refuses.
SIGNS: Mapping[Level, str] = {
    Level.GOOD: "ok",
    Level.SOON: "caution",
    Level.EXPIRED: "refuse",
    Level.RECALLED: "refuse",
}
_UNITS: Mapping[str, "StrPromise"] = {Unit.PIECES: gettext_lazy("pieces")}


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
    return f"{figure(units)} {_UNITS.get(unit, unit)}"
