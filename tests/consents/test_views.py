"""The pages on which one signs, and the document that comes of it."""

import io
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from clinic.audit.models import Entry
from plans.consents.models import Consent
from plans.consents.selectors import in_visit, place_of
from plans.data.factories import SIGNED_PAPER, ConsentFactory, ConsentTextFactory
from tests.consents.conftest import DRAWN
from tests.diary.clinic import TODAY, said

# Somebody who may do everything of this room.
ALL = {"clinic": {"keep_consent": True}}
PEEL = "/consents/142/tca_peel_medium/2/"


def form(text, **changes):
    return {"key": str(uuid.uuid4()), "text": text.pk, "name": "Anna Petrova", **changes}


def test_the_text_is_read_and_signed_in_the_patients_language(clinic, text, practice):
    clinic.patient.language = "de"
    clinic.patient.save(update_fields=["language"])
    page = practice.get(f"{PEEL}sign/")
    assert '<html lang="de">' in page.text
    assert "Es wird behandelt" in page.text
    assert "Narben" in page.text

    answer = practice.post(f"{PEEL}sign/", form(text, strokes=DRAWN))
    assert answer.url == "/consents/142/"
    row = Consent.objects.get()
    assert (row.way, row.language, row.taken_by) == ("screen", "de", clinic.practitioner)


def test_without_a_pad_the_typed_name_is_the_signature(clinic, text, practice):
    refused = practice.post(f"{PEEL}sign/", form(text))
    assert refused.status_code == 422
    assert "tick that typing the name" in said(refused)
    practice.post(f"{PEEL}sign/", form(text, is_typed="on"))
    assert Consent.objects.get().way == "typed"


@pytest.mark.parametrize("strokes", ["1,1 2,2", "<svg onload=x>", "0,0 999,0"])
def test_what_is_no_signature_is_refused_and_the_name_stays(clinic, text, practice, strokes):
    answer = practice.post(f"{PEEL}sign/", form(text, strokes=strokes, name="Anna P."))
    assert answer.status_code == 422
    assert 'value="Anna P."' in answer.text
    assert not Consent.objects.exists()


def test_from_a_visit_one_comes_back_to_it(clinic, text, visit, practice):
    page = practice.get(f"{PEEL}sign/?visit={visit.pk}")
    assert f'href="/visits/{visit.pk}/"' in page.text
    answer = practice.post(f"{PEEL}sign/?visit={visit.pk}", form(text, is_typed="on"))
    assert answer.url == f"/visits/{visit.pk}/"


