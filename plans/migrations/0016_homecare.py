"""Home care: what is asked of the patient."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("plans", "0015_outcomes"),
    ]

    operations = []
