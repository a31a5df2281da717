from django.urls import path

from clinic.kit import addresses
from plans.diary import views

addresses.register()

app_name = "diary"

urlpatterns = [
    path("", views.today, name="today"),
    path("<day:day>/", views.day, name="day"),
    path("<day:day>/changes/", views.day_changes, name="day_changes"),
    path("week/<day:day>/", views.week, name="week"),
    path("week/<day:day>/changes/", views.week_changes, name="week_changes"),
    path("month/<day:day>/", views.month, name="month"),
    path("month/<day:day>/changes/", views.month_changes, name="month_changes"),
]
