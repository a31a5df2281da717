"""The editor's pages: sections of a draft, saved one by one."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.kit import clock
from clinic.staff.models import User
from plans.catalogue.models import Confirmation, Procedure, Revision
from plans.catalogue.selectors import draft_of, ruleset, with_content
from plans.catalogue.services import publish, start_draft
from plans.core.ruleset import RuleSet
from plans.exchange.services import load_catalogue
from plans.gaps.selectors import draft_table, gap_rules
from tests.catalogue.conftest import PRODUCT
from tests.catalogue.small_file import FULL, changed
from tests.editor.conftest import filled

pytestmark = pytest.mark.django_db
RULES = "/editor/tca/rules/"
LINES = "/editor/tca/contraindications/"


def page_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def leads_to(answer: Any) -> str:
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.headers["Location"])


def save(client: Client, section: str, then: str = "stay", **fields: str) -> Any:
    """Open a section of the peel's draft, type `fields` and send the form."""
    url = f"/editor/tca/{section}/"
    return client.post(url, filled(page_of(client, url)) | fields | {"then": then})


def draft_rules() -> RuleSet:
    return ruleset(with_content().get(procedure__code="tca", state="draft"))


def origin(path: str) -> tuple[str, str]:
    return next((one.source, one.note) for one in draft_rules().origins if one.path == path)


# --- opening and leaving


def test_edit_opens_the_draft_at_its_rules(tca: Procedure, at_desk: Client):
    assert leads_to(at_desk.post("/editor/tca/start/")) == RULES
    assert draft_of(tca) is not None


def test_a_draft_can_begin_from_an_earlier_revision(tca: Procedure, at_desk: Client, editor: User):
    save_interval(at_desk)
    draft = draft_of(tca)
    assert draft is not None
    publish(draft, reason="x", by=editor)
    at_desk.post("/editor/tca/start/", {"base": "1"})
    again = draft_of(tca)
    assert again is not None
    assert (again.number, again.interval_min_n) == (3, 3)
    assert at_desk.post("/editor/tca/start/", {"base": "77"}).status_code == 404


def save_interval(client: Client) -> None:
    client.post("/editor/tca/start/")
    assert save(client, "rules", interval_min_0="4").status_code == 302


def test_a_draft_that_is_gone_says_so_and_leads_to_the_revisions(tca: Procedure, at_desk: Client):
    for url in (RULES, "/editor/tca/gaps/", "/editor/tca/discard/"):
        answer = at_desk.post(url, {"seen": "x"}, follow=True)
        assert answer.redirect_chain == [("/catalogue/tca/", 302)]
        assert "published or discarded already" in answer.content.decode()
    assert at_desk.get(RULES).status_code == 404


def test_a_draft_can_be_discarded(tca: Procedure, draft: Revision, at_desk: Client):
    assert leads_to(at_desk.post("/editor/tca/discard/")) == "/catalogue/tca/"
    assert draft_of(tca) is None


def test_one_click_alone_discards_nothing(draft: Revision, at_desk: Client):
    page = page_of(at_desk, RULES)
    before, after = page.split('form="discard"')
    assert before.rfind("<details>") > before.rfind("</details>")
    assert "Discard all that was saved in it" in after


def test_a_code_with_spaces_is_refused_in_plain_words(draft: Revision, at_desk: Client):
    answer = save(at_desk, "rules", patch_test_code="Skin test")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Letters, digits, - and _ only" in page
    assert "slug" not in page


def test_the_buttons_stay_in_reach_below_a_long_list_of_sessions():
    styles = (settings.BASE_DIR / "static/cadence/cadence-pages.css").read_text()
    assert re.search(r"\.panel\.sticky \{ max-height: [^}]*overflow-y: auto", styles)
    assert re.search(r"\.panel\.sticky > footer \{ position: sticky; bottom: 0", styles)


def test_only_the_sections_that_a_procedure_has_are_there(draft: Revision, at_desk: Client):
    assert at_desk.get("/editor/tca/regimen/").status_code == 404
    assert "Regimen" not in page_of(at_desk, RULES)
    at_desk.post("/editor/acid_home/start/")
    page = page_of(at_desk, "/editor/acid_home/regimen/")
    assert "Rinse." in page
    assert at_desk.get("/editor/acid_home/needs/").status_code == 404


# --- values, sources, marks


def test_a_value_shows_what_is_in_force_its_source_and_that_nobody_confirmed_it(
    draft: Revision, at_desk: Client
):
    page = page_of(at_desk, RULES)
    for words in ("3 months", 'value="article"', "not yet", "lasting", "latest 6 months"):
        assert words in page
    assert "no value changed" not in page


