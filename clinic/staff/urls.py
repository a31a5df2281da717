from django.urls import path

from clinic.staff import views

app_name = "staff"

urlpatterns = [
    path("language/", views.choose_language, name="language"),
]
