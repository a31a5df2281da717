from django.urls import path

from clinic.patients import views

app_name = "patients"

urlpatterns = [
    path("", views.list_patients, name="list"),
    path("new/", views.register, name="register"),
    path("duplicates/", views.duplicates, name="duplicates"),
    path("<int:number>/edit/", views.edit, name="edit"),
]
