"""A protocol before a patient: its dates, what stands against them, and the plan that is made of them."""

import datetime as dt
import re
import uuid
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from clinic.audit.models import Entry
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.patients.models import Fact
from plans.catalogue.models import Revision
from plans.catalogue.selectors import rulebook
from plans.core.protocol import Content, Starts, Step
from plans.core.screening import Screener
from plans.core.spacing import Period
from plans.courses.models import Course, HomeCare, Plan, Session
from plans.courses.selectors import courses_of, known_patients
from plans.courses.services import start_home_care, stop_home_care
from plans.data.factories import (
    AppointmentFactory,
    CourseFactory,
    FactFactory,
    FactTypeFactory,
    PlanFactory,
    SessionFactory,
)
from plans.drafts.models import RevisionState
from plans.protocols.models import ProtocolRevision
from plans.protocols.selectors import Applying, Proposal, Wish, of_product
from plans.protocols.services import DatesMoved, apply_protocol, create_protocol, publish
from plans.terms.models import Sign
from tests.protocols.conftest import NOW, TODAY, Clinic, keep_gap, procedure

Make = Callable[..., Plan]
QUERIES = 13


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def propose(clinic: Clinic, protocol: ProtocolRevision, **wish: object) -> Proposal:
    asked = Wish(**{"start": TODAY, **wish})  # type: ignore[arg-type]  # a wish
    return Applying(clinic.patient, clinic.location, protocol).propose(asked)


def days_of(proposal: Proposal, step: int) -> list[str]:
    found = next(each for each in proposal.steps if each.step.number == step)
    return [dated.day.isoformat() for dated in found.dates]


@pytest.fixture
def make(clinic: Clinic, protocol: ProtocolRevision) -> Make:
    """Make the plan of what is proposed today."""

    def make_(key: uuid.UUID | None = None, seen: str | None = None, **wish: object) -> Plan:
        asked = Wish(**{"start": TODAY, **wish})  # type: ignore[arg-type]  # a wish
        seal = propose(clinic, protocol, **wish).seal if seen is None else seen
        return apply_protocol(
            clinic.patient, clinic.location, protocol, asked, seen=seal, by=clinic.physician,
            key=key or uuid.uuid4(),
        )  # fmt: skip

    return make_


def book(clinic: Clinic, revision: Revision, on: dt.date) -> None:
    """A visit at ten on that day."""
    plan = PlanFactory.create(patient=clinic.patient, created_by=clinic.physician)
    course = CourseFactory.create(plan=plan, patient=clinic.patient, revision=revision)
    session = SessionFactory.create(course=course)
    starts_at = dt.datetime.combine(on, dt.time(10), tzinfo=clinic.location.zone)
    AppointmentFactory.create(session=session, location=clinic.location, starts_at=starts_at)


def test_every_step_has_its_dates_on_days_when_the_clinic_is_open(clinic, protocol) -> None:
    proposal = propose(clinic, protocol)
    assert proposal.fits
    assert days_of(proposal, 1) == ["2026-11-30"]
    assert days_of(proposal, 2) == ["2027-03-15", "2027-06-15", "2027-09-15"]  # 13 March: Saturday
    assert days_of(proposal, 3) == ["2027-12-15"]
    assert proposal.last_day == day("2027-12-15")


def test_a_clinic_that_has_not_said_its_hours_is_never_closed(clinic, protocol) -> None:
    clinic.location.resources.update(is_active=False)
    assert days_of(propose(clinic, protocol), 2)[0] == "2027-03-13"


def test_optional_steps_are_left_out_and_counts_chosen(clinic, protocol) -> None:
    proposal = propose(clinic, protocol, left_out=frozenset({3}), counts={2: 4})
    assert [len(each.dates) for each in proposal.steps] == [1, 4]


def take(clinic: Clinic, until: dt.date | None) -> Fact:
    """The patient takes isotretinoin, up to `until`."""
    kind = FactTypeFactory.create(code="isotretinoin")
    since = TODAY - dt.timedelta(days=100)
    return FactFactory.create(
        patient=clinic.patient, fact_type=kind, status="present", since=since, until=until
    )


