"""Addresses of the vocabulary of facts."""

from django.urls import path

from plans.vocabulary import views

app_name = "vocabulary"

urlpatterns = [
    path("", views.list_facts, name="list"),
    path("new/", views.new, name="new"),
    path("<slug:code>/", views.fact, name="fact"),
    path("<slug:code>/edit/", views.edit, name="edit"),
    path("<slug:code>/rename/", views.rename, name="rename"),
    path("<slug:code>/merge/", views.merge, name="merge"),
    path("<slug:code>/unmerge/", views.unmerge, name="unmerge"),
]
