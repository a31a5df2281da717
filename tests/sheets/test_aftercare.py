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
from plans.courses.models import Course, Session
from plans.data.factories import LocationFactory, PatientFactory, UserFactory
from plans.diary.models import Appointment
from plans.sheets import selectors, services
from plans.sheets.models import HandedOut
from plans.sheets.tags import Look

pytestmark = pytest.mark.django_db
ON_THE_DAY = dt.datetime(2026, 11, 23, 11, 0, tzinfo=dt.UTC)


@pytest.fixture
def sheet(visit, location):
    with time_machine.travel(ON_THE_DAY, tick=False):
        return selectors.aftercare(selectors.visits_with(location, visit.pk))


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
    sheet = selectors.aftercare(selectors.visits_with(location, visit.pk))
    assert sheet.language == "ru"
    assert "Пилинг ТСА" in sheet.title
    assert len(sheet.notes) == 1


def test_looking_at_the_page_hands_nothing_out(client, reception, visit):
    client.force_login(reception)
    with time_machine.travel(ON_THE_DAY, tick=False):
        page = client.get(reverse("sheets:aftercare", args=[visit.pk]))
    assert "Should be over by Thu 26 Nov." in page.content.decode()
    assert not HandedOut.objects.exists()
    assert Entry.objects.get(action="opened").patient_number == visit.patient.number


def test_the_printed_page_has_its_codes_and_is_written_down_with_its_version(
    client, reception, visit
):
    client.force_login(reception)
    with time_machine.travel(ON_THE_DAY, tick=False):
        page = client.post(
            reverse("sheets:aftercare", args=[visit.pk]),
            {"way": "page", "paper": "a5", "is_large": "on", "language": "de"},
        )
    assert page.content.decode().count('class="qr"') == 2
    given = HandedOut.objects.get()
    assert (given.visit, given.revision) == (visit, "tca_peel_medium 1")
    assert (given.paper, given.is_large, given.language, given.way) == ("a5", True, "de", "print")
    assert Entry.objects.get(action="printed").details["kind"] == "aftercare"


@pytest.mark.parametrize("chosen", [{}, {"paper": "a5"}, {"is_large": "on"}])
def test_the_pdf_holds_the_text_with_its_dates_and_is_tagged(client, reception, visit, chosen):
    client.force_login(reception)
    with time_machine.travel(ON_THE_DAY, tick=False):
        answer = client.post(reverse("sheets:aftercare", args=[visit.pk]), {"way": "pdf", **chosen})
    assert answer["Content-Type"] == "application/pdf"
    reader = PdfReader(io.BytesIO(answer.content))
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    assert "Thu 26 Nov" in text
    assert "Tue 23 Feb 2027, 10:00" in text
    assert "This sheet on your phone" in text
    assert reader.root_object["/MarkInfo"]["/Marked"]  # type: ignore[index]  # a tagged document has it
    assert b"pdfuaid" in answer.content
    width = 420 if chosen.get("paper") == "a5" else 595
    assert round(float(reader.pages[0].mediabox.width)) == width


def test_what_a_person_typed_never_becomes_a_command_of_the_typesetter(visit, location):
    visit.patient.family_name = '#panic("x") *bold* $x$ @ref \\ "'
    visit.patient.save()
    sheet = selectors.aftercare(selectors.visits_with(location, visit.pk))
    reader = PdfReader(io.BytesIO(services.pdf("aftercare.typ", [sheet])))
    assert '#panic("x") *bold*' in reader.pages[0].extract_text()


def test_a_name_in_a_script_that_the_fonts_lack_still_gets_its_sheet(visit, location):
    visit.patient.family_name = "王"
    visit.patient.save()
    sheet = selectors.aftercare(selectors.visits_with(location, visit.pk))
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
    for name in ("sheets:aftercare", "sheets:precare"):
        assert client.get(reverse(name, args=[visit.pk])).status_code == 404


def test_the_catalogue_editor_may_not_print(client, visit, location):
    client.force_login(UserFactory(role="editor", location=location))
    assert client.get(reverse("sheets:aftercare", args=[visit.pk])).status_code == 403


def test_the_day_prints_every_sheet_and_none_of_a_cancelled_visit(client, reception, visit, course):
    client.force_login(reception)
    day = reverse("sheets:day", args=[dt.date(2026, 11, 23)])
    assert client.get(day).content.decode().count('class="paper"') == 1
    assert client.post(day, {"way": "pdf"})["Content-Type"] == "application/pdf"
    visit.status = "cancelled"
    visit.save()
    assert "No aftercare sheets" in client.get(day).content.decode()
    assert client.post(day, {"way": "pdf"}).status_code == 404


def copies(visit, n):
    """As many more patients as `n` with a visit on the same day, each with a course of their own."""
    for number in range(n):
        patient = PatientFactory.create(
            location=visit.location, language=["ru", "es", "de"][number % 3]
        )
        course = visit.session.course
        course = Course.objects.create(
            plan=course.plan,
            patient=patient,
            revision=course.revision,
            created_at=course.created_at,
        )
        session = Session.objects.create(course=course, ordinal=1)
        start = visit.starts_at + dt.timedelta(hours=1)
        Appointment.objects.create(
            patient=patient, location=visit.location, session=session, starts_at=start,
            ends_at=start + dt.timedelta(minutes=30), created_at=start,
        )  # fmt: skip


def test_handing_out_a_day_costs_the_same_queries_for_few_sheets_and_for_many(
    visit, location, reception
):
    def made() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as seen:
            days = selectors.on_day(location, dt.date(2026, 11, 23))
            sheets = services.hand_out(
                "aftercare", days, Look(), lambda secret: (secret, secret),
                by=reception, way="print",
            )  # fmt: skip
        audit = sum('INTO "audit_entry"' in each["sql"] for each in seen.captured_queries)
        return len(sheets), len(seen) - audit

    copies(visit, 2)
    few, queries = made()
    copies(visit, 9)
    many, more = made()
    assert (few, many) == (3, 12)
    assert queries == more


def test_each_sheet_of_the_day_speaks_its_patients_language(visit, location):
    copies(visit, 3)
    days = selectors.on_day(location, dt.date(2026, 11, 23))
    assert [selectors.aftercare(each).language for each in days] == ["en", "ru", "es", "de"]


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
    answer = client.post(reverse("sheets:aftercare", args=[visit.pk]), {"way": "pdf"})
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
    sheet = selectors.aftercare(selectors.visits_with(location, visit.pk))
    reader = PdfReader(io.BytesIO(services.pdf("aftercare.typ", [sheet])))
    assert "*Petrova*" in reader.pages[0].extract_text()


def test_the_first_days_are_drawn_on_the_page_and_said_in_the_table(client, reception, visit):
    client.force_login(reception)
    page = client.get(reverse("sheets:aftercare", args=[visit.pk])).text
    drawing = page[page.index('<svg class="tl"') : page.index("</svg>", page.index('class="tl"'))]
    # Cooling, redness, the crust and what is to be left; not what always holds.
    assert drawing.count("<rect") == 4
    for words in ("Cool with ice in a…", "Redness", "A brown crust forms", "No sauna"):
        assert words in drawing
    assert "Never try" not in drawing


def test_the_sheet_says_where_when_areas_are_planned(visit, location):
    Course.objects.filter(pk=visit.session.course_id).update(areas=["cheeks", "temples"])
    sheet = selectors.aftercare(selectors.visits_with(location, visit.pk), "de")
    assert sheet.who[-1] == ("Wo", "Wangen, Schläfen")
