"""Every address of the product; a room's addresses stand in the room."""

from django.conf import settings
from django.urls import include, path

from clinic.staff.views import no_reset

# A lost password needs a mail server; without one the manager sets a new one.
_without_mail = [path("account/password/reset/", no_reset, name="no_reset")]

urlpatterns = [
    *([] if settings.EMAIL_URL else _without_mail),
    path("account/", include("allauth.urls")),
    path("staff/", include("clinic.staff.urls")),
    path("patients/", include("clinic.patients.urls")),
    path("catalogue/", include("plans.catalogue.urls")),
    path("courses/", include("plans.courses.urls")),
    path("diary/", include("plans.diary.urls")),
    path("sheets/", include("plans.sheets.urls")),
    path("", include("plans.desk.urls")),
]
