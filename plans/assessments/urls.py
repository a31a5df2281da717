from django.urls import path

from plans.assessments import views

app_name = "assessments"

urlpatterns = [
    path("<int:number>/", views.assessments, name="list"),
    path("<int:number>/new/", views.new, name="new"),
    path("<int:number>/<int:pk>/", views.assessment, name="assessment"),
]
