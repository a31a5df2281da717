"""Scores of what treatments achieve; and what is known of a lot stays once it was used."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from clinic.kit.triggers import append_only, refuse_when

_OF_ANOTHER_VISIT = (
    "NEW.replaces_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM outcomes_score o "
    "WHERE o.id = NEW.replaces_id AND o.visit_id = NEW.visit_id)"
)
_KNOWN_OF_A_LOT = "location_id product number folded unit expires_on received_on".split()
_USED = "EXISTS (SELECT 1 FROM records_lotuse u WHERE u.lot_id = OLD.id)"


class Migration(migrations.Migration):

    dependencies = [
        ('plans', '0014_photos'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Score',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pain', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('satisfaction', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('scar_scale', models.CharField(blank=True, max_length=20)),
                ('scar_grade', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('pigmentation', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('replaces', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='plans.score')),
                ('visit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='plans.appointment')),
            ],
            options={
                'db_table': 'outcomes_score',
                'ordering': ('id',),
                'constraints': [models.UniqueConstraint(condition=models.Q(('replaces__isnull', True)), fields=('visit',), name='score_first_once', violation_error_message='Somebody else has scored this visit meanwhile.'), models.CheckConstraint(condition=models.Q(('pain__isnull', True), models.Q(('pain__gte', 0), ('pain__lte', 10)), _connector='OR'), name='score_pain_known'), models.CheckConstraint(condition=models.Q(('satisfaction__isnull', True), models.Q(('satisfaction__gte', 0), ('satisfaction__lte', 10)), _connector='OR'), name='score_satisfaction_known'), models.CheckConstraint(condition=models.Q(('pigmentation__isnull', True), models.Q(('pigmentation__gte', 0), ('pigmentation__lte', 4)), _connector='OR'), name='score_pigmentation_known'), models.CheckConstraint(condition=models.Q(models.Q(('scar_grade__isnull', True), ('scar_scale', '')), models.Q(('scar_grade__isnull', False), ('scar_scale', 'goodman_baron'), ('scar_grade__gte', 1), ('scar_grade__lte', 4)), models.Q(('scar_grade__isnull', False), ('scar_scale', 'vancouver'), ('scar_grade__gte', 0), ('scar_grade__lte', 13)), _connector='OR'), name='score_scar_of_its_scale', violation_error_message='Choose the scale of the scar grade, and a grade of it.'), models.CheckConstraint(condition=models.Q(('replaces__isnull', False), ('pain__isnull', False), ('satisfaction__isnull', False), ('scar_grade__isnull', False), ('pigmentation__isnull', False), _connector='OR'), name='score_says_something', violation_error_message='Give at least one score.')],
            },
        ),
        append_only("outcomes_score"),
        refuse_when("outcomes_score", "score_replaces_its_own_visits", ["INSERT"], _OF_ANOTHER_VISIT),
        refuse_when("lots_lot", "lots_lot_used_stays", [f"UPDATE OF {', '.join(_KNOWN_OF_A_LOT)}"], _USED),
    ]
