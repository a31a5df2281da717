"""Addresses of the editor of drafts."""

from django.urls import path

from plans.editor import views

app_name = "editor"

urlpatterns = [
    path("<slug:code>/start/", views.start, name="start"),
    path("<slug:code>/discard/", views.discard, name="discard"),
    path("<slug:code>/preview/", views.preview, name="preview"),
    path("<slug:code>/<slug:section>/", views.section, name="section"),
]
