"""Reading who works here."""

import hashlib
from typing import Any, cast

from clinic.staff.models import ApiToken, User


def digest_of(token: str) -> str:
    """What is kept of a token: SHA-256, in hexadecimal.

    A token holds 256 random bits, so that no slow hash is needed: nobody guesses it.
    """
    return hashlib.sha256(token.encode()).hexdigest()


def user_of(token: str) -> User | None:
    """In whose name a program calls with `token`; None if it is unknown or revoked, or the person has left. One query."""
    found = (
        ApiToken.objects.filter(
            digest=digest_of(token), revoked_at__isnull=True, user__is_active=True
        )
        .select_related("user")
        .first()
    )
    return found.user if found else None


def signed_in(request: Any) -> User:
    """Who asks. Only where `requires` has let nobody else in."""
    return cast("User", request.user)
