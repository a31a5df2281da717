"""Addresses of the sources."""

from django.urls import path

from plans.sources import views

app_name = "sources"

urlpatterns = [
    path("", views.list_sources, name="list"),
    path("new/", views.add, name="add"),
    path("<int:pk>/", views.source, name="source"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("unconfirmed/", views.unconfirmed, name="unconfirmed"),
    path("unconfirmed/<slug:code>/", views.document, name="document"),
    path("unconfirmed/<slug:code>/confirm/", views.confirm, name="confirm"),
    path("unconfirmed/<slug:code>/withdraw/", views.withdraw, name="withdraw"),
]
