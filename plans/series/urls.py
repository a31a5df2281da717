from django.urls import path

from plans.series import views

app_name = "series"

urlpatterns = [
    path("<int:number>/combined/", views.combined, name="combined"),
    path("<int:number>/together/", views.together, name="together"),
    path("<int:number>/<slug:code>/", views.book, name="book"),
    path("<int:number>/<slug:code>/free/", views.free, name="free"),
    path("<int:number>/<slug:code>/occasions/", views.occasion, name="occasion"),
    path(
        "<int:number>/<slug:code>/occasions/<int:pk>/let-go/",
        views.occasion_gone,
        name="occasion_gone",
    ),
]
