"""What the database itself refuses: a changed audit row, an overwritten fact, hours that overlap."""

from django.db import migrations

from clinic.kit.triggers import append_only, no_overlap

# Minutes since midnight: PostgreSQL has no range of times.
_OPEN_MINUTES = "int4range((extract(epoch from opens) / 60)::int, (extract(epoch from closes) / 60)::int) WITH &&"


class Migration(migrations.Migration):
    dependencies = [("clinic", "0001_initial")]

    operations = [
        append_only("audit_entry"),
        append_only("patients_fact"),
        no_overlap(
            "places_workinghours",
            "hours_no_overlap",
            same=["resource_id", "weekday"],
            overlaps=(
                "o.opens < NEW.closes AND NEW.opens < o.closes "
                "AND o.valid_from <= COALESCE(NEW.valid_until, '9999-12-31') "
                "AND NEW.valid_from <= COALESCE(o.valid_until, '9999-12-31')"
            ),
            exclude=f"{_OPEN_MINUTES}, daterange(valid_from, valid_until, '[]') WITH &&",
        ),
    ]
