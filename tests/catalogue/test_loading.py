"""Loading the catalogue file into the database."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from clinic.audit.models import Entry
from clinic.patients.models import FactType
from clinic.places.models import Capability
from clinic.staff.models import User
from plans.catalogue.models import Procedure, Revision, ValueSource
from plans.catalogue.selectors import current_revision, draft_of, ruleset
from plans.catalogue.services import save_draft, start_draft
from plans.core.screening import Rulebook
from plans.data.catalogue_file import BadFile, read_catalogue
from plans.data.catalogue_rules import ruleset_of
from plans.drafts.models import RevisionState
from plans.exchange.services import load_catalogue
from plans.gaps.selectors import draft_table, gap_rules
from plans.terms.models import Source
from tests.catalogue.conftest import PRODUCT
from tests.catalogue.small_file import FULL, PLAIN, changed

pytestmark = pytest.mark.django_db
LATER = changed("min: {value: 3, unit: months,", "min: {value: 2, unit: months,")


def test_the_product_s_catalogue_loads_and_a_second_load_changes_nothing():
    text = PRODUCT.read_text(encoding="utf-8")
    first = load_catalogue(text)
    assert first.counts["revisions"].created == 24
    again = load_catalogue(text)
    assert (again.created, again.changed) == (0, 0)
    assert again.unchanged == first.created
    assert Revision.objects.count() == 24


def test_the_plain_layout_loads():
    report = load_catalogue(PLAIN)
    assert report.counts["revisions"].created == 2
    assert Capability.objects.filter(code="room_with_running_water", kind="room").exists()
    assert load_catalogue(PLAIN).changed == 0


def test_what_is_stored_says_what_the_file_says(catalogue: None):
    described = read_catalogue(FULL).procedures[0]
    assert ruleset(current_revision("tca")) == ruleset_of(described)


def test_a_first_load_puts_revision_one_in_force(catalogue: None):
    revision = current_revision("tca")
    assert (revision.number, revision.state) == (1, RevisionState.CURRENT)
    assert revision.published_at is not None


def test_a_faulty_file_changes_nothing(catalogue: None):
    before = Entry.objects.count()
    with pytest.raises(BadFile):
        load_catalogue(changed("fact: keloid,", "fact: foo,", LATER))
    assert draft_of(Procedure.objects.get(code="tca")) is None
    assert Entry.objects.count() == before


def test_nothing_is_half_written_when_a_load_breaks_off(monkeypatch: pytest.MonkeyPatch):
    def break_off(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr("plans.exchange.services._keep_gaps", break_off)
    with pytest.raises(RuntimeError):
        load_catalogue(FULL)
    assert not Source.objects.exists()
    assert not FactType.objects.exists()


def test_a_file_that_differs_makes_a_draft_and_publishes_nothing(catalogue: None):
    report = load_catalogue(LATER)
    assert report.counts["revisions"].changed == 1
    assert report.notes == ("tca: the file differs from revision 1; draft 2 waits to be published",)
    assert current_revision("tca").interval_min_n == 3
    again = load_catalogue(LATER)
    assert (again.created, again.changed) == (0, 0)
    assert "draft 2" in again.notes[0]


def test_a_newer_file_takes_the_place_of_the_file_s_own_draft(catalogue: None):
    load_catalogue(LATER)
    newest = changed("min: {value: 2, unit: months,", "min: {value: 1, unit: months,", LATER)
    load_catalogue(newest)
    draft = draft_of(Procedure.objects.get(code="tca"))
    assert draft is not None
    assert (draft.number, draft.interval_min_n) == (2, 1)


def test_a_person_s_draft_is_left_as_it_is(tca: Procedure, editor: User):
    draft = start_draft(tca, by=editor)
    report = load_catalogue(LATER)
    assert report.counts["revisions"].changed == 0
    assert "left as it is" in report.notes[0]
    draft.refresh_from_db()
    assert draft.interval_min_n == 3


def test_a_file_s_draft_that_a_person_saved_is_the_person_s(tca: Procedure, editor: User):
    load_catalogue(LATER)
    draft = draft_of(tca)
    assert draft is not None
    save_draft(draft, ruleset(draft), draft.version, by=editor)
    newest = changed("min: {value: 2, unit: months,", "min: {value: 1, unit: months,", LATER)
    assert "left as it is" in load_catalogue(newest).notes[0]


def test_every_number_has_a_row_that_names_its_source(catalogue: None):
    stored = dict(
        ValueSource.objects.filter(revision__procedure__code="tca").values_list("path", "source")
    )
    assert stored["interval.min"] == "article"
    assert stored["contraindications.isotretinoin.washout"] == "article"
    assert stored["effect_lasts"] == "clinic default"


def test_a_question_that_the_file_leaves_out_stays(catalogue: None):
    FactType.objects.filter(code="pregnancy").update(question={"en": "I am pregnant"})
    assert load_catalogue(FULL).changed == 0
    assert FactType.objects.get(code="pregnancy").question == {"en": "I am pregnant"}


def test_gaps_that_differ_wait_in_a_draft(catalogue: None):
    report = load_catalogue(changed("min: {value: 3, unit: days}", "min: {value: 5, unit: days}"))
    assert report.counts["gaps"].changed == 1
    assert gap_rules()[0].min.n == 3
    assert gap_rules(draft_table())[0].min.n == 5


def test_a_load_is_on_record_once(catalogue: None):
    load_catalogue(FULL)
    assert Entry.objects.filter(action="catalogue_loaded").count() == 1


def test_the_command_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "catalogue.yaml"
    path.write_text(FULL)
    call_command("load_catalogue", path)
    assert "revisions: 2 created, 0 changed, 0 unchanged" in capsys.readouterr().out


def test_the_command_lists_the_faults_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "catalogue.yaml"
    path.write_text(changed("fact: keloid,", "fact: foo,"))
    with pytest.raises(CommandError, match="nothing was changed") as failed:
        call_command("load_catalogue", path)
    assert failed.value.returncode == 1
    assert "unknown fact 'foo'" in capsys.readouterr().err


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_the_command_refuses_a_file_it_cannot_read(tmp_path: Path, content: bytes | None):
    path = tmp_path / "catalogue.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError):
        call_command("load_catalogue", path)


def test_the_stored_catalogue_has_no_procedure_without_rules(stored_book: Rulebook):
    assert len(stored_book.procedures) == 24
