"""The people who work in the clinic."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_backends
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A staff member who signs in. Roles are groups; what a role may do stands in `clinic/kit/operations.py`."""

    title = models.CharField(
        _("title"), max_length=30, blank=True, help_text=_("Shown before the name, such as Dr")
    )
    language = models.CharField(
        _("language"), max_length=5, choices=settings.LANGUAGES, default="en"
    )

    class Meta(AbstractUser.Meta):
        db_table = "staff_user"

    @cached_property
    def _role_names(self) -> frozenset[str]:
        return frozenset(self.groups.values_list("name", flat=True))

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """What the roles allow: being a superuser opens nothing."""
        return any(backend.has_perm(self, perm, obj) for backend in get_backends())

    def role_names(self) -> frozenset[str]:
        """The names of the roles held; read once for each request."""
        return self._role_names

    @property
    def display_name(self) -> str:
        """The name as colleagues say it: "Dr Marta Weiss", or the user name when none is recorded."""
        return " ".join(filter(None, [self.title, self.get_full_name()])) or self.username


class ApiToken(models.Model):
    """A key with which a program calls in somebody's name; only its digest is kept."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=80, blank=True, help_text="what calls with it")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256, in hexadecimal")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "staff_apitoken"
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"token {self.pk}"