def test_what_is_known_of_the_patient_moves_a_step_and_says_why(clinic, protocol) -> None:
    take(clinic, until=day("2026-11-20"))
    peels = propose(clinic, protocol).steps[1]
    assert peels.begins == day("2027-03-13")
    assert peels.dates[0].day == day("2027-05-20")  # six months, a Thursday
    assert peels.dates[0].moved is not None
    assert peels.dates[0].moved.kind == "closed"  # 13 March is a Saturday


def test_a_fact_without_an_end_leaves_its_steps_without_dates(clinic, protocol) -> None:
    take(clinic, until=None)
    proposal = propose(clinic, protocol)
    assert not proposal.fits
    assert [each.step.number for each in proposal.steps if each.failure] == [2, 3]
    assert proposal.start_on is None
    assert propose(clinic, protocol, left_out=frozenset({2})).fits


def test_what_is_booked_moves_a_step_that_would_threaten_it(clinic, protocol, rules) -> None:
    book(clinic, rules["laser"], day("2027-03-20"))
    keep_gap(rules["peel"], rules["laser"], Period(3, "months"))
    peels = propose(clinic, protocol).steps[1]
    assert peels.dates[0].day == day("2027-03-22")  # after the laser of 20 March, a Saturday
    assert peels.dates[0].moved is not None


def test_a_later_start_is_offered_when_a_session_finds_no_day(clinic, rules) -> None:
    names = ("interval_min_n", "interval_recommended_n", "interval_max_n")
    month: dict[str, Any] = dict.fromkeys(names, 1)
    narrow = procedure("narrow", "narrow", **month, sessions_min=2, sessions_recommended=2)
    keep_gap(rules["peel"], narrow, Period(6, "weeks"))
    book(clinic, rules["peel"], day("2026-12-20"))
    made = create_protocol(
        Content({"en": "Twice"}, {}, (Step(1, "narrow", Starts(), sessions=2),), "clinic default"),
        by=clinic.editor,
    )
    protocol = publish(made, reason="A test.", by=clinic.physician)
    proposal = propose(clinic, protocol)
    assert not proposal.fits
    assert proposal.start_on == day("2026-12-29")
    assert propose(clinic, protocol, start=proposal.start_on).fits
    client = Client()
    client.force_login(clinic.reception)
    page = client.get(f"/protocols/twice/apply/{clinic.patient.number}/").content.decode()
    assert "Start on Tue 29 Dec 2026" in page
    (link,) = re.findall(r'href="(\?[^"]*start=2026-12-29[^"]*)"', page)
    moved = client.get(f"/protocols/twice/apply/{clinic.patient.number}/{unescape(link)}")
    assert "Make this plan" in moved.content.decode()


def test_a_procedure_that_is_offered_no_more_is_named_and_can_be_left_out(
    clinic, protocol, rules
) -> None:
    laser = rules["laser"].procedure
    laser.retired_at = NOW
    laser.save()
    proposal = propose(clinic, protocol)
    assert [step.number for step in proposal.gone] == [3]
    assert not proposal.fits
    assert propose(clinic, protocol, left_out=frozenset({3})).fits


def test_reading_costs_the_same_whatever_the_patient_has_behind_them(
    clinic, protocol, make: Make, django_assert_num_queries
) -> None:
    for made in range(2):
        if made:
            make()
        with django_assert_num_queries(QUERIES):
            propose(clinic, protocol)


# The plan


def test_the_plan_holds_courses_with_intended_days_and_home_care(clinic, make: Make) -> None:
    plan = make(areas=("cheeks",))
    assert plan.protocol_revision is not None
    assert plan.protocol_revision.number == 1
    care = plan.home_care.get()
    assert (care.starts_on, care.ends_on, care.protocol_step) == (TODAY, day("2027-02-27"), 1)
    peel, laser = plan.courses.order_by("protocol_step")
    assert (peel.protocol_step, peel.areas, laser.protocol_step) == (2, ["cheeks"], 3)
    planned = peel.sessions.order_by("ordinal").values_list("planned_on", flat=True)
    assert [str(each) for each in planned] == ["2027-03-15", "2027-06-15", "2027-09-15"]


