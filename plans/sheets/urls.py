from django.urls import path

from clinic.kit import addresses
from plans.sheets import views

addresses.register()

app_name = "sheets"

urlpatterns = [
    path("aftercare/<int:pk>/", views.aftercare, name="aftercare"),
    path("before/<int:pk>/", views.precare, name="precare"),
    path("card/<int:course>/", views.card, name="card"),
    path("plan/<int:number>/", views.plan, name="plan"),
    path("links/<int:number>/revoke/", views.revoke, name="revoke"),
    path("mine/<slug:secret>/", views.mine, name="mine"),
    path("mine/<slug:secret>/visits.ics", views.visits, name="visits"),
    path("<day:day>/", views.day, name="day"),
]
