"""One valid submission, or more, for each route that takes a POST: all that its form declares."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pyotp
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts import services
from accounts.models import Passkey, User
from accounts.roles import Role
from cases.models import Access
from districts.gazetteer import keep_missing
from districts.models import PoliceStation
from districts.reorganisation_files import COLUMNS
from districts.rules import EvidenceKind
from tests.accounts.ways import half_way
from tests.cases.made import make_case
from tests.cases.test_following import make_supplement
from tests.districts.made import square
from tests.districts.test_loading import collection, feature
from tests.factories import PASSWORD, make_officer
from tests.protection.test_attacks_keys import browser_of, moment, parts
from tests.protection.world import World
from tests.tiplines.rows import add_party
from tests.tiplines.test_mapping import HALF_KNOWN, send
from tiplines.models import Decision
from tiplines.parsing.records import PartyRole

REASON = "a sentence that is long enough to be a reason"
CONTENT = b'{"reportId": "990000777"}'
ONLY_RECORDED = "it looks, and leaves an event in the record"
NO_PROVIDER = "there is none in these settings: accounts/test_oidc.py"
ON_DISK = "it writes a draft on disk, whose key is random"


@dataclass(frozen=True)
class Act:
    officer: str
    """Name in the world; empty for a stranger."""
    path: str | Callable[[Client], str]
    """A function where each try needs something of its own, which it makes."""
    said: dict[str, Any] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    """Names that the form knows too: with one of them it would be another act."""
    first: tuple[tuple[str, dict[str, Any]], ...] = ()
    """What is posted before, to come where the act begins."""
    body: bytes = b""
    """Sent as it is, in place of fields."""
    headers: dict[str, str] = field(default_factory=dict)
    browser: Callable[[User], Client] = browser_of
    writes_nothing: str = ""
    """Why no row changes, where none does."""


def file(content: bytes = CONTENT) -> SimpleUploadedFile:
    return SimpleUploadedFile("report.json", content)


def submissions(world: World) -> dict[str, Act]:
    return {
        **of_sign_in(world),
        **of_factors(world),
        **of_officers(world),
        **of_intake(world),
        **of_triage(world),
        **of_cases(world),
        **of_restricted(world),
        **of_operations(world),
    }


# --- One's own account ----------------------------------------------------------------------------


def of_sign_in(world: World) -> dict[str, Act]:
    one = world.officers["one"]
    at = timezone.now()
    other = services.begin_session(officer=one, address=None, browser="", at=at)
    again = {"password": PASSWORD, "next": "/"}
    sign_in = {
        "username": one.username,
        "password": PASSWORD,
        "notice": services.NOTICE,
        "next": "",
    }
    new = "a sentence that I remember"
    changed = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    return {
        "home": Act("one", "/", writes_nothing="it sends on to a desk"),
        "health": Act("", "/health/", writes_nothing="it shows nothing"),
        "sign in": Act("", "/sign-in/", sign_in),
        "by the provider": Act("", "/oidc/start/", writes_nothing=NO_PROVIDER),
        "back from the provider": Act("", "/oidc/callback/", writes_nothing=NO_PROVIDER),
        "sign out": Act("one", "/sign-out/"),
        "password": Act("one", "/password/", changed),
        "language": Act("one", "/language/", {"language": "hi", "next": "/"}),
        "end session": Act("one", f"/account/sessions/{other.pk}/end/"),
        "end others": Act("one", "/account/sessions/end-others/"),
        "seen": Act(
            "one", "/account/seen/", writes_nothing="the session is marked once in a minute"
        ),
        "lock": Act("one", "/account/lock/"),
        "unlock oneself": Act("one", "/account/locked/", again, first=(("/account/lock/", {}),)),
        "confirm": Act("one", "/account/confirm/", again),
    }


CONFIRMED = (("/account/confirm/", {"password": PASSWORD, "next": "/"}),)


def of_factors(world: World) -> dict[str, Act]:
    at = timezone.now()
    officer = world.officers["factored"] = make_officer(Role.ANALYST)
    session = services.begin_session(officer=officer, address=None, browser="", at=at)
    services.begin_app(user=officer)
    secret = services.waiting_secret(officer)
    assert secret is not None
    code = pyotp.TOTP(secret).at(at)
    codes = services.confirm_app(user=officer, code=code, session=session, at=at)
    key = Passkey.objects.create(
        officer=officer, name="key", credential_id="one", credential="one", added_at=at
    )
    factor, account = "/account/second-factor", f"/officers/{officer.pk}"
    return {
        "second step": Act(
            "factored",
            "/sign-in/second-factor/",
            {"code": codes[0], "answer": ""},
            browser=half_way,
        ),
        "begin app": Act("one", f"{factor}/app/", left_out=("code",), first=CONFIRMED),
        "remove app": Act("factored", f"{factor}/app/remove/", first=CONFIRMED),
        "add passkey": Act(
            "one",
            f"{factor}/passkey/",
            {"name": "key", "answer": "{}"},
            first=CONFIRMED,
            writes_nothing="only an authenticator can answer: browser/test_passkeys.py",
        ),
        "remove passkey": Act("factored", f"{factor}/passkey/{key.pk}/remove/", first=CONFIRMED),
        "recovery codes": Act("factored", f"{factor}/codes/", first=CONFIRMED),
        "reset factors": Act("administrator", f"{account}/reset-factors/"),
    }


# --- Officers -------------------------------------------------------------------------------------


def of_officers(world: World) -> dict[str, Act]:
    at, today = timezone.now(), timezone.localdate()
    officer = world.officers["two"]
    moved = make_officer(Role.ANALYST)
    services.post(
        user=moved,
        role=Role.SUPERVISOR,
        from_on=today + timedelta(days=9),
        by=world.officers["administrator"],
        at=at,
    )
    to_come = moved.postings.latest("from_on")
    page = f"/officers/{officer.pk}"
    post = {
        "role": Role.ANALYST.value,
        "district": "",
        "station": "",
        "from_on": today.isoformat(),
    }
    new = {"username": "new-1", "full_name": "New One", "rank": "inspector"}
    by = "administrator"
    ticked = {"posting": [officer.postings.get().pk], "unit": "unit"}
    return {
        "find officers": Act(
            by, "/officers/", {"text": "a", "after": ""}, writes_nothing=ONLY_RECORDED
        ),
        "new officer": Act(by, "/officers/new/", new),
        "post": Act(by, f"{page}/post/", post),
        "cancel posting": Act(by, f"/officers/{moved.pk}/postings/{to_come.pk}/cancel/"),
        "leave": Act(by, f"{page}/leave/", {"last_on": today.isoformat()}),
        "access": Act(by, f"{page}/access/", {"active": "0"}),
        "unlock": Act(by, f"{page}/unlock/"),
        "one-time password": Act(by, f"{page}/one-time-password/"),
        "certify": Act(by, "/officers/certify/", ticked),
        "no longer needed": Act(by, "/officers/certify/", {"end": officer.pk, "unit": ""}),
    }


# --- Intake ---------------------------------------------------------------------------------------


def of_intake(world: World) -> dict[str, Act]:
    unit = world.places["unit"]
    item = f"/quarantine/{unit.ids['item_id']}"
    upload = {"reference": "R/1", "sender": "NCRB"}
    columns = {"sheet": "0", "sheet-0-column-0": "number", "sheet-0-column-1": "phone"}
    key = services.make_token(
        officer=world.officers["analyst"], name="NCRB", route="api:dispatches", at=timezone.now()
    )
    begin = {"name": "report.json", "size": len(CONTENT), **upload}
    return {
        "upload": Act("analyst", "/dispatches/upload/", {"file": file, **upload}),
        "begin upload": Act("analyst", "/dispatches/upload/begin/", begin, writes_nothing=ON_DISK),
        "send a piece": Act(
            "analyst",
            lambda browser: f"{begun(browser, begin)}?offset=0",
            body=CONTENT,
            writes_nothing=ON_DISK,
        ),
        "finish upload": Act("analyst", lambda browser: f"{sent(browser, begin)}finish/"),
        "by machine": Act(
            "",
            "/api/v1/dispatches",
            {"file": file, **upload},
            headers={"Authorization": f"Bearer {key}"},
        ),
        "read again": Act(
            "analyst",
            "/quarantine/read-again/",
            {"item": unit.ids["item_id"], "back": "", "dispatch": ""},
        ),
        "replace": Act("analyst", f"{item}/replace/", {"file": file, "password": ""}),
        "set aside": Act("analyst", f"{item}/set-aside/", {"reason": REASON, "whole": ""}),
        "columns": Act("analyst", f"/documents/{send(HALF_KNOWN).pk}/columns/", columns),
    }


def begun(browser: Client, said: dict[str, Any]) -> str:
    return str(browser.post("/dispatches/upload/begin/", said).json()["chunks"])


def sent(browser: Client, said: dict[str, Any]) -> str:
    address = begun(browser, said)
    browser.post(f"{address}?offset=0", CONTENT, content_type="application/octet-stream")
    return address


# --- Triage ---------------------------------------------------------------------------------------


def of_triage(world: World) -> dict[str, Act]:
    unit, ended = world.places["unit"], world.places["ended"]
    number, tip = unit.ids["number"], f"/tiplines/{unit.ids['number']}"
    bundle = f"/bundles/{unit.ids['bundle_id']}"
    leave = {"number": number, "back": "", "bundle": []}
    one = {"number": number, "one": "1", "confirmed": "1", "back": "", "every": "", "bundle": []}
    close = {"act": "close", "reason": "not-an-offence", "note": "noted"}
    station = PoliceStation.objects.latest("pk")
    batch = Decision.objects.filter(tipline=ended.tipline).latest("pk").batch
    parent = make_case(station=world.places["one"].station, at=timezone.now()).entries.get()
    child = make_supplement(parent.tipline)
    victim = add_party(unit.tipline, role=PartyRole.VICTIM, name="Meena Rawat", age=11)
    reveal = {"what": f"party-{victim.pk}-name", "code": "fir", "words": "for the FIR"}
    correct = {"target": "|police_reference", "after": "Other 7", "reason": REASON}
    proposal = f"/proposals/{unit.ids['proposal_id']}"
    by = "analyst"
    nexus = f"/nexuses/{unit.ids['nexus_id']}"
    account = min(place.tipline.pk for place in world.places.values())
    letter = f"/letters/{unit.ids['letter_id']}"
    answer = {"reference": "HR/7", "on": timezone.localdate().isoformat(), "from_whom": "SP Cyber"}
    return {
        "remind": Act(by, f"{letter}/remind/"),
        "acknowledge a letter": Act(by, f"{letter}/acknowledge/", answer),
        "judge a nexus": Act(
            by,
            f"{nexus}/judge/",
            {"verdict": "dismissed", "reason": REASON, "account": str(account), "value": ""},
        ),
        "hand over a nexus": Act(
            by,
            f"{nexus}/hand-over/",
            {"tipline": str(unit.tipline.pk), "place": f"s:{station.pk}", "note": REASON},
        ),
        "end a judgement": Act(
            by,
            f"/judgements/{unit.ids['judgement_id']}/end/",
            {"reason": REASON, "nexus": str(unit.ids["nexus_id"])},
        ),
        "search": Act(by, "/search/", {"text": "canaryunit"}, writes_nothing=ONLY_RECORDED),
        "locate": Act(
            by,
            "/locate/",
            {"text": "7 Kesar Bagh", "pin": "110085", "lat": "28.7", "lon": "77.1", "kind": ""},
            writes_nothing=ONLY_RECORDED,
        ),
        "close": Act(by, "/decide/", one | close),
        "follow": Act(by, "/follow/", one | {"number": child.number}),
        "undo": Act(by, "/undo/", {"batch": str(batch), "back": ""}),
        "confirm a proposal": Act("supervisor", f"{proposal}/confirm/"),
        "refuse a proposal": Act("supervisor", f"{proposal}/refuse/", {"reason": REASON}),
        "withdraw a proposal": Act(by, f"{proposal}/withdraw/"),
        "leave bundle": Act(by, "/leave-bundle/", leave),
        "rejoin bundle": Act(by, f"{tip}/rejoin/", first=(("/leave-bundle/", leave),)),
        "dissolve": Act(by, f"{bundle}/dissolve/"),
        "restore": Act(by, f"{bundle}/restore/", first=((f"{bundle}/dissolve/", {}),)),
        "correct": Act(by, f"{tip}/correct/", correct),
        "undo correction": Act(by, f"/corrections/{unit.ids['correction_id']}/undo/"),
        "reveal": Act(by, f"{tip}/reveal/", reveal, writes_nothing=ONLY_RECORDED),
    }


# --- Cases ----------------------------------------------------------------------------------------


def of_cases(world: World) -> dict[str, Act]:
    one, two = world.places["one"], world.places["two"]
    assert one.case is not None
    assert one.station is not None
    assert two.station is not None
    case, has = f"/cases/{one.case.pk}", parts(one)
    new = f"/cases/{make_case(station=one.station, at=timezone.now()).pk}"
    other = f"/cases/{make_case(station=one.station, at=timezone.now()).pk}"
    fir = {
        "number": "77/2026",
        "kind": "regular",
        "station": one.station.pk,
        "moment": moment(),
        "sections": ["IT-67B"],
        "officer_rank": "inspector",
        "investigating_officer": "R. Singh",
    }
    accused = {"fir": has["fir"], "name": "B. Kumar", "age": "34", "address": "Rohini"}
    arrest = {
        "accused": has["accused"],
        "moment": moment(),
        "place": "Rohini",
        "arrested_by": "R. Singh",
    }
    back = {"reason": "other-station", "note": "not ours", "better": f"s:{two.station.pk}"}
    return {
        "acknowledge": Act("one", f"{new}/acknowledge/"),
        "accept": Act("one", f"{other}/accept/"),
        "return": Act("one", f"{new}/return/", back),
        "allot": Act("rohini", f"{new}/allot/", {"station": two.station.pk}),
        "fir": Act("one", f"{case}/fir/", fir),
        "progress": Act("one", f"{case}/progress/", {"fir": has["fir"], "moment": moment()}),
        "accused": Act("one", f"{case}/accused/", accused),
        "arrest": Act("one", f"{case}/arrest/", arrest),
        "production": Act(
            "one", f"{case}/production/", {"arrest": has["arrest"], "moment": moment()}
        ),
        "seen by the holder": Act("one", f"{case}/seen/", {"until": timezone.now().isoformat()}),
    }


def of_restricted(world: World) -> dict[str, Act]:
    one, place = world.places["one"].case, world.places["restricted"].case
    assert one is not None
    assert place is not None
    case = f"/cases/{place.pk}"
    asked = Access.objects.create(
        case_id=place.pk,
        kind=Access.Kind.REQUEST,
        officer=world.officers["supervisor"],
        owner=world.officers["owner"],
        reason=REASON,
        at=timezone.now(),
    )
    restrict = {"officers": "", "reason": REASON, "hides_existence": ""}
    return {
        "restrict": Act("supervisor", f"/cases/{one.pk}/restrict/", restrict),
        "lift": Act("owner", f"{case}/lift/"),
        "name": Act("owner", f"{case}/name/", {"officers": world.officers["one"].username}),
        "strike": Act("owner", f"{case}/strike/", {"officer": world.officers["named"].pk}),
        "ask": Act("analyst", f"{case}/ask/", {"reason": REASON}),
        "break glass": Act("analyst", f"{case}/break-glass/", {"reason": REASON}),
        "answer": Act("owner", f"/accesses/{asked.pk}/answer/", {"well": "1", "note": "noted"}),
    }


# --- Operations and the record --------------------------------------------------------------------


def of_operations(world: World) -> dict[str, Act]:
    operation = f"/operations/{world.places['unit'].ids['operation_id']}"
    added = make_case(station=world.places["two"].station, at=timezone.now())
    week = timezone.localdate() - timedelta(days=timezone.localdate().weekday() + 7)
    begin = {"name": f"New {uuid4()}", "purpose": "p", "from_at": moment(), "until_at": ""}
    rules = f"/rules/{world.places['unit'].ids['rules_number']}"
    settled: tuple[tuple[str, dict[str, Any]], ...] = ((f"{rules}/withdraw/", {}),)
    changed = {f"weight_{kind.value}": "50" for kind in EvidenceKind} | {
        "decide_from": "70",
        "assign_from": "90",
        "since": timezone.localdate().isoformat(),
        "why": REASON,
    }
    chosen = {"which": "ticked", "case": [added.pk], "expected": "1"}
    return {
        "operation": Act("supervisor", "/operations/", begin),
        "add cases": Act("supervisor", f"{operation}/add-cases/", chosen),
        "end": Act("supervisor", f"{operation}/end/"),
        "propose rules": Act("owner", "/rules/propose/", changed, first=settled),
        "confirm rules": Act("supervisor", f"{rules}/confirm/"),
        "refuse rules": Act("supervisor", f"{rules}/refuse/", {"why": REASON}),
        "withdraw rules": Act("owner", f"{rules}/withdraw/"),
        "roll back": Act("owner", "/rules/0/roll-back/", {"why": REASON}, first=settled),
        **of_reorganisations(world),
        "on a wall": Act("supervisor", "/board/wall/", {"hours": "1", "next": "/board/"}),
        "sign off": Act(
            "auditor",
            "/record/review/sign-off/",
            {"week": week.isoformat(), "finding": "nothing"},
            writes_nothing="the signature is an event of the record",
        ),
    }


def of_reorganisations(world: World) -> dict[str, Act]:
    keep_missing()
    pages = "/rules/reorganisations"
    one = f"{pages}/{world.places['unit'].ids['reorganisation_number']}"
    withdrawn: tuple[tuple[str, dict[str, Any]], ...] = ((f"{one}/withdraw/", {}),)
    why = {"why": REASON}
    day = why | {"from_on": (timezone.localdate() + timedelta(days=9)).isoformat()}

    layer = collection(feature("ROH-1", square(28.718, 77.127)))
    files = {
        "layer": partial(file, json.dumps(layer).encode()),
        "stations": partial(file, ",".join(COLUMNS).encode()),
    }
    return {
        "propose stations": Act("owner", f"{pages}/propose/", day | files, first=withdrawn),
        "confirm stations": Act("supervisor", f"{one}/confirm/"),
        "refuse stations": Act("supervisor", f"{one}/refuse/", why),
        "withdraw stations": Act("owner", f"{one}/withdraw/"),
        "call off": Act("supervisor", f"{one}/call-off/", why, first=((f"{one}/confirm/", {}),)),
        "put back": Act("owner", f"{pages}/1/put-back/", day, first=withdrawn),
    }
