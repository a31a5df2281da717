"""Forms of feeds: what shall become of a link."""

from django import forms

from plans.diary.forms import KeyForm

ISSUE, REVOKE = "issue", "revoke"


class FeedForm(KeyForm):
    """Make a link, in place of the one before, or take it back."""

    act = forms.ChoiceField(choices=[(ISSUE, ISSUE), (REVOKE, REVOKE)])
