"""The form of a session's scores: one tap for each."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plans.core.scores import SPANS, Scale, Scored
from plans.diary.forms import KeyForm
from plans.outcomes.models import Score
from plans.outcomes.tags import GRADES, grade_words


def _score(label: Any, scale: Scale) -> forms.TypedChoiceField:
    """All scores of a scale beside each other, and one that says that nobody asked."""
    span, named = SPANS[scale], scale in GRADES
    choices = [
        (n, grade_words(scale, n) if named else str(n)) for n in range(span.least, span.most + 1)
    ]
    return forms.TypedChoiceField(
        label=label,
        required=False,
        choices=[("", gettext_lazy("Not asked")), *choices],
        coerce=int,
        empty_value=None,
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )


class ScoreForm(KeyForm):
    """What is told at a session. `seen`: the key of the score that the page showed; 0 for none."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    pain = _score(gettext_lazy("Pain during the treatment (0 none, 10 the worst)"), Scale.PAIN)
    satisfaction = _score(
        gettext_lazy("How satisfied is the patient (0 not at all, 10 entirely)"), Scale.SATISFACTION
    )
    scar = _score(gettext_lazy("Scar grade after Goodman and Baron"), Scale.GOODMAN_BARON)
    vancouver = forms.IntegerField(
        label=gettext_lazy("Or the sum of the Vancouver Scar Scale, 0 to 13"),
        required=False,
        min_value=SPANS[Scale.VANCOUVER].least,
        max_value=SPANS[Scale.VANCOUVER].most,
        widget=forms.NumberInput(attrs={"class": "form-control"}),
    )
    pigmentation = _score(gettext_lazy("Pigmentation, how dark"), Scale.DARKNESS)
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )

    def taps(self) -> list[forms.BoundField]:
        """The questions that are answered by one tap."""
        return [self[name] for name in ("pain", "satisfaction", "scar", "pigmentation")]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("scar") is not None and said.get("vancouver") is not None:
            self.add_error("vancouver", _("Give one scar grade: of the one scale or of the other."))
        return said

    def scored(self) -> Scored:
        """What was told, of a valid form."""
        said = self.cleaned_data
        scar, scale = said["scar"], Scale.GOODMAN_BARON
        if said["vancouver"] is not None:
            scar, scale = said["vancouver"], Scale.VANCOUVER
        return Scored(
            said["pain"],
            said["satisfaction"],
            scale if scar is not None else None,
            scar,
            said["pigmentation"],
        )


def new_form(score: Score | None, recorded_pain: int | None) -> ScoreForm:
    """A form with a key of its own, filled in from the score that counts; the pain else from the record."""
    initial: dict[str, Any] = {"key": uuid.uuid4(), "seen": score.pk if score else 0}
    scored = score.scored if score else Scored(pain=recorded_pain)
    initial |= {"pain": scored.pain, "satisfaction": scored.satisfaction}
    initial |= {"pigmentation": scored.pigmentation, "note": score.note if score else ""}
    name = "vancouver" if scored.scar_scale == Scale.VANCOUVER else "scar"
    return ScoreForm(initial={**initial, name: scored.scar})
