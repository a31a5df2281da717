"""Addresses of the catalogue as a file."""

from django.urls import path

from plans.exchange import views

app_name = "exchange"

urlpatterns = [
    path("", views.file, name="file"),
    path("catalogue.yaml", views.download, name="download"),
    path("<slug:name>/", views.load, name="load"),
]
