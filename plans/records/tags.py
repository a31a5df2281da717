"""What stands in a record, in the words of the page's language, and what keeps it from being signed."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.forms import BoundField
from django.utils import timezone, translation
from django.utils.dateparse import parse_date
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.kit import clock
from clinic.kit.languages import localized
from clinic.kit.tags import date_in_words, day_in_words, figure
from plans.core.lots import standing
from plans.core.record import Entry, Field, Value, differs, entries_of, scheme, typed_of
from plans.courses.selectors import local_day
from plans.courses.tags import AREAS
from plans.lots.tags import amount_words, standing_words
from plans.terms.tags import measure_words

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    from plans.lots.models import Lot
    from plans.records.models import AdverseEvent, LotUse, Reaction, TreatmentRecord

# Areas that procedures name beside those that courses know.
_MORE_AREAS: Mapping[str, "StrPromise"] = {
    "periorbital": gettext_lazy("Around the eyes"),
    "perioral": gettext_lazy("Around the mouth"),
    "decollete": gettext_lazy("Décolleté"),
    "face": gettext_lazy("Whole face"),
    "abdomen": gettext_lazy("Abdomen"),
    "thigh": gettext_lazy("Thigh"),
    "flank": gettext_lazy("Flank"),
    "knee": gettext_lazy("Knee"),
    "legs": gettext_lazy("Legs"),
    "arms": gettext_lazy("Arms"),
    "armpits": gettext_lazy("Armpits"),
    "bikini": gettext_lazy("Bikini area"),
    "other": gettext_lazy("Somewhere else"),
}
# The catalogue holds choices in one language; a choice that is new there stands as it was written.
_CHOICES: Mapping[str, "StrPromise"] = {
    "none": gettext_lazy("none"),
    "1 erythema with streaks": gettext_lazy("1: redness with white streaks"),
    "2 white with pink": gettext_lazy("2: white with pink showing through"),
    "3 solid white": gettext_lazy("3: solid white"),
    "acetone": gettext_lazy("acetone"),
    "alcohol": gettext_lazy("alcohol"),
    "jessner": gettext_lazy("Jessner's solution"),
    "wooden pick": gettext_lazy("wooden pick"),
    "needle 30G": gettext_lazy("needle 30G"),
    "fine brush": gettext_lazy("fine brush"),
    "glycolic": gettext_lazy("glycolic acid"),
    "lactic": gettext_lazy("lactic acid"),
    "mandelic": gettext_lazy("mandelic acid"),
    "malic": gettext_lazy("malic acid"),
    "fruit mix": gettext_lazy("mixed fruit acids"),
    "erythema": gettext_lazy("redness"),
    "spots of frost": gettext_lazy("spots of frost"),
    "oedema": gettext_lazy("swelling"),
    "whitening": gettext_lazy("whitening"),
    "pinpoint bleeding": gettext_lazy("pinpoint bleeding"),
    "coarse bleeding": gettext_lazy("coarse bleeding"),
    "flat edge": gettext_lazy("edges are flat"),
    "opalescent": gettext_lazy("opalescent"),
    "chamois": gettext_lazy("colour of chamois"),
    "air": gettext_lazy("cold air"),
    "contact": gettext_lazy("contact"),
    "gel": gettext_lazy("gel"),
    "filter": gettext_lazy("filter"),
    "centrifuge": gettext_lazy("centrifuge"),
    "sediment": gettext_lazy("sediment"),
    "bovine": gettext_lazy("from cattle"),
    "porcine": gettext_lazy("from pigs"),
    "human": gettext_lazy("human"),
    "recombinant": gettext_lazy("recombinant"),
    "linear": gettext_lazy("linear"),
    "serial puncture": gettext_lazy("serial puncture"),
    "fan": gettext_lazy("fan"),
    "papule": gettext_lazy("papules"),
    "nappage": gettext_lazy("nappage"),
    "with needling": gettext_lazy("with needling"),
    "diamond fraise": gettext_lazy("diamond fraise"),
    "wire brush": gettext_lazy("wire brush"),
    "sandpaper": gettext_lazy("sandpaper"),
    "fine": gettext_lazy("fine"),
    "medium": gettext_lazy("medium"),
    "coarse": gettext_lazy("coarse"),
    "crystal": gettext_lazy("crystal"),
    "mushroom": gettext_lazy("mushroom"),
    "drop": gettext_lazy("drop"),
    "comb": gettext_lazy("comb"),
    "distance spark": gettext_lazy("spark at a distance"),
    "dermal": gettext_lazy("in the dermis"),
    "subcutaneous": gettext_lazy("under the skin"),
    "supraperiosteal": gettext_lazy("on the bone"),
    "needle": gettext_lazy("needle"),
    "cannula": gettext_lazy("cannula"),
}


def choice_words(choice: str) -> str:
    """A choice of the catalogue in the page's language."""
    return str(_CHOICES.get(choice, choice))


