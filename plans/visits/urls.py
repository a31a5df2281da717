from django.urls import path

from plans.visits import views

app_name = "visits"

urlpatterns = [
    path("arrivals/", views.arrivals, name="arrivals"),
    path("<int:pk>/", views.visit, name="visit"),
    path("<int:pk>/status/", views.status, name="status"),
    path("<int:pk>/sign/", views.sign, name="sign"),
    path("<int:pk>/call/", views.call, name="call"),
]
