from django.urls import path

from plans.courses import views

app_name = "courses"

urlpatterns = [
    path("plan/<int:number>/", views.plan, name="plan"),
    path("patch-test/<int:number>/<slug:code>/", views.patch_test, name="patch_test"),
    path("home-care/<int:pk>/stop/", views.stop_home_care, name="stop_home_care"),
    path("<int:pk>/", views.course, name="course"),
    path("<int:pk>/write-off/<int:ordinal>/", views.write_off, name="write_off"),
]
