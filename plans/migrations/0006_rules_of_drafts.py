"""What the rows of gaps and protocols must hold, once they stand in their revisions."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from clinic.kit.triggers import refuse_when

_DRAFTED = "(SELECT state FROM catalogue_revision WHERE id = {row}.revision_id) <> 'draft'"
# SQLite rebuilds the table when a column goes, and forgets its triggers.
_VALUE_SOURCES = [
    refuse_when(
        "catalogue_valuesource",
        "catalogue_valuesource_frozen",
        ["UPDATE OF revision_id, path, source, note", "DELETE"],
        _DRAFTED.format(row="OLD"),
    ),
    refuse_when(
        "catalogue_valuesource",
        "catalogue_valuesource_closed",
        ["INSERT", "UPDATE OF revision_id"],
        _DRAFTED.format(row="NEW"),
    ),
]


class Migration(migrations.Migration):
    dependencies = [("plans", "0005_gaps_and_protocols_numbered")]

    operations = [
        *(guard.lifted() for guard in _VALUE_SOURCES),
        migrations.AlterModelOptions(
            name='gap',
            options={'ordering': ('table', 'id')},
        ),
        migrations.AlterModelOptions(
            name='protocol',
            options={'ordering': ('position', 'code')},
        ),
        migrations.RemoveConstraint(
            model_name='gap',
            name='gap_once_per_pair',
        ),
        # With a default the columns can come back.
        migrations.AlterField(model_name="protocol", name="name", field=models.JSONField(default=dict)),
        migrations.AlterField(model_name="protocol", name="source", field=models.CharField(max_length=60, default="")),
        migrations.RemoveField(
            model_name='protocol',
            name='name',
        ),
        migrations.RemoveField(
            model_name='protocol',
            name='note',
        ),
        migrations.RemoveField(
            model_name='protocol',
            name='source',
        ),
        migrations.RemoveField(
            model_name='protocol',
            name='steps',
        ),
        migrations.RemoveField(
            model_name='protocol',
            name='suits',
        ),
        migrations.RemoveField(
            model_name='valuesource',
            name='confirmed_by',
        ),
        migrations.RemoveField(
            model_name='valuesource',
            name='confirmed_on',
        ),
        migrations.AlterField(
            model_name='gap',
            name='table',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='gaps', to='plans.gaptable'),
        ),
        migrations.AddConstraint(
            model_name='gap',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('before__isnull', True), models.Q(('before_procedure__isnull', True), _negated=True)), models.Q(models.Q(('before__isnull', True), _negated=True), ('before_procedure__isnull', True)), _connector='OR'), name='gap_one_before'),
        ),
        migrations.AddConstraint(
            model_name='gap',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('after__isnull', True), models.Q(('after_procedure__isnull', True), _negated=True)), models.Q(models.Q(('after__isnull', True), _negated=True), ('after_procedure__isnull', True)), _connector='OR'), name='gap_one_after'),
        ),
        migrations.AddConstraint(
            model_name='gap',
            constraint=models.CheckConstraint(condition=models.Q(('min_n__gte', 1), ('min_unit__in', ['days', 'weeks', 'months'])), name='gap_at_least_a_day', violation_error_message='A gap is at least one day.'),
        ),
        migrations.AddConstraint(
            model_name='gap',
            constraint=models.UniqueConstraint(condition=models.Q(('after__isnull', False), ('before__isnull', False)), fields=('table', 'after', 'before'), name='gap_once_0'),
        ),
        migrations.AddConstraint(
            model_name='gap',
            constraint=models.UniqueConstraint(condition=models.Q(('after__isnull', False), ('before_procedure__isnull', False)), fields=('table', 'after', 'before_procedure'), name='gap_once_1'),
        ),
        migrations.AddConstraint(
            model_name='gap',
            constraint=models.UniqueConstraint(condition=models.Q(('after_procedure__isnull', False), ('before__isnull', False)), fields=('table', 'after_procedure', 'before'), name='gap_once_2'),
        ),
        migrations.AddConstraint(
            model_name='gap',
            constraint=models.UniqueConstraint(condition=models.Q(('after_procedure__isnull', False), ('before_procedure__isnull', False)), fields=('table', 'after_procedure', 'before_procedure'), name='gap_once_3'),
        ),
        *_VALUE_SOURCES,
    ]
