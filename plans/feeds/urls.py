from django.urls import path

from plans.feeds import views

app_name = "feeds"

urlpatterns = [
    path("", views.own, name="own"),
    path("patients/<int:number>/", views.patient, name="patient"),
    path("<slug:token>.ics", views.calendar, name="calendar"),
]
