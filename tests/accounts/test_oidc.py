"""Sign-in by the force's identity provider: what it stands in for, and for whom."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from joserfc import jwt

from accounts import services
from accounts.models import OfficerSession, Posting, User
from accounts.roles import Role
from accounts.services.signing_in import TRIES_BY_ADDRESS
from audit.models import Event
from tests.accounts import made_provider as made
from tests.accounts.clock import Clock
from tests.accounts.coming_by import BOARD, BUTTON, CALLBACK, START, come_by, set_out, why
from tests.accounts.made_provider import SECRET, MadeProvider, in_json
from tests.accounts.test_oidc_disbelief import by_another_key
from tests.accounts.test_oidc_provider import moved
from tests.accounts.ways import STEP, enrol, give_code, give_password, key_of, present, signed_in
from tests.factories import make_officer
from tests.protection.crawl import lines_of_logs

pytestmark = pytest.mark.django_db


# Without a provider in the settings


def test_without_a_provider_there_is_no_such_page_and_no_button() -> None:
    browser = Client()

    assert browser.get(START).status_code == 404
    assert browser.post(START, {"notice": services.NOTICE}).status_code == 404
    assert browser.get(CALLBACK).status_code == 404
    assert "oidc" not in browser.get("/sign-in/").content.decode()


# Coming in


def test_an_officer_comes_in_by_the_provider(provider: MadeProvider) -> None:
    officer, browser = make_officer(Role.SUPERVISOR), Client()
    page = unescape(browser.get("/sign-in/").content.decode())
    assert provider.asked == []

    answer = browser.get(provider.log_in(set_out(browser, "/board/?period=week"), officer.username))

    assert page.count(BUTTON) == 1
    assert answer.headers["Location"] == "/board/?period=week"
    assert "This is your first sign-in." in browser.get(BOARD).content.decode()
    event = Event.objects.get(verb="officer.signed-in")
    assert (event.actor_id, event.subject) == (officer.pk, f"officer:{officer.pk}")
    assert event.detail == {
        "session": present(officer).pk,
        "factor": "none",
        "notice": services.NOTICE,
        "first": "provider",
    }


def test_a_token_signed_with_an_elliptic_curve_is_believed_too(provider: MadeProvider) -> None:
    provider.sign = lambda claims: jwt.encode({"alg": "ES256", "kid": "ec-1"}, claims, made.EC)

    answer = come_by(provider, make_officer(Role.SUPERVISOR).username)

    assert answer.headers["Location"] == "/"


def test_the_claim_that_names_the_officer_is_a_setting(
    provider: MadeProvider, settings: Any
) -> None:
    settings.OIDC_CLAIM = "pis"
    officer = make_officer(Role.SUPERVISOR)

    by_other_claim = come_by(provider, officer.username)
    by_this = come_by(provider, "somebody", pis=officer.username)

    assert (by_other_claim.status_code, by_this.status_code) == (422, 302)
    assert why() == ["no-name"]


def test_nobody_is_made_and_nothing_of_the_officer_is_taken_from_the_provider(
    provider: MadeProvider,
) -> None:
    officer = make_officer(Role.STATION)

    come_by(
        provider,
        officer.username,
        name="Another Name",
        email="a@example.org",
        roles=["administrator"],
        groups=["supervisor"],
        is_superuser=True,
    )

    was, officer = officer, User.objects.get()
    assert (officer.full_name, officer.is_superuser) == (was.full_name, False)
    assert services.duty_of(officer, at=timezone.now()).role == Role.STATION
    assert Posting.objects.count() == 1


@pytest.mark.parametrize(
    "wanted", ["https://example.org/", "//example.org/", "javascript:alert(1)"]
)
def test_the_way_leads_only_to_our_own_pages(provider: MadeProvider, wanted: str) -> None:
    officer, browser = make_officer(Role.SUPERVISOR), Client()

    back = provider.log_in(set_out(browser, wanted), officer.username)
    answer = browser.get(f"{back}&next={wanted}")

    assert answer.headers["Location"] == "/"


def test_the_session_gets_a_new_key(provider: MadeProvider) -> None:
    browser = Client()
    address = set_out(browser)
    before = key_of(browser)

    browser.get(provider.log_in(address, make_officer(Role.SUPERVISOR).username))

    assert key_of(browser) != before
    assert browser.get(BOARD).status_code == 200
    assert Client(headers={"cookie": f"session={before}"}).get(BOARD).status_code == 302


def test_the_second_factor_is_still_asked_for(provider: MadeProvider, clock: Clock) -> None:
    officer, browser = make_officer(Role.SUPERVISOR), Client()
    app, _codes = enrol(officer, clock)
    address = set_out(browser, BOARD)
    first_key = key_of(browser)

    half = browser.get(provider.log_in(address, officer.username))
    key = key_of(browser)
    before = browser.get(BOARD)
    wrong = give_code(browser, "000000")
    right = give_code(browser, app.at(clock.at))

    assert half.headers["Location"] == STEP
    assert key != first_key
    assert before.headers["Location"].startswith("/sign-in/")
    assert wrong.status_code == 422
    assert right.headers["Location"] == BOARD
    detail = Event.objects.get(verb="officer.signed-in").detail
    assert (detail["factor"], detail["first"]) == ("app", "provider")


def test_where_the_second_factor_is_compulsory_nothing_opens_before(
    provider: MadeProvider, settings: Any
) -> None:
    settings.SECOND_FACTOR_COMPULSORY = True
    browser = Client()

    come_by(provider, make_officer(Role.SUPERVISOR).username, browser=browser)

    assert browser.get(BOARD).headers["Location"].startswith(reverse("accounts:factors"))


def test_an_officer_with_a_one_time_password_comes_in_and_changes_it_first(
    provider: MadeProvider,
) -> None:
    officer, browser = make_officer(Role.SUPERVISOR), Client()
    services.set_one_time_password(
        user=officer, by=make_officer(Role.ADMINISTRATOR), at=timezone.now()
    )

    answer = come_by(provider, officer.username, browser=browser)

    assert answer.status_code == 302
    assert browser.get(BOARD).headers["Location"] == reverse("accounts:password")


def test_an_officer_without_a_password_comes_in(provider: MadeProvider) -> None:
    officer, browser = make_officer(Role.SUPERVISOR), Client()
    officer.set_unusable_password()
    officer.save()

    come_by(provider, officer.username, browser=browser)

    assert browser.get(BOARD).status_code == 200


def test_without_accepting_the_notice_nobody_sets_out(provider: MadeProvider) -> None:
    browser = Client()

    for notice in ({}, {"notice": "2019-1"}):
        assert browser.post(START, notice).headers["Location"] == "/sign-in/"

    assert provider.asked == []
    assert "The notice has changed." in browser.get("/sign-in/").content.decode()


def test_setting_out_is_a_post_of_our_own_page(provider: MadeProvider) -> None:
    officer = make_officer(Role.SUPERVISOR)
    foreign = Client(enforce_csrf_checks=True)

    assert Client().get(START).status_code == 405
    assert foreign.post(START, {"notice": services.NOTICE}).status_code == 403
    assert signed_in(officer).get(START).status_code == 405
    assert provider.asked == []


def test_only_pages_with_the_button_let_a_form_lead_to_the_provider(
    provider: MadeProvider,
) -> None:
    browser = signed_in(make_officer(Role.SUPERVISOR))
    origin = provider.issuer.removesuffix("/realms/force")

    def leads_to(answer: Any) -> list[str]:
        policy = answer.headers["Content-Security-Policy"]
        [found] = re.findall(r"form-action ([^;]*)", policy)
        return str(found).split()

    pages = ["/sign-in/", BOARD, reverse("accounts:confirm"), reverse("accounts:sessions")]
    policies = [leads_to((Client() if "sign-in" in page else browser).get(page)) for page in pages]
    again = leads_to(give_password(Client(), make_officer(), "wrong"))
    browser.post(reverse("accounts:lock"))
    locked = leads_to(browser.get(reverse("accounts:locked")))

    ours_alone, leading = ["'self'"], ["'self'", origin]
    assert policies == [leading, ours_alone, leading, ours_alone]
    assert (again, locked) == (leading, leading)


# Who may not


def test_the_unknown_the_stopped_and_those_without_a_posting_read_the_same_page(
    provider: MadeProvider,
) -> None:
    stopped, idle = make_officer(Role.SUPERVISOR), make_officer(Role.SUPERVISOR)
    services.set_active(
        user=stopped, active=False, by=make_officer(Role.ADMINISTRATOR), at=timezone.now()
    )
    Posting.objects.filter(user=idle).update(until_on=date(2020, 1, 2))
    begun = OfficerSession.objects.count()

    pages = []
    for name in ("nobody", stopped.username, idle.username, stopped.username.upper()):
        answer = come_by(provider, name)
        reference = answer.headers["X-Request-Id"]
        page = answer.content.decode()
        assert reference in page
        assert Event.objects.filter(verb="officer.sign-in-failed", request_id=reference).exists()
        assert "code=" not in page
        pages.append((answer.status_code, page.replace(reference, "")))

    tokens = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')
    assert {(status, tokens.sub("", page)) for status, page in pages} == {
        (422, tokens.sub("", pages[0][1]))
    }
    assert why() == ["unknown", "stopped", "no-posting", "unknown"]
    events = Event.objects.filter(verb="officer.sign-in-failed").order_by("pk")
    assert [event.subject for event in events] == [
        *("officer:unknown", f"officer:{stopped.pk}", f"officer:{idle.pk}", "officer:unknown"),
    ]
    assert {event.actor_id for event in events} == {None}
    assert OfficerSession.objects.count() == begun


def test_an_account_that_slept_stays_asleep(provider: MadeProvider, clock: Clock) -> None:
    officer = make_officer(Role.SUPERVISOR)
    User.objects.filter(pk=officer.pk).update(created_at=clock.at - timedelta(days=45))

    answer = come_by(provider, officer.username)

    assert answer.status_code == 422
    assert "45 days" in answer.content.decode()
    assert Event.objects.filter(verb="officer.dormant-refused").count() == 1
    assert not OfficerSession.objects.exists()


def test_an_account_that_waits_after_wrong_passwords_waits_here_too(
    provider: MadeProvider, clock: Clock
) -> None:
    officer = make_officer(Role.SUPERVISOR)
    for _try in range(5):
        give_password(Client(), officer, "wrong")

    during = come_by(provider, officer.username)
    clock.go_on(minutes=16)
    later = come_by(provider, officer.username)

    assert (during.status_code, later.status_code) == (429, 302)


def test_many_who_are_refused_make_their_address_wait_before_anything_is_asked(
    provider: MadeProvider,
) -> None:
    for _try in range(TRIES_BY_ADDRESS):
        assert Client().get(CALLBACK).status_code == 422

    callback, start = Client().get(CALLBACK), Client().post(START, {"notice": services.NOTICE})

    assert (callback.status_code, start.status_code) == (429, 429)
    assert provider.asked == []


# Showing it once more


def locked(officer: User) -> Client:
    browser = signed_in(officer)
    browser.post(reverse("accounts:lock"))
    return browser


def test_the_provider_unlocks_after_it_asked_for_the_password_anew(
    provider: MadeProvider,
) -> None:
    officer = make_officer(Role.SUPERVISOR)
    browser = locked(officer)
    key = key_of(browser)
    page = browser.get(reverse("accounts:locked"), {"next": BOARD}).content.decode()

    address = set_out(browser, BOARD)
    answer = browser.get(provider.log_in(address, officer.username))

    assert f'action="{START}"' in page
    assert answer.headers["Location"] == BOARD
    assert browser.get(BOARD).status_code == 200
    assert key_of(browser) != key
    assert officer.sessions.count() == 1
    verbs = Event.objects.filter(verb__startswith="session.").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == ["session.locked", "session.unlocked"]


def test_what_asks_for_the_password_again_takes_the_providers_word(
    provider: MadeProvider, clock: Clock
) -> None:
    officer = make_officer(Role.SUPERVISOR)
    browser = signed_in(officer)
    clock.go_on(minutes=10)
    before = browser.post(reverse("accounts:app"))

    back = provider.log_in(set_out(browser, reverse("accounts:factors")), officer.username)
    answer = browser.get(back)

    assert before.headers["Location"].startswith(reverse("accounts:confirm"))
    assert answer.headers["Location"] == reverse("accounts:factors")
    assert browser.post(reverse("accounts:app")).headers["Location"] == reverse("accounts:app")
    assert Event.objects.filter(verb="session.confirmed").count() == 1


@pytest.mark.parametrize(
    "auth_time",
    [
        pytest.param(-61, id="before it was asked for"),
        pytest.param(None, id="not said"),
        pytest.param("now", id="no time"),
        pytest.param(True, id="yes"),
    ],
)
def test_a_password_given_to_the_provider_before_unlocks_nothing(
    provider: MadeProvider, clock: Clock, auth_time: Any
) -> None:
    officer = make_officer(Role.SUPERVISOR)
    browser = locked(officer)
    if type(auth_time) is int:
        auth_time += int(clock.at.timestamp())

    answer = browser.get(provider.log_in(set_out(browser), officer.username, auth_time=auth_time))

    assert answer.status_code == 422
    assert why() == ["not-anew"]
    assert browser.get(BOARD).headers["Location"].startswith("/account/locked/")


def test_another_officers_word_unlocks_nothing(provider: MadeProvider) -> None:
    officer, other = make_officer(Role.SUPERVISOR), make_officer(Role.SUPERVISOR)
    browser = locked(officer)

    answer = browser.get(provider.log_in(set_out(browser), other.username))

    assert answer.status_code == 422
    assert why() == ["other-officer"]
    assert browser.get(BOARD).headers["Location"].startswith("/account/locked/")
    assert not other.sessions.exists()


def test_an_account_that_waits_is_not_unlocked_by_the_provider(provider: MadeProvider) -> None:
    officer = make_officer(Role.SUPERVISOR)
    browser = locked(officer)
    for _try in range(5):
        browser.post(reverse("accounts:locked"), {"password": "wrong"})

    answer = browser.get(provider.log_in(set_out(browser), officer.username))

    assert answer.status_code == 429
    assert browser.get(BOARD).headers["Location"].startswith("/account/locked/")


def test_a_page_that_locks_by_itself_leads_to_the_page_with_the_button(
    provider: MadeProvider,
) -> None:
    page = signed_in(make_officer(Role.SUPERVISOR)).get(BOARD + "?period=week").content.decode()

    assert f'action="{START}"' not in page
    assert 'href="/account/locked/?next=/board/%3Fperiod%3Dweek"' in page


# What is written down


def test_nothing_secret_is_in_the_log_or_the_record(provider: MadeProvider) -> None:
    officer = make_officer(Role.SUPERVISOR, username="PIS-28950173")
    with lines_of_logs() as lines:
        come_by(provider, officer.username)
        come_by(provider, officer.username, nonce="another")
        come_by(provider, "NAME-FROM-THERE")
        provider.sign = by_another_key
        come_by(provider, officer.username)
        provider.twist["token"] = lambda right: in_json({"error": "WORDS-FROM-THERE"}, 500)
        come_by(provider, officer.username)
        provider.twist["token"] = moved
        come_by(provider, officer.username)

    written = "\n".join([*lines, json.dumps(list(Event.objects.values()), default=str)])
    secret = [SECRET, *provider.sent, "NAME-FROM-THERE", "WORDS-FROM-THERE"]
    assert len(provider.sent) == 30
    assert "gave no answer" in written
    assert [each for each in secret if each in written] == []
    assert officer.username not in "\n".join(lines)
