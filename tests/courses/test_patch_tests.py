"""Patch tests: recorded where they are found missing, and what they open in the diary."""

import datetime as dt
import re
import uuid

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.audit.models import Entry as Line
from clinic.kit.operations import Role
from clinic.kit.refusals import Refusal
from clinic.places.selectors import resources_at
from plans.catalogue.models import Need, Revision
from plans.core.screening import Entry
from plans.courses.models import PatchTest
from plans.courses.selectors import known_patients
from plans.courses.services import record_patch_test
from plans.data.factories import (
    CapabilityFactory,
    GroupFactory,
    LocationFactory,
    ProcedureFactory,
    RevisionFactory,
    UserFactory,
)
from plans.diary.models import Appointment
from plans.diary.selectors import case_of, check_in, core_patient
from plans.series.selectors import Ask, proposals
from tests.diary.clinic import TODAY, Clinic, client_of, said

PAGE = "/courses/patch-test/142/ipl/"
BOOK = "/series/142/ipl/"
LONG_AGO = dt.date(2026, 4, 1)


def make_light(code: str = "ipl", **changes) -> Revision:
    """Light on the skin every four weeks, after a test that is read two days later and good for six months."""
    values = {
        "interval_min_n": 3, "interval_recommended_n": 4, "interval_max_n": 8,
        "sessions_min": 1, "sessions_recommended": 3, "sessions_max": 12,
        "patch_code": f"PT-{code.upper()}", "patch_required": True, "patch_renewed_by_session": True,
        "patch_read_after_n": 2, "patch_read_after_unit": "days",
        "patch_valid_n": 6, "patch_valid_unit": "months",
    }  # fmt: skip
    units = {f"interval_{name}_unit": "weeks" for name in ("min", "recommended", "max")}
    procedure = ProcedureFactory(code=code, group=GroupFactory(code="light"))
    light = RevisionFactory(
        procedure=procedure, name={"en": "Pulsed light"}, numbing_minutes=0, **units,
        **(values | changes),
    )  # fmt: skip
    for kind, able in (("practitioner", "physician"), ("room", "procedure_water")):
        Need.objects.create(
            revision=light, kind=kind, capability=CapabilityFactory(code=able),
            from_minute=0, to_minute=40,
        )  # fmt: skip
    light.state = "current"
    light.save(update_fields=["state"])
    return light


@pytest.fixture
def light(clinic) -> Revision:
    return make_light()


@pytest.fixture
def nurse(clinic, light) -> Client:
    return client_of(clinic.practitioner)


def sent(done_on: dt.date | str = TODAY, **changes) -> dict[str, str]:
    return {"done_on": str(done_on), "note": "", "key": str(uuid.uuid4()), **changes}


def record_test(clinic: Clinic, day: dt.date = TODAY, code: str = "PT-IPL") -> PatchTest:
    return record_patch_test(clinic.patient, code, day, by=clinic.practitioner, key=uuid.uuid4())


def offered(
    clinic: Clinic, revision: Revision, count: int = 3, first_from: dt.date = TODAY, **wishes
):
    ask = Ask(
        patient=clinic.patient, location=clinic.location, revision=revision, count=count,
        first_from=first_from, **wishes,
    )  # fmt: skip
    return proposals(ask, resources_at(clinic.location))


# From nothing to booked


def test_a_treatment_without_its_test_is_booked_once_the_test_is_recorded(clinic, nurse):
    before = nurse.get(BOOK)
    assert "Patch test: not done yet, do it first." in said(before)
    assert f'href="{PAGE}"' in before.content.decode()
    assert "Book all 3" not in said(before)

    answer = nurse.post(PAGE, sent(note="left forearm"))
    assert answer["Location"] == BOOK
    after = nurse.get(BOOK)
    assert "Patch test recorded. It can be read from Wed 11 Nov." in said(after)
    assert "The first day allowed is Wed 11 Nov 2026" in said(after)
    assert PAGE not in after.content.decode()

    offer = re.findall(r'name="offer"[^>]*value="([^"]+)"', after.content.decode())[0]
    assert nurse.post(BOOK, {"offer": offer, "key": uuid.uuid4()}).status_code == 302
    first = Appointment.objects.order_by("starts_at")[0]
    assert first.starts_at.date() == dt.date(2026, 11, 11)
    checked = check_in(first, TODAY)
    assert checked is not None
    assert checked.open_findings == []


