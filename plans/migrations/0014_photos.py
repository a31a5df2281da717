"""Photos of treatments."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from clinic.kit.triggers import refuse_when

PHOTO = "photos_photo"
# What a photo is never changes; that it was deleted can be added.
_FOREVER = (
    "id, patient_id, visit_id, course_id, area, view, taken_at, name, sha256, size, width, height, "
    "added_at, added_by_id"
)


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0005_hours_every_nth_week'),
        ('plans', '0013_records'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Photo',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.CharField(help_text='a code of tags.PHOTO_AREAS', max_length=20)),
                ('view', models.CharField(choices=[('front', 'Front'), ('half_left', 'Half left'), ('left', 'Left side'), ('half_right', 'Half right'), ('right', 'Right side'), ('close', 'Close up')], max_length=10)),
                ('taken_at', models.DateTimeField()),
                ('name', models.CharField(help_text='of its files: 128 random bits', max_length=32, unique=True)),
                ('sha256', models.CharField(help_text='of the file in full size, hexadecimal', max_length=64)),
                ('size', models.PositiveIntegerField(help_text='bytes of its three files together')),
                ('width', models.PositiveIntegerField(help_text='pixels, in full size')),
                ('height', models.PositiveIntegerField(help_text='pixels, in full size')),
                ('added_at', models.DateTimeField()),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('deleted_reason', models.CharField(blank=True, max_length=300)),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('course', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='photos', to='plans.course')),
                ('deleted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='photos', to='clinic.patient')),
                ('visit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='photos', to='plans.appointment')),
            ],
            options={
                'db_table': 'photos_photo',
                'ordering': ('taken_at', 'id'),
                'indexes': [models.Index(fields=['patient', 'taken_at'], name='photo_by_patient')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('deleted_at__isnull', True), ('deleted_by__isnull', True), ('deleted_reason', '')), models.Q(('deleted_at__isnull', False), ('deleted_by__isnull', False), models.Q(('deleted_reason', ''), _negated=True)), _connector='OR'), name='photo_deleted_whole', violation_error_message='Say why the photo is deleted.'), models.CheckConstraint(condition=models.Q(('view__in', ['front', 'half_left', 'left', 'half_right', 'right', 'close'])), name='photo_view_known'), models.CheckConstraint(condition=models.Q(('taken_at__lte', models.F('added_at'))), name='photo_not_added_before_taken', violation_error_message='A photo is kept once it is taken, not before.')],
            },
        ),
        refuse_when(PHOTO, "photo_frozen", [f"UPDATE OF {_FOREVER}"]),
        refuse_when(PHOTO, "photo_kept", ["DELETE"]),
        refuse_when(PHOTO, "photo_deleted_for_good", ["UPDATE"], "OLD.deleted_at IS NOT NULL"),
    ]
