from django.urls import path

from plans.desk import views

app_name = "desk"

urlpatterns = [
    path("", views.today, name="today"),
    path("search/", views.search, name="search"),
    path("worklist/", views.worklist, name="worklist"),
    path("patients/<int:number>/", views.patient, name="patient"),
    path("patients/<int:number>/summary/", views.summary, name="summary"),
    path("patients/<int:number>/summary.pdf", views.summary_pdf, name="summary_pdf"),
]
