"""Every address of the product; a room's addresses stand in the room."""

from django.urls import include, path

urlpatterns = [
    path("account/", include("allauth.urls")),
    path("staff/", include("clinic.staff.urls")),
    path("patients/", include("clinic.patients.urls")),
    path("catalogue/", include("plans.catalogue.urls")),
    path("courses/", include("plans.courses.urls")),
    path("diary/", include("plans.diary.urls")),
    path("sheets/", include("plans.sheets.urls")),
    path("", include("plans.desk.urls")),
]
