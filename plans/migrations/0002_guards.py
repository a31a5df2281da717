"""What the database itself refuses: an overlap in the diary, a change to published rules or to history."""

from django.db import migrations

from clinic.kit.triggers import GuardSQL, append_only, no_overlap, refuse_when

_STATE_OF = "(SELECT state FROM catalogue_revision WHERE id = {row}.revision_id) <> 'draft'"
# A line comes under a revision by being written, or by being moved there.
_ADDED = ["INSERT", "UPDATE OF revision_id"]
_CHILDREN = ("catalogue_need", "catalogue_contraindication", "catalogue_carestep")
# Everything of a revision but its state, which moves on from current to superseded.
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


def _children_frozen(table: str) -> list[GuardSQL]:
    return [
        refuse_when(table, f"{table}_frozen", ["UPDATE", "DELETE"], _STATE_OF.format(row="OLD")),
        refuse_when(table, f"{table}_closed", _ADDED, _STATE_OF.format(row="NEW")),
    ]


# The SQLite trigger looks back one day only, so that a long history costs nothing: hence the longest stretch.
_A_DAY_AT_MOST = GuardSQL(
    {
        "sqlite": [
            f"CREATE TRIGGER occupancy_a_day_at_most_{verb.lower()} BEFORE {verb} ON diary_occupancy "
            "WHEN NEW.ends_at > datetime(NEW.starts_at, '+24 hours') "
            "BEGIN SELECT RAISE(ABORT, 'occupancy_a_day_at_most'); END"
            for verb in ("INSERT", "UPDATE")
        ],
        "postgresql": [
            "ALTER TABLE diary_occupancy ADD CONSTRAINT occupancy_a_day_at_most "
            "CHECK (ends_at <= starts_at + interval '24 hours')"
        ],
    },
    {
        "sqlite": [f"DROP TRIGGER occupancy_a_day_at_most_{verb}" for verb in ("insert", "update")],
        "postgresql": ["ALTER TABLE diary_occupancy DROP CONSTRAINT occupancy_a_day_at_most"],
    },
)


class Migration(migrations.Migration):
    dependencies = [("plans", "0001_initial")]

    operations = [
        _A_DAY_AT_MOST,
        no_overlap(
            "diary_occupancy",
            "occupancy_no_overlap",
            same=["resource_id"],
            overlaps=(
                "o.starts_at > datetime(NEW.starts_at, '-24 hours') "
                "AND o.starts_at < NEW.ends_at AND NEW.starts_at < o.ends_at"
            ),
            exclude="tstzrange(starts_at, ends_at) WITH &&",
        ),
        append_only("diary_statuschange"),
        append_only("courses_override"),
        refuse_when("catalogue_revision", "revision_frozen", [f"UPDATE OF {', '.join(_RULES)}"], "OLD.state <> 'draft'"),
        refuse_when("catalogue_revision", "revision_kept", ["DELETE"], "OLD.state <> 'draft'"),
        refuse_when(
            "catalogue_revision",
            "revision_never_draft_again",
            ["UPDATE OF state"],
            "OLD.state <> 'draft' AND NEW.state = 'draft' OR OLD.state = 'superseded' AND NEW.state <> 'superseded'",
        ),
        *[guard for table in _CHILDREN for guard in _children_frozen(table)],
        refuse_when(
            "catalogue_valuesource",
            "catalogue_valuesource_frozen",
            ["UPDATE OF revision_id, path, source, note", "DELETE"],
            _STATE_OF.format(row="OLD"),
        ),
        refuse_when(
            "catalogue_valuesource", "catalogue_valuesource_closed", _ADDED, _STATE_OF.format(row="NEW")
        ),
    ]
