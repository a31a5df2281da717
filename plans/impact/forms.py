"""What is decided about a draft before it is published, and about a session that it touches."""

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from plans.core.impact import Decision

LIST, KEEP = "list", "keep"


class ReviewForm(forms.Form):
    """`shown`: keys of the sessions that the page lists; those of them not in `review` stay as they are."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=300,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 3}),
        error_messages={
            "required": gettext_lazy("Say why the rules change: the reason stands in the history.")
        },
    )
    booked = forms.ChoiceField(choices=[(LIST, ""), (KEEP, "")], required=False)
    # The number of cases that the page has shown; ticked, it says that they change as intended.
    cases = forms.IntegerField(required=False, min_value=0)
    number = forms.IntegerField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)

    @property
    def keeps_all(self) -> bool:
        return bool(self["booked"].value() == KEEP)

    def see_version(self, version: int) -> int:
        """The version that was reviewed; sent again, the form is for `version`, as the page shows it now."""
        seen: int = self.cleaned_data.get("version", version)
        sent: Any = self.data
        self.data = sent.copy()
        self.data["version"] = str(version)  # type: ignore[index]  # a copy may be written
        return seen

    def kept(self) -> frozenset[int]:
        """The sessions that were shown and are not to be listed."""
        shown, chosen = (self._keys(name) for name in ("shown", "review"))
        return frozenset(shown - chosen)

    def _keys(self, name: str) -> set[int]:
        sent: Iterable[Any] = self.data.getlist(name) if hasattr(self.data, "getlist") else ()
        return {int(key) for key in sent if key.isascii() and key.isdecimal() and len(key) < 19}

    def decision(self) -> Decision:
        """Only after is_valid()."""
        data = self.cleaned_data
        return Decision(
            reason=data["reason"],
            version=data["version"],
            lists=data["booked"] != KEEP,
            kept=self.kept(),
            cases=data["cases"] or 0,
        )


def blank_review(number: int, version: int, reason: str) -> ReviewForm:
    """The form as it is first shown for a draft, with a key of its own."""
    first = {"number": number, "version": version, "reason": reason[:300], "key": uuid.uuid4()}
    return ReviewForm(initial=first | {"booked": LIST})


class SettleForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("What was decided"),
        max_length=300,
        widget=forms.TextInput(attrs={"class": "form-control"}),
        error_messages={
            "required": gettext_lazy("Say what was decided: the reason stays with the session.")
        },
    )
