"""The pages of protocols, from the list to the plan that is made of one."""

import uuid
from typing import Any

import pytest
from django.test import Client

from plans.catalogue.models import Confirmation
from plans.courses.models import Course, HomeCare, Plan
from plans.protocols.models import Protocol, ProtocolRevision
from plans.protocols.selectors import content
from plans.protocols.services import save_draft, start_draft
from plans.sources.selectors import shelf
from plans.sources.services import Seen, confirm
from tests.diary.clinic import client_of
from tests.protocols.conftest import NOW, TODAY, Clinic


@pytest.fixture
def editor(clinic: Clinic, protocol: ProtocolRevision) -> Client:
    return client_of(clinic.editor)


@pytest.fixture
def reception(clinic: Clinic, protocol: ProtocolRevision) -> Client:
    return client_of(clinic.reception)


def said(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def typed(**changes: str) -> dict[str, str]:
    """The editor's form of a draft that says what the protocol of conftest says."""
    form = {
        "version": "0",
        "name_en": "Deep pits",
        "name_de": "Tiefe Narben",
        "source": "clinic default",
        "note": "Order after the article.",
        "steps-TOTAL_FORMS": "4",
        "steps-INITIAL_FORMS": "3",
        "then": "stay",
    }
    rows = (
        ("cream", "", "90", "0", "days", "plan"),
        ("peel", "3", "", "14", "days", "end of step 1"),
        ("laser", "1", "", "3", "months", "last session of step 2"),
        ("", "", "", "0", "days", "plan"),
    )
    names = ("procedure", "sessions", "days", "gap_0", "gap_1", "after")
    for n, row in enumerate(rows):
        form |= {f"steps-{n}-{name}": value for name, value in zip(names, row, strict=True)}
        form[f"steps-{n}-ORDER"] = str(n + 1) if row[0] else ""
    return {**form, "steps-2-is_optional": "on", **changes}


def test_the_list_shows_steps_in_words_and_how_many_plans_use_it(editor, clinic, protocol) -> None:
    Plan.objects.create(
        patient=clinic.patient, protocol_revision=protocol, created_at=NOW, created_by=clinic.physician
    )  # fmt: skip
    page = said(editor.get("/protocols/"))
    assert "14 days after the end of step 1" in page
    assert "3 months after the last session of step 2" in page
    assert "1 plan made from it" in page
    assert "about 12 months" in page


def test_a_protocol_shows_who_confirmed_a_step_as_it_stands(editor, clinic, protocol) -> None:
    first, second, _third = (one for one in shelf().stated() if "deep_pits" in one.address)
    confirm([Seen(first.address, first.text, first.source)], by=clinic.physician)
    row = {"by": clinic.physician, "on": TODAY, "at": NOW, "source": first.source}
    Confirmation.objects.create(address=second.address, value="something else", **row)
    page = said(editor.get("/protocols/deep_pits/"))
    assert page.count("confirmed by") == 1
    assert page.count("not confirmed yet") == 2
    assert "The clinic&#x27;s own custom" in page


def test_a_draft_is_written_reviewed_and_published(editor, clinic, protocol) -> None:
    assert editor.post("/protocols/deep_pits/draft/start/").headers["Location"].endswith("/draft/")
    assert "Deep pits" in said(editor.get("/protocols/deep_pits/draft/"))
    changed = typed(**{"steps-1-gap_0": "4", "steps-1-gap_1": "weeks", "then": "review"})
    answer = editor.post("/protocols/deep_pits/draft/", changed)
    assert answer.headers["Location"] == "/protocols/deep_pits/draft/publish/"
    page = said(editor.get(answer.headers["Location"]))
    assert "<del>peel, 3 sessions, 14 days after the end of step 1</del>" in page.replace(
        "Peel", "peel"
    )
    sent = {"number": "2", "version": "1", "key": str(uuid.uuid4()), "reason": "Calmer skin."}
    assert editor.post(answer.headers["Location"], sent).status_code == 302
    assert editor.post(answer.headers["Location"], sent).status_code == 302
    current = ProtocolRevision.objects.get(state="current")
    assert (current.number, current.steps[1]["starts"]["gap"]) == (2, {"value": 4, "unit": "weeks"})
    assert "Calmer skin." in said(editor.get("/protocols/deep_pits/"))
    assert "This is revision 1" in said(editor.get("/protocols/deep_pits/revisions/1/"))


def test_an_unchanged_form_changes_nothing(editor, clinic, protocol) -> None:
    draft = start_draft(protocol.protocol, by=clinic.editor)
    assert editor.post("/protocols/deep_pits/draft/", typed()).status_code == 302
    draft.refresh_from_db()
    assert (draft.version, content(draft)) == (0, content(protocol))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"steps-1-sessions": "7"}, "takes 6 sessions at most"),
        ({"steps-1-days": "3"}, "it takes sessions, not days"),
        ({"steps-0-days": ""}, "say for how many days"),
        ({"steps-1-after": "end of step 3"}, "Step 3 comes later"),
        ({"steps-2-after": "last session of step 1"}, "has no sessions"),
        ({"steps-0-DELETE": "on"}, "The step that it follows is removed"),
        ({"steps-1-gap_0": ""}, "Say how long"),
        ({"name_en": ""}, "in English first"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    editor, clinic, protocol, changes: dict[str, str], words: str
) -> None:
    draft = start_draft(protocol.protocol, by=clinic.editor)
    answer = editor.post("/protocols/deep_pits/draft/", typed(**changes))
    assert answer.status_code == 422
    assert words in said(answer)
    draft.refresh_from_db()
    assert draft.version == 0


