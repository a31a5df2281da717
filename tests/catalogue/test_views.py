"""The catalogue's pages."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.kit.operations import Role
from clinic.places.models import Location
from clinic.staff.models import User
from plans.catalogue.models import Procedure, Revision
from plans.catalogue.selectors import current_revision, draft_of
from plans.catalogue.services import load_catalogue, start_draft
from plans.data.factories import UserFactory
from tests.catalogue.conftest import PRODUCT, book_course, filled
from tests.catalogue.small_file import changed

DRAFT = "/catalogue/tca/draft/"
PUBLISH = "/catalogue/tca/draft/publish/"


def page_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def leads_to(answer: Any) -> str:
    """Where the browser is sent."""
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def save(client: Client, then: str = "stay", **fields: str) -> Any:
    """Open the editor, type `fields` and send the form."""
    return client.post(DRAFT, filled(page_of(client, DRAFT)) | fields | {"then": then})


@pytest.fixture
def drafting(tca: Procedure, at_desk: Client) -> Client:
    """The manager's browser, the draft opened."""
    assert leads_to(at_desk.post(f"{DRAFT}start/")) == DRAFT
    return at_desk


def test_the_list_says_the_interval_in_words_and_the_use(
    tca: Procedure, at_desk: Client, manager: User, location: Location
):
    book_course(manager, location, [10])
    page = page_of(at_desk, "/catalogue/")
    assert "3 to 6 months, best 3 months" in page
    assert "3 to 6 sessions, best 3" in page
    assert "in use by 1 course" in page


def test_the_list_marks_a_draft(drafting: Client):
    assert "draft 2" in page_of(drafting, "/catalogue/")


@pytest.mark.parametrize(
    ("query", "there", "missing"),
    [
        ("q=peeling", "TCA peel", "Acid at home"),
        ("kind=home", "Acid at home", "TCA peel"),
        ("q=nothing-like-it", "Nothing found", "TCA peel"),
    ],
)
def test_the_list_is_narrowed(
    catalogue: None, at_desk: Client, query: str, there: str, missing: str
):
    page = page_of(at_desk, f"/catalogue/?{query}")
    assert there in page
    assert missing not in page


def test_under_htmx_only_what_was_found_is_sent(catalogue: None, at_desk: Client):
    part = at_desk.get("/catalogue/?q=tca", headers={"HX-Request": "true"}).content.decode()
    assert "TCA peel" in part
    assert "<html" not in part


def test_an_empty_catalogue_says_what_to_do_first(db: None, at_desk: Client):
    assert "load_catalogue" in page_of(at_desk, "/catalogue/")


def test_the_data_sheet_shows_rules_with_their_sources(catalogue: None, at_desk: Client):
    page = page_of(at_desk, "/catalogue/tca/")
    for words in (
        "80 minutes in the clinic",
        "3 to 6 months, best 3 months between sessions",
        "Isotretinoin",
        "6 months",
        "Never pull the crust.",
        "about day 0 to 3",
        "An article",
        "minute 30 to 80",
        "Revision 1",
    ):
        assert words in page


def test_the_product_s_pages_can_be_shown_in_every_language(db: None, at_desk: Client):
    load_catalogue(PRODUCT.read_text(encoding="utf-8"))
    for language in ("en", "ru", "es", "de"):
        at_desk.cookies["django_language"] = language
        for code in ("tca_peel_medium", "fruit_peel_home", "collagen_injection"):
            page = page_of(at_desk, f"/catalogue/{code}/")
            assert current_revision(code).name[language] in page


def test_what_does_not_exist_is_not_found(tca: Procedure, at_desk: Client):
    for url in ("/catalogue/foo/", "/catalogue/tca/revisions/9/", DRAFT, PUBLISH):
        assert at_desk.get(url).status_code == 404


def test_saving_a_draft_that_is_gone_says_so_and_leads_to_the_revisions(
    tca: Procedure, at_desk: Client
):
    for url in (DRAFT, f"{DRAFT}discard/"):
        answer = at_desk.post(url, {"name_en": "Peel"}, follow=True)
        assert answer.redirect_chain == [("/catalogue/tca/", 302)]
        assert "published or discarded already" in answer.content.decode()