def test_a_confirmed_value_says_by_whom_and_waits_again_once_it_changes(
    draft: Revision, at_desk: Client, physician: User
):
    confirm("tca/interval.min", "3 months", "article", physician)
    assert physician.display_name in page_of(at_desk, RULES)
    save(at_desk, "rules", interval_min_0="4")
    assert physician.display_name not in page_of(at_desk, RULES)


def confirm(address: str, value: str, source: str, by: User, *, withdrawn: bool = False) -> None:
    Confirmation.objects.create(
        address=address, value=value, source=source, by=by, on=clock.today(), at=clock.now(),
        is_withdrawn=withdrawn,
    )  # fmt: skip


def test_a_changed_value_becomes_the_clinics_own_and_keeps_its_note(
    draft: Revision, at_desk: Client
):
    save(at_desk, "rules", effect_lasts_0="9", interval_min_0="4")
    assert origin("effect_lasts") == ("clinic default", "lasting")
    assert origin("interval.min") == ("clinic default", "")
    # The recommended one was pushed along: it may not lie below the shortest.
    assert draft_rules().values["interval.recommended"].n == 4


def test_a_source_named_by_hand_stays_and_an_unknown_one_is_refused(
    draft: Revision, at_desk: Client
):
    save(at_desk, "rules", interval_max_source="article", interval_max_note="as the leaflet says")
    assert origin("interval.max") == ("article", "as the leaflet says")
    save(at_desk, "rules", interval_max_0="8", interval_max_source="clinic default")
    assert origin("interval.max") == ("clinic default", "as the leaflet says")
    answer = save(at_desk, "rules", interval_max_source="hearsay")
    assert answer.status_code == 422
    assert "No such source" in answer.content.decode()


def test_the_tabs_count_and_mark_what_is_changed_missing_and_unconfirmed(
    draft: Revision, at_desk: Client
):
    save(at_desk, "rules", interval_min_0="4")
    page = page_of(at_desk, LINES)
    tabs = page[
        page.index('aria-label="Sections"') : page.index(
            "</nav>", page.index('aria-label="Sections"')
        )
    ]
    assert "2 values changed" in tabs
    assert "values not confirmed" in tabs
    assert "missing" in tabs
    assert '<span class="count"> 3</span>' in tabs


def test_the_drawing_sets_what_is_in_force_against_the_draft(draft: Revision, at_desk: Client):
    save(at_desk, "rules", interval_min_0="4")
    page = page_of(at_desk, RULES)
    assert "in force 3 to 6 months, best 3 months, draft 4 to 6 months, best 4 months" in page
    assert "off work 14 days" in page
    assert page.count("tl-window") == 2
    assert page.count("tl-window past") == 1, "what is in force stands back behind the draft"


