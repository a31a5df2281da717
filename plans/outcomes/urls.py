from django.urls import path

from plans.outcomes import views

app_name = "outcomes"

urlpatterns = [
    path("<int:pk>/", views.course, name="course"),
    path("visit/<int:pk>/", views.visit, name="visit"),
]
