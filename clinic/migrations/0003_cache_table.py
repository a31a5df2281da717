"""The cache is a table, so that sign-in limits hold across processes; `migrate` alone must be enough to serve."""

from django.core.management import call_command
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def make(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    call_command("createcachetable", "clinic_cache", database=editor.connection.alias, verbosity=0)


def drop(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    editor.execute("DROP TABLE clinic_cache")


class Migration(migrations.Migration):
    dependencies = [("clinic", "0002_guards")]

    operations = [migrations.RunPython(make, drop)]
