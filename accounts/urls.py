"""Routes of `accounts`."""

from django.urls import path

from accounts.views import (
    by_provider,
    certifying,
    factors,
    officers,
    postings,
    sessions,
    signing_in,
)

app_name = "accounts"
urlpatterns = [
    path("sign-in/", signing_in.SignIn.as_view(), name="sign-in"),
    path("sign-out/", signing_in.sign_out, name="sign-out"),
    path("language/", signing_in.language, name="language"),
    path("password/", signing_in.password, name="password"),
    path("sign-in/second-factor/", signing_in.second_factor, name="second-factor"),
    path("oidc/start/", by_provider.start, name="oidc-start"),
    path("oidc/callback/", by_provider.callback, name="oidc-callback"),
    path("account/sessions/", sessions.sessions, name="sessions"),
    path("account/sessions/<int:session_id>/end/", sessions.end, name="end-session"),
    path("account/sessions/end-others/", sessions.end_others, name="end-other-sessions"),
    path("account/seen/", sessions.seen, name="seen"),
    path("account/lock/", sessions.lock, name="lock"),
    path("account/locked/", sessions.locked, name="locked"),
    path("account/confirm/", sessions.confirm, name="confirm"),
    path("account/second-factor/", factors.factors, name="factors"),
    path("account/second-factor/app/", factors.app, name="app"),
    path("account/second-factor/app/remove/", factors.remove_app, name="remove-app"),
    path("account/second-factor/passkey/", factors.passkey, name="passkey"),
    path(
        "account/second-factor/passkey/<int:passkey_id>/remove/",
        factors.remove_passkey,
        name="remove-passkey",
    ),
    path("account/second-factor/codes/", factors.recovery_codes, name="recovery-codes"),
    path("officers/", officers.officers, name="officers"),
    path("officers/new/", officers.new_officer, name="new-officer"),
    path("officers/<int:officer_id>/", postings.officer, name="officer"),
    path("officers/<int:officer_id>/post/", postings.post, name="post"),
    path(
        "officers/<int:officer_id>/postings/<int:posting_id>/cancel/",
        postings.cancel,
        name="cancel-posting",
    ),
    path("officers/<int:officer_id>/leave/", postings.leave, name="leave"),
    path("officers/certify/", certifying.certify, name="certify"),
    path("roles/", certifying.roles, name="roles"),
    path("officers/<int:officer_id>/access/", officers.access, name="access"),
    path("officers/<int:officer_id>/unlock/", officers.unlock, name="unlock"),
    path(
        "officers/<int:officer_id>/one-time-password/",
        officers.one_time_password,
        name="one-time-password",
    ),
    path("officers/<int:officer_id>/reset-factors/", officers.reset_factors, name="reset-factors"),
]
