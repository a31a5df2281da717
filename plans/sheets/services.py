"""Printing: PDF by typst, and the record that something was handed out."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typst
from django.conf import settings
from django.db import transaction
from django.db.models import Model

from clinic.audit.models import Entry
from clinic.audit.services import record
from clinic.kit import clock
from plans.diary.models import Appointment
from plans.sheets.selectors import Sheet

if TYPE_CHECKING:
    from typst import PDFStandard

# A folder with templates and nothing else: typst can read only below it.
TEMPLATES = settings.BASE_DIR / "plans" / "data" / "paper"
FONTS = settings.BASE_DIR / "plans" / "data" / "fonts"


def pdf(template: str, sheets: Sequence[Sheet]) -> bytes:
    """One tagged document with `sheets` in order, a new page each; PDF/UA-1 where the fonts hold every letter.

    Raises ValueError without any sheet.
    The sheets travel as values, never as markup: nothing that a person typed can become a command.
    """
    if not sheets:
        raise ValueError("nothing to print")
    values = {"sheets": [sheet.values() for sheet in sheets], "title": sheets[0].title}
    try:
        return _compile(template, values, standards=["ua-1"])
    except typst.TypstError:
        # PDF/UA wants a glyph for every letter. A name in a script that the fonts lack must not keep anybody
        # from their sheet: then it is printed without that promise.
        return _compile(template, values, standards=[])


def _compile(template: str, values: dict[str, Any], *, standards: "list[PDFStandard]") -> bytes:
    return bytes(
        typst.compile(
            str(TEMPLATES / template),
            root=str(TEMPLATES),
            font_paths=[str(FONTS)],
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=standards,
            sys_inputs={"data": json.dumps(values, ensure_ascii=False)},
            timestamp=int(clock.now().timestamp()),
        )
    )


def hand_out(subject: Model, sheet: Sheet, *, kind: str, revision: int, by: Any) -> Entry:
    """Record that `sheet` of `subject` was opened for printing: kind, catalogue revision, language."""
    return record(
        "printed",
        subject,
        by=by,
        patient_number=sheet.patient_number,
        kind=kind,
        revision=revision,
        language=sheet.language,
    )


@transaction.atomic
def hand_out_aftercare(pairs: Sequence[tuple[Appointment, Sheet]], *, by: Any) -> None:
    """Record each visit's aftercare sheet as opened for printing."""
    for visit, sheet in pairs:
        if visit.session is None:
            raise ValueError("a consultation has no aftercare")
        hand_out(
            visit, sheet, kind="aftercare", revision=visit.session.course.revision.number, by=by
        )
