"""Patch tests, and that a test on record stays as it was recorded."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from clinic.kit.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0003_cache_table"),
        ("plans", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PatchTest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=60)),
                ("done_on", models.DateField()),
                ("note", models.CharField(blank=True, max_length=200)),
                ("recorded_on", models.DateField(help_text="the calendar date of recorded_at where it was")),
                ("recorded_at", models.DateTimeField()),
                ("patient", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="patch_tests", to="clinic.patient")),
                ("recorded_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "db_table": "courses_patchtest",
                "ordering": ("done_on", "id"),
                "constraints": [
                    models.UniqueConstraint(fields=("patient", "code", "done_on"), name="patchtest_once_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(("done_on__lte", models.F("recorded_on"))),
                        name="patchtest_not_in_the_future",
                        violation_error_message="A test is recorded once it is done, not before.",
                    ),
                ],
            },
        ),
        append_only("courses_patchtest"),
    ]
