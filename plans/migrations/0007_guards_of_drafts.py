"""What the database refuses: a change to what was published or signed, whatever it is a revision of."""

from django.db import migrations

from clinic.kit.triggers import GuardSQL, append_only, refuse_when

_PUBLISHED = "OLD.state <> 'draft'"
_BACKWARDS = "OLD.state <> 'draft' AND NEW.state = 'draft' OR OLD.state = 'superseded' AND NEW.state <> 'superseded'"
_NUMBERED = "number version reason created_at created_by_id published_at published_by_id".split()
_PROTOCOL = [*_NUMBERED, "protocol_id", "name", "suits", "steps", "source", "note"]
# Everything of a procedure's revision but its state, as it was until now.
_RULES = (
    "procedure_id number version reason created_at created_by_id published_at published_by_id name "
    "sessions_min sessions_recommended sessions_max "
    "interval_min_n interval_min_unit interval_recommended_n interval_recommended_unit interval_max_n "
    "interval_max_unit cycle_on_n cycle_on_unit cycle_break_min_n cycle_break_min_unit cycle_break_max_n "
    "cycle_break_max_unit cycle_counts_together setup_minutes treat_minutes cleanup_minutes numbing_minutes "
    "downtime_n downtime_unit effect_n effect_unit age_min age_caution_from patch_code patch_required "
    "patch_read_after_n patch_read_after_unit patch_valid_n patch_valid_unit patch_renewed_by_session "
    "consent_required consent_valid_n consent_valid_unit needs_words anaesthesia indications suits useless_for "
    "parameters regimen"
).split()


def _frozen(table: str, name: str, columns: list[str]) -> list[GuardSQL]:
    """Once published only the state moves on, from current to superseded."""
    return [
        refuse_when(table, f"{name}_frozen", [f"UPDATE OF {', '.join(columns)}"], _PUBLISHED),
        refuse_when(table, f"{name}_kept", ["DELETE"], _PUBLISHED),
        refuse_when(table, f"{name}_never_draft_again", ["UPDATE OF state"], _BACKWARDS),
    ]


def _of_table(row: str) -> str:
    return f"(SELECT state FROM catalogue_gaptable WHERE id = {row}.table_id) <> 'draft'"


_REVISION = "catalogue_revision", "revision_frozen"


class Migration(migrations.Migration):
    dependencies = [("plans", "0006_rules_of_drafts")]

    operations = [
        refuse_when(*_REVISION, [f"UPDATE OF {', '.join(_RULES)}"], _PUBLISHED).lifted(),
        refuse_when(*_REVISION, [f"UPDATE OF {', '.join([*_RULES, 'home_allowed'])}"], _PUBLISHED),
        *_frozen("catalogue_gaptable", "gaptable", _NUMBERED),
        refuse_when("catalogue_gap", "gap_frozen", ["UPDATE", "DELETE"], _of_table("OLD")),
        refuse_when("catalogue_gap", "gap_closed", ["INSERT", "UPDATE OF table_id"], _of_table("NEW")),
        *_frozen("catalogue_protocolrevision", "protocolrevision", _PROTOCOL),
        append_only("catalogue_confirmation"),
        append_only("assessments_assessment"),
    ]
