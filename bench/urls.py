"""The product's addresses, a bare page to compare with, and the peer's list of slots."""

from django.urls import URLPattern, URLResolver, include, path

from bench import bare, peers

urlpatterns: list[URLPattern | URLResolver] = [
    path("bare/<str:name>/", bare.page, name="bare"),
    *([path("peer/slots/", bare.peer_slots)] if peers.is_there() else []),
    path("", include("clinic.urls")),
]