def test_the_wishes_of_the_booking_come_back_from_the_test(nurse):
    html = nurse.get(BOOK, {"sessions": "2", "part": "morning"}).content.decode()
    assert f'href="{PAGE}?sessions=2&amp;part=morning"' in html
    answer = nurse.post(f"{PAGE}?sessions=2&part=morning", sent())
    assert answer["Location"] == f"{BOOK}?sessions=2&part=morning"


def test_a_visit_whose_test_has_lapsed_leads_to_the_test_and_back(clinic, light, nurse):
    record_test(clinic, TODAY - dt.timedelta(days=1))
    clinic.book(dt.date(2026, 11, 26), revision=light)
    visit = Appointment.objects.get()
    address = reverse("visits:visit", args=[visit.pk])
    assert PAGE not in nurse.get(address).content.decode()

    late = dt.datetime(2027, 6, 3, 10, tzinfo=dt.UTC)
    Appointment.objects.filter(pk=visit.pk).update(
        starts_at=late, ends_at=late + dt.timedelta(hours=1)
    )
    html = nurse.get(address).content.decode()
    assert "Patch test was good until 8 May 2027: do it again" in html
    assert f'href="{PAGE}?visit={visit.pk}"' in html
    assert nurse.post(f"{PAGE}?visit={visit.pk}", sent())["Location"] == address


def test_the_page_shows_the_tests_on_record(clinic, nurse):
    record_patch_test(
        clinic.patient, "PT-IPL", TODAY, by=clinic.practitioner, note="left arm", key=uuid.uuid4()
    )
    assert "Mon 9 Nov" in said(nurse.get(PAGE))
    assert "left arm" in said(nurse.get(PAGE))


# What is refused


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (dt.date(2026, 11, 10), "Tue 10 Nov 2026 is still to come."),
        (dt.date(1992, 3, 13), "This is before the birth date."),
        (TODAY, "This test is recorded for Mon 9 Nov 2026 already."),
        ("soon", "Enter a valid date."),
        ("", "This field is required."),
    ],
)
def test_a_day_that_cannot_be_is_refused_beside_its_field(clinic, nurse, day, words):
    record_test(clinic)
    answer = nurse.post(PAGE, sent(day, note="left forearm"))
    assert answer.status_code == 422
    assert words in " ".join(answer.context["form"].errors["done_on"])
    assert 'value="left forearm"' in answer.content.decode()
    assert PatchTest.objects.count() == 1


def test_a_test_that_no_rules_ask_for_is_refused(clinic, light):
    with pytest.raises(Refusal, match="No procedure asks for a test PT-WAX"):
        record_test(clinic, code="PT-WAX")


def test_a_refused_test_may_be_sent_again_with_the_same_key(nurse):
    form = sent(dt.date(2026, 11, 10))
    assert nurse.post(PAGE, form).status_code == 422
    assert nurse.post(PAGE, form | {"done_on": str(TODAY)}).status_code == 302


def test_a_second_click_records_nothing_twice(nurse):
    form = sent()
    first, second = nurse.post(PAGE, form), nurse.post(PAGE, form)
    assert first["Location"] == second["Location"] == BOOK
    assert PatchTest.objects.count() == 1


def test_reception_is_told_who_records_the_test(clinic, light):
    desk = client_of(clinic.reception)
    page = desk.get(BOOK)
    assert "A practitioner records the patch test first." in said(page)
    assert PAGE not in page.content.decode()
    assert desk.get(PAGE).status_code == desk.post(PAGE, sent()).status_code == 403
    assert not PatchTest.objects.exists()


def test_a_patient_of_another_location_is_not_found(clinic, light):
    foreign = client_of(UserFactory(role=Role.PHYSICIAN, location=LocationFactory()))
    assert foreign.get(PAGE).status_code == foreign.post(PAGE, sent()).status_code == 404


def test_a_procedure_without_a_test_has_no_such_page(nurse):
    assert nurse.get("/courses/patch-test/142/tca_peel_medium/").status_code == 404
    assert nurse.get("/courses/patch-test/142/no-such-procedure/").status_code == 404