def test_a_step_is_added_without_javascript_and_nothing_typed_is_lost(
    editor, clinic, protocol
) -> None:
    start_draft(protocol.protocol, by=clinic.editor)
    answer = editor.post(
        "/protocols/deep_pits/draft/", typed(**{"then": "more", "note": "Half typed"})
    )
    assert answer.status_code == 200
    assert 'name="steps-4-procedure"' in said(answer)
    assert "Half typed" in said(answer)
    assert "invalid-feedback" not in said(answer)


def test_steps_are_put_in_another_order_and_their_relations_follow(
    editor, clinic, protocol
) -> None:
    draft = start_draft(protocol.protocol, by=clinic.editor)
    new = {
        "steps-3-procedure": "laser",
        "steps-3-sessions": "1",
        "steps-3-after": "plan",
        "steps-3-ORDER": "0",
    }
    assert editor.post("/protocols/deep_pits/draft/", typed(**new)).status_code == 302
    draft.refresh_from_db()
    assert [step["procedure"] for step in draft.steps] == ["laser", "cream", "peel", "laser"]
    assert [step["starts"]["after"] for step in draft.steps] == [
        "plan",
        "plan",
        "end of step 2",
        "last session of step 3",
    ]


def test_the_later_editor_is_told_and_finds_what_was_typed(editor, clinic, protocol) -> None:
    draft = start_draft(protocol.protocol, by=clinic.editor)
    theirs = ProtocolRevision.objects.get(pk=draft.pk)
    save_draft(draft, content(theirs), 0, by=clinic.physician)
    editor.post("/protocols/deep_pits/draft/", typed(note="Theirs."))
    answer = editor.post("/protocols/deep_pits/draft/", typed(note="Mine."))
    assert answer.status_code == 409
    assert "theirs Theirs., yours Mine." in said(answer)
    assert 'name="version" value="1"' in said(answer)
    again = typed(note="Mine.", version="1")
    assert editor.post("/protocols/deep_pits/draft/", again).status_code == 302
    draft.refresh_from_db()
    assert draft.note == "Mine."


def test_a_new_protocol_begins_with_its_name(editor) -> None:
    answer = editor.post("/protocols/new/", {"name_en": "Quick start"})
    assert answer.headers["Location"] == "/protocols/quick_start/draft/"
    assert editor.get("/protocols/quick_start/").status_code == 200
    assert editor.post("/protocols/new/", {"name_en": "Quick start"}).status_code == 422
    assert editor.post("/protocols/quick_start/draft/discard/").status_code == 302
    assert not Protocol.objects.filter(code="quick_start").exists()


def test_a_protocol_is_retired_with_a_reason_and_not_applied_any_more(
    editor, reception, clinic
) -> None:
    number = clinic.patient.number
    assert editor.post("/protocols/deep_pits/offer/", {"reason": ""}).status_code == 422
    assert editor.post("/protocols/deep_pits/offer/", {"reason": "Old."}).status_code == 302
    assert reception.get(f"/protocols/deep_pits/apply/{number}/").status_code == 404
    assert "There is no protocol yet" in said(reception.get(f"/protocols/for/{number}/"))
    editor.post("/protocols/deep_pits/offer/", {"reason": "Back."})
    assert reception.get(f"/protocols/deep_pits/apply/{number}/").status_code == 200


