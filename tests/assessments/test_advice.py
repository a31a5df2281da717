"""The advice after an assessment: the clinic's catalogue and the patient's own facts."""

import datetime as dt

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from clinic.kit import clock
from plans.assessments.selectors import advice_for
from plans.catalogue.models import Procedure
from plans.core.advice import Standing
from plans.data.factories import FactFactory, FactTypeFactory, ProcedureFactory, RevisionFactory
from plans.protocols.models import Protocol
from tests.diary.clinic import TODAY

TOMORROW = TODAY + dt.timedelta(days=1)


def advice(row, day: dt.date = TOMORROW):
    return advice_for(row, day, TODAY)


def titles(row, standing: Standing) -> list[str]:
    return [
        each.title
        for section in advice(row).sections
        if section.standing is standing
        for each in section.rows
    ]


def present(clinic, code: str, **dates: dt.date) -> None:
    FactFactory(
        patient=clinic.patient, fact_type=FactTypeFactory(code=code), status="present",
        recorded_at=clock.now(), **dates,
    )  # fmt: skip


def test_each_stands_where_it_belongs_with_its_reason(
    needling, ointment, light, protocol, assessed
):
    row = assessed()
    assert titles(row, Standing.FITS) == ["Old deep pits", "Needling"]
    assert titles(row, Standing.USELESS) == ["Ointment"]
    assert titles(row, Standing.UNFIT) == ["Botulinum toxin", "Medium TCA peel", "IPL"]
    fits, useless, unfit = advice(row).sections
    assert fits.rows[1].helps == "For: Pits, Rolling, Deep. Nothing is said of: Old."
    assert useless.rows[0].useless == "Ointments do nothing for old, deep pits."
    assert unfit.rows[-1].helps == "Meant for: Widened capillaries."


def test_reasons_speak_the_page_s_language(ointment, assessed):
    with translation.override("de"):
        [section] = [s for s in advice(assessed()).sections if s.standing is Standing.USELESS]
    assert section.rows[0].useless == "Salben helfen hier nicht."


def test_what_is_meant_for_other_pits_says_which(needling, ointment, assessed):
    row = assessed(pit_age="recent")
    [unfit] = [s for s in advice(row).sections if s.standing is Standing.UNFIT]
    [said] = [each.helps for each in unfit.rows if each.title == "Ointment"]
    assert said == "Its pits: Shallow. Seen: Deep."


def test_a_fact_of_the_patient_makes_what_fits_wait_until_its_day(clinic, needling, assessed):
    present(clinic, "isotretinoin_oral", since=dt.date(2026, 5, 1), until=dt.date(2026, 7, 23))
    [waits] = [s for s in advice(assessed()).sections if s.standing is Standing.WAITS]
    [row] = waits.rows
    assert row.earliest == dt.date(2027, 1, 23)
    assert row.why == "Isotretinoin stopped 23 Jul 2026: wait 6 months, until Sat 23 Jan 2027"
    later = advice(assessed(), dt.date(2027, 1, 23))
    assert later.sections[0].standing is Standing.FITS


def test_a_caution_is_said_and_keeps_nothing_back(clinic, needling, assessed):
    present(clinic, "keloid_tendency")
    [row] = advice(assessed()).sections[0].rows
    assert row.verdict.word == "caution"
    assert row.why.startswith("Keloid tendency")


def test_open_questions_of_what_fits_are_named(clinic, needling, light, assessed):
    day = dt.date(2027, 3, 1)
    assert advice(assessed()).questions == ()
    asked = advice_for(assessed(), day, day)
    # On the day itself what is asked at every session is open too, and the drug's answer has grown old.
    assert set(asked.questions) == {"Isotretinoin", "Pregnancy"}


def test_home_products_come_with_their_regimen(ointment, assessed):
    row = assessed(pit_depth="shallow", pit_age="recent", pit_types=[])
    [fits] = [s for s in advice(row).sections if s.standing is Standing.FITS]
    assert fits.rows[0].how == "At home, 2 times a day, for 7 days"
    assert fits.rows[0].instructions == ("Do not rub it in.",)
    assert not fits.rows[0].is_bookable


def test_a_protocol_names_its_steps(protocol, assessed):
    row = advice(assessed()).sections[0].rows[0]
    assert row.how == "1. Needling, 3 sessions; 2. Ointment, 7 days at home (if wanted)"


def test_nothing_retired_is_advised_nor_a_protocol_that_needs_it(protocol, assessed):
    Procedure.objects.filter(code="needling").update(retired_at=clock.now())
    assert titles(assessed(), Standing.FITS) == []


def test_a_protocol_goes_on_without_a_retired_step_that_nobody_must_do(protocol, assessed):
    Procedure.objects.filter(code="ointment").update(retired_at=clock.now())
    assert "Old deep pits" in titles(assessed(), Standing.FITS)


def test_a_retired_protocol_is_not_advised(protocol, assessed):
    Protocol.objects.update(retired_at=clock.now())
    assert titles(assessed(), Standing.FITS) == ["Needling"]


def test_the_queries_do_not_grow_with_the_catalogue(needling, assessed):
    row = assessed()

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            advice(row)
        return len(queries)

    few = count()
    for n in range(12):
        procedure = ProcedureFactory(code=f"laser_{n}")
        RevisionFactory(procedure=procedure, state="current", suits={"signs": ["pits"]})
    assert count() == few <= 18