def test_a_planned_day_is_shown_and_no_window_counts_from_it(clinic, make: Make) -> None:
    make(left_out=frozenset({1, 3}))
    (course,) = courses_of(clinic.patient)
    assert [view.state for view in course.sessions] == ["due"] * 3
    assert course.sessions[0].planned_on == day("2026-12-14")
    assert [view.window for view in course.sessions] == [None] * 3
    Session.objects.filter(ordinal=1).update(performed_on=TODAY)
    (course,) = courses_of(clinic.patient)
    assert course.sessions[0].planned_on is None
    assert course.sessions[1].window is not None
    assert course.sessions[1].window.earliest == day("2027-02-28")


@pytest.mark.parametrize(
    ("signs", "expected"), [([], None), (["pits"], "pits"), (["pits", "scarring"], None)]
)
def test_a_plan_is_for_the_sign_that_its_protocol_names_alone(
    protocol, make: Make, signs, expected
) -> None:
    Sign.objects.create(code="pits", name={"en": "Pits"})
    protocol.suits = {"signs": signs}
    assert getattr(make(left_out=frozenset({2, 3})).sign, "code", None) == expected


@pytest.fixture
def balm(rules) -> Revision:
    """Of the cream's kind; for two weeks."""
    regimen = {"course": {"value": 2, "unit": "weeks"}}
    return procedure("balm", "home_cream", is_home=True, regimen=regimen)


def test_a_single_product_is_used_at_home_for_as_long_as_its_rules_say(clinic, balm) -> None:
    http = Client()
    http.force_login(clinic.physician)
    url = f"/protocols/for/{clinic.patient.number}/balm/"
    seal = re.search(r'name="seen" value="([^"]+)"', http.get(url).content.decode())
    assert seal
    sent = {"key": str(uuid.uuid4()), "seen": unescape(seal[1])}
    assert [http.post(url, sent).status_code for _ in range(2)] == [302, 302]
    care = HomeCare.objects.get()
    assert (care.starts_on, care.ends_on) == (TODAY, TODAY + dt.timedelta(days=13))
    assert (care.revision, care.plan.protocol_revision) == (balm, None)


def test_a_single_product_keeps_clear_of_what_is_booked(clinic, rules, balm) -> None:
    product = of_product("balm", TODAY)
    assert product
    peel = TODAY + dt.timedelta(days=16)
    book(clinic, rules["peel"], peel)
    # It would end three days before the peel, which wants a week.
    assert propose(clinic, product).steps[0].dates[0].day > peel


def test_what_is_not_for_home_or_has_no_length_is_no_product(rules) -> None:
    assert [of_product(code, TODAY) for code in ("peel", "cream", "nothing")] == [None] * 3


def test_a_form_sent_twice_makes_one_plan(clinic, make: Make) -> None:
    key = uuid.uuid4()
    first = make(key=key)
    with pytest.raises(AlreadyDone) as again:
        make(key=key)
    assert again.value.outcome == str(clinic.patient.number)
    assert list(Plan.objects.all()) == [first]


def test_dates_that_are_not_those_seen_make_no_plan(clinic, protocol, make: Make) -> None:
    seen = propose(clinic, protocol).seal
    take(clinic, until=day("2026-11-20"))
    with pytest.raises(DatesMoved):
        make(seen=seen)
    _nothing_is_planned()


def test_a_plan_is_made_whole_or_not_at_all(clinic, make: Make) -> None:
    take(clinic, until=None)
    with pytest.raises(Refusal, match="find no dates"):
        make()
    with pytest.raises(Refusal, match="Nothing is chosen"):
        make(left_out=frozenset({1, 2, 3}))
    _nothing_is_planned()


def test_a_protocol_that_is_not_in_force_is_not_applied(clinic, protocol, make: Make) -> None:
    ProtocolRevision.objects.filter(pk=protocol.pk).update(state=RevisionState.SUPERSEDED)
    with pytest.raises(Refusal, match="changed or retired"):
        make()
    _nothing_is_planned()


def _nothing_is_planned() -> None:
    for model in (Plan, Course, Session, HomeCare):
        assert not model.objects.exists()


