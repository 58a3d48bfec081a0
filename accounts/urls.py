"""Routes of `accounts`."""

from django.urls import path

from accounts.views import officers, signing_in

app_name = "accounts"
urlpatterns = [
    path("sign-in/", signing_in.SignIn.as_view(), name="sign-in"),
    path("sign-out/", signing_in.sign_out, name="sign-out"),
    path("language/", signing_in.language, name="language"),
    path("password/", signing_in.password, name="password"),
    path("officers/", officers.officers, name="officers"),
    path("officers/new/", officers.new_officer, name="new-officer"),
    path("officers/<int:officer_id>/", officers.officer, name="officer"),
    path("officers/<int:officer_id>/post/", officers.post, name="post"),
    path("officers/<int:officer_id>/access/", officers.access, name="access"),
    path("officers/<int:officer_id>/unlock/", officers.unlock, name="unlock"),
    path(
        "officers/<int:officer_id>/one-time-password/",
        officers.one_time_password,
        name="one-time-password",
    ),
]
