from django.urls import path

from plans.records import views

app_name = "records"

urlpatterns = [
    path("<int:pk>/", views.record, name="record"),
    path("<int:pk>/save/", views.save, name="save"),
    path("<int:pk>/sign/", views.sign, name="sign"),
    path("<int:pk>/addendum/", views.addendum, name="addendum"),
    path("<int:pk>/event/", views.event, name="event"),
    path("<int:pk>/event/<int:event>/", views.follow_up, name="follow_up"),
    path("<int:pk>/print/", views.printed, name="printed"),
    path("<int:pk>.pdf", views.record_pdf, name="pdf"),
]
