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
    path("api/", include("plans.api.urls")),
    path("assessments/", include("plans.assessments.urls")),
    path("catalogue/", include("plans.catalogue.urls")),
    path("consents/", include("plans.consents.urls")),
    path("courses/", include("plans.courses.urls")),
    path("diary/", include("plans.diary.urls")),
    path("editor/", include("plans.editor.urls")),
    path("exchange/", include("plans.exchange.urls")),
    path("feeds/", include("plans.feeds.urls")),
    path("health/", include("plans.health.urls")),
    path("homecare/", include("plans.homecare.urls")),
    path("hours/", include("plans.hours.urls")),
    path("impact/", include("plans.impact.urls")),
    path("lots/", include("plans.lots.urls")),
    path("moves/", include("plans.moves.urls")),
    path("outcomes/", include("plans.outcomes.urls")),
    path("photos/", include("plans.photos.urls")),
    path("protocols/", include("plans.protocols.urls")),
    path("records/", include("plans.records.urls")),
    path("series/", include("plans.series.urls")),
    path("sources/", include("plans.sources.urls")),
    path("sheets/", include("plans.sheets.urls")),
    path("vignettes/", include("plans.vignettes.urls")),
    path("tray/", include("plans.tray.urls")),
    path("visits/", include("plans.visits.urls")),
    path("vocabulary/", include("plans.vocabulary.urls")),
    path("", include("plans.desk.urls")),
]
