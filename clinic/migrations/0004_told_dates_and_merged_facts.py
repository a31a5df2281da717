"""Dates as they were told, facts that are merged or renamed, and keys for programs."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from clinic.kit.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("clinic", "0003_cache_table")]

    operations = [
        append_only("patients_fact").lifted(),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(blank=True, help_text='what calls with it', max_length=80)),
                ('digest', models.CharField(help_text='SHA-256, in hexadecimal', max_length=64, unique=True)),
                ('created_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'db_table': 'staff_apitoken',
                'ordering': ('-created_at',),
            },
        ),
        migrations.CreateModel(
            name='FormerCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=60, unique=True)),
            ],
            options={
                'db_table': 'patients_formercode',
                'ordering': ('code',),
            },
        ),
        migrations.AddField(
            model_name='fact',
            name='since_precision',
            field=models.CharField(choices=[('day', 'day'), ('month', 'month'), ('year', 'year')], db_default='day', default='day', max_length=5),
        ),
        migrations.AddField(
            model_name='fact',
            name='until_precision',
            field=models.CharField(choices=[('day', 'day'), ('month', 'month'), ('year', 'year')], db_default='day', default='day', max_length=5),
        ),
        migrations.AddField(
            model_name='facttype',
            name='merged_into',
            field=models.ForeignKey(blank=True, help_text='the fact that this one is read as; that one is merged into none', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='clinic.facttype'),
        ),
        migrations.AddConstraint(
            model_name='fact',
            constraint=models.CheckConstraint(condition=models.Q(('since_precision__in', ['day', 'month', 'year']), ('until_precision__in', ['day', 'month', 'year'])), name='fact_precision_known'),
        ),
        migrations.AddConstraint(
            model_name='facttype',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into__isnull', True), models.Q(('merged_into', models.F('pk')), _negated=True), _connector='OR'), name='facttype_not_merged_into_itself'),
        ),
        migrations.AddField(
            model_name='apitoken',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='api_tokens', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='formercode',
            name='fact_type',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='former_codes', to='clinic.facttype'),
        ),
        append_only("patients_fact"),
    ]
