from django.urls import path

from plans.health import views

app_name = "health"

urlpatterns = [
    path("visit/<int:pk>/", views.visit, name="visit"),
    path("visit/<int:pk>/tablet/", views.tablet, name="tablet"),
    path("visit/<int:pk>/tablet/back/", views.tablet_back, name="tablet_back"),
    path("visit/<int:pk>/link/", views.link, name="link"),
    path("mine/<slug:secret>/", views.mine, name="mine"),
    path("<int:number>/", views.form, name="form"),
    path("<int:number>/saved/", views.saved, name="saved"),
    path("<int:number>/skin-type/", views.skin_type, name="skin_type"),
    path("<int:number>/facts/", views.facts, name="facts"),
    path("<int:number>/facts/add/", views.add, name="add"),
    path("<int:number>/facts/<int:fact>/", views.correct, name="correct"),
    path("<int:number>/facts/<int:fact>/close/", views.close, name="close"),
]
