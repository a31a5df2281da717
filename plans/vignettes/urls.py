from django.urls import path

from plans.vignettes import views

app_name = "vignettes"

urlpatterns = [
    path("", views.cases, name="list"),
    path("new/", views.new, name="new"),
    path("paste/", views.paste, name="paste"),
    path("<slug:code>/", views.edit, name="edit"),
    path("<slug:code>/retire/", views.retire, name="retire"),
]
