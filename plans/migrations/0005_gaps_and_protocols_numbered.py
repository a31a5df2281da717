"""The gaps and the protocols that are in force become the first numbered ones; confirmations stand by address."""

from django.db import migrations
from django.utils import timezone

_FIRST = {"number": 1, "state": "current", "reason": "catalogue file"}
_STEPS = ("name", "suits", "steps", "source", "note")


def number_them(apps, schema_editor):
    now = timezone.now()
    first = {**_FIRST, "created_at": now, "published_at": now}
    gaps = apps.get_model("plans", "Gap").objects
    if gaps.exists():
        gaps.update(table=apps.get_model("plans", "GapTable").objects.create(**first))
    revisions = apps.get_model("plans", "ProtocolRevision").objects
    for protocol in apps.get_model("plans", "Protocol").objects.all():
        revisions.create(protocol=protocol, **first, **{name: getattr(protocol, name) for name in _STEPS})


def keep_the_gaps_in_force(apps, schema_editor):
    """Backwards: only what is in force had a place before."""
    gaps = apps.get_model("plans", "Gap").objects
    gaps.exclude(table__state="current").delete()
    gaps.update(table=None)
    tables = apps.get_model("plans", "GapTable").objects.all()
    tables._raw_delete(tables.db)
    revisions = apps.get_model("plans", "ProtocolRevision").objects
    for revision in revisions.filter(state="current").select_related("protocol"):
        for name in _STEPS:
            setattr(revision.protocol, name, getattr(revision, name))
        revision.protocol.save()
    revisions.all()._raw_delete(revisions.db)


class Migration(migrations.Migration):
    dependencies = [("plans", "0004_tables_of_drafts_and_assessments")]

    operations = [migrations.RunPython(number_them, keep_the_gaps_in_force)]
