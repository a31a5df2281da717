"""Addresses of protocols."""

from django.urls import path

from plans.protocols import views

app_name = "protocols"

urlpatterns = [
    path("", views.list_protocols, name="list"),
    path("new/", views.new, name="new"),
    path("for/<int:number>/", views.choose, name="choose"),
    path("for/<int:number>/<slug:code>/", views.product, name="product"),
    path("<slug:code>/", views.protocol, name="protocol"),
    path("<slug:code>/revisions/<int:number>/", views.revision, name="revision"),
    path("<slug:code>/draft/", views.draft, name="draft"),
    path("<slug:code>/draft/start/", views.start, name="start"),
    path("<slug:code>/draft/discard/", views.discard, name="discard"),
    path("<slug:code>/draft/publish/", views.publish, name="publish"),
    path("<slug:code>/offer/", views.offer, name="offer"),
    path("<slug:code>/apply/<int:number>/", views.apply, name="apply"),
]
