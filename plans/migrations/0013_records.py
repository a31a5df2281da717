"""Treatment records, their lots, reactions, addenda: what is signed stays as it is."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from clinic.kit.triggers import GuardSQL, append_only, refuse_when

_RECORD = "(SELECT {column} FROM records_treatmentrecord WHERE id = {row}.record_id)"


def _lines_of_signed(table: str) -> list[GuardSQL]:
    """A signed record's lines stay, and it gets no further ones."""
    state = _RECORD.format(column="state", row="{row}") + " = 'signed'"
    added = ["INSERT", "UPDATE OF record_id"]
    return [
        refuse_when(table, f"{table}_frozen", ["UPDATE", "DELETE"], state.format(row="OLD")),
        refuse_when(table, f"{table}_closed", added, state.format(row="NEW")),
    ]


class Migration(migrations.Migration):

    dependencies = [
        ("plans", "0012_links"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='TreatmentRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('values', models.JSONField(blank=True, default=dict)),
                ('areas', models.JSONField(blank=True, default=list, help_text='codes')),
                ('anaesthesia', models.CharField(blank=True, max_length=200)),
                ('anaesthesia_at', models.DateTimeField(blank=True, null=True)),
                ('notes', models.TextField(blank=True, max_length=5000)),
                ('outside_reason', models.CharField(blank=True, help_text='why a value is beyond its limits', max_length=300)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('signed', 'Signed')], default='draft', max_length=6)),
                ('version', models.PositiveIntegerField(default=0, help_text='counts the saves of the draft')),
                ('saved_from', models.UUIDField(help_text='the open page that saved it last', null=True)),
                ('saved_at', models.DateTimeField()),
                ('signed_at', models.DateTimeField(blank=True, null=True)),
                ('digest', models.CharField(blank=True, help_text='SHA-256 of all that was signed, in hexadecimal', max_length=64)),
                ('revision', models.ForeignKey(help_text='whose parameters are written down; none for a consultation', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='plans.revision')),
                ('saved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('signed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('visit', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='record', to='plans.appointment')),
            ],
            options={
                'db_table': 'records_treatmentrecord',
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='Reaction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('pain', 'Strong pain'), ('erythema', 'Redness'), ('oedema', 'Swelling'), ('bleeding', 'Bleeding'), ('bruise', 'Bruise'), ('blister', 'Blister or burn'), ('allergy', 'Allergic reaction'), ('faint', 'Faintness'), ('pallor', 'Pale skin, sign of a blocked vessel'), ('infection', 'Infection'), ('pigment', 'Change of colour'), ('scar', 'Scar'), ('other', 'Something else (say it in the note)')], max_length=12)),
                ('severity', models.PositiveSmallIntegerField(choices=[(1, 'mild: nothing needs to be done'), (2, 'moderate: treated in the clinic or at home'), (3, 'severe: a physician must see it at once'), (4, 'life-threatening')])),
                ('at', models.DateTimeField()),
                ('note', models.CharField(blank=True, max_length=500)),
                ('record', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reactions', to='plans.treatmentrecord')),
            ],
            options={
                'db_table': 'records_reaction',
                'ordering': ('at', 'id'),
            },
        ),
        migrations.CreateModel(
            name='LotUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('units', models.DecimalField(blank=True, decimal_places=2, help_text="in the lot's unit", max_digits=8, null=True)),
                ('sites', models.CharField(blank=True, max_length=200)),
                ('lot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='plans.lot')),
                ('record', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lot_uses', to='plans.treatmentrecord')),
            ],
            options={
                'db_table': 'records_lotuse',
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='AdverseEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('pain', 'Strong pain'), ('erythema', 'Redness'), ('oedema', 'Swelling'), ('bleeding', 'Bleeding'), ('bruise', 'Bruise'), ('blister', 'Blister or burn'), ('allergy', 'Allergic reaction'), ('faint', 'Faintness'), ('pallor', 'Pale skin, sign of a blocked vessel'), ('infection', 'Infection'), ('pigment', 'Change of colour'), ('scar', 'Scar'), ('other', 'Something else (say it in the note)')], max_length=12)),
                ('severity', models.PositiveSmallIntegerField(choices=[(1, 'mild: nothing needs to be done'), (2, 'moderate: treated in the clinic or at home'), (3, 'severe: a physician must see it at once'), (4, 'life-threatening')])),
                ('began_on', models.DateField()),
                ('note', models.CharField(max_length=500)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('record', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='plans.treatmentrecord')),
            ],
            options={
                'db_table': 'records_adverseevent',
                'ordering': ('began_on', 'id'),
            },
        ),
        migrations.CreateModel(
            name='Addendum',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(max_length=2000)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('record', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='addenda', to='plans.treatmentrecord')),
            ],
            options={
                'db_table': 'records_addendum',
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='EventEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('note', models.CharField(max_length=500)),
                ('next_on', models.DateField(blank=True, help_text='when to look again', null=True)),
                ('is_over', models.BooleanField(default=False)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='plans.adverseevent')),
            ],
            options={
                'db_table': 'records_evententry',
                'ordering': ('id',),
                'constraints': [models.CheckConstraint(condition=models.Q(('is_over', False), ('next_on__isnull', True), _connector='OR'), name='evententry_over_or_next', violation_error_message='What is over needs no further look.')],
            },
        ),
        migrations.AddConstraint(
            model_name='treatmentrecord',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('digest', ''), ('signed_at__isnull', True), ('signed_by__isnull', True), ('state', 'draft')), models.Q(('signed_at__isnull', False), ('signed_by__isnull', False), ('state', 'signed'), models.Q(('digest', ''), _negated=True)), _connector='OR'), name='record_signed_whole'),
        ),
        migrations.AddConstraint(
            model_name='reaction',
            constraint=models.CheckConstraint(condition=models.Q(('severity__range', (1, 4))), name='reaction_severity_known'),
        ),
        migrations.AddConstraint(
            model_name='lotuse',
            constraint=models.UniqueConstraint(fields=('record', 'lot'), name='lotuse_once_per_record', violation_error_message='This lot stands in the record already.'),
        ),
        migrations.AddConstraint(
            model_name='lotuse',
            constraint=models.CheckConstraint(condition=models.Q(('units__isnull', True), ('units__gt', 0), _connector='OR'), name='lotuse_some', violation_error_message='Write an amount above nothing.'),
        ),
        migrations.AddConstraint(
            model_name='adverseevent',
            constraint=models.CheckConstraint(condition=models.Q(('severity__range', (1, 4))), name='adverseevent_severity_known'),
        ),
        refuse_when("records_treatmentrecord", "record_signed_stays", ["UPDATE", "DELETE"], "OLD.state = 'signed'"),
        *_lines_of_signed("records_lotuse"),
        *_lines_of_signed("records_reaction"),
        append_only("records_adverseevent"),
        append_only("records_evententry"),
        append_only("records_addendum"),
        refuse_when(
            "records_addendum",
            "addendum_by_signer",
            ["INSERT"],
            f"COALESCE({_RECORD.format(column='signed_by_id', row='NEW')}, 0) <> NEW.by_id",
        ),
    ]
