"""Consents: the texts, and what was signed. Neither is changed; a consent can be withdrawn, once."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from clinic.kit.triggers import append_only, refuse_when

# Everything of a consent but its withdrawal.
_SIGNED = (
    "patient_id kind procedure_id revision_id text_id language way signed_name signed_on recorded_at taken_by_id "
    "valid_until stored size sha256"
).split()
_WITHDRAWAL = ["withdrawn_at", "withdrawn_by_id", "withdrawn_reason"]


class Migration(migrations.Migration):

    dependencies = [
        ("clinic", "0005_hours_every_nth_week"),
        ("plans", "0010_lots"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ConsentText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('treatment', 'Treatment'), ('photo', 'Photos')], max_length=9)),
                ('number', models.PositiveSmallIntegerField()),
                ('texts', models.JSONField(help_text='Markdown by language')),
                ('risks', models.JSONField(help_text='list of risks by language')),
                ('declarations', models.JSONField(help_text='list of sentences by language')),
                ('published_at', models.DateTimeField()),
                ('procedure', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='consent_texts', to='plans.procedure')),
                ('published_by', models.ForeignKey(help_text='none: it came with the product', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'consents_consenttext',
                'ordering': ('procedure', '-number'),
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('treatment', 'Treatment'), ('photo', 'Photos')], max_length=9)),
                ('language', models.CharField(choices=[('en', 'English'), ('ru', 'Russian'), ('es', 'Spanish'), ('de', 'German')], max_length=5)),
                ('way', models.CharField(choices=[('screen', 'signed on the screen'), ('typed', 'signed by typing the name'), ('paper', 'signed on paper')], max_length=6)),
                ('signed_name', models.CharField(max_length=120)),
                ('signed_on', models.DateField()),
                ('recorded_at', models.DateTimeField()),
                ('valid_until', models.DateField(blank=True, help_text='its last day', null=True)),
                ('stored', models.CharField(help_text='name of the file on disk', max_length=60, unique=True)),
                ('size', models.PositiveIntegerField(help_text='bytes')),
                ('sha256', models.CharField(help_text='of the file, in hexadecimal', max_length=64)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_reason', models.CharField(blank=True, max_length=300)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='clinic.patient')),
                ('procedure', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='plans.procedure')),
                ('revision', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='plans.revision')),
                ('taken_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('withdrawn_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('text', models.ForeignKey(blank=True, help_text="none: the clinic's own form on paper", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='plans.consenttext')),
            ],
            options={
                'db_table': 'consents_consent',
                'ordering': ('-signed_on', '-id'),
            },
        ),
        migrations.AddConstraint(
            model_name='consenttext',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'treatment'), ('procedure__isnull', False)), models.Q(('kind', 'photo'), ('procedure__isnull', True)), _connector='OR'), name='consenttext_of_a_procedure_or_photos', violation_error_message='A consent is for a procedure or for photos.'),
        ),
        migrations.AddConstraint(
            model_name='consenttext',
            constraint=models.UniqueConstraint(fields=('procedure', 'number'), name='consenttext_number_once'),
        ),
        migrations.AddConstraint(
            model_name='consenttext',
            constraint=models.UniqueConstraint(condition=models.Q(('procedure__isnull', True)), fields=('number',), name='consenttext_photo_number_once'),
        ),
        migrations.AddIndex(
            model_name='consent',
            index=models.Index(fields=['patient', 'revision'], name='consent_by_patient'),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'treatment'), ('procedure__isnull', False), ('revision__isnull', False)), models.Q(('kind', 'photo'), ('procedure__isnull', True), ('revision__isnull', True)), _connector='OR'), name='consent_of_a_procedure_or_photos', violation_error_message='A consent is for a procedure or for photos.'),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.CheckConstraint(condition=models.Q(('way__in', ['screen', 'typed', 'paper']), models.Q(('text__isnull', False), ('way', 'paper'), _connector='OR')), name='consent_way_known'),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('withdrawn_at__isnull', True), ('withdrawn_by__isnull', True), ('withdrawn_reason', '')), models.Q(('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False), models.Q(('withdrawn_reason', ''), _negated=True)), _connector='OR'), name='consent_withdrawn_with_reason', violation_error_message='Say why the consent is taken back.'),
        ),
        append_only("consents_consenttext"),
        refuse_when("consents_consent", "consent_frozen", [f"UPDATE OF {', '.join(_SIGNED)}"]),
        refuse_when("consents_consent", "consent_kept", ["DELETE"]),
        refuse_when(
            "consents_consent", "consent_withdrawn_once",
            [f"UPDATE OF {', '.join(_WITHDRAWAL)}"], "OLD.withdrawn_at IS NOT NULL",
        ),
    ]
