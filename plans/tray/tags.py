"""What is said of a session that waits for a date."""

from typing import Any

from django.utils.translation import gettext as _

from clinic.kit.tags import day_in_words
from plans.tray.selectors import Owed


def owed_row(each: Owed, *, hides: bool) -> dict[str, Any]:
    """A session that waits for a date."""
    course, patient = each.course.course, each.course.course.patient
    window = each.view.window
    values = {
        "of": _("%(n)d of %(count)d") % {"n": each.view.ordinal, "count": each.course.count},
        "due": day_in_words(each.due),
        "last": day_in_words(window.latest) if window else "",
    }
    pattern = _("%(of)s, due %(due)s, window to %(last)s") if window else _("%(of)s, due %(due)s")
    number = _("Patient %(number)s") % {"number": patient.number}
    name = number if hides else patient.full_name
    return {"owed": each, "course": course, "name": name, "words": pattern % values}
