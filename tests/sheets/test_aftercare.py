"""The aftercare sheet: real dates, in the patient's language, as page and as PDF."""

import datetime as dt
import io

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from clinic.audit.models import Entry
from plans.data.factories import LocationFactory, UserFactory
from plans.sheets import selectors, services

pytestmark = pytest.mark.django_db
ON_THE_DAY = dt.datetime(2026, 11, 23, 11, 0, tzinfo=dt.UTC)


@pytest.fixture
def sheet(visit, location):
    with time_machine.travel(ON_THE_DAY, tick=False):
        return selectors.aftercare(selectors.printable(location).get(pk=visit.pk))


def test_redness_has_the_date_on_which_it_should_be_over(sheet):
    redness = next(line for line in sheet.lines if "Redness." in line.do)
    assert redness.when == "until Thu 26 Nov"
    assert "Should be over by Thu 26 Nov." in redness.do


def test_what_to_leave_stands_beside_what_to_expect_on_the_same_days(sheet):
    crust = next(line for line in sheet.lines if any("crust forms" in text for text in line.do))
    assert crust.when == "Thu 26 Nov to Sat 5 Dec"
    assert crust.leave == ("Never pull, scratch or peel the crust.",)


def test_undated_advice_comes_last(sheet):
    assert sheet.lines[-1].when == "Always"
    assert [line.when for line in sheet.lines].count("Always") == 1


def test_the_next_visits_have_their_local_hour_on_both_sides_of_a_clock_change(sheet):
    assert [next_.when for next_ in sheet.next_visits] == [
        "Tue 23 Feb 2027, 10:00",
        "Mon 24 May 2027, 10:00",
    ]
    assert sheet.next_visits[0].what == "session 2 of 3, Dr Marta Weiss"


def test_the_sheet_speaks_the_patients_language_and_says_what_is_not_translated(visit, location):
    visit.patient.language = "ru"
    visit.patient.save()
    sheet = selectors.aftercare(selectors.printable(location).get(pk=visit.pk))
    assert sheet.language == "ru"
    assert "Пилинг ТСА" in sheet.title
    assert len(sheet.notes) == 1


def test_the_page_shows_the_sheet_and_records_that_it_was_printed(client, reception, visit):
    client.force_login(reception)
    with time_machine.travel(ON_THE_DAY, tick=False):
        page = client.get(reverse("sheets:aftercare", args=[visit.pk]))
    assert page.status_code == 200
    assert "Should be over by Thu 26 Nov." in page.content.decode()
    entry = Entry.objects.get(action="printed")
    assert entry.patient_number == visit.patient.number
    assert entry.details["kind"] == "aftercare"


def test_the_pdf_holds_the_text_with_its_dates_and_is_tagged(client, reception, visit):
    client.force_login(reception)
    with time_machine.travel(ON_THE_DAY, tick=False):
        answer = client.get(reverse("sheets:aftercare_pdf", args=[visit.pk]))
    assert answer["Content-Type"] == "application/pdf"
    reader = PdfReader(io.BytesIO(answer.content))
    text = " ".join(page.extract_text() for page in reader.pages)
    assert "Thu 26 Nov" in text
    assert "Tue 23 Feb 2027, 10:00" in text
    assert reader.root_object["/MarkInfo"]["/Marked"]  # type: ignore[index]  # a tagged document has it


def test_what_a_person_typed_never_becomes_a_command_of_the_typesetter(visit, location):
    visit.patient.family_name = '#panic("x") *bold* $x$ @ref \\ "'
    visit.patient.save()
    sheet = selectors.aftercare(selectors.printable(location).get(pk=visit.pk))
    reader = PdfReader(io.BytesIO(services.pdf("aftercare.typ", [sheet])))
    assert '#panic("x") *bold*' in reader.pages[0].extract_text()


def test_a_name_in_a_script_that_the_fonts_lack_still_gets_its_sheet(visit, location):
    visit.patient.family_name = "王"
    visit.patient.save()
    sheet = selectors.aftercare(selectors.printable(location).get(pk=visit.pk))
    reader = PdfReader(io.BytesIO(services.pdf("aftercare.typ", [sheet])))
    assert "Anna" in reader.pages[0].extract_text()


