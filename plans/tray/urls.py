"""Addresses of what waits for a date."""

from django.urls import path

from plans.tray import views

app_name = "tray"
urlpatterns = [
    path("", views.owed, name="owed"),
]