def test_sent_twice_it_is_signed_once(clinic, text, practice):
    sent = form(text, is_typed="on")
    answers = [practice.post(f"{PEEL}sign/", sent) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Consent.objects.count() == 1


def test_where_no_text_is_published_the_page_says_that_paper_is_the_way(clinic, peel, practice):
    page = practice.get(f"{PEEL}sign/")
    assert "No text is published" in said(page)
    assert f"{PEEL}paper/" in page.text
    assert "No text of ours is published" in said(practice.get(f"{PEEL}paper/"))
    assert practice.get(f"{PEEL}form.pdf").status_code == 404
    practice.post(f"{PEEL}paper/", paper())
    assert Consent.objects.get().text is None


def paper(scan: bytes = SIGNED_PAPER, **changes):
    sent = {
        "key": str(uuid.uuid4()), "name": "Anna Petrova", "signed_on": TODAY.isoformat(), "language": "en",
        "text": "", "scan": SimpleUploadedFile("evil.html", scan, "text/html"),
    }  # fmt: skip
    return sent | changes


def test_a_paper_is_printed_signed_and_uploaded(clinic, text, practice):
    blank = practice.get(f"{PEEL}form.pdf?lang=de")
    words = PdfReader(io.BytesIO(blank.content)).pages[0].extract_text()
    assert "Narben" in words
    assert Entry.objects.filter(action="consent_printed", patient_number=142).exists()

    answer = practice.post(f"{PEEL}paper/", paper(text=str(text.pk)))
    assert answer.url == "/consents/142/"
    row = Consent.objects.get()
    assert (row.way, row.text) == ("paper", text)
    assert place_of(row.stored).read_bytes() == SIGNED_PAPER


def test_a_file_that_is_no_scan_is_refused_beside_its_field(clinic, text, practice):
    answer = practice.post(f"{PEEL}paper/", paper(b"<script>alert(1)</script>"))
    assert answer.status_code == 422
    assert "neither a PDF" in said(answer)
    assert practice.post(f"{PEEL}paper/", paper(signed_on="2030-01-01")).status_code == 422
    assert not Consent.objects.exists()


def test_the_document_comes_back_byte_for_byte_and_sealed(clinic, text, practice):
    row = ConsentFactory.create(patient=clinic.patient, revision=clinic.peel)
    answer = practice.get(f"/consents/file/{row.pk}.pdf")
    assert answer.content == SIGNED_PAPER
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert "Petrova" not in answer["Content-Disposition"]
    assert Entry.objects.filter(action="consent_opened", patient_number=142).exists()


def test_a_damaged_document_is_told_and_not_shown(clinic, text, practice):
    row = ConsentFactory.create(patient=clinic.patient, revision=clinic.peel, on_disk=b"else")
    answer = practice.get(f"/consents/file/{row.pk}.pdf")
    assert answer.status_code == 409
    assert "digest differs" in said(answer)
    assert Entry.objects.filter(action="consent_damaged").exists()


def test_the_list_says_what_counts_and_what_is_missing(clinic, visit, text, practice):
    page = said(practice.get("/consents/142/"))
    assert "No consent to Medium TCA peel is signed" in page
    row = ConsentFactory.create(patient=clinic.patient, revision=clinic.peel)
    page = said(practice.get("/consents/142/"))
    assert "No consent" not in page
    assert "valid" in page

    answer = practice.post(
        f"/consents/withdraw/{row.pk}/", {"key": str(uuid.uuid4()), "reason": "moves away"}
    )
    assert answer.url == "/consents/142/"
    page = said(practice.get("/consents/142/"))
    assert "taken back" in page
    assert "moves away" in page


def test_a_consent_is_not_taken_back_without_a_reason(clinic, peel, practice):
    row = ConsentFactory.create(patient=clinic.patient, revision=peel)
    answer = practice.post(
        f"/consents/withdraw/{row.pk}/", {"key": str(uuid.uuid4()), "reason": ""}
    )
    assert answer.status_code == 422
    assert Consent.objects.get().withdrawn_at is None


def test_photos_have_pages_of_their_own(clinic, practice):
    text = ConsentTextFactory.create(procedure=None)
    assert practice.get("/consents/142/photo/form.pdf").content.startswith(b"%PDF-")
    practice.post("/consents/142/photo/sign/", form(text, is_typed="on"))
    row = Consent.objects.get()
    assert (row.kind, row.revision) == ("photo", None)
    assert "Agreed to on" in said(practice.get("/consents/142/"))


def test_the_list_takes_the_same_queries_for_few_and_many(clinic, visit, text, practice):
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            practice.get("/consents/142/")
        return len(found)

    ConsentFactory.create(patient=clinic.patient, revision=clinic.peel)
    few = queries()
    for _ in range(5):
        ConsentFactory.create(patient=clinic.patient, revision=clinic.peel)
    assert queries() == few


def test_beside_a_visit_stands_what_is_missing(
    clinic, visit, text, practice, django_assert_max_num_queries
):
    with django_assert_max_num_queries(3):
        found = in_visit(visit)
    assert found["missing"].state is None
    row = ConsentFactory.create(patient=clinic.patient, revision=clinic.peel)
    found = in_visit(visit)
    assert (found["missing"], found["consent"]) == (None, row)


def test_the_part_of_a_visit_leads_to_signing(clinic, visit, text):
    words = render_to_string("consents/in_visit.html", in_visit(visit) | {"perms": ALL})
    assert f"{PEEL}sign/?visit={visit.pk}" in words
