from django.urls import path

from clinic.kit import addresses
from plans.diary import views

addresses.register()

app_name = "diary"

urlpatterns = [
    path("", views.today, name="today"),
    path("<day:day>/", views.day, name="day"),
    path("visits/<int:pk>/", views.visit, name="visit"),
    path("visits/<int:pk>/status/", views.status, name="status"),
    path("visits/<int:pk>/sign/", views.sign, name="sign"),
    path("visits/<int:pk>/move/", views.move, name="move"),
    path("book/<int:number>/<slug:code>/", views.book, name="book"),
]
