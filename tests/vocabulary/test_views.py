"""The pages of the vocabulary."""

from typing import Any

import pytest
from django.test import Client

from clinic.kit import clock
from clinic.patients.models import FactType
from clinic.places.models import Location
from clinic.staff.models import User
from plans.data.factories import FactFactory, FactTypeFactory, PatientFactory, UserFactory
from plans.vignettes.models import Vignette
from plans.vocabulary import services
from plans.vocabulary.selectors import overview, recheck_of
from tests.catalogue.conftest import filled
from tests.vocabulary.conftest import Told

pytestmark = pytest.mark.django_db


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_list_shows_question_recheck_use_and_counts(
    at_desk: Client, catalogue: None, told: Told
):
    told("isotretinoin", "present")
    page = text_of(at_desk.get("/vocabulary/"))
    assert "Isotretinoin" in page
    assert "3 months" in page
    assert "2 procedures" in page
    assert "1 patient" in page


def test_the_list_is_searched_by_name_and_former_code_and_narrowed_by_category(
    at_desk: Client, isotretinoin: FactType, editor: User
):
    services.rename_fact(isotretinoin, "retinoid_oral", reason="why", by=editor)
    for address in ("?q=isotretinoin", "?q=retinoid_oral", "?category=medication&q=isotr"):
        assert "/vocabulary/retinoid_oral/" in text_of(at_desk.get(f"/vocabulary/{address}"))
    assert "/vocabulary/retinoid_oral/" not in text_of(at_desk.get("/vocabulary/?category=state"))
    assert at_desk.get("/vocabulary/?category=nonsense").status_code == 200


def test_what_follows_from_the_skin_type_is_a_trait(catalogue: None):
    FactTypeFactory(code="phototype_4", kind="derived", category="state")
    assert [row.fact.code for row in overview(category="trait")] == ["phototype_4"]
    assert "phototype_4" not in {row.fact.code for row in overview(category="state")}


def test_the_page_of_a_fact_leads_to_the_procedures_that_ask_for_it(
    at_desk: Client, catalogue: None
):
    page = text_of(at_desk.get("/vocabulary/isotretinoin/"))
    assert "/catalogue/tca/" in page
    assert "6 months" in page
    assert "missing" in page


def test_a_former_code_leads_to_the_fact(at_desk: Client, isotretinoin: FactType, editor: User):
    services.rename_fact(isotretinoin, "retinoid_oral", reason="why", by=editor)
    assert at_desk.get("/vocabulary/isotretinoin/")["Location"] == "/vocabulary/retinoid_oral/"
    assert at_desk.get("/vocabulary/nothing/").status_code == 404


def test_who_only_reads_sees_no_way_to_change(client: Client, catalogue: None, location: Location):
    client.force_login(UserFactory(role="practitioner", location=location))
    page = text_of(client.get("/vocabulary/isotretinoin/"))
    assert "/edit/" not in page
    assert client.get("/vocabulary/isotretinoin/edit/").status_code == 403


def form_of(client: Client, address: str) -> dict[str, str]:
    return filled(text_of(client.get(address)))


def test_texts_are_saved_in_each_language(at_desk: Client, isotretinoin: FactType):
    address = "/vocabulary/isotretinoin/edit/"
    form = form_of(at_desk, address)
    form |= {"question_de": "Ich nehme Isotretinoin", "hint_en": "as tablets", "reason": "missing"}
    assert at_desk.post(address, form)["Location"] == "/vocabulary/isotretinoin/"
    isotretinoin.refresh_from_db()
    assert isotretinoin.question == {"de": "Ich nehme Isotretinoin"}
    assert isotretinoin.hint == {"en": "as tablets"}


def test_another_recheck_is_saved_only_after_its_impact_was_shown(
    at_desk: Client, isotretinoin: FactType
):
    address = "/vocabulary/isotretinoin/edit/"
    form = form_of(at_desk, address) | {"recheck_n": "1", "reason": "guideline"}
    shown = at_desk.post(address, form)
    assert shown.status_code == 422
    assert "Who is touched" in text_of(shown)
    isotretinoin.refresh_from_db()
    assert isotretinoin.recheck_n == 3
    again = filled(text_of(shown))
    assert at_desk.post(address, again | {"recheck_n": "2"}).status_code == 422
    assert at_desk.post(address, again)["Location"] == "/vocabulary/isotretinoin/"
    isotretinoin.refresh_from_db()
    assert isotretinoin.recheck_n == 1


def test_the_clinics_cases_run_before_another_recheck_is_saved(
    at_desk: Client, isotretinoin: FactType
):
    facts = [
        {"code": code, "status": "denied", "since": "2026-11-23"}
        for code in ("pregnancy", "keloid")
    ]
    told = {"code": "isotretinoin", "status": "denied", "since": "2026-09-30"}
    Vignette.objects.create(
        code="asked-in-september",
        created_at=clock.now(),
        case={
            "procedure": "tca", "session_date": "2026-11-23",
            "patient": {"birth": "1990-05-14", "facts": [*facts, told], "history": []},
            "expect": {"verdict": "ok", "reasons": [], "earliest_ok": None},
        },
    )  # fmt: skip
    address = "/vocabulary/isotretinoin/edit/"
    form = form_of(at_desk, address) | {"reason": "guideline"}

    assert "asked-in-september" in text_of(at_desk.post(address, form | {"recheck_n": "1"}))
    assert "asked-in-september" not in text_of(at_desk.post(address, form | {"recheck_n": "2"}))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"recheck_unit": "weeks", "recheck_n": ""}, "Say how many"),
        ({"name_en": ""}, "required"),
        ({"reason": ""}, "Say why"),
        ({"recheck_unit": "years"}, "valid choice"),
    ],
)
def test_a_slip_comes_back_with_what_was_typed(
    at_desk: Client, catalogue: None, typed: dict[str, str], words: str
):
    address = "/vocabulary/isotretinoin/edit/"
    form = form_of(at_desk, address) | {"reason": "guideline", "hint_en": "typed before"} | typed
    answer = at_desk.post(address, form)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert "typed before" in text_of(answer)


