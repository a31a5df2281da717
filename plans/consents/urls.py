from django.urls import path

from plans.consents import views

app_name = "consents"

urlpatterns = [
    path("texts/", views.texts, name="texts"),
    path("texts/photo/", views.text, name="photo_text"),
    path("texts/photo/new/", views.edit_text, name="photo_edit"),
    path("texts/of/<slug:code>/", views.text, name="text"),
    path("texts/of/<slug:code>/new/", views.edit_text, name="edit"),
    path("<int:number>/", views.patient, name="patient"),
    path("<int:number>/photo/sign/", views.sign, name="photo_sign"),
    path("<int:number>/photo/paper/", views.paper, name="photo_paper"),
    path("<int:number>/photo/form.pdf", views.form_pdf, name="photo_form"),
    path("<int:number>/<slug:code>/<int:revision>/sign/", views.sign, name="sign"),
    path("<int:number>/<slug:code>/<int:revision>/paper/", views.paper, name="paper"),
    path("<int:number>/<slug:code>/<int:revision>/form.pdf", views.form_pdf, name="form"),
    path("file/<int:pk>.pdf", views.document, name="document"),
    path("withdraw/<int:pk>/", views.withdraw, name="withdraw"),
]