@pytest.mark.parametrize("status", ["cancelled", "no_show"])
def test_a_visit_that_did_not_take_place_has_no_sheet(client, reception, visit, status):
    visit.status = status
    visit.save()
    client.force_login(reception)
    assert client.get(reverse("sheets:aftercare", args=[visit.pk])).status_code == 404


def test_a_visit_of_another_location_is_not_found(client, visit):
    stranger = UserFactory(role="reception", location=LocationFactory())
    client.force_login(stranger)
    for name in ("sheets:aftercare", "sheets:aftercare_pdf"):
        assert client.get(reverse(name, args=[visit.pk])).status_code == 404


def test_the_catalogue_editor_may_not_print(client, visit, location):
    client.force_login(UserFactory(role="editor", location=location))
    assert client.get(reverse("sheets:aftercare", args=[visit.pk])).status_code == 403


def test_the_day_prints_every_sheet_and_none_of_a_cancelled_visit(client, reception, visit, course):
    client.force_login(reception)
    day = dt.date(2026, 11, 23)
    page = client.get(reverse("sheets:day", args=[day]))
    assert page.content.decode().count('class="paper"') == 1
    assert client.get(reverse("sheets:day_pdf", args=[day])).status_code == 200
    visit.status = "cancelled"
    visit.save()
    assert "No aftercare sheets" in client.get(reverse("sheets:day", args=[day])).content.decode()
    assert client.get(reverse("sheets:day_pdf", args=[day])).status_code == 404


def test_reading_a_day_costs_the_same_queries_for_one_sheet_and_for_three(visit, location, course):
    with CaptureQueriesContext(connection) as one:
        alone = selectors.on_day(location, dt.date(2026, 11, 23))
        assert len([selectors.aftercare(each) for each in alone]) == 1
    for other in visit.patient.appointments.exclude(pk=visit.pk):
        start = visit.starts_at + dt.timedelta(hours=other.session.ordinal)
        other.occupancy.all().delete()
        other.starts_at, other.ends_at = start, start + dt.timedelta(minutes=30)
        other.save()
    with CaptureQueriesContext(connection) as three:
        visits = selectors.on_day(location, dt.date(2026, 11, 23))
        sheets = [selectors.aftercare(each) for each in visits]
    assert len(sheets) == 3
    assert len(three) == len(one)


def test_marks_of_markdown_are_read_on_the_page_and_in_the_pdf(client, reception, visit):
    steps = visit.session.course.revision.care_steps
    texts = {
        "Redness.": "Redness is **normal**, *really*: [ask us](tel:+4930123456).",
        "Never try a TCA peel at home.": "Never:\n\n- peel\n- rub <b>hard</b>",
    }
    for old, new in texts.items():
        step = next(one for one in steps.all() if one.text["en"] == old)
        step.text = {"en": new}
        step.save()
    client.force_login(reception)
    page = client.get(reverse("sheets:aftercare", args=[visit.pk])).content.decode()
    assert "Redness is <strong>normal</strong>, <em>really</em>" in page
    assert "<li>rub &lt;b&gt;hard&lt;/b&gt;</li>" in page
    answer = client.get(reverse("sheets:aftercare_pdf", args=[visit.pk]))
    reader = PdfReader(io.BytesIO(answer.content))
    text = " ".join(reader.pages[0].extract_text().split())
    assert "Redness is normal, really: ask us." in text
    assert "• peel • rub <b>hard</b>" in text
    links = [one.get_object()["/A"]["/URI"] for one in reader.pages[0]["/Annots"]]  # type: ignore[attr-defined]
    assert links == ["tel:+4930123456"]
    assert reader.root_object["/MarkInfo"]["/Marked"]  # type: ignore[index]  # a tagged document has it


def test_a_mark_in_a_patients_name_stays_a_letter(visit, location):
    visit.patient.family_name = "*Petrova*"
    visit.patient.save()
    sheet = selectors.aftercare(selectors.printable(location).get(pk=visit.pk))
    reader = PdfReader(io.BytesIO(services.pdf("aftercare.typ", [sheet])))
    assert "*Petrova*" in reader.pages[0].extract_text()
