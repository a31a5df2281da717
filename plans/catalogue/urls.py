"""Addresses of the catalogue."""

from django.urls import path

from plans.catalogue import views

app_name = "catalogue"

urlpatterns = [
    path("", views.list_procedures, name="list"),
    path("<slug:code>/", views.procedure, name="procedure"),
    path("<slug:code>/revisions/<int:number>/", views.revision, name="revision"),
    path("<slug:code>/draft/", views.draft, name="draft"),
    path("<slug:code>/draft/start/", views.start, name="start"),
    path("<slug:code>/draft/discard/", views.discard, name="discard"),
    path("<slug:code>/draft/publish/", views.publish, name="publish"),
]