def area_words(code: str) -> str:
    """The name of an area; one that has none as it is."""
    return str(AREAS.get(code) or _MORE_AREAS.get(code) or capfirst(code.replace("_", " ")))


def label_words(field: Field) -> str:
    """`Wavelength, nm`; without the unit where the limits beside it name it."""
    unit = "" if limits_words(field) else measure_words(field.unit)
    return ", ".join(filter(None, [localized(field.label), unit]))


def limits_words(field: Field) -> str:
    """`10 to 40 %`; "" for a field without limits."""
    least, most = (figure(end) if end is not None else "" for end in (field.least, field.most))
    values = {"least": least, "most": most}
    if least and most:
        said = _("%(least)s to %(most)s") % values
    elif least:
        said = _("at least %(least)s") % values
    elif most:
        said = _("at most %(most)s") % values
    else:
        return ""
    return f"{said} {measure_words(field.unit)}".strip()


def value_words(field: Field, value: Value) -> str:
    """A value as it is read aloud: `20 %`, `acetone`, `yes`, `3 Mar 2027`; "" for none."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(choice_words(one) for one in value)
    if isinstance(value, int | float):
        return f"{figure(value)} {measure_words(field.unit)}".strip()
    if field.type == "date":
        day = parse_date(value) if _looks_like_a_date(value) else None
        return date_in_words(day) if day else str(value)
    if field.type == "choice":
        return f"{choice_words(value)} {measure_words(field.unit)}".strip()
    return str(value)


def _looks_like_a_date(text: str) -> bool:
    try:
        return parse_date(text) is not None
    except ValueError:
        return False


def problem_words(entry: Entry) -> str:
    """What is wrong with a value and what to do; "" where nothing is."""
    limits = limits_words(entry.field)
    said = {
        "missing": _("Not written down yet."),
        "unreadable": _("This cannot be read as a date: use the calendar.")
        if entry.field.type == "date"
        else _("This cannot be read as a whole number.")
        if entry.field.type == "integer"
        else _("This cannot be read as a number."),
        "unknown_choice": _("Choose one of the list."),
        "outside": _("Beyond the limits, %(limits)s. Correct it, or say why below.")
        % {"limits": limits},
    }
    return said[entry.problem] if entry.problem else ""


def unready_words(entries: Iterable[Entry]) -> str:
    """What is still to be done before a record can be signed."""
    names = ", ".join(localized(entry.field.label) for entry in entries)
    return _("Not signed yet. Look at: %(names)s.") % {"names": names}


def lot_words(lot: "Lot") -> str:
    """`Obagi TCA 30, lot 4471, use by 3 Mar 2027`."""
    values = {
        "product": lot.product,
        "number": lot.number,
        "day": date_in_words(lot.expires_on),
    }
    return _("%(product)s, lot %(number)s, use by %(day)s") % values


def lot_choice_words(lot: "Lot", day: dt.date) -> str:
    """`Expires in 12 days: Obagi TCA 30, lot 4471, use by 3 Mar 2027 (ml)`: first what to know before it is used.

    A lot recalled since the visit says so too: it may have been used, and must not be used again.
    """
    stands = standing(lot.expires_on, day, day if lot.recalled_at else None)
    words = f"{lot_words(lot)} ({lot.get_unit_display()})"
    return f"{standing_words(stands)}: {words}" if stands.is_warned_of else words


def use_words(use: "LotUse") -> str:
    """`Obagi TCA 30, lot 4471, use by 3 Mar 2027: 2 ml, both cheeks`."""
    more = ", ".join(filter(None, [amount_words(use.units, use.lot.unit), use.sites]))
    return f"{lot_words(use.lot)}: {more}" if more else lot_words(use.lot)


def harm_words(row: "Reaction | AdverseEvent") -> str:
    """`Redness, mild: nothing needs to be done`."""
    return f"{row.get_kind_display()}, {row.get_severity_display()}"


def lines_of(record: "TreatmentRecord") -> list[tuple[str, str]]:
    """What a record says, label and words, in the page's language. No query on `records()`."""
    fields = scheme(record.revision.parameters) if record.revision else ()
    rows = [
        (label_words(one.field) if not one.field.is_number else localized(one.field.label),
         value_words(one.field, one.value))
        for one in entries_of(fields, record.values)
        if not one.is_empty
    ]  # fmt: skip
    if record.areas:
        rows.append((_("Areas"), ", ".join(area_words(code) for code in record.areas)))
    rows += [(_("Product lot"), use_words(use)) for use in record.lot_uses.all()]
    if record.anaesthesia or record.anaesthesia_at:
        at = _time(record.anaesthesia_at, record)
        rows.append((_("Anaesthesia"), ", ".join(filter(None, [record.anaesthesia, at]))))
    if record.outside_reason:
        rows.append((_("Why beyond the limits"), record.outside_reason))
    rows += [(_("Reaction"), reaction_words(row, record)) for row in record.reactions.all()]
    if record.notes:
        rows.append((_("Notes"), record.notes))
    return rows


