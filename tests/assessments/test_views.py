"""Pages of assessments: the form, the advice with its buttons, and the list."""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.kit import clock
from plans.assessments.models import Assessment
from plans.data.factories import FactFactory, FactTypeFactory, ProcedureFactory, RevisionFactory

NEW = "/assessments/142/new/"
SENT = {
    "signs": ["pits", "scarring"], "pit_types": ["rolling"], "pit_depth": "deep", "pit_age": "old",
    "causes": ["squeezing"], "goodman_baron": "3", "skin_type": "4", "areas": ["cheeks"],
    "done_on": "2026-11-09", "note": "Left side worse.",
}  # fmt: skip


@pytest.fixture
def client(clinic) -> Client:
    client = Client()
    client.force_login(clinic.practitioner)
    return client


def send(client: Client, **changes):
    return client.post(NEW, {**SENT, "key": uuid.uuid4(), **changes})


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_what_is_ticked_is_recorded_and_leads_to_the_advice(client):
    answer = send(client)
    row = Assessment.objects.get()
    assert answer["Location"] == f"/assessments/142/{row.pk}/"
    assert (row.signs, row.pit_depth, row.goodman_baron) == (["pits", "scarring"], "deep", 3)
    assert (row.skin_type, row.areas, row.causes) == (4, ["cheeks"], ["squeezing"])


def test_a_second_click_leads_to_the_same_assessment(client):
    key = uuid.uuid4()
    first, second = send(client, key=key), send(client, key=key)
    assert first["Location"] == second["Location"]


def test_a_skin_type_that_endangers_a_visit_leads_to_it(client, laser_visit):
    key = uuid.uuid4()
    first, second = (send(client, key=key, skin_type="5") for _ in range(2))
    assert first["Location"] == second["Location"] == f"/health/142/saved/?new={laser_visit.pk}"
    page = text(client.get(first["Location"]))
    assert "1 visit of Anna Petrova must move" in page
    assert "since these answers" in page


def test_the_next_form_is_filled_in_with_what_was_seen_then(client, assessed):
    assessed(done_on=dt.date(2026, 10, 5), goodman_baron=2, note="Was red.")
    html = text(client.get(NEW))
    assert "Filled in as on Mon 5 Oct: change what is different." in html
    assert "Mon 5 Oct: Rolling" in html
    form = client.get(NEW).context["form"]
    assert form["pit_types"].value() == ["rolling"]
    assert form["goodman_baron"].value() == 2
    assert form["done_on"].value() == dt.date(2026, 11, 9)
    assert "Was red." not in html


def test_nothing_ticked_is_told_beside_the_signs_and_keeps_the_note(client):
    answer = client.post(NEW, {"key": uuid.uuid4(), "done_on": "2026-11-09", "note": "Nothing yet"})
    assert answer.status_code == 422
    html = text(answer)
    assert '<p class="invalid" id="id_signs_error">Tick at least one thing' in html
    assert "Nothing yet" in html


def test_who_describes_pits_need_not_tick_them(client):
    send(client, signs=[])
    assert Assessment.objects.get().signs == ["pits"]


def test_a_day_to_come_is_told_beside_the_day(client):
    answer = send(client, done_on="2026-11-10")
    assert answer.status_code == 422
    assert "Take today or an earlier day" in text(answer).split('id="id_done_on_error"')[1]


def test_a_sign_that_does_not_exist_is_refused(client):
    assert send(client, signs=["no_such_sign"]).status_code == 422
    assert not Assessment.objects.exists()


def test_the_advice_gives_a_button_to_what_fits_and_a_reason_to_the_rest(
    client, needling, ointment, light, assessed
):
    html = text(client.get(f"/assessments/142/{assessed().pk}/"))
    assert 'href="/series/142/needling/?sign=pits&amp;depth=deep"' in html
    assert "Ointments do nothing for old, deep pits." in html
    assert "Meant for: Widened capillaries." in html
    assert "/series/142/ipl/" not in html