# What is kept


def test_the_record_says_who_and_when_without_the_note(clinic, nurse):
    nurse.post(PAGE, sent(note="left forearm"))
    line = Line.objects.get(action="patch_test_recorded")
    assert (line.by, line.patient_number) == (clinic.practitioner, 142)
    assert line.details == {"code": "PT-IPL", "done_on": "2026-11-09"}


@pytest.mark.parametrize("verb", ["UPDATE courses_patchtest SET code = 'x'", "DELETE FROM courses_patchtest"])  # fmt: skip
def test_a_test_on_record_stays_as_it_is(clinic, light, verb):
    record_test(clinic)
    with (
        pytest.raises(IntegrityError, match="courses_patchtest_append_only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(verb)


# What it opens


def test_the_history_holds_the_test(clinic, light):
    record_test(clinic, LONG_AGO)
    assert core_patient(clinic.patient).history == (Entry("PT-IPL", LONG_AGO),)


def test_a_test_that_no_rules_in_force_know_is_left_out(clinic, light):
    record_test(clinic)
    Revision.objects.filter(pk=light.pk).update(state="superseded")
    assert known_patients([clinic.patient])[clinic.patient.pk].history == ()
    assert offered(clinic, clinic.peel, first_from=dt.date(2026, 11, 26)).series


def test_a_test_long_done_opens_today(clinic, light):
    record_test(clinic, TODAY - dt.timedelta(days=30))
    answer = offered(clinic, light)
    assert answer.starts_from == TODAY
    assert answer.waits == ()


def test_a_lapsed_test_opens_nothing_until_it_is_done_again(clinic, light, nurse):
    record_test(clinic, LONG_AGO)
    page = nurse.get(BOOK)
    assert "Patch test was good until 1 Oct 2026: do it again." in said(page)
    assert f'href="{PAGE}"' in page.content.decode()
    assert offered(clinic, light).starts_from is None
    record_test(clinic)
    assert offered(clinic, light).starts_from == dt.date(2026, 11, 11)


def test_the_first_session_stands_before_the_test_runs_out(clinic, light):
    record_test(clinic, dt.date(2026, 5, 12))
    last_day = dt.date(2026, 11, 12)
    fridays = offered(clinic, light, weekdays=frozenset({5}))
    assert fridays.series
    assert not fridays.keeps_wishes
    for each in fridays.series:
        assert each.offer.places[0].day <= last_day
        assert not any(screening.verdict.blocks for screening in each.screenings)


def test_a_series_longer_than_the_test_is_good_for_renews_it(clinic):
    """Eight sessions six weeks apart: the last one comes ten months after the test."""
    hair = make_light("hair", interval_recommended_n=6, interval_min_n=4, interval_max_n=12)
    record_test(clinic, code="PT-HAIR")
    answer = offered(clinic, hair, count=8)
    assert answer.series
    for each in answer.series:
        assert each.offer.places[-1].day > dt.date(2027, 5, 9)
        assert not any(screening.verdict.blocks for screening in each.screenings)
    days = [place.day for place in answer.series[0].offer.places]
    assert clinic.book(*days, revision=hair).sessions.count() == 8


def test_a_test_that_no_session_renews_ends_the_series(clinic):
    strict = make_light("strict", patch_renewed_by_session=False, interval_min_n=4)
    record_test(clinic, code="PT-STRICT")
    assert not offered(clinic, strict, count=8).series


# What it costs


def test_what_is_known_costs_the_same_with_one_test_and_with_many(clinic, light, django_assert_num_queries):  # fmt: skip
    for number in range(2):
        for day in range(5 * number):
            record_test(clinic, TODAY - dt.timedelta(days=day + 1))
        with django_assert_num_queries(5):
            core_patient(clinic.patient)
        with django_assert_num_queries(9):
            case_of(clinic.patient, "ipl", TODAY)


def test_the_page_costs_the_same_with_one_test_and_with_many(clinic, nurse):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert nurse.get(PAGE).status_code == 200
        return len(queries)

    record_test(clinic)
    one = count()
    for day in range(1, 8):
        record_test(clinic, TODAY - dt.timedelta(days=day))
    assert count() == one
