from django.urls import path

from plans.photos import views

app_name = "photos"

urlpatterns = [
    path("<int:number>/", views.photos, name="list"),
    path("<int:number>/add/", views.add, name="add"),
    path("<int:number>/delete/", views.deletable, name="deletable"),
    path("<int:number>/delete/<int:pk>/", views.delete, name="delete"),
    path("<int:number>/<int:pk>/", views.photo, name="photo"),
    path("compare/<int:a>/<int:b>/", views.compare, name="compare"),
    path("course/<int:pk>/", views.course, name="course"),
    path("file/<int:pk>.jpg", views.file, name="file"),
    path("label/<int:pk>.pdf", views.label, name="label"),
]
