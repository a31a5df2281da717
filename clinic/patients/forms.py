"""What a person types about a patient, turned into one value."""

import datetime as dt
import uuid
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Fieldset, Layout, Row
from django import forms
from django.conf import settings
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField
from phonenumber_field.phonenumber import PhoneNumber

from clinic.kit import clock
from clinic.kit.partial import PartialDate
from clinic.patients.models import (
    Answer,
    FactKind,
    FactStatus,
    FactType,
    Patient,
    PatientDetails,
    Sex,
)
from clinic.patients.selectors import LONGEST_QUERY, contact_stamp, fold

# Nobody has lived longer than 122 years; a birth date beyond this is a slip of the pen.
OLDEST_YEARS = 120
# The browser's own field sends the first; the others are what people type where it has none.
BIRTH_DATE_FORMATS = ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"]


class SearchForm(forms.Form):
    q = forms.CharField(
        label=_("Search patients"), max_length=LONGEST_QUERY, required=False, strip=True
    )

    def query(self) -> str:
        """What was typed, cut to the length that a search reads."""
        return self.data.get("q", "").strip()[:LONGEST_QUERY] if self.is_bound else ""


class ContactForm(forms.Form):
    """Contact data of a new or a known patient; three fields must be filled in."""

    given_name = forms.CharField(label=_("Given name"), max_length=80)
    family_name = forms.CharField(label=_("Family name"), max_length=80)
    birth_date = forms.DateField(
        label=_("Birth date"),
        input_formats=BIRTH_DATE_FORMATS,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "autocomplete": "off"}),
        error_messages={"invalid": _("No day has this date. Write it like 14.03.1992.")},
    )
    phone = PhoneNumberField(
        label=_("Phone"),
        required=False,
        error_messages={
            "invalid": _(
                "No phone has this number. Write it like 0170 700 1000 or +49 170 700 1000."
            )
        },
    )
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        error_messages={"invalid": _("No e-mail goes there. Write it like anna@example.org.")},
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    sex = forms.ChoiceField(label=_("Sex"), choices=Sex.choices, required=False)
    may_email = forms.BooleanField(label=_("Agrees to e-mail"), required=False)
    may_text = forms.BooleanField(label=_("Agrees to text messages"), required=False)

    def __init__(self, *args: Any, region: str = "", **kwargs: Any) -> None:
        """`region` is the country whose phone numbers need no country code."""
        super().__init__(*args, **kwargs)
        self.fields["phone"] = _phone_of(region)
        self.order_fields(["given_name", "family_name", "birth_date", "phone", "email"])
        for name in ("given_name", "family_name", "phone", "email"):
            self.fields[name].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
        today = clock.today()
        self.fields["birth_date"].widget.attrs |= {
            "min": _years_before(today, OLDEST_YEARS).isoformat(),
            "max": today.isoformat(),
        }
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.form_show_errors = True
        self.helper.layout = self._layout()

    def _layout(self) -> Layout:
        half, third = "col-sm-6", "col-sm-4"
        return Layout(
            Row(Column("given_name", css_class=half), Column("family_name", css_class=half)),
            Row(
                Column("birth_date", css_class=third),
                Column("language", css_class=third),
                Column("sex", css_class=third),
            ),
            Row(Column("phone", css_class=half), Column("email", css_class=half)),
            Fieldset("", "may_text", "may_email"),
        )

    def clean_given_name(self) -> str:
        return self._name("given_name")

    def clean_family_name(self) -> str:
        return self._name("family_name")

    def _name(self, field: str) -> str:
        name = " ".join(self.cleaned_data[field].split())
        if not fold(name):
            raise forms.ValidationError(_("A name has letters. Write it as in the passport."))
        return name

    def clean_birth_date(self) -> dt.date:
        birth_date: dt.date = self.cleaned_data["birth_date"]
        today = clock.today()
        if birth_date > today:
            raise forms.ValidationError(_("The birth date is in the future. Check the year."))
        if birth_date < _years_before(today, OLDEST_YEARS):
            raise forms.ValidationError(
                _("That is more than %(years)s years ago. Check the year."),
                params={"years": OLDEST_YEARS},
            )
        return birth_date

    def clean(self) -> dict[str, Any]:
        """Consent without an address would promise something that cannot be kept."""
        values = super().clean() or self.cleaned_data
        if values.get("may_text") and "phone" in values and not values["phone"]:
            self.add_error(
                "phone", _("Text messages need a number. Add it, or take the consent away.")
            )
        if values.get("may_email") and "email" in values and not values["email"]:
            self.add_error("email", _("E-mail needs an address. Add it, or take the consent away."))
        return values

    def details(self) -> PatientDetails:
        """What was typed, once it is valid."""
        values = {name: self.cleaned_data[name] for name in PatientDetails.__dataclass_fields__}
        return PatientDetails(**values | {"phone": str(values["phone"] or "")})


