"""Writing consents: a text comes into force, a patient signs or brings a paper, a consent is taken back."""

import datetime as dt
import hashlib
import io
import os
import secrets
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from PIL import Image

from clinic.audit.services import claim, record, settle
from clinic.kit import clock, paper, pictures
from clinic.kit.contention import one_transaction
from clinic.kit.pictures import PictureRefused
from clinic.kit.refusals import Refusal
from clinic.patients.models import Patient
from clinic.staff.models import User
from plans.catalogue.models import Procedure
from plans.consents.models import Consent, ConsentText, Kind, Way
from plans.consents.selectors import Signature, Subject, place_of, text_of
from plans.consents.tags import blank_values, signed_values
from plans.core.consents import last_day
from plans.core.scans import MOST_BYTES, fault_of, kind_of
from plans.data.consents_file import Told, read_consents

# A sheet of A4 at 200 dots an inch; scanned at 600 it has 35 million, fewer than are refused.
KEPT_PIXELS = (1654, 2339)
TEMPLATE = "consent.typ"


class NotKept(Refusal):
    """A file that is no scan of a paper."""


def _refused(error: IntegrityError) -> Exception:
    if "consent_withdrawn_once" in str(error):
        return Refusal(_("This consent is taken back already. Nothing was changed."))
    return error


def _moved(error: IntegrityError) -> Exception:
    # The number is taken: two brought a text into force at once.
    return Refusal(_moved_words()) if "consenttext" in str(error) else error


def _moved_words() -> str:
    return _(
        "Somebody has brought another text into force since this page was opened. Open the page again and compare."
    )


@one_transaction(_refused)
def sign(
    patient: Patient, subject: Subject, signature: Signature, *, seen: int, language: str, by: User,
    key: uuid.UUID,
) -> Consent:  # fmt: skip
    """Keep what the patient signed on the screen, as a PDF.

    `seen`: the key of the text that was shown.  Raises Refusal if it is not in force any more, AlreadyDone.
    """
    patient = Patient.objects.select_for_update().get(pk=patient.pk)
    submission = claim(key, by=by)
    text = text_of(subject.procedure)
    if text is None or text.pk != seen:
        raise Refusal(
            _("The text has changed since this page was opened. Read it again, then sign.")
        )
    now, today = clock.now(), clock.today(patient.location.zone)
    values = signed_values(
        Subject(subject.revision, text), patient, language, signature.name,
        until=last_day(today, subject.valid_for), at=now, strokes=signature.strokes, by=by,
    )  # fmt: skip
    row = Consent(text=text, language=language, way=signature.way, signed_name=signature.name)
    row.signed_on, row.recorded_at = today, now
    row = _keep(row, patient, subject, paper.pdf(TEMPLATE, values), by)
    settle(submission, str(row.pk))
    return row


@one_transaction(_refused)
def keep_paper(
    patient: Patient, subject: Subject, scan: bytes, *, name: str, signed_on: dt.date, by: User,
    key: uuid.UUID, language: str,
) -> Consent:  # fmt: skip
    """Keep a paper that was signed: a PDF byte for byte, a picture as a PDF of one page.

    `subject` names the text that was printed, None for the clinic's own form.
    Raises NotKept for another file or a dangerous one, Refusal for a day to come, AlreadyDone.
    """
    document = _document(scan)
    patient = Patient.objects.select_for_update().get(pk=patient.pk)
    submission = claim(key, by=by)
    if signed_on > clock.today(patient.location.zone):
        raise Refusal(_("That day is still to come. Give the day on which it was signed."))
    row = Consent(text=subject.text, language=language, way=Way.PAPER, signed_name=name)
    row.signed_on, row.recorded_at = signed_on, clock.now()
    row = _keep(row, patient, subject, document, by)
    settle(submission, str(row.pk))
    return row


def print_form(patient: Patient, subject: Subject, language: str, *, by: User) -> bytes:
    """The form to be signed on paper, and the record that it was printed."""
    told: dict[str, Any] = {
        "kind": subject.kind,
        "language": language,
        "number": subject.text and subject.text.number,
    }
    record("consent_printed", patient, by=by, patient_number=patient.number, **told)
    return paper.pdf(TEMPLATE, blank_values(subject, patient, language))


@one_transaction(_refused)
def withdraw(consent: Consent, reason: str, *, by: User, key: uuid.UUID) -> Consent:
    """Take a consent back, from now on and for every day.  Raises Refusal without a reason or a second time."""
    Patient.objects.select_for_update().get(pk=consent.patient_id)
    submission = claim(key, by=by)
    row = Consent.objects.select_for_update().get(pk=consent.pk)
    if not reason.strip():
        raise Refusal(_("Say why, in a few words."))
    if row.withdrawn_at is not None:
        raise Refusal(_("This consent is taken back already. Nothing was changed."))
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason = clock.now(), by, reason.strip()[:300]
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    record("consent_withdrawn", row, by=by, patient_number=consent.patient.number, kind=row.kind)
    settle(submission, str(row.pk))
    return row


