"""Visits in two parts, steps that can be undone, dates kept clear, calendar feeds."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0005_hours_every_nth_week'),
        ('plans', '0008_edition'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Feed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(help_text='SHA-256, in hexadecimal', max_length=64, unique=True)),
                ('created_at', models.DateTimeField()),
                ('last_read_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'db_table': 'feeds_feed',
                'ordering': ('-created_at',),
            },
        ),
        migrations.CreateModel(
            name='Occasion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('name', models.CharField(blank=True, max_length=80, verbose_name='what it is')),
                ('created_at', models.DateTimeField()),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'db_table': 'courses_occasion',
                'ordering': ('day', 'id'),
            },
        ),
        migrations.AddField(
            model_name='appointment',
            name='continues',
            field=models.ForeignKey(blank=True, help_text='the visit of which this is the second part, on the same day', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='continuations', to='plans.appointment'),
        ),
        migrations.AddField(
            model_name='block',
            name='batch',
            field=models.UUIDField(blank=True, help_text='shared by the blocks that were added together', null=True),
        ),
        migrations.AddField(
            model_name='block',
            name='created_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='block',
            name='created_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='statuschange',
            name='batch',
            field=models.UUIDField(blank=True, help_text='shared by all steps of one act', null=True),
        ),
        migrations.AddField(
            model_name='statuschange',
            name='before',
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name='statuschange',
            index=models.Index(fields=['batch'], name='statuschange_by_batch'),
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=models.CheckConstraint(condition=models.Q(('continues__isnull', True), ('session__isnull', True), _connector='OR'), name='appointment_continuation_without_session'),
        ),
        migrations.AddField(
            model_name='feed',
            name='created_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='feed',
            name='patient',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='feeds', to='clinic.patient'),
        ),
        migrations.AddField(
            model_name='feed',
            name='resource',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='feeds', to='clinic.resource'),
        ),
        migrations.AddField(
            model_name='feed',
            name='revoked_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='occasion',
            name='created_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='occasion',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='occasions', to='clinic.patient'),
        ),
        migrations.AddField(
            model_name='occasion',
            name='removed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='feed',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('patient__isnull', True), ('resource__isnull', False)), models.Q(('patient__isnull', False), ('resource__isnull', True)), _connector='OR'), name='feed_of_one'),
        ),
        migrations.AddConstraint(
            model_name='occasion',
            constraint=models.UniqueConstraint(condition=models.Q(('removed_at__isnull', True)), fields=('patient', 'day'), name='occasion_once_a_day', violation_error_message='This date is kept clear already.'),
        ),
        migrations.AddConstraint(
            model_name='occasion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('removed_at__isnull', True), ('removed_by__isnull', True)), models.Q(('removed_at__isnull', False), ('removed_by__isnull', False)), _connector='OR'), name='occasion_removed_by_somebody'),
        ),
    ]
