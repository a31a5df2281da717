"""What is kept when somebody signs, and what cannot be undone."""

import datetime as dt
import hashlib
import io
import uuid

import pytest
from django.db import IntegrityError, connection, transaction
from PIL import Image
from pypdf import PdfReader

from clinic.audit.models import Entry
from clinic.kit.refusals import AlreadyDone, Refusal
from plans.consents import selectors, services
from plans.consents.models import Consent, ConsentText
from plans.consents.selectors import (
    Damaged,
    Signature,
    Subject,
    document,
    missing,
    place_of,
    text_of,
)
from plans.consents.services import NotKept, keep_paper, load_texts, sign, withdraw
from plans.core.strokes import read
from plans.data.consents_file import LANGUAGES, read_consents
from plans.data.factories import SIGNED_PAPER, ConsentTextFactory, ProcedureFactory
from tests.consents.conftest import DRAWN
from tests.diary.clinic import TODAY

TYPED = Signature("Anna Petrova")


def signed(clinic, subject, signature=TYPED, language="en", **changes) -> Consent:
    values = {"seen": subject.text.pk, "by": clinic.practitioner, "key": uuid.uuid4()} | changes
    return sign(clinic.patient, subject, signature, language=language, **values)


def kept(clinic, subject, scan=SIGNED_PAPER, signed_on=TODAY, **changes) -> Consent:
    values = {"name": "Anna Petrova", "language": "en", "by": clinic.reception} | changes
    values.setdefault("key", uuid.uuid4())
    return keep_paper(clinic.patient, subject, scan, signed_on=signed_on, **values)


def words_of(pdf: bytes) -> str:
    return " ".join(
        " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split()
    )


@pytest.mark.parametrize("signature", [TYPED, Signature("Anna Petrova", read(DRAWN))])
def test_what_was_signed_is_a_pdf_with_its_digest(clinic, subject, signature):
    row = signed(clinic, subject, signature)

    pdf = document(row)
    assert pdf.startswith(b"%PDF-")
    assert row.sha256 == hashlib.sha256(pdf).hexdigest()
    assert row.size == len(pdf)
    assert row.way == ("screen" if signature.strokes else "typed")
    said = words_of(pdf)
    for words in ("It is treated", "Scars", "Infection", "I agree", "Anna Petrova", "revision 2"):
        assert words in said
    assert (row.revision, row.procedure) == (subject.revision, subject.procedure)
    assert row.valid_until == dt.date(2027, 11, 9)
    assert Entry.objects.get(action="consent_kept").details["sha256"] == row.sha256


def test_a_drawn_signature_is_drawn_in_the_document(clinic, subject):
    plain, drawn = signed(clinic, subject), signed(clinic, subject, Signature("A P", read(DRAWN)))
    ends = [
        PdfReader(io.BytesIO(document(row))).pages[0].get_contents().get_data().count(b"\nS\n")
        for row in (plain, drawn)
    ]
    assert ends[1] == ends[0] + 2  # one for each stroke


def test_it_is_kept_in_the_language_in_which_it_was_read(clinic, subject):
    row = signed(clinic, subject, language="de")
    assert "Narben" in words_of(document(row))
    assert row.language == "de"


def test_a_text_that_changed_meanwhile_is_not_signed_unread(clinic, subject):
    ConsentTextFactory.create(procedure=subject.procedure, number=2)
    with pytest.raises(Refusal, match="text has changed"):
        signed(clinic, subject)
    assert not Consent.objects.exists()


def test_sent_twice_it_is_signed_once(clinic, subject):
    key = uuid.uuid4()
    signed(clinic, subject, key=key)
    with pytest.raises(AlreadyDone):
        signed(clinic, subject, key=key)
    assert Consent.objects.count() == 1


def test_a_scanned_pdf_is_kept_byte_for_byte(clinic, subject):
    row = kept(clinic, subject)
    assert document(row) == SIGNED_PAPER
    assert row.way == "paper"


def picture(form: str, **options) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (400, 600), "white").save(file, form, **options)
    return file.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_picture_is_kept_as_a_pdf_without_what_the_camera_wrote(clinic, subject, form):
    tags = Image.Exif()
    tags[0x010E] = "Zyxcamera"
    row = kept(clinic, subject, picture(form, exif=tags))
    pdf = document(row)
    assert pdf.startswith(b"%PDF-")
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 1
    assert b"Zyxcamera" not in pdf


@pytest.mark.parametrize(
    ("scan", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "neither"),
        (b"<html>" + SIGNED_PAPER, "neither"),
        (picture("GIF"), "neither"),
        (SIGNED_PAPER.replace(b"% signed", b"<</S/JavaScript>>"), "more than pages"),
        (SIGNED_PAPER.replace(b"% signed", b"/Encrypt 5 0 R"), "encrypted"),
        (SIGNED_PAPER[:-8], "cut off"),
        (picture("JPEG")[:200], "cannot be read"),
        (picture("PNG", save_all=True, append_images=[Image.new("RGB", (400, 600))]), "cannot be read"),
        (SIGNED_PAPER + b"%" * (12 * 1024 * 1024), "12 MB"),
    ],
)  # fmt: skip
def test_what_is_no_scan_is_refused_and_leaves_nothing(clinic, subject, scan, words):
    with pytest.raises(NotKept, match=words):
        kept(clinic, subject, scan)
    assert not Consent.objects.exists()


def test_a_picture_of_too_many_points_is_not_unpacked(clinic, subject):
    file = io.BytesIO()
    Image.new("1", (8000, 6000)).save(file, "PNG")
    with pytest.raises(NotKept, match="40 million"):
        kept(clinic, subject, file.getvalue())