@pytest.mark.parametrize(
    ("section", "fields", "words"),
    [
        ("rules", {"interval_min_0": "7"}, "Shortest interval (7 months) is more than longest interval (6 months)"),
        ("rules", {"interval_recommended_0": "2"}, "Shortest interval (3 months) is more than recommended"),
        ("rules", {"interval_max_0": "25"}, "Between 1 day and 2 years."),
        ("rules", {"interval_max_0": ""}, "Give all three values, or none."),
        ("rules", {"interval_max_0": "soon"}, "Enter a whole number."),
        ("rules", {"course_min": "7"}, "Fewest sessions (7 sessions) is more than most sessions"),
        ("rules", {"on_break_on_for_0": "3"}, "Give all three values, or none."),
        ("rules", {"patch_test_required": "on"}, "Name the patch test that is needed."),
        ("rules", {"patch_test_code": "PT-X"}, "A patch test needs both lengths"),
        ("needs", {"duration_treat": "0"}, "at least one minute of treatment"),
        ("needs", {"needs-0-to_minute": "500"}, "The visit takes 80 minutes"),
        ("needs", {"needs-4-capability": "physician"}, "stands here twice"),
        ("contraindications", {"lines-0-severity": "mild"}, "Select a valid choice"),
        ("contraindications", {"lines-3-fact": "keloid"}, "Keloids stands here twice."),
        ("contraindications", {"lines-TOTAL_FORMS": "x"}, "Nothing was saved"),
        ("gaps", {"before-0-min_0": ""}, "Say how long."),
        ("gaps", {"before-1-other": "group:home_acid", "before-1-min_0": "2"}, "This gap stands here twice."),
        ("parameters", {"parameters-0-min": "50"}, "The least is more than the most."),
        ("parameters", {"parameters-0-type": "choice"}, "Write what can be chosen."),
        ("care", {"aftercare-0-from_day": "5"}, "From day 5 is after day 3."),
        ("care", {"aftercare-0-text_en": ""}, "Write it in English first"),
        ("texts", {"name_en": ""}, "Write it in English first"),
        ("suits", {"suits_source": "hearsay"}, "No such source"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_beside_its_field_and_nothing_typed_is_lost(
    draft: Revision, at_desk: Client, section: str, fields: dict[str, str], words: str
):
    before = draft_rules()
    answer = save(at_desk, section, **fields)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    kept = filled(page)
    assert all(
        kept.get(name, "") == value
        for name, value in fields.items()
        if "TOTAL" not in name and value != "on" and value != "mild"
    )
    assert draft_rules() == before


# --- every section saves its own


def test_saving_untouched_changes_nothing(draft: Revision, at_desk: Client):
    before = draft_rules()
    for section in ("rules", "needs", "contraindications", "gaps", "parameters", "care", "texts"):
        assert save(at_desk, section).status_code == 302
    assert draft_rules() == before
    assert draft_table() is None


def test_other_durations_move_what_is_held_but_not_minutes_of_its_own(
    draft: Revision, at_desk: Client
):
    page = filled(page_of(at_desk, "/editor/tca/needs/"))
    lamp = next(n for n in range(4) if page[f"needs-{n}-capability"] == "lamp")
    save(at_desk, "needs", **{f"needs-{lamp}-from_minute": "50", f"needs-{lamp}-to_minute": "60"})
    save(at_desk, "needs", duration_treat="45", anaesthesia_wait_minutes="0")
    held = {one.capability: (one.from_minute, one.to_minute) for one in draft_rules().needs}
    assert held == {"physician": (0, 75), "water": (0, 75), "fan": (0, 75), "lamp": (50, 60)}


def test_contraindications_are_changed_added_and_removed(draft: Revision, at_desk: Client):
    load_catalogue(changed("facts:\n", f"facts:\n{LATEX}", FULL))
    save(
        at_desk,
        "contraindications",
        **{
            "lines-0-severity": "relative",
            "lines-1-DELETE": "on",
            "lines-2-note": "labels say six months",
            "lines-3-fact": "latex",
            "lines-3-washout_0": "2",
            "lines-3-washout_1": "weeks",
            "lines-3-source": "article",
        },
    )
    lines = {line.fact: line for line in draft_rules().lines}
    assert set(lines) == {"pregnancy", "isotretinoin", "latex"}
    assert lines["pregnancy"].source == "clinic default"
    assert lines["isotretinoin"].note == "labels say six months"
    assert (lines["latex"].source, lines["latex"].washout_source) == ("article", "clinic default")


LATEX = "  - {code: latex, category: allergy, kind: lifelong, recheck: never, name: {en: Latex}}\n"


def test_parameters_are_added_ordered_and_removed(draft: Revision, at_desk: Client):
    new = {
        "parameters-1-key": "layers", "parameters-1-label_en": "Layers", "parameters-1-type": "choice",
        "parameters-1-choices": "1, 2, 3", "parameters-1-ORDER": "1", "parameters-1-source": "article",
    }  # fmt: skip
    save(at_desk, "parameters", **new)
    layers, percent = draft_rules().values["parameters"]
    assert (layers["key"], layers["choices"]) == ("layers", ["1", "2", "3"])
    assert percent == {
        "key": "percent", "label": {"en": "Strength"}, "type": "number", "unit": "%",
        "min": 10, "max": 40, "required": True,
    }  # fmt: skip
    assert origin("parameters.layers") == ("article", "")
    save(at_desk, "parameters", **{"parameters-0-DELETE": "on", "parameters-1-max": "35"})
    [percent] = draft_rules().values["parameters"]
    assert percent["max"] == 35
    assert origin("parameters.percent") == ("clinic default", "")


def test_care_lines_are_changed_added_moved_and_removed(draft: Revision, at_desk: Client):
    save(
        at_desk,
        "care",
        **{
            "aftercare-0-text_ru": "Не трогать корку.",
            "aftercare-1-ORDER": "1",
            "aftercare-2-text_en": "Use **sunscreen**.",
            "aftercare-2-from_day": "0",
            "precare-0-DELETE": "on",
        },
    )
    steps = draft_rules().steps
    assert [step.text["en"] for step in steps] == [
        "Wash with cool water.", "Never pull the crust.", "Use **sunscreen**.",
    ]  # fmt: skip
    assert steps[1].text["ru"] == "Не трогать корку."
    assert (steps[2].is_precare, steps[2].from_day, steps[2].to_day) == (False, 0, None)


def test_the_sheet_is_shown_as_it_will_be_read_and_as_it_is_typed(draft: Revision, at_desk: Client):
    save(at_desk, "care", **{"aftercare-1-text_en": "Use **sunscreen** <b>now</b>."})
    page = page_of(at_desk, "/editor/tca/care/")
    assert "Use <strong>sunscreen</strong> &lt;b&gt;now&lt;/b&gt;." in page
    typed = filled(page) | {"aftercare-1-text_de": "Schatten.", "language": "de"}
    part = at_desk.post("/editor/tca/preview/", typed).content.decode()
    assert "Schatten." in part
    assert "<html" not in part
    assert draft_rules().steps[2].text.get("de") is None
    unfinished = at_desk.post("/editor/tca/preview/", typed | {"aftercare-0-from_day": "9"})
    assert "not complete yet" in unfinished.content.decode()


def test_texts_show_what_is_missing_and_are_saved_by_language(draft: Revision, at_desk: Client):
    before = page_of(at_desk, "/editor/tca/texts/").count("missing</span>")
    save(at_desk, "texts", name_ru="Пилинг", **{"indications-1-text_en": "scars"})
    rules = draft_rules()
    assert rules.values["name"] == {"en": "TCA peel", "de": "TCA-Peeling", "ru": "Пилинг"}
    assert [one["en"] for one in rules.values["indications"]] == ["pits", "scars"]
    # Russian is there now; the new indication lacks three languages.
    assert page_of(at_desk, "/editor/tca/texts/").count("missing</span>") == before - 1 + 3


def test_what_it_helps_and_does_not_help_is_chosen_with_reasons(draft: Revision, at_desk: Client):
    url = "/editor/tca/suits/"
    sent = filled(page_of(at_desk, url)) | {"suits_source": "article"}
    # Boxes have no value of their own in the page's untouched form: all of what is chosen is sent.
    sent |= {
        "pit_types": [],
        "pit_ages": [],
        "signs": "pits",
        "pit_depths": ["shallow", "deep"],
        "useless-0-pit_ages": "recent",
    }
    sent |= {"useless-0-why_en": "Too early.", "useless_for_source": "article"}
    assert at_desk.post(url, sent).status_code == 302
    values = draft_rules().values
    assert values["suits"]["pit_depths"] == ["deep", "shallow"]
    assert values["suits"]["pit_types"] == []
    [useless] = values["useless_for"]
    assert (useless["pit_ages"], useless["why"]) == (["recent"], {"en": "Too early."})
    assert origin("useless_for") == ("article", "")


def test_a_home_product_has_a_regimen(catalogue: None, at_desk: Client):
    at_desk.post("/editor/acid_home/start/")
    url = "/editor/acid_home/regimen/"
    fields = {"times_n": "2", "times_source": "article", "instructions-1-text_en": "Dry."}
    assert at_desk.post(url, filled(page_of(at_desk, url)) | fields).status_code == 302
    rules = ruleset(with_content().get(procedure__code="acid_home", state="draft"))
    assert rules.values["regimen"] == {
        "times": {"value": 2, "unit": "per week"},
        "course": {"value": 90, "unit": "days"},
        "instructions": [{"en": "Rinse."}, {"en": "Dry."}],
    }
    wrong = at_desk.post(url, filled(page_of(at_desk, url)) | {"course_n": ""})
    assert "Say how often and how long, or neither." in wrong.content.decode()


# --- gaps


def test_gaps_go_to_a_draft_of_the_clinics_table_and_leave_those_of_others(
    draft: Revision, at_desk: Client
):
    answer = save(
        at_desk,
        "gaps",
        **{
            "before-0-min_0": "5",
            "after-0-other": "procedure:acid_home",
            "after-0-own": "procedure",
            "after-0-min_0": "2",
            "after-0-min_1": "weeks",
            "after-0-source": "article",
            "after-0-why_en": "It stings.",
        },
    )
    assert answer.status_code == 302
    table = draft_table()
    assert table is not None
    first, second = gap_rules(table)
    assert (first.rule, first.min.n, first.why) == ("gap:home_acid>peel", 5, {"en": "It stings."})
    assert (second.rule, second.after_is_procedure, second.before_is_procedure) == (
        "gap:tca>acid_home", True, True,
    )  # fmt: skip
    assert gap_rules()[0].min.n == 3
    assert "published apart" in page_of(
        at_desk, "/editor/tca/gaps/"
    ) or "once that table is published" in page_of(at_desk, "/editor/tca/gaps/")


def test_the_later_of_two_editors_of_the_gaps_is_told(draft: Revision, at_desk: Client):
    mine = filled(page_of(at_desk, "/editor/tca/gaps/")) | {"before-0-min_0": "9"}
    save(at_desk, "gaps", **{"before-0-min_0": "5"})
    answer = at_desk.post("/editor/tca/gaps/", mine)
    assert answer.status_code == 409
    assert filled(answer.content.decode())["before-0-min_0"] == "9"
    assert at_desk.post("/editor/tca/gaps/", filled(answer.content.decode())).status_code == 302
    table = draft_table()
    assert table is not None
    assert gap_rules(table)[0].min.n == 9


# --- two editors


def test_what_another_saved_in_another_section_stays_and_is_no_clash(
    draft: Revision, at_desk: Client
):
    mine = filled(page_of(at_desk, RULES)) | {"age_min": "21"}
    save(at_desk, "needs", duration_treat="25")
    assert at_desk.post(RULES, mine).status_code == 302
    values = draft_rules().values
    assert (values["age.min"], values["duration.treat"]) == (21, 25)


def test_the_later_of_two_in_one_section_is_told_and_loses_nothing(
    draft: Revision, at_desk: Client
):
    mine = filled(page_of(at_desk, RULES)) | {"age_min": "21"}
    save(at_desk, "rules", interval_min_0="4")
    answer = at_desk.post(RULES, mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Shortest interval: theirs 4 months, yours 3 months" in page
    assert filled(page)["age_min"] == "21"
    assert at_desk.post(RULES, filled(page)).status_code == 302
    values = draft_rules().values
    assert (values["age.min"], values["interval.min"].n) == (21, 3)


# --- who may


def test_a_second_click_on_save_saves_once(draft: Revision, at_desk: Client):
    sent = filled(page_of(at_desk, RULES)) | {"interval_min_0": "4", "interval_recommended_0": "4"}
    for _click in range(2):
        assert at_desk.post(RULES, sent).status_code == 302
    draft.refresh_from_db()
    assert (draft.version, draft.interval_min_n) == (1, 4)


def test_a_physician_changes_contraindications_and_reads_the_rest(
    draft: Revision, client: Client, physician: User
):
    client.force_login(physician)
    page = page_of(client, RULES)
    assert "You can read this section" in page
    assert 'value="stay"' not in page
    assert client.post(RULES, filled(page)).status_code == 403
    assert client.post("/editor/tca/gaps/", {}).status_code == 403
    assert save(client, "contraindications", **{"lines-0-severity": "absolute"}).status_code == 302
    assert draft_rules().lines[0].severity == "absolute"


def test_a_manager_does_not_touch_what_refuses(
    draft: Revision, client: Client, manager: User, at_desk: Client, editor: User
):
    save(at_desk, "contraindications", **{"lines-0-severity": "absolute"})
    client.force_login(manager)
    refused = save(client, "contraindications", **{"lines-1-severity": "absolute"})
    assert refused.status_code == 422
    assert "What refuses is decided by the physician" in refused.content.decode()
    # What the page shows locked is not read from what is sent.
    tricked = save(
        client,
        "contraindications",
        **{"lines-0-severity": "relative", "lines-0-DELETE": "on", "lines-1-severity": "temporary"},
    )
    assert tricked.status_code == 302
    severities = {line.fact: line.severity for line in draft_rules().lines}
    assert severities == {
        "pregnancy": "absolute",
        "keloid": "temporary",
        "isotretinoin": "temporary",
    }


# --- cost


@pytest.mark.parametrize("section", ["rules", "contraindications", "gaps", "care"])
def test_a_section_costs_the_same_with_few_and_many_rows(
    tca: Procedure, at_desk: Client, editor: User, section: str
):
    start_draft(tca, by=editor)
    few = queries(at_desk, reverse("editor:section", args=["tca", section]))
    load_catalogue(PRODUCT.read_text(encoding="utf-8"))
    start_draft(Procedure.objects.get(code="tca_peel_medium"), by=editor)
    assert queries(at_desk, reverse("editor:section", args=["tca_peel_medium", section])) == few


def queries(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as found:
        assert client.get(url).status_code == 200
    return len(found)