def test_the_audit_says_what_was_applied_and_names_nobody(clinic, make: Make) -> None:
    make()
    actions = list(
        Entry.objects.exclude(action="roles_given").order_by("id").values_list("action", flat=True)
    )
    assert actions == ["home_care_started", "course_opened", "course_opened", "protocol_applied"]
    entry = Entry.objects.get(action="protocol_applied")
    assert entry.patient_number == clinic.patient.number
    assert entry.details == {"protocol": "deep_pits", "number": 1, "steps": [1, 2, 3]}


# Home care in screening


def test_home_care_counts_from_its_last_day(clinic, make: Make) -> None:
    make(left_out=frozenset({2, 3}))
    (entry,) = known_patients([clinic.patient])[clinic.patient.pk].history
    assert (entry.procedure, entry.date, entry.until) == ("cream", TODAY, day("2027-02-27"))


def test_home_care_that_is_stopped_sets_free_what_waited_for_its_end(
    clinic, protocol, make: Make
) -> None:
    make(left_out=frozenset({2, 3}))
    alone = {"left_out": frozenset({1, 3})}
    assert days_of(propose(clinic, protocol, **alone), 2)[0] == "2027-03-08"  # 27 Feb + 7 days: Sat
    care = HomeCare.objects.get()
    stop_home_care(care, day("2026-12-18"), "It burns.", by=clinic.physician)
    assert days_of(propose(clinic, protocol, **alone), 2)[0] == "2026-12-25"


def test_home_care_that_was_never_used_counts_for_nothing(clinic, make: Make) -> None:
    make(left_out=frozenset({2, 3}), start=day("2026-12-10"))
    care = HomeCare.objects.get()
    stop_home_care(care, day("2026-12-09"), "Not bought.", by=clinic.physician)
    assert known_patients([clinic.patient])[clinic.patient.pk].history == ()


@pytest.mark.parametrize(
    ("last_day", "reason", "words"),
    [
        ("2026-12-18", " ", "Say why"),
        ("2026-11-28", "Never used.", "Its last day lies between"),
        ("2027-02-28", "Too late.", "Its last day lies between"),
    ],
)
def test_home_care_ends_within_its_time_and_with_a_reason(
    clinic, make: Make, last_day: str, reason: str, words: str
) -> None:
    make(left_out=frozenset({2, 3}))
    care = HomeCare.objects.get()
    with pytest.raises(Refusal, match=words):
        stop_home_care(care, day(last_day), reason, by=clinic.physician)
    stop_home_care(care, day("2026-12-18"), "It burns.", by=clinic.physician)
    with pytest.raises(Refusal, match="stopped before"):
        stop_home_care(care, day("2026-12-18"), "Again.", by=clinic.physician)


def test_fruit_acids_at_home_count_in_the_cycle_of_those_in_the_clinic(clinic, rules) -> None:
    cycle: dict[str, Any] = {"cycle_on_n": 3, "cycle_on_unit": "months", "cycle_break_min_n": 1}
    cycle |= {"cycle_break_min_unit": "months", "cycle_break_max_n": 2}
    cycle |= {"cycle_break_max_unit": "months"}
    together: dict[str, Any] = {"cycle_counts_together": ["acid", "home_acid"]}
    acid = procedure("acid", "light_peel", **cycle, **together)
    at_home = procedure("home_acid", "home_acid", is_home=True, **cycle, **together)
    plan = PlanFactory.create(patient=clinic.patient, created_by=clinic.physician)
    start_home_care(plan, at_home, TODAY, day("2027-02-25"), by=clinic.physician)
    patient = known_patients([clinic.patient])[clinic.patient.pk]
    screener = Screener(rulebook(), acid.procedure.code, patient, TODAY)
    assert screener.screen(day("2027-02-26")).reasons == ()
    paused = screener.screen(day("2027-03-01"))
    assert paused.reasons == ("break:acid",)
    assert paused.earliest_ok == day("2027-03-25")


def test_only_a_product_for_home_is_used_at_home(clinic, rules) -> None:
    plan = PlanFactory.create(patient=clinic.patient, created_by=clinic.physician)
    with pytest.raises(Refusal, match="not offered for use at home"):
        start_home_care(plan, rules["peel"], TODAY, None, by=clinic.physician)
