"""manage.py create_user."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from clinic.staff.models import User
from plans.data.factories import LocationFactory, UserFactory

pytestmark = pytest.mark.django_db

GOOD = "quiet-harbour-42"


@pytest.fixture
def create_user(monkeypatch: pytest.MonkeyPatch):
    def call(*args: str, password: str = GOOD, **options: Any) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        out = io.StringIO()
        call_command("create_user", *args, "--password-stdin", stdout=out, **options)
        return out.getvalue()

    return call


def test_a_user_gets_the_roles_and_the_only_location(create_user):
    location = LocationFactory.create()
    said = create_user(
        "marta", "--role", "physician", "--role", "manager", "--title", "Dr", "--first-name", "Marta", "--last-name", "Weiss"
    )  # fmt: skip
    user = User.objects.get(username="marta")
    assert user.role_names() == {"physician", "manager"}
    assert list(user.locations.all()) == [location]
    assert user.check_password(GOOD)
    assert user.display_name == "Dr Marta Weiss"
    assert "marta" in said
    assert GOOD not in said


def test_before_there_is_a_location_a_user_has_none(create_user):
    create_user("marta", "--role", "manager")
    assert not User.objects.get().locations.exists()


def test_with_two_locations_one_must_be_named(create_user):
    LocationFactory.create(name="North")
    south = LocationFactory.create(name="South")
    with pytest.raises(CommandError, match="North, South"):
        create_user("marta", "--role", "manager")
    with pytest.raises(CommandError, match="West"):
        create_user("marta", "--role", "manager", "--location", "West")
    create_user("marta", "--role", "manager", "--location", "South")
    assert list(User.objects.get().locations.all()) == [south]


@pytest.mark.parametrize(
    ("args", "password", "words"),
    [
        (["marta", "--role", "king"], GOOD, "No such role: king"),
        (["marta"], GOOD, "at least one --role"),
        (["marta", "--role", "manager"], "12345", "password"),
        (["marta", "--role", "manager"], "", "password"),
        (["taken", "--role", "manager"], GOOD, "taken"),
        (["a b", "--role", "manager"], GOOD, "username"),
    ],
)
def test_what_is_wrong_is_said_and_nobody_is_made(create_user, args, password, words):
    UserFactory.create(username="taken")
    with pytest.raises(CommandError, match=words):
        create_user(*args, password=password)
    assert User.objects.count() == 1


def test_a_password_is_never_an_argument():
    with pytest.raises(CommandError, match="--password-stdin"):
        call_command("create_user", "marta", "--role", "manager")
