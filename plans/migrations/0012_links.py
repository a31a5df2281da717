"""Links that patients are given."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("plans", "0011_consents"),
        ("clinic", "0005_hours_every_nth_week"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Link",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("purpose", models.CharField(choices=[("sheet", "the sheet of a visit"), ("health", "the questions before a visit"), ("home_calendar", "the calendar of home care")], max_length=14)),
                ("digest", models.CharField(help_text="SHA-256, in hexadecimal", max_length=64, unique=True)),
                ("expires_at", models.DateTimeField(help_text="from then on it opens nothing")),
                ("created_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_at", models.DateTimeField(blank=True, help_text="to the hour", null=True)),
                ("created_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("patient", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="links", to="clinic.patient")),
                ("revoked_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("visit", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="links", to="plans.appointment")),
            ],
            options={
                "db_table": "links_link",
                "ordering": ("-created_at", "-id"),
                "indexes": [models.Index(fields=["patient", "purpose"], name="link_by_patient")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("purpose__in", ["sheet", "health", "home_calendar"])), name="link_purpose_known"),
                    models.CheckConstraint(condition=models.Q(("purpose", "home_calendar"), ("visit__isnull", False), _connector="OR"), name="link_of_a_visit"),
                    models.CheckConstraint(condition=models.Q(models.Q(("revoked_at__isnull", True), ("revoked_by__isnull", True)), models.Q(("revoked_at__isnull", False), ("revoked_by__isnull", False)), _connector="OR"), name="link_revoked_by_somebody"),
                ],
            },
        ),
    ]
