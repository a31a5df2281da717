"""Calling the diary's part of the interface in the small clinic of tests/diary."""

from typing import Any

from django.test import Client

from clinic.staff.models import User
from clinic.staff.services import issue_token

BASE = "/api/v1"


class Caller:
    """A program that calls with somebody's token; the form's token is asked for as in earnest."""

    def __init__(self, user: User) -> None:
        token = issue_token(user, by=None)
        headers = {"Authorization": f"Bearer {token}"}
        self.client = Client(enforce_csrf_checks=True, headers=headers)

    def get(self, path: str) -> Any:
        return self.client.get(f"{BASE}{path}")

    def post(self, path: str, body: Any, key: str | None = None) -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.post(
            f"{BASE}{path}", body, content_type="application/json", headers=headers
        )

    def search(self, **changes: Any) -> Any:
        """Three peels for patient 142 from Thursday 26 November 2026 on."""
        asked = {
            "procedure": "tca_peel_medium", "patient": 142, "sessions": 3,
            "not_before": "2026-11-26",
        }  # fmt: skip
        return self.post("/series/search", asked | changes)

    def token(self, **changes: Any) -> str:
        """Of the best offer."""
        found: str = self.search(**changes).json()["offers"][0]["token"]
        return found


DESCRIBED = {
    "birth": "1990-05-14",
    "skin_type": 3,
    "facts": [
        {"code": code, "status": "denied", "since": "2026-11-09"}
        for code in ("isotretinoin_oral", "keloid_tendency", "pregnancy")
    ],
}


def days_of(offer: dict[str, Any]) -> list[str]:
    return [session["start"][:10] for session in offer["sessions"]]


def is_problem(answer: Any, status: int, field: str | None = None) -> bool:
    said = answer.json()
    assert (answer.status_code, said["status"]) == (status, status), said
    assert answer["Content-Type"] == "application/problem+json"
    assert said["detail"]
    if field is not None:
        assert said["field"] == field, said
        assert said["reason"]
    return True