class RegisterForm(ContactForm):
    """A new patient; `anyway` says that the people shown as alike are others, `key` that this form is sent once."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    anyway = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def _layout(self) -> Layout:
        return Layout(*super()._layout().fields, "key")


class EditForm(ContactForm):
    """A known patient; `seen` is the stamp of what the page showed."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=16)

    def _layout(self) -> Layout:
        return Layout(*super()._layout().fields, "seen")

    def look_again(self, seen: str) -> None:
        """Keep what was typed, but know what is on record now: to save again is to mean it."""
        self.data = {**self.data, "seen": seen}

    def on_record(self, patient: Patient, name: str) -> str:
        """The value of a field as it is stored now, in words."""
        shown = getattr(patient, f"get_{name}_display", None)
        value = shown() if shown else getattr(patient, name)
        if isinstance(value, PhoneNumber):
            return str(value.as_international)
        if isinstance(value, bool):
            return gettext("yes") if value else gettext("no")
        return str(value or "–")


def blank_registration(region: str) -> RegisterForm:
    """An empty form with a key of its own, in the language of the page."""
    language = (get_language() or settings.LANGUAGE_CODE).split("-")[0]
    form = RegisterForm(initial={"key": uuid.uuid4(), "language": language}, region=region)
    form.fields["given_name"].widget.attrs["autofocus"] = True
    return form


def told(
    fact_type: FactType,
    status: str,
    since: PartialDate | None,
    until: PartialDate | None,
    *,
    patient: Patient,
    today: dt.date,
    note: str = "",
) -> Answer:
    """An answer as somebody told it, on the most cautious day that each of its dates can mean.

    What began in a month began on its first day, what ended in it on its last; an event may have been on any
    day between them; a "no" is as old as it can be. Nothing ends ahead of `today` unless that was said.
    """
    code = fact_type.code
    if status == FactStatus.UNKNOWN:
        return Answer(code, status, note=note)
    if status == FactStatus.DENIED:
        if since is None:
            return Answer(code, status, since=today, note=note)
        return Answer(code, status, since.day, note=note, since_precision=since.precision)
    if fact_type.kind == FactKind.EVENT:
        since = until = since or until or PartialDate(today)
    return Answer(
        code,
        status,
        since.begins_on(patient.birth_date) if since else None,
        until.ends_on(today) if until else None,
        note,
        since.precision if since else "day",
        until.precision if until else "day",
    )


def contact_of(patient: Patient) -> dict[str, Any]:
    """What the form shows of a known patient."""
    values = {name: getattr(patient, name) for name in PatientDetails.__dataclass_fields__}
    return values | {"seen": contact_stamp(patient)}


def _phone_of(region: str) -> PhoneNumberField:
    shared = ContactForm.base_fields["phone"]
    field = PhoneNumberField(
        label=shared.label,
        required=False,
        region=region or None,
        error_messages={"invalid": shared.error_messages["invalid"]},
    )
    field.widget.input_type = "tel"
    return field


def _years_before(day: dt.date, years: int) -> dt.date:
    """The same date `years` earlier, 28 February for a leap day."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
