from django.urls import path

from plans.moves import views

app_name = "moves"

urlpatterns = [
    path("undo/", views.undo, name="undo"),
    path("<int:pk>/", views.move, name="move"),
    path("<int:pk>/cancel/", views.cancel, name="cancel"),
    path("<int:pk>/missed/", views.missed, name="missed"),
    path("<int:pk>/split/", views.split, name="split"),
    path("<int:pk>/drop/", views.drop, name="drop"),
]
