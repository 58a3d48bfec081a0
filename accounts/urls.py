"""Routes of `accounts`."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("language/", views.language, name="language"),
    path("password/", views.password, name="password"),
    path("officers/", views.officers, name="officers"),
    path("officers/new/", views.new_officer, name="new-officer"),
    path("officers/<int:officer_id>/", views.officer, name="officer"),
    path("officers/<int:officer_id>/post/", views.post, name="post"),
    path("officers/<int:officer_id>/access/", views.access, name="access"),
    path("officers/<int:officer_id>/unlock/", views.unlock, name="unlock"),
    path(
        "officers/<int:officer_id>/one-time-password/",
        views.one_time_password,
        name="one-time-password",
    ),
]
