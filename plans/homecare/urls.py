from django.urls import path

from plans.homecare import views

app_name = "homecare"

urlpatterns = [
    path("<int:number>/", views.uses, name="list"),
    path("<int:number>/start/", views.start, name="start"),
    path("<int:number>/calendar/", views.calendar, name="calendar"),
    path("<int:number>/calendar.pdf", views.calendar_pdf, name="calendar_pdf"),
    path("<int:number>/link/", views.link, name="link"),
    path("use/<int:pk>/end/", views.end, name="end"),
    path("use/<int:pk>/pause/", views.pause, name="pause"),
    path("use/<int:pk>/stop/", views.stop, name="stop"),
    path("reminders/<slug:secret>.ics", views.reminders, name="reminders"),
]
