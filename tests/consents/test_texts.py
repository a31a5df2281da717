"""The texts that patients sign: read by all who read the catalogue, written by those who publish it."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.audit.models import Entry
from clinic.kit.refusals import AlreadyDone, Refusal
from plans.consents.forms import TextForm, typed_of
from plans.consents.models import ConsentText
from plans.consents.services import load_texts, publish_edited
from plans.data.consents_file import Told
from plans.data.factories import ConsentFactory, ConsentTextFactory, RevisionFactory
from tests.diary.clinic import client_of, said

LIST = "/consents/texts/"
PEEL = f"{LIST}of/tca_peel_medium/"
PHOTO = f"{LIST}photo/"


@pytest.fixture
def physician(clinic):
    return client_of(clinic.physician)


def boxes(text: ConsentText | None, **changes: str) -> dict[str, str]:
    """The form as the page fills it from `text`; `changes`: such as risks_de."""
    filled = {
        f"{part}_{code}": words
        for part, by_language in typed_of(text).items()
        for code, words in by_language.items()
    }
    return {"key": str(uuid.uuid4()), "seen": str(text.pk) if text else "", **filled, **changes}


def written(text: ConsentText, **changes: str) -> TextForm:
    return TextForm(boxes(text, **changes), names_risks=True)


def test_a_text_is_written_looked_at_and_brought_into_force(physician, text, clinic):
    changed = boxes(text, text_en="**What is done.** The peel stays a minute longer.")
    look = physician.post(f"{PEEL}new/", changed | {"act": "look"})
    assert look.status_code == 200
    assert "<strong>What is done.</strong> The peel stays a minute longer." in look.text
    assert ConsentText.objects.count() == 1

    answer = physician.post(f"{PEEL}new/", changed | {"act": "publish"})
    assert answer["Location"] == PEEL
    row = ConsentText.objects.get(number=2)
    assert row.texts["en"] == "**What is done.** The peel stays a minute longer."
    assert (row.texts["de"], row.risks) == (text.texts["de"], text.risks)
    assert row.published_by == clinic.physician
    entry = Entry.objects.get(action="consent_text_published")
    assert entry.details["number"] == 2


def test_what_was_signed_stays_under_its_text(physician, text, peel):
    ConsentFactory.create(revision=peel, text=text)
    physician.post(f"{PEEL}new/", boxes(text, risks_en="Scars\nBurns") | {"act": "publish"})
    page = said(physician.get(PEEL))
    assert "Text 2, in force since" in page
    assert "1 consent signed under it" in page
    assert "Burns" in page
    earlier = said(physician.get(f"{PEEL}?number=1"))
    assert "Text 1, no longer in force" in earlier
    assert "Burns" not in earlier


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"text_en": ""}, "text", "Write it in English first"),
        ({"risks_de": "Narben"}, "risks", "Lines in German: 1, in English: 2"),
        ({"risks_en": "", "risks_de": ""}, "risks", "Name at least one risk"),
        ({"text_de": ""}, "text", "German has no text yet"),
        ({"declarations_en": " \n "}, "declarations", "English first"),
        ({"declarations_de": ""}, "declarations", "Lines in German: 0, in English: 1"),
        ({"text_ru": "Лечение."}, "risks", "Lines in Russian: 0, in English: 2"),
    ],
)
def test_a_text_that_would_tell_some_patients_less_is_refused(text, changes, field, words):
    form = written(text, **changes)
    assert not form.is_valid()
    assert words in " ".join(map(str, form.errors[field]))


def test_what_was_typed_stays_when_it_is_refused(physician, text):
    answer = physician.post(
        f"{PEEL}new/", boxes(text, risks_en="Only one left") | {"act": "publish"}
    )
    assert answer.status_code == 422
    assert "Only one left" in answer.text
    assert ConsentText.objects.count() == 1


def test_a_list_is_read_line_by_line_and_without_its_dashes(text):
    form = written(text, risks_en="- Scars\r\n\r\n • Infection ", text_en="One.\r\n\r\nTwo.")
    assert form.is_valid(), form.errors
    assert form.told.risks["en"] == ["Scars", "Infection"]
    assert form.told.texts["en"] == "One.\n\nTwo."


def test_html_in_a_text_stays_text(physician, text):
    changed = boxes(text, text_en="<script>alert(1)</script>", risks_en="<b>Scars</b>\nInfection")
    page = physician.post(f"{PEEL}new/", changed | {"act": "look"}).text
    assert "<script>alert(1)" not in page
    assert "<b>Scars" not in page


def test_the_text_for_photos_names_no_risks(physician, clinic):
    photo = ConsentTextFactory.create(procedure=None, risks={})
    answer = physician.post(
        f"{PHOTO}new/", boxes(photo, text_en="We photograph.") | {"act": "publish"}
    )
    assert answer["Location"] == PHOTO
    assert ConsentText.objects.get(number=2).kind == "photo"


def test_the_first_text_of_a_procedure_is_written_from_nothing(physician, peel):
    first = {"text_en": "It is treated.", "risks_en": "Scars", "declarations_en": "I agree."}
    assert "text missing" in said(physician.get(LIST))
    physician.post(f"{PEEL}new/", boxes(None, **first) | {"act": "publish"})
    assert ConsentText.objects.get().procedure == peel.procedure
    assert "text missing" not in said(physician.get(LIST)).split("Medium TCA peel")[1]


def told(text: ConsentText, **texts: str) -> Told:
    return Told({**text.texts, **texts}, text.risks, text.declarations)


def test_two_editors_do_not_overwrite_each_other(text, clinic):
    new = {"by": clinic.physician, "seen": text.pk}
    publish_edited(text.procedure, told(text, en="Mine."), key=uuid.uuid4(), **new)
    with pytest.raises(Refusal, match="another text into force"):
        publish_edited(text.procedure, told(text, en="Yours."), key=uuid.uuid4(), **new)
    assert ConsentText.objects.order_by("number").last().texts["en"] == "Mine."


def test_a_second_click_brings_it_into_force_once(text, clinic):
    sent = {"by": clinic.physician, "seen": text.pk, "key": uuid.uuid4()}
    publish_edited(text.procedure, told(text, en="Mine."), **sent)
    with pytest.raises(AlreadyDone):
        publish_edited(text.procedure, told(text, en="Mine."), **sent)
    assert ConsentText.objects.count() == 2


def test_the_same_words_again_are_no_new_text(text, clinic):
    with pytest.raises(Refusal, match="word for word"):
        publish_edited(
            text.procedure, told(text), seen=text.pk, by=clinic.physician, key=uuid.uuid4()
        )


def test_the_product_does_not_write_over_the_clinics_own_text(text, clinic):
    publish_edited(
        text.procedure,
        told(text, en="Our own."),
        seen=text.pk,
        by=clinic.physician,
        key=uuid.uuid4(),
    )
    load_texts()
    last = ConsentText.objects.filter(procedure=text.procedure).first()
    assert last.texts["en"] == "Our own."


def test_who_may_not_publish_reads_and_is_not_offered_to_write(practice, text):
    page = practice.get(PEEL)
    assert "Write the next text" not in page.text
    assert practice.get(f"{PEEL}new/").status_code == 403


def test_what_is_used_at_home_has_no_consent_text(physician, text):
    RevisionFactory.create(procedure__code="home_cream", procedure__is_home=True, state="current")
    assert physician.get(f"{LIST}of/home_cream/").status_code == 404
    assert physician.get(f"{PEEL}?number=9").status_code == 404


def test_the_list_costs_the_same_for_one_procedure_and_for_nine(physician, text):
    physician.get(LIST)
    with CaptureQueriesContext(connection) as one:
        physician.get(LIST)
    for n in range(8):
        revision = RevisionFactory.create(procedure__code=f"peel{n}", state="current")
        ConsentTextFactory.create(procedure=revision.procedure)
    with CaptureQueriesContext(connection) as nine:
        page = physician.get(LIST)
    assert page.text.count("/texts/of/peel") == 8
    assert len(nine) == len(one)
