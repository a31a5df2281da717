from django.urls import path

from plans.hours import views

app_name = "hours"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("holidays/", views.holidays, name="holidays"),
    path("holidays/days/", views.closures, name="closures"),
    path("blocks/", views.blocks, name="blocks"),
    path("blocks/<int:pk>/remove/", views.unblock, name="unblock"),
    path("days/<int:pk>/remove/", views.remove_days, name="remove_days"),
    path("<int:pk>/", views.resource, name="resource"),
    path("<int:pk>/end/", views.end, name="end"),
    path("<int:pk>/planned/", views.take_back, name="take_back"),
    path("<int:pk>/days/", views.days, name="days"),
]
