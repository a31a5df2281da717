"""What a load changes at once, what becomes a draft, and what waits for somebody's yes."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from clinic.audit.models import Entry
from clinic.patients.models import FactType, FormerCode
from clinic.staff.models import User
from plans.catalogue.models import Procedure
from plans.catalogue.selectors import draft_of, ruleset
from plans.data.catalogue_file import BadFile, read_catalogue
from plans.drafts.models import RevisionState
from plans.exchange.models import Edition
from plans.exchange.selectors import check, export_file, export_text, waiting
from plans.exchange.services import ALL, CatalogueMoved, load_catalogue
from plans.gaps.selectors import draft_table, gap_rules
from plans.gaps.services import save_table, start_table
from plans.protocols.models import ProtocolRevision
from plans.terms.models import Group
from tests.catalogue.small_file import FULL, changed
from tests.exchange.rich_file import RICH

pytestmark = pytest.mark.django_db
LATER = changed("min: {value: 3, unit: months,", "min: {value: 2, unit: months,")
RECHECKED = changed("recheck: {value: 3, unit: months}", "recheck: {value: 1, unit: months}")
REGROUPED = changed("group: peel\n", "group: home_acid\n")
SHORTER_GAP = changed("min: {value: 3, unit: days}", "min: {value: 1, unit: days}")
LONGER_PROTOCOL = changed("procedure: tca, sessions: 3", "procedure: tca, sessions: 4")


def months_of(code: str) -> int | None:
    return FactType.objects.get(code=code).recheck_n


def test_a_changed_recheck_is_said_and_waits_for_a_yes(catalogue: None):
    report = load_catalogue(RECHECKED)
    assert report.counts["facts"].left == 1
    assert report.notes == (
        "facts.isotretinoin: recheck left as it is; nobody has said yes to the change",
    )
    assert months_of("isotretinoin") == 3


@pytest.mark.parametrize("accept", [["facts.isotretinoin"], [ALL]])
def test_a_yes_changes_it(catalogue: None, accept: list[str]):
    report = load_catalogue(RECHECKED, accept=accept)
    assert report.counts["facts"].changed == 1
    assert months_of("isotretinoin") == 1


def test_a_yes_to_one_fact_is_none_to_another(catalogue: None):
    both = changed("recheck: session", "recheck: never", RECHECKED)
    load_catalogue(both, accept=["facts.pregnancy"])
    assert months_of("isotretinoin") == 3
    assert months_of("pregnancy") is None


def test_a_new_fact_is_added_without_a_tick(catalogue: None):
    more = changed(
        "  - {code: keloid,",
        "  - {code: gout, category: condition, kind: episode, recheck: never, name: Gout}\n  - {code: keloid,",
    )
    load_catalogue(more)
    assert FactType.objects.filter(code="gout").exists()


def test_another_category_of_a_procedure_needs_a_yes(catalogue: None):
    load_catalogue(REGROUPED)
    assert Procedure.objects.get(code="tca").group.code == "peel"
    load_catalogue(REGROUPED, accept=["procedures.tca"])
    assert Procedure.objects.get(code="tca").group.code == "home_acid"


def test_words_change_with_the_load(catalogue: None):
    load_catalogue(changed("{code: peel, name: Peels}", "{code: peel, name: Acid peels}"))
    assert Group.objects.get(code="peel").name == {"en": "Acid peels"}


def test_other_gaps_wait_in_a_draft_and_hold_nobody_up(catalogue: None):
    report = load_catalogue(SHORTER_GAP)
    assert report.counts["gaps"].changed == 1
    assert gap_rules()[0].min.n == 3
    assert gap_rules(draft_table())[0].min.n == 1
    assert load_catalogue(SHORTER_GAP).changed == 0


def test_a_person_s_draft_of_the_gaps_is_left_alone(catalogue: None, editor: User):
    draft = start_table(by=editor)
    save_table(draft, (), draft.version, by=editor)
    load_catalogue(SHORTER_GAP)
    assert gap_rules(draft_table()) == ()


def test_another_protocol_waits_in_a_draft(catalogue: None):
    load_catalogue(LONGER_PROTOCOL)
    steps = {row.state: row.steps[0]["sessions"] for row in ProtocolRevision.objects.all()}
    assert steps == {RevisionState.CURRENT: 3, RevisionState.DRAFT: 4}
    assert load_catalogue(LONGER_PROTOCOL).changed == 0


def test_drafts_that_wait_say_who_has_written_them(catalogue: None, editor: User):
    load_catalogue(LATER)
    load_catalogue(LONGER_PROTOCOL)
    assert {(one.kind, one.code, one.is_by_file) for one in waiting()} == {
        ("procedure", "tca", True),
        ("protocol", "deep_pits", True),
    }


def test_what_the_file_leaves_out_stays(catalogue: None):
    start = FULL.index("  - code: acid_home")
    short = FULL[:start] + FULL[FULL.index("gaps:") :].replace("home_acid", "peel")
    assert "acid_home" in check(short).found.absent["procedures"]
    load_catalogue(short)
    assert "acid_home" in {one.code for one in export_file().procedures}


def test_a_load_against_another_catalogue_than_the_checked_one_is_refused(catalogue: None):
    seen = check(RECHECKED).stamp
    load_catalogue(LATER)
    with pytest.raises(CatalogueMoved):
        load_catalogue(RECHECKED, accept=[ALL], seen=seen)
    assert months_of("isotretinoin") == 3


def test_the_edition_of_the_file_is_kept_and_goes_out_again(catalogue: None):
    load_catalogue(changed("version: small", "version: small 2\nstatus: checked by us"))
    assert (export_file().version, export_file().status) == ("small 2", "checked by us")
    assert Edition.objects.count() == 2


def test_former_codes_and_merged_facts_come_along_in_a_first_load(db: None):
    load_catalogue(RICH)
    assert dict(FormerCode.objects.values_list("code", "fact_type__code")) == {
        "gravidity": "pregnancy",
        "expecting": "pregnancy",
    }
    assert FactType.objects.get(code="with_child").stands_for.code == "pregnancy"


def test_an_older_file_with_a_former_code_still_says_the_same(catalogue: None):
    FactType.objects.filter(code="isotretinoin").update(code="retinoid_oral")
    FormerCode.objects.create(
        code="isotretinoin", fact_type=FactType.objects.get(code="retinoid_oral")
    )
    report = load_catalogue(FULL)
    assert (report.created, report.notes) == (0, ())
    assert not FactType.objects.filter(code="isotretinoin").exists()
    assert draft_of(Procedure.objects.get(code="tca")) is None


def test_a_file_in_which_a_fact_was_renamed_means_the_same_fact(catalogue: None):
    renamed = FULL.replace("isotretinoin", "retinoid_oral").replace(
        "name: {en: Isotretinoin}", "name: {en: Isotretinoin}, former_codes: [isotretinoin]"
    )
    report = load_catalogue(renamed)
    assert report.created == 0
    assert "facts.isotretinoin: the file merges, renames or retires it" in report.notes[0]
    assert FactType.objects.filter(code="isotretinoin").exists()


def test_two_facts_of_the_file_that_are_one_here_are_refused(catalogue: None):
    FactType.objects.filter(code="keloid").update(code="scars")
    FormerCode.objects.create(code="keloid", fact_type=FactType.objects.get(code="scars"))
    both = changed(
        "  - {code: keloid,",
        "  - {code: scars, category: condition, kind: lifelong, recheck: never, name: Scars}\n  - {code: keloid,",
    )
    with pytest.raises(BadFile, match="are one fact here"):
        load_catalogue(both)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("former_codes: [gravidity, expecting]", "former_codes: [keloid]", "code of another fact"),
        ("merged_into: pregnancy", "merged_into: with_child", "stands for itself"),
        ("merged_into: pregnancy", "merged_into: nobody", "unknown fact"),
        ("merged_into: pregnancy", "merged_into: keloid", "different kinds"),
        (
            "after_procedure: tca, before",
            "after_procedure: tca, after: peel, before",
            "one of both",
        ),
        ("before_procedure: tca,", "before_procedure: foo,", "unknown procedure 'foo'"),
        ("from_minute: 10, to_minute: 40", "from_minute: 40, to_minute: 10", "after from_minute"),
        ("from_minute: 10, to_minute: 40", "from_minute: 10", "both minutes"),
        ("min: 10, max: 40.5", "min: .nan, max: 40.5", "-1000000"),
        ("retired_on: 2026-05-01", "retired_on: soon", "date"),
    ],
)
def test_a_fault_of_the_fuller_layout_is_named(old: str, new: str, words: str):
    with pytest.raises(BadFile) as bad:
        read_catalogue(changed(old, new, RICH))
    assert words in str(bad.value)
    assert str(bad.value).startswith("line ")


def test_a_dry_run_prints_the_differences_and_changes_nothing(
    catalogue: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "catalogue.yaml"
    path.write_text(changed("recheck: {value: 3, unit: months}", "recheck: session", LATER))
    before, entries = export_text(), Entry.objects.count()
    call_command("load_catalogue", path, "--dry-run")
    said = capsys.readouterr().out
    assert "Shortest interval: 3 months -> 2 months" in said
    assert "[facts.isotretinoin]" in said
    assert "An answer stays good: 3 months -> for one visit" in said
    assert (export_text(), Entry.objects.count()) == (before, entries)
    assert not waiting()


def test_the_command_changes_what_it_is_told_to_accept(catalogue: None, tmp_path: Path):
    path = tmp_path / "catalogue.yaml"
    path.write_text(RECHECKED)
    call_command("load_catalogue", path)
    assert months_of("isotretinoin") == 3
    call_command("load_catalogue", path, "--accept", "facts.isotretinoin")
    assert months_of("isotretinoin") == 1


def test_one_fault_is_said_as_one(tmp_path: Path):
    path = tmp_path / "catalogue.yaml"
    path.write_text(changed("fact: keloid,", "fact: foo,"))
    with pytest.raises(CommandError, match=r"^\d+ faults? in") as failed:
        call_command("load_catalogue", path)
    path.write_text("a: [")
    with pytest.raises(CommandError, match=r"^1 fault in") as failed:
        call_command("load_catalogue", path)
    assert failed.value.returncode == 1


def test_the_exported_file_is_what_the_command_writes(
    catalogue: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "out.yaml"
    call_command("export_catalogue", path)
    call_command("export_catalogue")
    assert path.read_text(encoding="utf-8") == capsys.readouterr().out == export_text()
    with pytest.raises(CommandError):
        call_command("export_catalogue", tmp_path / "no" / "out.yaml")


def test_a_file_from_an_editor_that_marks_its_encoding_is_read(tmp_path: Path):
    path = tmp_path / "catalogue.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + FULL.encode())
    call_command("load_catalogue", path)
    assert ruleset(Procedure.objects.get(code="tca").revisions.get()).values["course.min"] == 3
