"""Every view states its permission; one that does not is refused."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from clinic.kit.operations import OPERATIONS, roles_allow

View = Callable[..., HttpResponse]

# Views of libraries, which cannot be decorated; sign-in is open to strangers, the rest to any signed-in person.
UNDECLARED_MODULES = ("allauth.account.", "allauth.mfa.")
# What a view states that is opened by a secret in its address, and by nothing else.
BY_LINK = "by_link"


def requires(operation: str) -> Callable[[View], View]:
    """Let the view answer only people whose role allows `operation` (see `operations.py`); 403 otherwise."""
    if operation not in OPERATIONS:
        raise ValueError(f"unknown operation {operation!r}")

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.has_perm(f"clinic.{operation}"):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.permission = operation  # type: ignore[attr-defined]  # read by PermissionGuard and by the tests
        return guarded

    return decorate


def by_link(view: View) -> View:
    """Let everybody in, strangers too: the view itself answers 404 unless the secret in its address is a good one."""

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, **kwargs)

    opened.permission = BY_LINK  # type: ignore[attr-defined]  # read by PermissionGuard and by the tests
    return login_not_required(opened)


class PermissionGuard:
    """Refuses a view without `requires`, so that forgetting it closes the page instead of opening it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> None:
        if getattr(view, "permission", None):
            return
        if getattr(view, "__module__", "").startswith(UNDECLARED_MODULES):
            return
        raise PermissionDenied


class RoleBackend(ModelBackend):
    """Answers `has_perm("clinic.<operation>")` from the person's roles; groups carry the role's name.

    Sign-in itself is allauth's backend, so that its rate limits cannot be walked around.
    """

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:  # type: ignore[override]  # never signs in
        return None

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        app, _, operation = perm.partition(".")
        if (
            app != "clinic"
            or operation not in OPERATIONS
            or not user_obj.is_active
            or user_obj.is_anonymous
        ):
            return False
        return roles_allow(user_obj.role_names(), operation)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return bool(app_label == "clinic" and user_obj.is_active)

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return {
            f"clinic.{name}" for name in OPERATIONS if self.has_perm(user_obj, f"clinic.{name}")
        }
