"""Addresses of the catalogue."""

from django.urls import path

from plans.catalogue import views

app_name = "catalogue"

urlpatterns = [
    path("", views.list_procedures, name="list"),
    # Before the codes: no procedure is called gaps.
    path("gaps/", views.gap_table, name="gaps"),
    path("gaps/<int:number>/", views.gap_table, name="gap_table"),
    path("<slug:code>/", views.procedure, name="procedure"),
    path("<slug:code>/revisions/<int:number>/", views.revision, name="revision"),
    path("<slug:code>/revisions/<int:number>/against/<int:other>/", views.against, name="against"),
    path("<slug:code>/retire/", views.retire, name="retire"),
    path("<slug:code>/bring-back/", views.bring_back, name="bring_back"),
]