def reaction_words(row: "Reaction", record: "TreatmentRecord") -> str:
    return ", ".join(filter(None, [_time(row.at, record), harm_words(row), row.note]))


def _time(at: dt.datetime | None, record: "TreatmentRecord") -> str:
    return f"{timezone.localtime(at, record.visit.location.zone):%H:%M}" if at else ""


def title_of(record: "TreatmentRecord") -> str:
    return record.revision.title if record.revision else _("Consultation")


def paper(record: "TreatmentRecord", language: str | None = None) -> dict[str, Any]:
    """Plain values for record.typ and the printed page, in `language` (by default the patient's). No query on `records()`."""
    visit = record.visit
    patient, location = visit.patient, visit.location
    with translation.override(language or patient.language):
        day = day_in_words(local_day(visit), "year")
        local = timezone.localtime(visit.starts_at, location.zone)
        return {
            "language": (translation.get_language() or "en").split("-")[0],
            "title": _("Record of a treatment: %(procedure)s") % {"procedure": title_of(record)},
            "clinic": {
                "name": location.name,
                "address": location.address,
                "phone": location.phone,
                "after_hours": location.phone_after_hours,
            },
            "who": [
                [_("Patient"), f"{patient.full_name}, {date_in_words(patient.birth_date)}"],
                [_("Number"), str(patient.number)],
                [_("Visit"), f"{day}, {local:%H:%M}"],
                [_("Signed"), _signed(record)],
            ],
            "labels": {
                "call_night": _("Nights and weekends"),
                "written": _("What was done"),
                "events": _("Adverse events"),
                "addenda": _("Added afterwards"),
            },
            "lines": [list(line) for line in lines_of(record)],
            "events": _event_lines(record),
            "addenda": [[_who(row.at, row.by, record), row.text] for row in record.addenda.all()],
            "foot": _foot(record),
        }


def _signed(record: "TreatmentRecord") -> str:
    if not record.signed_at:
        return _("Not signed yet: a draft")
    return _who(record.signed_at, record.signed_by, record)


def _who(at: dt.datetime, by: Any, record: "TreatmentRecord") -> str:
    local = timezone.localtime(at, record.visit.location.zone)
    return f"{day_in_words(local.date(), 'year')}, {local:%H:%M}, {by.display_name}"


def _event_lines(record: "TreatmentRecord") -> list[list[str]]:
    rows = []
    for event in record.events.all():
        began = date_in_words(event.began_on)
        rows.append([began, f"{harm_words(event)}. {event.note}"])
        rows += [
            [_who(entry.at, entry.by, record), _("Over. %(note)s") % {"note": entry.note}]
            if entry.is_over
            else [_who(entry.at, entry.by, record), entry.note]
            for entry in event.entries.all()
        ]
    return rows


def _foot(record: "TreatmentRecord") -> str:
    printed = timezone.localtime(clock.now(), record.visit.location.zone)
    revision = record.revision.number if record.revision else "-"
    words = _(
        "Catalogue revision %(number)s. Fingerprint of what was signed: %(digest)s. Printed %(at)s."
    )
    return words % {
        "number": revision,
        "digest": record.digest or "-",
        "at": f"{day_in_words(printed.date(), 'year')}, {printed:%H:%M}",
    }


@dataclass(frozen=True)
class Row:
    """One parameter on the page. `before`: what was written last time; `problem`: what keeps it from being signed."""

    box: BoundField
    entry: Entry
    limits: str
    before: str
    before_typed: str
    is_changed: bool
    problem: str

    @property
    def is_missing(self) -> bool:
        return self.entry.problem == "missing"

    @property
    def is_pick(self) -> bool:
        return self.entry.field.type in ("choice", "multichoice", "bool")


def row_of(box: BoundField, entry: Entry, before: Mapping[str, Value], *, is_told: bool) -> Row:
    """A parameter beside what was written last time; `is_told`: say what keeps it from being signed."""
    field, then = entry.field, before.get(entry.field.key)
    typed = typed_of(then)
    return Row(
        box,
        entry,
        limits_words(field),
        value_words(field, then),
        typed if isinstance(typed, str) else " ".join(typed),
        differs(entry, before),
        problem_words(entry) if is_told else "",
    )