def test_nothing_refused_has_a_button(client, clinic, needling, assessed):
    allergy = FactTypeFactory(code="allergy", name={"en": "Allergy to the numbing cream"})
    FactFactory(
        patient=clinic.patient, fact_type=allergy, status="present", recorded_at=clock.now()
    )
    laser = RevisionFactory(
        procedure=ProcedureFactory(code="laser"), suits={"signs": ["pits"]}, name={"en": "Laser"}
    )
    laser.contraindications.create(fact_type=allergy, severity="absolute", source="article")
    laser.state = "current"
    laser.save(update_fields=["state"])
    html = text(client.get(f"/assessments/142/{assessed().pk}/"))
    assert "Refused for this patient" in html
    assert "not while this is so" in html.split("Allergy to the numbing cream")[1]
    assert "/series/142/laser/" not in html


def test_the_advice_is_judged_for_the_day_asked_for(client, clinic, needling, assessed):
    drug = FactTypeFactory(code="isotretinoin_oral")
    FactFactory(
        patient=clinic.patient, fact_type=drug, status="present", recorded_at=clock.now(),
        since=dt.date(2026, 5, 1), until=dt.date(2026, 7, 23),
    )  # fmt: skip
    page = f"/assessments/142/{assessed().pk}/"
    assert "Wait until Sat 23 Jan 2027" in text(client.get(page))
    assert "Wait until" not in text(client.get(page, {"on": "2027-01-23"}))
    # A day that is no day, or over, falls back on what can be planned.
    for day in ("soon", "2020-01-01"):
        assert client.get(page, {"on": day}).status_code == 200


def test_open_questions_lead_to_the_health_form(client, needling, assessed):
    html = text(client.get(f"/assessments/142/{assessed().pk}/", {"on": "2026-11-09"}))
    assert "1 question is open: Pregnancy." in html
    assert '<a href="/health/142/">' in html


def test_an_earlier_assessment_points_to_the_one_that_counts(client, assessed):
    earlier = assessed(done_on=dt.date(2026, 10, 5))
    later = assessed()
    html = text(client.get(f"/assessments/142/{earlier.pk}/"))
    assert f'<a href="/assessments/142/{later.pk}/">See that one</a>' in html
    assert "See that one" not in text(client.get(f"/assessments/142/{later.pk}/"))


def test_the_list_shows_all_latest_first(client, assessed):
    assessed(done_on=dt.date(2026, 10, 5), signs=["scarring"])
    assessed()
    html = text(client.get("/assessments/142/"))
    assert html.index("Pits (Rolling, Deep, Old)") < html.index("Scarring (Rolling, Deep, Old)")


def test_the_list_costs_the_same_with_one_and_with_many(client, assessed):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/assessments/142/")
        return len(queries)

    assessed()
    count()
    few = count()
    for _ in range(4):
        assessed()
    assert count() == few


def test_planning_starts_from_what_was_seen(client, needling, ointment, assessed):
    assessed()
    html = text(client.get("/courses/plan/142/"))
    assert "What suits is sorted by the assessment of Mon 9 Nov" in html
    assert html.index("Needling") < html.index("Ointments do nothing for old, deep pits.")
    # Recent pits are not useless to treat, and the type keeps ice-picks from needling.
    assessed(pit_age="recent", pit_types=["ice_pick"])
    html = text(client.get("/courses/plan/142/"))
    assert "Ointments do nothing" not in html
    assert "Suits" not in html


def test_the_patient_s_file_shows_what_was_seen_last_to_those_who_treat(client, clinic, assessed):
    assert "Not assessed yet" in text(client.get("/patients/142/"))
    row = assessed(goodman_baron=3)
    html = text(client.get("/patients/142/"))
    assert "Pits (Rolling, Deep, Old)" in html
    assert f'href="/assessments/142/{row.pk}/"' in html
    desk = Client()
    desk.force_login(clinic.reception)
    assert "Rolling" not in text(desk.get("/patients/142/"))
