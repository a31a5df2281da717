"""Product lots."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from clinic.kit.triggers import refuse_when


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0005_hours_every_nth_week'),
        ('plans', '0009_diary_of_series'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Lot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product', models.CharField(max_length=120, verbose_name='product')),
                ('number', models.CharField(max_length=60, verbose_name='lot number')),
                ('folded', models.CharField(help_text='product and number in one spelling, parted by a space', max_length=200)),
                ('unit', models.CharField(choices=[('U', 'units (U)'), ('ml', 'ml'), ('g', 'g'), ('pc', 'pieces')], default='ml', max_length=2, verbose_name='counted in')),
                ('expires_on', models.DateField(help_text='the last day of use, included', verbose_name='use by')),
                ('received_on', models.DateField(verbose_name='received on')),
                ('entered_at', models.DateTimeField()),
                ('recalled_at', models.DateTimeField(blank=True, null=True)),
                ('recall_reason', models.CharField(blank=True, max_length=300)),
                ('entered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('location', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.location')),
                ('recalled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'lots_lot',
                'ordering': ('product', 'expires_on', 'number'),
                'indexes': [models.Index(fields=['location', 'expires_on'], name='lot_by_expiry')],
                'constraints': [models.UniqueConstraint(fields=('location', 'folded'), name='lot_once_per_location', violation_error_message='This lot of this product is on the list already.'), models.CheckConstraint(condition=models.Q(('unit__in', ['U', 'ml', 'g', 'pc'])), name='lot_unit_known'), models.CheckConstraint(condition=models.Q(('received_on__lte', models.F('expires_on'))), name='lot_received_before_it_expires', violation_error_message='It expired before it was received. Check both dates.'), models.CheckConstraint(condition=models.Q(models.Q(('recall_reason', ''), ('recalled_at__isnull', True), ('recalled_by__isnull', True)), models.Q(('recalled_at__isnull', False), ('recalled_by__isnull', False), models.Q(('recall_reason', ''), _negated=True)), _connector='OR'), name='lot_recalled_with_reason', violation_error_message='Say why the lot is recalled.')],
            },
        ),
        # A lot may be in somebody: what was received stays on the list.
        refuse_when("lots_lot", "lots_lot_stays", ["DELETE"]),
    ]