def test_a_bomb_is_refused(clinic, subject):
    file = io.BytesIO()
    Image.new("1", (14000, 14000)).save(file, "PNG")
    with pytest.raises(NotKept, match="40 million"):
        kept(clinic, subject, file.getvalue())


def test_nobody_has_signed_tomorrow(clinic, subject):
    with pytest.raises(Refusal, match="still to come"):
        kept(clinic, subject, signed_on=TODAY + dt.timedelta(days=1))


def test_a_paper_counts_from_the_day_on_which_it_was_signed(clinic, subject):
    kept(clinic, subject, signed_on=dt.date(2025, 11, 8))
    [lacks] = missing(clinic.patient, subject.revision, TODAY)
    assert lacks.state == "expired"
    assert "good until Sun 8 Nov" in lacks.words


def test_a_document_for_which_there_is_no_row_does_not_stay(clinic, subject, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(services, "record", fail)
    before = set(place_of("x").parent.glob("*"))
    with pytest.raises(RuntimeError):
        kept(clinic, subject)
    assert set(place_of("x").parent.glob("*")) == before


def test_a_document_that_was_touched_is_not_shown(clinic, subject):
    row = kept(clinic, subject)
    place_of(row.stored).write_bytes(SIGNED_PAPER + b" ")
    with pytest.raises(Damaged):
        document(row)
    place_of(row.stored).unlink()
    with pytest.raises(Damaged):
        document(row)


def test_a_consent_is_taken_back_once_and_counts_no_more(clinic, subject):
    row = signed(clinic, subject)
    assert missing(clinic.patient, subject.revision, TODAY) == []
    with pytest.raises(Refusal, match="Say why"):
        withdraw(row, "  ", by=clinic.reception, key=uuid.uuid4())
    withdraw(row, "Zyxgrund", by=clinic.reception, key=uuid.uuid4())

    [lacks] = missing(clinic.patient, subject.revision, TODAY)
    assert lacks.state == "withdrawn"
    with pytest.raises(Refusal, match="already"):
        withdraw(row, "again", by=clinic.reception, key=uuid.uuid4())
    assert "Zyxgrund" not in str(Entry.objects.values_list("details", "reason"))
    assert document(row)  # what was signed stays


@pytest.mark.parametrize(
    "change",
    [
        "signed_on = '2027-01-01'",
        "valid_until = NULL",
        "sha256 = 'x'",
        "stored = 'x'",
        "patient_id = patient_id",
        "text_id = NULL",
    ],
)
def test_a_signed_consent_cannot_be_changed_even_by_sql(clinic, subject, change):
    row = signed(clinic, subject)
    with (
        pytest.raises(IntegrityError, match="consent_frozen"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE consents_consent SET {change} WHERE id = %s", [row.pk])


def test_it_counts_for_its_own_revision_and_patient_only(clinic, subject):
    signed(clinic, subject)
    assert missing(clinic.patient, subject.revision, TODAY) == []
    assert missing(clinic.patient, clinic.toxin, TODAY) == []  # it asks for none
    clinic.toxin.consent_required = True
    [lacks] = missing(clinic.patient, clinic.toxin, TODAY)
    assert not lacks.has_text
    assert "paper" in lacks.words


def test_photos_are_consented_to_apart(clinic, subject):
    signed(clinic, subject)
    assert selectors.photo_consent(clinic.patient, TODAY) is None
    text = ConsentTextFactory.create(procedure=None)
    row = signed(clinic, Subject(None, text))
    assert selectors.photo_consent(clinic.patient, TODAY) == row
    assert row.valid_until is None
    withdraw(row, "no more", by=clinic.reception, key=uuid.uuid4())
    assert selectors.photo_consent(clinic.patient, TODAY) is None


# --- the product's texts


def test_every_text_of_the_product_is_whole_in_four_languages():
    told = read_consents()
    for each in (*told.procedures.values(), told.photo):
        for part in (each.texts, each.risks, each.declarations):
            assert tuple(part) == LANGUAGES
            assert all(part.values())
        assert len({len(risks) for risks in each.risks.values()}) == 1
        assert len(each.texts["en"]) > 500


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["scars", "pigmentation", "erythema", "inflammation", "infection"]),
        ("ru", ["рубцы", "пигментация", "эритема", "воспаление", "инфекция"]),
        ("es", ["cicatrices", "pigmentación", "eritema", "inflamación", "infección"]),
        ("de", ["narben", "pigmentierung", "erythem", "entzündung", "infektion"]),
    ],
)
def test_laser_correction_names_its_risks(language, words):
    risks = " ".join(read_consents().procedures["laser_co2"].risks[language]).lower()
    assert [word for word in words if word not in risks] == []


def test_texts_are_loaded_once_and_renewed_by_the_product_only(db):
    procedure = ProcedureFactory.create(code="laser_co2")
    ProcedureFactory.create(code="of_the_clinic")
    assert load_texts() == 2  # and that for photos
    assert load_texts() == 0
    first = text_of(procedure)
    assert first.number == 1

    ConsentTextFactory.create(procedure=procedure, number=2)
    assert load_texts() == 1  # an older text of the product
    assert text_of(procedure).number == 3
    assert ConsentText.objects.get(pk=first.pk).texts == first.texts


def test_a_text_that_the_clinic_published_stays(db, clinic):
    procedure = ProcedureFactory.create(code="laser_co2")
    load_texts()
    own = services.publish_text(
        procedure, {"en": "Ours"}, {"en": ["x"]}, {"en": ["y"]}, by=clinic.physician
    )
    assert load_texts() == 0
    assert text_of(procedure) == own
