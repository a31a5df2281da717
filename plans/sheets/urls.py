from django.urls import path

from clinic.kit import addresses
from plans.sheets import views

addresses.register()

app_name = "sheets"

urlpatterns = [
    path("aftercare/<int:pk>/", views.aftercare, name="aftercare"),
    path("aftercare/<int:pk>.pdf", views.aftercare_pdf, name="aftercare_pdf"),
    path("card/<int:course>/", views.card, name="card"),
    path("card/<int:course>.pdf", views.card_pdf, name="card_pdf"),
    path("<day:day>/", views.day, name="day"),
    path("<day:day>.pdf", views.day_pdf, name="day_pdf"),
]
