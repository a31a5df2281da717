"""Tokens with which programs call in somebody's name."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from clinic.audit.models import Entry
from clinic.staff.models import ApiToken, User
from clinic.staff.selectors import digest_of, user_of
from clinic.staff.services import issue_token, revoke_tokens
from plans.data.factories import UserFactory


@pytest.fixture
def julia(db: None) -> User:
    return UserFactory.create(username="julia")


def run(*arguments: str) -> str:
    said = StringIO()
    call_command("api_token", *arguments, stdout=said)
    return said.getvalue().strip()


def test_a_token_is_told_once_and_only_its_digest_is_kept(julia: User):
    token = run("julia", "--name", "the insurer's checker")

    row = ApiToken.objects.get()
    assert (row.user, row.name, row.digest) == (julia, "the insurer's checker", digest_of(token))
    assert token not in str(ApiToken.objects.values()) + str(Entry.objects.values())
    assert user_of(token) == julia


def test_two_tokens_are_never_the_same(julia: User):
    assert issue_token(julia, by=None) != issue_token(julia, by=None)


def test_all_of_somebody_s_tokens_are_taken_back_at_once(julia: User):
    tokens = [run("julia") for _token in range(2)]
    other = issue_token(UserFactory.create(), by=None)

    assert run("julia", "--revoke") == "2 taken back."

    assert [user_of(token) for token in tokens] == [None, None]
    assert user_of(other) is not None
    assert revoke_tokens(julia, by=None) == 0
    assert Entry.objects.filter(action="tokens_revoked").count() == 1


def test_somebody_who_left_or_never_was_gets_no_token(julia: User):
    User.objects.update(is_active=False)
    for name in ("julia", "nobody"):
        with pytest.raises(CommandError, match=f"Nobody signs in as {name}"):
            run(name)


def test_what_is_no_token_is_nobody_s(julia: User):
    assert [user_of(text) for text in ("", "julia", digest_of("julia"))] == [None, None, None]
