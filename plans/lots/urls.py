from django.urls import path

from plans.lots import views

app_name = "lots"

urlpatterns = [
    path("", views.list_lots, name="list"),
    path("add/", views.add, name="add"),
    path("<int:pk>/", views.lot, name="lot"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/recall/", views.recall, name="recall"),
    path("<int:pk>/lift/", views.lift, name="lift"),
    path("<int:pk>/patients/", views.patients, name="patients"),
]
