"""Addresses of the impact of drafts."""

from django.urls import path

from plans.impact import views

app_name = "impact"

urlpatterns = [
    path("gaps/", views.review_gaps, name="gaps"),
    path("gaps/export.csv", views.export_gaps, name="export_gaps"),
    path("settle/<int:pk>/", views.settle, name="settle"),
    path("<slug:code>/", views.review, name="review"),
    path("<slug:code>/preview/", views.preview, name="preview"),
    path("<slug:code>/export.csv", views.export, name="export"),
]
