"""Signed records of a part of the demo's treatments, with the product lots that they used."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from clinic.kit.operations import Role
from plans.core import record as core
from plans.core.lots import folded_lot
from plans.core.record_map import USUAL
from plans.data.demo_clinic import House
from plans.diary.models import Appointment, Status
from plans.lots.models import Lot
from plans.records.models import LotUse, Reaction, TreatmentRecord
from plans.records.selectors import content_of, records

# The latest so many treatments are recorded, but for each fourth: its draft was forgotten.
_MOST = 240
_FORGOTTEN = 4
# One in so many skins reddened more than it should.
_REDDENED = 9
_PRODUCTS = {
    "tca_peel_medium": "TCA 30 %", "tca_cross": "TCA 90 %", "botulinum_toxin": "Botulinum toxin A",
    "hyaluronic_filler": "Hyaluronic filler",
}  # fmt: skip


def record_some(house: House) -> int:
    """Write down and sign the latest treatments that are done; how many. Made in a few large inserts."""
    done = (
        Appointment.objects.filter(
            location=house.location, status=Status.DONE, session__isnull=False
        )
        .select_related("session__course__revision__procedure", "patient")
        .order_by("-starts_at", "-pk")[:_MOST]
    )
    chosen = [visit for n, visit in enumerate(reversed(done)) if n % _FORGOTTEN]
    rows = TreatmentRecord.objects.bulk_create([_draft(visit, house) for visit in chosen])
    lots: dict[str, Lot] = {}
    uses = [use for row in rows if (use := _use(row, lots, house))]
    LotUse.objects.bulk_create(uses)
    Reaction.objects.bulk_create(
        Reaction(record=row, kind="erythema", severity=1, at=row.saved_at, note="Cooled, gone within the hour.")
        for n, row in enumerate(rows)
        if n % _REDDENED == 0
    )  # fmt: skip
    return _sign(rows, house)


def _draft(visit: Appointment, house: House) -> TreatmentRecord:
    course, ordinal = visit.session.course, visit.session.ordinal  # type: ignore[union-attr]  # filtered above
    revision = course.revision
    scheme = core.scheme(revision.parameters)
    zones = next((one.choices for one in scheme if one.key == core.ZONES), USUAL)
    values = {one.key: _value(one, ordinal) for one in scheme if one.key != core.ZONES}
    if core.PRODUCT in values:
        product = _PRODUCTS.get(revision.procedure.code, revision.name.get("en", ""))
        batch = core.Batch(product, f"{revision.pk:03}-A", _last_day(house, visit))
        values = core.with_batch(scheme, values, batch)
    physician = house.staff[Role.PHYSICIAN]
    return TreatmentRecord(
        visit=visit,
        revision=revision,
        values={key: value for key, value in values.items() if value is not None},
        areas=[code for code in zones if code in (course.areas or ("forehead", "cheeks", "face"))]
        or list(zones[:1]),
        anaesthesia=(revision.anaesthesia or {}).get("method", "")[:200],
        version=1,
        saved_from=uuid.UUID(int=visit.pk),
        saved_at=visit.ends_at,
        saved_by=physician,
    )


def _value(field: core.Field, ordinal: int) -> Any:
    """A setting in the middle of its limits, a little more at each session."""
    if field.is_number:
        low = field.least if field.least is not None else 1
        high = field.most if field.most is not None else low + 10
        step = (high - low) * min(ordinal, 4) / 10
        found = low + step
        return round(found) if field.type == "integer" or high > 20 else round(found, 1)
    if field.type == "choice":
        return field.choices[min(1, len(field.choices) - 1)]
    if field.type == "multichoice":
        return list(field.choices[:1])
    if field.type == "bool":
        return True
    return "as planned" if field.type == "text" and field.is_required else None


def _last_day(house: House, visit: Appointment) -> dt.date:
    """A lot is good for a year and a half from the quarter in which it was used first."""
    day = visit.starts_at.astimezone(house.location.zone).date()
    return dt.date(day.year + 1, 3 * ((day.month - 1) // 3) + 1, 28)


def _use(row: TreatmentRecord, lots: dict[str, Lot], house: House) -> LotUse | None:
    product, number = row.values.get(core.PRODUCT), row.values.get(core.LOT)
    expires = row.values.get(core.EXPIRES)
    if not (product and number and expires):
        return None
    # Each quarter has a lot of its own.
    row.values[core.LOT] = number = f"{number}{expires[2:4]}{expires[5:7]}"
    row.save(update_fields=["values"])
    if number not in lots:
        last = dt.date.fromisoformat(expires)
        lots[number] = Lot.objects.create(
            location=house.location, product=product, number=number,
            folded=folded_lot(product, number), expires_on=last,
            received_on=row.saved_at.date() - dt.timedelta(days=20), entered_at=row.saved_at,
            entered_by=house.staff[Role.PHYSICIAN],
        )  # fmt: skip
    return LotUse(record=row, lot=lots[number], units=Decimal("1.50"), sites="")


def _sign(rows: list[TreatmentRecord], house: House) -> int:
    signed = list(records().filter(pk__in=[row.pk for row in rows]))
    for row in signed:
        row.state, row.signed_at = "signed", row.saved_at
        row.signed_by = house.staff[Role.PHYSICIAN]
        row.digest = core.digest(content_of(row))
    return TreatmentRecord.objects.bulk_update(
        signed, ["state", "signed_at", "signed_by", "digest"]
    )
