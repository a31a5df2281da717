"""Protocols: courses that belong together in an order, under numbered revisions."""

from django.db import models

from clinic.kit.languages import localized
from plans.drafts.models import Drafted, numbered_once


class Protocol(models.Model):
    """A protocol's identity; what it consists of stands in its revisions."""

    code = models.SlugField(max_length=60, unique=True)
    position = models.PositiveSmallIntegerField(default=0)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "catalogue_protocol"
        ordering = ("position", "code")

    def __str__(self) -> str:
        return self.code


class ProtocolRevision(Drafted):
    """A numbered set of steps; immutable once published (the database holds that)."""

    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="revisions")
    name = models.JSONField(help_text="text by language")
    suits = models.JSONField(default=dict, help_text="codes of signs and of pits")
    steps = models.JSONField(default=list, help_text="as in the catalogue file")
    source = models.CharField(max_length=60)
    note = models.TextField(blank=True)

    class Meta:
        db_table = "catalogue_protocolrevision"
        ordering = ("protocol", "-number")
        constraints = numbered_once("protocolrevision", "protocol")

    def __str__(self) -> str:
        return f"{self.protocol_id} r{self.number}"

    @property
    def title(self) -> str:
        """The protocol's name in the page's language."""
        return localized(self.name)
