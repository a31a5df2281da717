"""Addresses of the editor of drafts."""

from django.urls import path

from plans.editor import views

app_name = "editor"

urlpatterns = [
    # Before the codes: no procedure is called gaps.
    path("gaps/start/", views.start_gaps, name="start_gaps"),
    path("gaps/discard/", views.discard_gaps, name="discard_gaps"),
    path("<slug:code>/start/", views.start, name="start"),
    path("<slug:code>/discard/", views.discard, name="discard"),
    path("<slug:code>/preview/", views.preview, name="preview"),
    path("<slug:code>/<slug:section>/", views.section, name="section"),
]