# For one patient


def address(clinic: Clinic, query: str = "") -> str:
    return f"/protocols/deep_pits/apply/{clinic.patient.number}/{query}"


def test_the_dates_of_all_steps_are_shown_and_become_a_plan(reception, clinic) -> None:
    answer = reception.get(address(clinic))
    page = said(answer)
    assert "Session 1" in page
    assert "4 sessions are planned, nothing is booked yet" in page
    seal, key = answer.context["proposal"].seal, str(uuid.uuid4())
    sent = {"key": key, "seen": seal}
    assert reception.post(address(clinic), sent).status_code == 302
    assert reception.post(address(clinic), sent).status_code == 302
    assert Plan.objects.count() == 1
    assert (Course.objects.count(), HomeCare.objects.count()) == (2, 1)


def test_what_is_unticked_is_left_out(reception, clinic) -> None:
    query = "?asked=on&start=2026-12-01&take-2=on&count-2=4&areas=cheeks"
    part = said(reception.get(address(clinic, query), headers={"HX-Request": "true"}))
    assert "Session 4" in part
    assert "<html" not in part
    answer = reception.get(address(clinic, query))
    (peels,) = answer.context["proposal"].steps
    assert [str(dated.day) for dated in peels.dates][:2] == ["2026-12-15", "2027-03-15"]
    assert len(peels.dates) == 4
    sent = {"key": str(uuid.uuid4()), "seen": answer.context["proposal"].seal}
    reception.post(address(clinic, query), sent)
    assert Course.objects.get().areas == ["cheeks"]


@pytest.mark.parametrize("start", ["2026-11-29", "2028-01-01", "soon"])
def test_a_start_that_cannot_be_is_said(reception, clinic, start: str) -> None:
    answer = reception.get(address(clinic, f"?asked=on&take-1=on&start={start}"))
    assert answer.status_code == 422


def test_dates_that_moved_since_are_shown_again_and_nothing_is_planned(reception, clinic) -> None:
    answer = reception.post(address(clinic), {"key": str(uuid.uuid4()), "seen": "1.1:2026-01-01"})
    assert answer.status_code == 422
    assert "The dates have changed since you looked" in said(answer)
    assert not Plan.objects.exists()


def test_a_planned_course_is_booked_from_its_planned_day_on(reception, clinic) -> None:
    answer = reception.get(address(clinic))
    sent = {"key": str(uuid.uuid4()), "seen": answer.context["proposal"].seal}
    reception.post(address(clinic), sent)
    course = Course.objects.get(protocol_step=2)
    page = said(reception.get(f"/courses/{course.pk}/"))
    assert "planned Mon 15 Mar 2027" in page
    assert "Home care of this plan" in page
    page = said(reception.get(f"/series/{clinic.patient.number}/peel/?course={course.pk}"))
    assert 'value="2027-03-15"' in page


def test_home_care_is_stopped_early_with_a_reason(reception, clinic) -> None:
    answer = reception.get(address(clinic))
    sent = {"key": str(uuid.uuid4()), "seen": answer.context["proposal"].seal}
    reception.post(address(clinic), sent)
    care, physician = HomeCare.objects.get(), client_of(clinic.physician)
    url = f"/courses/home-care/{care.pk}/stop/"
    assert reception.get(url).status_code == 403
    assert physician.post(url, {"last_day": "2027-03-30", "reason": "Late"}).status_code == 422
    assert physician.post(url, {"last_day": "2026-12-10", "reason": "It burns"}).status_code == 302
    care.refresh_from_db()
    assert (str(care.stopped_on), care.stopped_reason) == ("2026-12-10", "It burns")
    assert "It burns" in said(physician.get(url))


def test_the_drawing_names_its_months_and_its_steps(editor: Client, protocol: ProtocolRevision):
    page = said(editor.get(f"/protocols/{protocol.protocol.code}/"))
    assert ">3</text>" in page
    assert page.count('<text class="name"') == len(content(protocol).steps)