READ, EDIT, PUT = "view_catalogue", "edit_catalogue", "publish_catalogue"


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.RECEPTION, {READ}),
        (Role.PRACTITIONER, {READ}),
        (Role.PHYSICIAN, {READ, PUT}),
        (Role.EDITOR, {READ, EDIT, PUT}),
        (Role.MANAGER, {READ, EDIT, PUT}),
        (Role.AUDITOR, set()),
    ],
)
def test_a_role_may_do_what_the_list_of_permissions_says(
    tca: Procedure, client: Client, location: Location, role: Role, may: set[str]
):
    person = UserFactory(role=role, location=location)
    start_draft(tca, by=person)
    client.force_login(person)
    routes = {
        ("GET", "/catalogue/"): READ,
        ("GET", "/catalogue/tca/"): READ,
        ("GET", "/catalogue/tca/revisions/2/"): READ,
        ("GET", DRAFT): EDIT,
        ("POST", DRAFT): EDIT,
        ("POST", f"{DRAFT}start/"): EDIT,
        ("GET", PUBLISH): PUT,
        ("POST", PUBLISH): PUT,
        ("POST", f"{DRAFT}discard/"): EDIT,
    }
    for (method, url), operation in routes.items():
        answer = client.generic(method, url)
        assert (answer.status_code == 403) == (operation not in may), (method, url)


def test_changing_an_interval_takes_three_clicks_and_one_field(tca: Procedure, at_desk: Client):
    opened = leads_to(at_desk.post(f"{DRAFT}start/"))
    reviewed = at_desk.post(
        opened, filled(page_of(at_desk, opened)) | {"interval_min_0": "4", "then": "review"}
    )
    assert leads_to(reviewed) == PUBLISH
    published = at_desk.post(PUBLISH, filled(page_of(at_desk, PUBLISH)))
    assert leads_to(published) == "/catalogue/tca/"
    revision = current_revision("tca")
    assert (revision.number, revision.interval_min_n) == (2, 4)
    # The recommended one was pushed along: it may not lie below the shortest.
    assert revision.interval_recommended_n == 4


def test_saving_untouched_changes_nothing(drafting: Client, tca: Procedure):
    assert save(drafting).status_code == 302
    drafting.post(PUBLISH, filled(page_of(drafting, PUBLISH)) | {"reason": "none"})
    assert current_revision("tca").number == 1


def test_a_shortest_interval_above_the_longest_is_refused_with_both_values(
    drafting: Client, tca: Procedure
):
    answer = save(drafting, interval_min_0="7", age_min="21")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Shortest interval (7 months) is more than longest interval (6 months)" in page
    assert (filled(page)["interval_min_0"], filled(page)["age_min"]) == ("7", "21")
    draft = draft_of(tca)
    assert draft is not None
    assert draft.interval_min_n == 3


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"interval_recommended_0": "2"}, "Shortest interval (3 months) is more than recommended"),
        ({"interval_max_0": "25"}, "Between 1 day and 2 years."),
        ({"interval_max_0": ""}, "Give all three values, or none."),
        ({"interval_max_0": "soon"}, "Enter a whole number."),
        (
            {"course_min": "7"},
            "Fewest sessions (7 sessions) is more than most sessions (6 sessions)",
        ),
        ({"on_break_on_for_0": "3"}, "Give all three values, or none."),
        ({"duration_treat": "0"}, "at least one minute of treatment"),
        ({"name_en": ""}, "This field is required."),
        ({"lines-0-severity": "mild"}, "Select a valid choice"),
        ({"lines-0-fact": "foo"}, "Nothing was saved"),
        ({"lines-3-fact": "keloid"}, "Keloids stands here twice."),
        ({"aftercare-0-from_day": "5"}, "From day 5 is after day 3."),
        ({"aftercare-0-text_en": ""}, "This field is required."),
        ({"lines-TOTAL_FORMS": "x"}, "Nothing was saved"),
    ],
)
def test_bad_input_is_refused_beside_its_field(
    drafting: Client, fields: dict[str, str], words: str
):
    answer = save(drafting, **fields)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_contraindications_are_changed_added_and_removed(drafting: Client, tca: Procedure):
    load_catalogue(changed("facts:\n", f"facts:\n{LATEX}"))
    answer = save(
        drafting,
        **{
            "lines-0-severity": "absolute",
            "lines-1-DELETE": "on",
            "lines-3-fact": "latex",
            "lines-3-washout_0": "2",
            "lines-3-washout_1": "weeks",
        },
    )
    assert answer.status_code == 302
    draft = draft_of(tca)
    assert draft is not None
    lines = draft.contraindications.values_list("fact_type__code", "severity", "washout_n")
    assert set(lines) == {
        ("pregnancy", "absolute", None),
        ("isotretinoin", "temporary", 6),
        ("latex", "temporary", 2),
    }


LATEX = "  - {code: latex, category: allergy, kind: lifelong, recheck: never, name: {en: Latex}}\n"


