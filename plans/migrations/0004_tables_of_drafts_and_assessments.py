"""Gaps and protocols under numbered revisions, assessments, home care, confirmations, review items, cases."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clinic", "0004_told_dates_and_merged_facts"), ("plans", "0003_patch_test")]

    operations = [
        migrations.CreateModel(
            name='Assessment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('done_on', models.DateField()),
                ('signs', models.JSONField(default=list)),
                ('pit_types', models.JSONField(default=list)),
                ('pit_depth', models.CharField(blank=True, max_length=60)),
                ('pit_age', models.CharField(blank=True, max_length=60)),
                ('causes', models.JSONField(default=list)),
                ('goodman_baron', models.PositiveSmallIntegerField(blank=True, help_text='Goodman and Baron, 1 to 4', null=True, verbose_name='scar grade')),
                ('skin_type', models.PositiveSmallIntegerField(blank=True, help_text='Fitzpatrick, 1 to 6', null=True, verbose_name='skin type')),
                ('areas', models.JSONField(default=list)),
                ('note', models.TextField(blank=True, max_length=2000)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'assessments_assessment',
                'ordering': ('-done_on', '-id'),
            },
        ),
        migrations.CreateModel(
            name='Confirmation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.CharField(help_text='such as tca_peel_medium/interval.min', max_length=200)),
                ('value', models.CharField(help_text='in no language: 3 months', max_length=300)),
                ('source', models.CharField(blank=True, max_length=60)),
                ('on', models.DateField()),
                ('at', models.DateTimeField()),
                ('is_withdrawn', models.BooleanField(default=False)),
            ],
            options={
                'db_table': 'catalogue_confirmation',
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='GapTable',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('current', 'Current'), ('superseded', 'Earlier')], default='draft', max_length=10)),
                ('version', models.PositiveIntegerField(default=0, help_text='counts the saves of a draft')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='why')),
                ('created_at', models.DateTimeField()),
                ('published_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'db_table': 'catalogue_gaptable',
                'ordering': ('-number',),
            },
        ),
        migrations.CreateModel(
            name='HomeCare',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(blank=True, help_text='last day, included', null=True)),
                ('stopped_on', models.DateField(blank=True, help_text='last day used, if earlier', null=True)),
                ('stopped_reason', models.CharField(blank=True, max_length=300)),
                ('protocol_step', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'courses_homecare',
                'ordering': ('starts_on', 'id'),
            },
        ),
        migrations.CreateModel(
            name='Pit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('type', 'Type of pits'), ('depth', 'Depth of pits'), ('age', 'Age of pits')], max_length=5)),
                ('code', models.SlugField(max_length=60)),
                ('name', models.JSONField()),
                ('position', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'db_table': 'catalogue_pit',
                'ordering': ('kind', 'position'),
            },
        ),
        migrations.CreateModel(
            name='ProtocolRevision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('current', 'Current'), ('superseded', 'Earlier')], default='draft', max_length=10)),
                ('version', models.PositiveIntegerField(default=0, help_text='counts the saves of a draft')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='why')),
                ('created_at', models.DateTimeField()),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('name', models.JSONField(help_text='text by language')),
                ('suits', models.JSONField(default=dict, help_text='codes of signs and of pits')),
                ('steps', models.JSONField(default=list, help_text='as in the catalogue file')),
                ('source', models.CharField(max_length=60)),
                ('note', models.TextField(blank=True)),
            ],
            options={
                'db_table': 'catalogue_protocolrevision',
                'ordering': ('protocol', '-number'),
            },
        ),
        migrations.CreateModel(
            name='ReviewItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(help_text='on which the session stood when it was put here')),
                ('kinds', models.JSONField(default=list, help_text='what the change does to it')),
                ('cause', models.CharField(max_length=80)),
                ('details', models.JSONField(blank=True, default=dict)),
                ('created_at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('settled_reason', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'db_table': 'impact_reviewitem',
                'ordering': ('day', 'id'),
            },
        ),
        migrations.CreateModel(
            name='Vignette',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=60, unique=True)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('case', models.JSONField(help_text='procedure, dates, patient and what is expected')),
                ('created_at', models.DateTimeField()),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'db_table': 'vignettes_vignette',
                'ordering': ('code',),
            },
        ),
        migrations.AddField(
            model_name='course',
            name='protocol_step',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='gap',
            name='after_procedure',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='plans.procedure'),
        ),
        migrations.AddField(
            model_name='gap',
            name='before_procedure',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='plans.procedure'),
        ),
        migrations.AddField(
            model_name='protocol',
            name='position',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='protocol',
            name='retired_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='revision',
            name='home_allowed',
            field=models.BooleanField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='session',
            name='planned_on',
            field=models.DateField(blank=True, help_text='the day that was intended before it was booked', null=True),
        ),
        migrations.AddField(
            model_name='statuschange',
            name='screening',
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='gap',
            name='after',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='plans.group'),
        ),
        migrations.AlterField(
            model_name='gap',
            name='before',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='plans.group'),
        ),
        migrations.AddField(
            model_name='assessment',
            name='created_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='assessment',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assessments', to='clinic.patient'),
        ),
        migrations.AddField(
            model_name='confirmation',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='gaptable',
            name='created_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='gaptable',
            name='published_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='gap',
            name='table',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='gaps', to='plans.gaptable'),
                    ),
        migrations.AddField(
            model_name='homecare',
            name='created_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='homecare',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='home_care', to='clinic.patient'),
        ),
        migrations.AddField(
            model_name='homecare',
            name='plan',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='home_care', to='plans.plan'),
        ),
        migrations.AddField(
            model_name='homecare',
            name='revision',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='home_care', to='plans.revision'),
        ),
        migrations.AddConstraint(
            model_name='pit',
            constraint=models.UniqueConstraint(fields=('kind', 'code'), name='pit_once'),
        ),
        migrations.AddConstraint(
            model_name='pit',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['type', 'depth', 'age'])), name='pit_kind_known'),
        ),
        migrations.AddField(
            model_name='protocolrevision',
            name='created_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='protocolrevision',
            name='protocol',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='revisions', to='plans.protocol'),
        ),
        migrations.AddField(
            model_name='protocolrevision',
            name='published_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='plan',
            name='protocol_revision',
            field=models.ForeignKey(blank=True, help_text='the protocol that the plan was made from', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='plans', to='plans.protocolrevision'),
        ),
        migrations.AddField(
            model_name='reviewitem',
            name='appointment',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='review_items', to='plans.appointment'),
        ),
        migrations.AddField(
            model_name='reviewitem',
            name='created_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reviewitem',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.patient'),
        ),
        migrations.AddField(
            model_name='reviewitem',
            name='session',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='review_items', to='plans.session'),
        ),
        migrations.AddField(
            model_name='reviewitem',
            name='settled_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='vignette',
            name='created_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='assessment',
            index=models.Index(fields=['patient', '-done_on', '-id'], name='assessment_by_patient'),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(('goodman_baron__isnull', True), models.Q(('goodman_baron__gte', 1), ('goodman_baron__lte', 4)), _connector='OR'), name='assessment_grade_known', violation_error_message='Goodman and Baron grades run from 1 to 4.'),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(('skin_type__isnull', True), models.Q(('skin_type__gte', 1), ('skin_type__lte', 6)), _connector='OR'), name='assessment_skin_type_fitzpatrick', violation_error_message='Fitzpatrick skin types run from I to VI.'),
        ),
        migrations.AddIndex(
            model_name='confirmation',
            index=models.Index(fields=['address'], name='confirmation_by_address'),
        ),
        migrations.AddConstraint(
            model_name='gaptable',
            constraint=models.UniqueConstraint(fields=('number',), name='gaptable_number_once'),
        ),
        migrations.AddConstraint(
            model_name='gaptable',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'draft')), fields=('state',), name='gaptable_one_draft'),
        ),
        migrations.AddConstraint(
            model_name='gaptable',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'current')), fields=('state',), name='gaptable_one_current'),
        ),
        migrations.AddConstraint(
            model_name='homecare',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('starts_on__lte', models.F('ends_on')), _connector='OR'), name='homecare_start_not_after_end', violation_error_message='The last day cannot be before the first.'),
        ),
        migrations.AddConstraint(
            model_name='homecare',
            constraint=models.CheckConstraint(condition=models.Q(('stopped_on__isnull', True), models.Q(('stopped_reason', ''), _negated=True), _connector='OR'), name='homecare_stopped_with_reason', violation_error_message='Say why it is stopped.'),
        ),
        migrations.AddConstraint(
            model_name='protocolrevision',
            constraint=models.UniqueConstraint(fields=('protocol', 'number'), name='protocolrevision_number_once'),
        ),
        migrations.AddConstraint(
            model_name='protocolrevision',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'draft')), fields=('protocol',), name='protocolrevision_one_draft'),
        ),
        migrations.AddConstraint(
            model_name='protocolrevision',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'current')), fields=('protocol',), name='protocolrevision_one_current'),
        ),
        migrations.AddIndex(
            model_name='reviewitem',
            index=models.Index(condition=models.Q(('settled_at__isnull', True)), fields=['day'], name='reviewitem_open'),
        ),
        migrations.AddConstraint(
            model_name='reviewitem',
            constraint=models.UniqueConstraint(fields=('session', 'cause'), name='reviewitem_once_per_cause'),
        ),
        migrations.AddConstraint(
            model_name='reviewitem',
            constraint=models.CheckConstraint(condition=models.Q(('settled_at__isnull', True), models.Q(('settled_reason', ''), _negated=True), _connector='OR'), name='reviewitem_settled_with_reason'),
        ),
    ]