def test_what_the_file_calls_for_good_and_for_one_visit_comes_back_as_it_was(
    at_desk: Client, catalogue: None
):
    for code, unit in (("pregnancy", "session"), ("keloid", "never")):
        FactType.objects.filter(code="keloid").update(recheck_n=None, recheck_unit="")
        address = f"/vocabulary/{code}/edit/"
        form = form_of(at_desk, address)
        assert form["recheck_unit"] == unit
        at_desk.post(address, form | {"hint_en": "h", "reason": "why"})
        assert recheck_of(FactType.objects.get(code=code)) == unit


def test_an_editor_who_was_overtaken_is_told_and_keeps_the_words(
    at_desk: Client, isotretinoin: FactType, editor: User
):
    address = "/vocabulary/isotretinoin/edit/"
    form = form_of(at_desk, address)
    FactType.objects.filter(pk=isotretinoin.pk).update(hint={"en": "theirs"})
    answer = at_desk.post(address, form | {"hint_en": "mine", "reason": "why"})
    assert answer.status_code == 409
    assert "theirs" in text_of(answer)
    assert at_desk.post(address, filled(text_of(answer))).status_code == 302
    isotretinoin.refresh_from_db()
    assert isotretinoin.hint == {"en": "mine"}


def test_a_new_fact_can_be_added(at_desk: Client, catalogue: None):
    form = form_of(at_desk, "/vocabulary/new/")
    form |= {"code": "gout", "name_en": "Gout", "reason": "asked for", "recheck_n": "6"}
    assert at_desk.post("/vocabulary/new/", form)["Location"] == "/vocabulary/gout/"
    assert at_desk.post("/vocabulary/new/", form)["Location"] == "/vocabulary/gout/"
    assert FactType.objects.filter(code="gout", recheck_n=6).count() == 1
    for code in ("new", "Gicht", "gout gout", "isotretinoin"):
        other = form_of(at_desk, "/vocabulary/new/") | {"name_en": "x", "reason": "y", "code": code}
        assert at_desk.post("/vocabulary/new/", other).status_code == 422


def test_a_code_is_changed_on_its_page(at_desk: Client, catalogue: None):
    address = "/vocabulary/isotretinoin/rename/"
    assert at_desk.post(address, {"code": "keloid", "reason": "why"}).status_code == 422
    answer = at_desk.post(address, {"code": "retinoid_oral", "reason": "why"})
    assert answer["Location"] == "/vocabulary/retinoid_oral/"


def test_a_merge_is_previewed_done_and_undone(at_desk: Client, roaccutane: FactType, told: Told):
    told("roaccutane", "present")
    address = "/vocabulary/roaccutane/merge/"
    assert "Read it as" not in text_of(at_desk.get(address))
    preview = text_of(at_desk.get(address, {"into": "isotretinoin"}))
    assert "1 patient answered it" in preview
    assert "Refuse, until 2 months after its end" in preview
    assert at_desk.post(address, {"into": "isotretinoin", "reason": ""}).status_code == 422
    answer = at_desk.post(address, {"into": "isotretinoin", "reason": "brand name"})
    assert answer.status_code == 302
    page = text_of(at_desk.get("/vocabulary/isotretinoin/"))
    assert "/vocabulary/roaccutane/" in page
    assert "1 patient" in page
    assert "is read as" in text_of(
        at_desk.get("/vocabulary/roaccutane/")
    ) or "are read as" in text_of(at_desk.get("/vocabulary/roaccutane/"))
    assert at_desk.post("/vocabulary/roaccutane/unmerge/", {"reason": "no"}).status_code == 302
    roaccutane.refresh_from_db()
    assert roaccutane.merged_into is None


def test_only_facts_of_its_kind_can_be_chosen(at_desk: Client, catalogue: None):
    page = text_of(at_desk.get("/vocabulary/roaccutane/merge/"))
    assert 'value="isotretinoin"' in page
    assert 'value="keloid"' not in page
    assert (
        at_desk.post(
            "/vocabulary/roaccutane/merge/", {"into": "keloid", "reason": "why"}
        ).status_code
        == 422
    )


def test_pages_cost_the_same_for_many_facts_as_for_few(
    at_desk: Client, catalogue: None, location: Location, django_assert_max_num_queries: Any
):
    with django_assert_max_num_queries(40) as few:
        at_desk.get("/vocabulary/")
        at_desk.get("/vocabulary/isotretinoin/")
    isotretinoin = FactType.objects.get(code="isotretinoin")
    for _n in range(5):
        FactFactory(fact_type=FactTypeFactory(), patient=PatientFactory(location=location))
        FactTypeFactory(merged_into=isotretinoin)
        FactFactory(
            fact_type=isotretinoin, patient=PatientFactory(location=location), since=clock.today()
        )
    with django_assert_max_num_queries(len(few)):
        at_desk.get("/vocabulary/")
        at_desk.get("/vocabulary/isotretinoin/")
