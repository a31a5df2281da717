"""Making users and giving them roles."""

import datetime as dt
import secrets
from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from clinic.audit.services import record
from clinic.kit import clock
from clinic.kit.operations import Role
from clinic.staff.models import ApiToken, User
from clinic.staff.selectors import digest_of

if TYPE_CHECKING:
    pass

# So that whoever finds one, in a file or in a message, knows what it opens.
BEGINS = "cadence_"
LANGUAGE_KEPT = dt.timedelta(days=365)


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Nobody signs up: the manager makes the accounts."""

    def is_open_for_signup(self, request: Any) -> bool:
        return False

    def post_login(self, request: Any, user: User, **kwargs: Any) -> Any:
        """Shared computers: whoever signs in sees their own language, not the last person's."""
        answer = super().post_login(request, user, **kwargs)
        keep_language(answer, user.language)
        return answer


@transaction.atomic
def create_user(
    username: str,
    password: str,
    roles: frozenset[Role],
    *,
    by: User | None = None,
    first_name: str = "",
    last_name: str = "",
    title: str = "",
    email: str = "",
) -> User:
    """A staff member with `roles`.  Raises ValidationError (Django's) if the password is weak or the name taken."""
    user = User(
        username=username, first_name=first_name, last_name=last_name, title=title, email=email
    )
    validate_password(password, user)
    user.set_password(password)
    user.full_clean()
    user.save()
    give_roles(user, roles, by=by)
    return user


@transaction.atomic
def give_roles(user: User, roles: frozenset[Role], *, by: User | None) -> None:
    """Let `user` hold exactly `roles` from now on."""
    user.groups.set([Group.objects.get_or_create(name=role.value)[0] for role in sorted(roles)])
    record("roles_given", user, by=by, roles=sorted(role.value for role in roles))


@transaction.atomic
def issue_token(user: User, name: str = "", *, by: User | None) -> str:
    """A new token with which a program calls in the name of `user`. It is told this once: its digest is kept."""
    token = f"{BEGINS}{secrets.token_urlsafe(32)}"
    row = ApiToken.objects.create(
        user=user, name=name, digest=digest_of(token), created_at=clock.now()
    )
    record("token_issued", row, by=by, user=user.pk)
    return token


@transaction.atomic
def revoke_tokens(user: User, *, by: User | None) -> int:
    """Let no token of `user` open anything from now on. How many did until now."""
    count = ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=clock.now())
    if count:
        record("tokens_revoked", user, by=by, count=count)
    return count


@transaction.atomic
def set_language(user: Any, language: str) -> None:
    """The language of `user`'s pages, on every computer."""
    user.language = language
    user.save(update_fields=["language"])
    record("language_set", user, by=user, language=language)


def keep_language(answer: Any, language: str) -> None:
    """Let the browser say `language` from now on; `answer` is the response that tells it so."""
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=LANGUAGE_KEPT,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