@transaction.atomic
def load_texts() -> int:
    """Bring the product's texts into force for procedures that have none, or an older one of the product; how many.

    A text that the clinic published itself stays. Two queries, and two for each text that is new.
    """
    current = {row.procedure_id: row for row in ConsentText.objects.order_by("number")}
    procedures = {row.code: row for row in Procedure.objects.filter(is_home=False)}
    told = read_consents()
    pairs: list[tuple[Procedure | None, Told]] = [
        (procedures[code], each) for code, each in told.procedures.items() if code in procedures
    ]
    if procedures:
        pairs.append((None, told.photo))
    changed = [
        (procedure, each)
        for procedure, each in pairs
        if _is_newer(each, current.get(procedure.pk if procedure else None))
    ]
    for procedure, each in changed:
        publish_text(procedure, each.texts, each.risks, each.declarations, by=None)
    return len(changed)


def _is_newer(told: Told, row: ConsentText | None) -> bool:
    if row is None:
        return True
    return row.published_by_id is None and _differs(told, row)


def _differs(told: Told, row: ConsentText) -> bool:
    return (row.texts, row.risks, row.declarations) != (told.texts, told.risks, told.declarations)


@transaction.atomic
def publish_text(
    procedure: Procedure | None, texts: Mapping[str, str], risks: Mapping[str, list[str]],
    declarations: Mapping[str, list[str]], *, by: User | None,
) -> ConsentText:  # fmt: skip
    """Bring a text into force, under the next number; `procedure` None: that for photos."""
    last = text_of(procedure)
    row = ConsentText(
        kind=Kind.TREATMENT if procedure else Kind.PHOTO,
        procedure=procedure,
        number=last.number + 1 if last else 1,
        texts=dict(texts), risks=dict(risks), declarations=dict(declarations),
        published_at=clock.now(), published_by=by,
    )  # fmt: skip
    row.save(force_insert=True)
    record("consent_text_published", row, by=by, kind=row.kind, number=row.number)
    return row


@one_transaction(_moved)
def publish_edited(
    procedure: Procedure | None, told: Told, *, seen: int | None, by: User, key: uuid.UUID
) -> ConsentText:
    """Bring into force what an editor wrote, begun from the text `seen` (its key; None: there was none).

    Raises Refusal if another is in force by now or nothing differs, AlreadyDone.
    """
    submission = claim(key, by=by)
    last = text_of(procedure)
    if (last and last.pk) != seen:
        raise Refusal(_moved_words())
    if last and not _differs(told, last):
        raise Refusal(_("This is the text in force, word for word. Change something, or go back."))
    row = publish_text(procedure, told.texts, told.risks, told.declarations, by=by)
    settle(submission, str(row.number))
    return row


def _keep(row: Consent, patient: Patient, subject: Subject, document: bytes, by: User) -> Consent:
    row.patient, row.taken_by, row.kind = patient, by, subject.kind
    row.revision, row.procedure = subject.revision, subject.procedure
    row.valid_until = last_day(row.signed_on, subject.valid_for)
    row.size, row.sha256 = len(document), hashlib.sha256(document).hexdigest()
    row.stored = f"{secrets.token_hex(16)}.pdf"
    with _on_disk(row.stored, document):
        row.save(force_insert=True)
        told = {"kind": row.kind, "way": row.way, "language": row.language, "sha256": row.sha256}
        record("consent_kept", row, by=by, patient_number=patient.number, **told)
    return row


@contextmanager
def _on_disk(stored: str, document: bytes) -> Iterator[None]:
    """The document on disk before there is a row that names it; taken away again if there will be none."""
    place = place_of(stored)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with place.open("xb") as file:
        file.write(document)
        file.flush()
        os.fsync(file.fileno())
    try:
        yield
    except BaseException:
        place.unlink(missing_ok=True)
        raise


def _document(scan: bytes) -> bytes:
    if len(scan) > MOST_BYTES:
        raise NotKept(_("This file is larger than 12 MB. Scan it in black and white, or smaller."))
    kind = kind_of(scan)
    if kind is None:
        raise NotKept(_("This is neither a PDF nor a JPEG or PNG picture. Scan the paper again."))
    if kind != "pdf":
        return _as_pdf(scan)
    if fault := fault_of(scan):
        words = {
            "broken": _("This PDF is cut off. Save it again, then upload it."),
            "locked": _("This PDF is encrypted. Save it without a password, then upload it."),
            "active": _("This PDF holds more than pages. Print it to a new PDF, then upload that."),
        }
        raise NotKept(words[fault])
    return scan


def _as_pdf(scan: bytes) -> bytes:
    """A picture as one page: its pixels and nothing else that the file held."""
    try:
        clean = pictures.clean(scan)
    except PictureRefused as refused:
        if refused.why == "too_large":
            words = _("This picture has more than 40 million points. Scan it smaller.")
        else:
            words = _("This picture cannot be read. Take it again, then upload it.")
        raise NotKept(words) from refused
    # What is opened here was written by our own decoder just now.
    picture = Image.open(io.BytesIO(clean.full), formats=["JPEG"])
    picture.thumbnail(KEPT_PIXELS if clean.height >= clean.width else KEPT_PIXELS[::-1])
    page = io.BytesIO()
    picture.save(page, "PDF", resolution=200.0, quality=80)
    return page.getvalue()
