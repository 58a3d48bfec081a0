"""G3: what one may not see is answered like what is not there: the same status, headers and body,
and as much work for the database. Equal statements stand for equal time, which no test can measure
on a machine that others use too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pprint import pformat
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import services
from accounts.models import Passkey, User
from accounts.roles import Role
from cases.models import Access, Letter, Proposal, ProposedTipline
from nexus.models import Judgement, Membership, Verdict
from tests.conventions.test_access import ROUTES
from tests.nexus.ties import make_nexus
from tests.protection.crawl import NOT_THE_SAME, undone
from tests.protection.submissions import REASON
from tests.protection.test_attacks_keys import WHO, browser_of, moment
from tests.protection.test_crawl import changes
from tests.protection.world import World, make_world
from tiplines import drafts

pytestmark = pytest.mark.django_db
ABSENT: dict[str, object] = {
    "number": "995999999",
    "key": "0" * 32,
    "language": "xx",
    **dict.fromkeys(
        (
            *("case_id", "correction_id", "access_id", "session_id", "passkey_id", "posting_id"),
            *("dispatch_id", "item_id", "document_id", "bundle_id", "operation_id", "officer_id"),
            *("proposal_id", "letter_id", "rules_number", "reorganisation_number"),
            *("nexus_id", "judgement_id"),
        ),
        987_654_321,
    ),
}
"""By the name of the converter in a route."""
INTAKE = {"dispatch_id", "item_id", "document_id"}
SEEN = {
    Role.ANALYST: INTAKE,
    Role.SUPERVISOR: INTAKE | {"rules_number", "reorganisation_number"},
    Role.ADMINISTRATOR: {"officer_id"},
}
"""What hides from nobody in the role, so that nothing of it is unseen."""
BY_ROLE = {(Role.AUDITOR, "cases:looked")}  # the auditor reads who looked at any tipline at all
OF_THE_UNIT = {"bundle_id", "operation_id", "language"}  # whoever is admitted sees them all
FIGURES = {"operations:figure", "operations:operation-figure"}  # their key names no row
SAID = {
    "reason": REASON,
    "moment": moment(),
    "act": "close",
    "number": "1",
    "what": "party-1-name",
    "code": "fir",
    "words": "for the FIR",
    "password": "x",
}
VALUE = re.compile(r"'(?:[^']|'')*'|\b\d+\b|\bs\d+_x\d+\b")
OF_THE_MOMENT = {"X-Request-Id", "Expires", "Content-Length"}  # an id's digits stand on the page


@dataclass(frozen=True)
class Answer:
    """What an officer can tell one answer from another by."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str
    statements: tuple[str, ...]


def unseen(world: World, officer: User) -> dict[str, object]:
    """Of each kind of key one that is there, out of the officer's reach and not known to them."""
    other = world.officers["named"]
    assert officer != other
    at = timezone.now()
    hidden, restricted = world.places["hidden"], world.places["restricted"]
    assert restricted.case is not None
    session = services.begin_session(officer=other, address=None, browser="", at=at)
    key = Passkey.objects.create(
        officer=other, name="key", credential_id="one", credential="one", added_at=at
    )
    asked = Access.objects.create(
        case=restricted.case,
        kind=Access.Kind.REQUEST,
        officer=world.officers["analyst"],
        owner=world.officers["owner"],
        reason=REASON,
        at=at,
    )
    proposal = Proposal.objects.create(wanted=Proposal.Wanted.TRANSFER, by=other, at=at)
    ProposedTipline.objects.create(proposal=proposal, tipline=hidden.tipline)
    letter = Letter.objects.create(
        unit="IFSO",
        year=2026,
        number=99,
        kind=Letter.Kind.TRANSFER,
        addressee="Haryana",
        batch=uuid4(),
        tipline_count=1,
        template="letter-1",
        content={"en": {}},
        restricted_case=hidden.case,
        by=other,
        at=at,
        asked_at=at,
    )
    nexus = make_nexus()
    Membership.objects.create(nexus=nexus, tipline=hidden.tipline, since=at, until=at)
    said = Judgement.objects.create(
        verdict=Verdict.DISMISSED, nexus=nexus, tiplines=0, reason=REASON, by=other, at=at
    )
    draft = drafts.begin(
        officer_id=other.pk, name="report.json", size_bytes=9, reference="", sender=""
    )
    return hidden.ids | {
        "session_id": session.pk,
        "passkey_id": key.pk,
        "access_id": asked.pk,
        "posting_id": other.postings.get().pk,
        "officer_id": other.pk,
        "bundle_id": world.places["unit"].ids["bundle_id"],
        "operation_id": world.places["unit"].ids["operation_id"],
        "key": draft.key,
        "proposal_id": proposal.pk,
        "letter_id": letter.pk,
        "nexus_id": nexus.pk,
        "judgement_id": said.pk,
        "language": "en",
        "rules_number": world.places["unit"].ids["rules_number"],
        "reorganisation_number": world.places["unit"].ids["reorganisation_number"],
    }


def asked(browser: Client, method: str, path: str, **more: Any) -> Answer:
    with undone(browser), CaptureQueriesContext(connection) as told:
        answer = getattr(browser, method)(path, **more)
    return Answer(
        status=answer.status_code,
        headers=tuple(
            (name, value.replace(path, "PATH"))
            for name, value in sorted(answer.headers.items())
            if name not in OF_THE_MOMENT
        ),
        body=NOT_THE_SAME.sub("", answer.content.decode().replace(path, "PATH")),
        statements=tuple(VALUE.sub("?", each["sql"]) for each in told.captured_queries),
    )


WAYS: list[tuple[str, dict[str, Any]]] = [
    ("get", {}),
    ("get", {"headers": {"HX-Request": "true"}}),
    ("post", {}),
    ("post", {"data": SAID}),
]


@pytest.mark.parametrize("role", list(Role))
def test_g3_what_is_unseen_is_answered_like_what_is_absent(role: Role) -> None:
    world = make_world()
    officer = world.officers[WHO[role]]
    browser = browser_of(officer)
    browser.get("/")  # what only a session's first request does is done
    there = unseen(world, officer)
    different: dict[str, list[str]] = {}
    met: list[int] = []
    for name, converters in ROUTES:
        for converter in converters:
            if name in FIGURES or (role, name) in BY_ROLE:
                continue
            if converter in OF_THE_UNIT | SEEN.get(role, set()):
                continue
            # The other keys of the route are of what the officer sees, where there is such a thing.
            around = {each: there[each] for each in converters}
            if converter == "posting_id":
                around["officer_id"] = world.officers["two"].pk
            for way in WAYS:
                one, other = (
                    asked(
                        browser,
                        way[0],
                        reverse(name, kwargs=around | {converter: keys[converter]}),
                        **way[1],
                    )
                    for keys in (there, ABSENT)
                )
                met.append(one.status)
                if one != other:
                    different[f"{way} {name} {converter}"] = told_apart_by(one, other)

    assert len(met) > 100
    assert 404 in met
    assert not different, pformat(different, width=150)


def told_apart_by(one: Answer, other: Answer) -> list[str]:
    found = [f"{one.status} {other.status}"] if one.status != other.status else []
    found += [f"{pair}" for pair in set(one.headers) ^ set(other.headers)]
    found += changes(one.body, other.body)
    return found + changes("\n".join(one.statements), "\n".join(other.statements))


def test_g3_every_kind_of_key_is_asked_for() -> None:
    assert {each for _, converters in ROUTES for each in converters} == set(ABSENT)
