"""Weekly hours may hold in every n-th week only; two rows clash only if they ever meet in the same week."""

from django.db import migrations, models

from clinic.kit.triggers import GuardSQL, no_overlap

# Minutes since midnight: PostgreSQL has no range of times.
_OPEN_MINUTES = "int4range((extract(epoch from opens) / 60)::int, (extract(epoch from closes) / 60)::int) WITH &&"
_VALID = "daterange(valid_from, valid_until, '[]') WITH &&"
_SAME_HOURS = (
    "o.opens < NEW.closes AND NEW.opens < o.closes "
    "AND o.valid_from <= COALESCE(NEW.valid_until, '9999-12-31') "
    "AND NEW.valid_from <= COALESCE(o.valid_until, '9999-12-31')"
)
# Weeks begin on Monday, as Julian days that are multiples of seven do. Two rhythms of n and m weeks meet when
# their first weeks differ by a multiple of what divides both.
_WEEK = "CAST(julianday({row}.valid_from) + 0.5 AS INTEGER) / 7"
_DIVISOR = (
    "(SELECT max(d) FROM (" + " UNION ALL ".join(f"SELECT {n} AS d" for n in range(1, 9)) + ") "
    "WHERE o.every_weeks % d = 0 AND NEW.every_weeks % d = 0)"
)
_SAME_WEEKS = f"AND ({_WEEK.format(row='o')} - {_WEEK.format(row='NEW')}) % {_DIVISOR} = 0"

# All weeks of a rhythm in 840 weeks, after which every rhythm of one to eight weeks begins again.
# 0001-01-01 was a Monday.
_WEEKS_OF = GuardSQL(
    {
        "sqlite": [],
        "postgresql": [
            "CREATE FUNCTION hours_weeks(valid_from date, every integer) RETURNS int4multirange "
            "LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT range_agg(int4range(week, week + 1)) "
            "FROM generate_series(((valid_from - DATE '0001-01-01') / 7) % every, 839, every) week $$"
        ],
    },
    {"sqlite": [], "postgresql": ["DROP FUNCTION hours_weeks(date, integer)"]},
)


def _hours(overlaps: str, exclude: str) -> GuardSQL:
    return no_overlap(
        "places_workinghours",
        "hours_no_overlap",
        same=["resource_id", "weekday"],
        overlaps=overlaps,
        exclude=exclude,
    )


class Migration(migrations.Migration):
    dependencies = [("clinic", "0004_told_dates_and_merged_facts")]

    operations = [
        _hours(_SAME_HOURS, f"{_OPEN_MINUTES}, {_VALID}").lifted(),
        migrations.AddField(
            model_name="workinghours",
            name="every_weeks",
            field=models.PositiveSmallIntegerField(
                default=1,
                help_text="1 is every week; n is every n-th, counted from the week of valid_from",
            ),
        ),
        migrations.AddConstraint(
            model_name="workinghours",
            constraint=models.CheckConstraint(
                name="hours_every_weeks",
                condition=models.Q(every_weeks__gte=1, every_weeks__lte=8),
                violation_error_message="Hours come back after one to eight weeks.",
            ),
        ),
        _WEEKS_OF,
        _hours(
            f"{_SAME_HOURS} {_SAME_WEEKS}",
            f"{_OPEN_MINUTES}, {_VALID}, hours_weeks(valid_from, every_weeks::integer) WITH &&",
        ),
    ]
