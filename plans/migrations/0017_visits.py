"""What is handed out, follow-up calls."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from clinic.kit.triggers import append_only


class Migration(migrations.Migration):

    dependencies = [
        ("clinic", "0005_hours_every_nth_week"),
        ("plans", "0016_homecare"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due_on", models.DateField()),
                ("created_at", models.DateTimeField()),
                ("created_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("visit", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="follow_up", to="plans.appointment")),
            ],
            options={"db_table": "visits_followup", "ordering": ("due_on", "id")},
        ),
        migrations.CreateModel(
            name="CallTry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("outcome", models.CharField(choices=[("called", "called"), ("not_reached", "not reached"), ("not_needed", "not needed")], max_length=11)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("at", models.DateTimeField()),
                ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("follow_up", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="tries", to="plans.followup")),
            ],
            options={
                "db_table": "visits_calltry",
                "ordering": ("id",),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("outcome__in", ["called", "not_reached", "not_needed"])), name="calltry_outcome_known"),
                    models.UniqueConstraint(condition=models.Q(("outcome", "not_reached"), _negated=True), fields=("follow_up",), name="calltry_one_end", violation_error_message="This call is settled already."),
                ],
            },
        ),
        migrations.CreateModel(
            name="HandedOut",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("aftercare", "Aftercare sheet"), ("precare", "Before the visit"), ("card", "Appointment card"), ("plan", "Treatment plan")], max_length=9)),
                ("revision", models.CharField(help_text="codes and numbers of the catalogue: tca_peel_medium 3", max_length=200)),
                ("language", models.CharField(max_length=5)),
                ("paper", models.CharField(help_text="a4 or a5", max_length=2)),
                ("is_large", models.BooleanField(default=False)),
                ("left_out", models.JSONField(blank=True, default=list, help_text="keys of the care steps that the practitioner left out")),
                ("digest", models.CharField(help_text="SHA-256 of all its words, in hexadecimal", max_length=64)),
                ("way", models.CharField(choices=[("print", "printed"), ("mail", "sent by e-mail"), ("link", "as a link")], max_length=5)),
                ("at", models.DateTimeField()),
                ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("link", models.ForeignKey(blank=True, help_text="what its code opens", null=True, on_delete=django.db.models.deletion.PROTECT, related_name="handed_out", to="plans.link")),
                ("patient", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="handed_out", to="clinic.patient")),
                ("visit", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="handed_out", to="plans.appointment")),
            ],
            options={
                "db_table": "sheets_handedout",
                "ordering": ("-at", "-id"),
                "indexes": [models.Index(fields=["patient", "at"], name="handedout_by_patient")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("kind__in", ["card", "plan"]), models.Q(("kind__in", ["aftercare", "precare"]), ("visit__isnull", False)), _connector="OR"), name="handedout_kind_known"),
                    models.CheckConstraint(condition=models.Q(("way__in", ["print", "mail", "link"])), name="handedout_way_known"),
                ],
            },
        ),
        append_only("sheets_handedout"),
        append_only("visits_followup"),
        append_only("visits_calltry"),
    ]