def test_care_steps_are_changed_added_and_removed(drafting: Client, tca: Procedure):
    save(
        drafting,
        **{
            "aftercare-0-text_ru": "Не трогать корку.",
            "aftercare-1-DELETE": "on",
            "aftercare-2-text_en": "Use sunscreen.",
            "aftercare-2-from_day": "0",
        },
    )
    draft = draft_of(tca)
    assert draft is not None
    steps = [step for step in draft.care_steps.all() if not step.is_precare]
    assert [step.text["en"] for step in steps] == ["Never pull the crust.", "Use sunscreen."]
    assert steps[0].text["ru"] == "Не трогать корку."
    assert (steps[1].from_day, steps[1].to_day) == (0, None)


def test_other_minutes_move_what_the_visit_holds(drafting: Client, tca: Procedure):
    save(drafting, duration_treat="45", anaesthesia_wait_minutes="0")
    draft = draft_of(tca)
    assert draft is not None
    held = set(draft.needs.values_list("kind", "from_minute", "to_minute"))
    assert held == {("practitioner", 0, 75), ("room", 0, 75), ("device", 0, 75)}


def test_the_later_of_two_editors_is_told_and_keeps_what_was_typed(
    drafting: Client, tca: Procedure
):
    mine = filled(page_of(drafting, DRAFT)) | {"age_min": "21"}
    save(drafting, interval_min_0="4")
    answer = drafting.post(DRAFT, mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Shortest interval: theirs 4 months, yours 3 months" in page
    assert filled(page)["age_min"] == "21"
    again = drafting.post(DRAFT, filled(page))
    assert again.status_code == 302
    draft = draft_of(tca)
    assert draft is not None
    assert (draft.age_min, draft.interval_min_n) == (21, 3)


def test_the_review_lists_the_changes_and_whom_they_touch(
    drafting: Client, manager: User, location: Location
):
    book_course(manager, location, [1, 100])
    save(drafting, interval_min_0="4")
    page = page_of(drafting, PUBLISH)
    assert "<del>3 months</del>" in page
    assert "<ins>4 months</ins>" in page
    assert "Petrova" in page
    assert "1 booked session stands earlier than the new shortest interval." in page


def test_the_review_names_no_patient_to_who_may_not_see_them(
    drafting: Client, client: Client, editor: User, manager: User, location: Location
):
    book_course(manager, location, [1, 100])
    save(drafting, interval_min_0="4")
    client.force_login(editor)
    page = page_of(client, PUBLISH)
    assert "Petrova" not in page
    assert "2 sessions owed" in page


def test_the_second_click_on_publish_leads_where_the_first_did(drafting: Client):
    save(drafting, interval_min_0="4")
    sent = filled(page_of(drafting, PUBLISH))
    ends = {leads_to(drafting.post(PUBLISH, sent)) for _ in range(2)}
    assert ends == {"/catalogue/tca/"}
    assert Revision.objects.filter(procedure__code="tca").count() == 2


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"reason": ""}, "Say why the rules change"),
        ({"version": "0"}, "Look at the differences again"),
    ],
)
def test_publishing_is_refused_on_the_page(drafting: Client, fields: dict[str, str], words: str):
    save(drafting, interval_min_0="4")
    answer = drafting.post(PUBLISH, filled(page_of(drafting, PUBLISH)) | fields)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert current_revision("tca").number == 1


def test_a_draft_can_be_discarded(drafting: Client, tca: Procedure):
    assert leads_to(drafting.post(f"{DRAFT}discard/")) == "/catalogue/tca/"
    assert draft_of(tca) is None


def test_publishing_what_was_published_meanwhile_says_so(drafting: Client, tca: Procedure):
    save(drafting, interval_min_0="4")
    one, other = (filled(page_of(drafting, PUBLISH)) for _ in range(2))
    drafting.post(PUBLISH, one)
    answer = drafting.post(PUBLISH, other, follow=True)
    assert "published or discarded already" in answer.content.decode()


@pytest.mark.parametrize("url", ["/catalogue/", "/catalogue/tca_peel_medium/"])
def test_a_page_costs_the_same_with_few_and_many_procedures(
    catalogue: None, at_desk: Client, manager: User, location: Location, url: str
):
    few = queries(at_desk, url.replace("tca_peel_medium", "tca"))
    load_catalogue(PRODUCT.read_text(encoding="utf-8"))
    for _ in range(3):
        book_course(manager, location, [10])
    assert queries(at_desk, url) == few


def queries(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as found:
        assert client.get(url).status_code == 200
    return len(found)
