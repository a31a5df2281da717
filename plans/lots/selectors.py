"""Reading lots: the list, which may be chosen on a day, and who got something of one."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet

from clinic.patients.models import Patient
from clinic.places.models import Location
from plans.core.lots import NOTICE_DAYS, Level, Standing, folded, standing
from plans.lots.models import Lot

PAGE = 50
# What expired lately stays in sight of those who clear the shelf.
_LATELY = dt.timedelta(days=30)
_NOTICE = dt.timedelta(days=NOTICE_DAYS)


class Show(StrEnum):
    """Which lots a list shows."""

    AT_HAND = ""
    SOON = "soon"
    EXPIRED = "expired"
    RECALLED = "recalled"
    ALL = "all"


@dataclass(frozen=True)
class Listed:
    """A lot as it stands on a day. `uses`: how many records name it."""

    lot: Lot
    standing: Standing
    uses: int = 0


@dataclass(frozen=True)
class Use:
    """What one visit used of a lot. `units`: in the lot's unit; None where nobody counted."""

    patient: Patient
    visit: Any
    units: Decimal | None
    sites: str
    is_signed: bool


@dataclass(frozen=True)
class Got:
    """A patient with everything of the lot that they got, latest first."""

    patient: Patient
    uses: tuple[Use, ...]

    @property
    def units(self) -> Decimal | None:
        """The sum; None where one of the visits did not count."""
        counted = [use.units for use in self.uses]
        return None if None in counted else sum(filter(None, counted), Decimal())


def standing_of(lot: Lot, on: dt.date) -> Standing:
    """How `lot` stands on a day of its location. No query when the location is loaded."""
    recalled = lot.recalled_at
    recalled_on = recalled.astimezone(lot.location.zone).date() if recalled else None
    return standing(lot.expires_on, on, recalled_on)


def products(location: Location) -> list[str]:
    """The products that were received here, by their names. One query."""
    rows = Lot.objects.filter(location=location).order_by("product")
    return list(rows.values_list("product", flat=True).distinct())


def lots_page(
    location: Location, words: str, show: Show, number: int | str, today: dt.date
) -> tuple[Page[Any], list[Listed]]:
    """A page of lots by their last day, and each as it stands; a number that there is not means the nearest. Two queries."""
    rows = Lot.objects.filter(_shown(show, today), location=location)
    for word in words.split():
        rows = rows.filter(folded__contains=folded(word))
    backwards = show in (Show.EXPIRED, Show.RECALLED, Show.ALL)
    order = ("-expires_on", "-pk") if backwards else ("expires_on", "pk")
    counted: QuerySet[Any] = (
        rows.annotate(used=Count("uses")).select_related("location").order_by(*order)
    )
    page = Paginator(counted, PAGE).get_page(number)
    return page, [Listed(lot, standing_of(lot, today), lot.used) for lot in page]


def _shown(show: Show, today: dt.date) -> Q:
    stands = Q(recalled_at__isnull=True)
    return {
        Show.AT_HAND: stands & Q(expires_on__gte=today - _LATELY),
        Show.SOON: stands & Q(expires_on__range=(today, today + _NOTICE)),
        Show.EXPIRED: stands & Q(expires_on__lt=today),
        Show.RECALLED: ~stands,
        Show.ALL: Q(),
    }[show]


def warned_of(location: Location, today: dt.date) -> dict[Level, int]:
    """How many lots expire soon, and how many expired within the last 30 days. One query."""
    rows = Lot.objects.filter(location=location)
    lately = Q(expires_on__gte=today - _LATELY)
    counted = rows.aggregate(
        soon=Count("pk", filter=_shown(Show.SOON, today)),
        expired=Count("pk", filter=_shown(Show.EXPIRED, today) & lately),
    )
    return {Level.SOON: counted["soon"], Level.EXPIRED: counted["expired"]}


def lot_at(location: Location, pk: int) -> Lot:
    """One lot of `location`.  Raises Lot.DoesNotExist for any other. One query."""
    rows = Lot.objects.select_related("location", "entered_by", "recalled_by")
    return rows.get(pk=pk, location=location)


def is_used(lot: Lot) -> bool:
    """Whether a record names the lot, be it only a draft. One query."""
    used: bool = _uses(lot).exists()
    return used


def _uses(lot: Lot) -> QuerySet[Any]:
    # The rows are of a room above this one: they are reached by their name alone.
    uses: QuerySet[Any] = lot.uses.all()
    return uses


def where_used(lot: Lot) -> list[Got]:
    """Everybody who got something of the lot, drafts included, by their names. One query, however many."""
    rows = (
        _uses(lot)
        .select_related("record__visit__patient", "record__visit__location")
        .defer("record__visit__screening", "record__values")
        .order_by("-record__visit__starts_at", "-pk")
    )
    uses: dict[int, list[Use]] = {}
    for row in rows:
        visit = row.record.visit
        use = Use(visit.patient, visit, row.units, row.sites, row.record.is_signed)
        uses.setdefault(visit.patient_id, []).append(use)
    got = [Got(each[0].patient, tuple(each)) for each in uses.values()]
    return sorted(got, key=lambda each: (_name(each.patient), each.patient.number))


def _name(patient: Patient) -> str:
    return f"{patient.family_name} {patient.given_name}".casefold()


def same_elsewhere(lot: Lot) -> Sequence[str]:
    """The other locations that received the same lot, by name: their patients are found there. One query."""
    rows = Lot.objects.filter(folded=lot.folded).exclude(location=lot.location_id)
    return list(rows.order_by("location__name").values_list("location__name", flat=True))
