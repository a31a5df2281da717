from django.urls import path

from plans.desk import views

app_name = "desk"

urlpatterns = [
    path("", views.today, name="today"),
    path("search/", views.search, name="search"),
    path("worklist/", views.worklist, name="worklist"),
    path("patients/<int:number>/", views.patient, name="patient"),
    path("patients/<int:number>/health/", views.health, name="health"),
    path("patients/<int:number>/health/skin-type/", views.skin_type, name="skin_type"),
    path("patients/<int:number>/health/<int:fact>/", views.correct, name="correct"),
]
