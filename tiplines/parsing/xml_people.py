"""The people of a report: reported users, recipients, victims, the company's desk, police."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from tiplines.parsing import moments, normalising
from tiplines.parsing.mining import mine_beside
from tiplines.parsing.records import IdentifierKind, Mention, Party, PartyRole
from tiplines.parsing.xml_tree import attribute, each, part_of, parts_of, text_of, texts_of
from tiplines.parsing.xml_values import (
    addresses,
    captures,
    contacts,
    devices,
    estimates,
    fact,
    joined,
    mention,
    name_of,
    prose_of,
)

# Elements of the people blocks: (element, role, the person inside).
PEOPLE = (
    ("personOrUserReported", PartyRole.SUSPECT, "personOrUserReportedPerson"),
    ("intendedRecipient", PartyRole.RECIPIENT, "intendedRecipientPerson"),
    ("victim", PartyRole.VICTIM, "victimPerson"),
)
# Facts without a field of their own: told as "name: value" lines of Party.text.
PARTY_FACTS = (
    "thirdPartyUserReported",
    "compromisedAccount",
    "allEmailsReported",
    "schoolName",
    "accountTemporarilyDisabled",
    "accountPermanentlyDisabled",
)
PARTY_PROSE = ("profileBio", "vehicleDescription", "additionalInfo")
POLICE_FACTS = ("reportedToLe", "servedLegalProcessDomestic", "servedLegalProcessInternational")


def people(report: dict[str, Any], provider: str) -> Iterable[Party]:
    for name, role, person_name in PEOPLE:
        for n, node in enumerate(parts_of(report, name), 1):
            place = f"report/{name}[{n}]"
            person = part_of(node, person_name)
            yield user(
                node, person, f"{place}/{person_name}", place=place, role=role, provider=provider
            )
            for m, account in enumerate(parts_of(node, "associatedAccount"), 1):
                yield associated(
                    account,
                    place=f"{place}/associatedAccount[{m}]",
                    owner=role,
                    provider=provider,
                )


def associated(node: dict[str, Any], *, place: str, owner: PartyRole, provider: str) -> Party:
    """Return an account tied to a party. A victim's stays so: it must link no suspects."""
    role = owner if owner is PartyRole.VICTIM else PartyRole.ASSOCIATED
    party = user(node, node, place, place=place, role=role, provider=provider)
    kind = attribute(node, "type") or attribute(node, "accountType")
    platform = each(node, "platform")
    below = platform[0] if platform and type(platform[0]) is dict else {}
    facts = [
        ("accountType", kind or text_of(node, "accountType")),
        ("platform", text_of(node, "platform")),
        (
            "thirdPartyUser",
            attribute(node, "thirdPartyUser")
            or attribute(below, "thirdPartyUser")
            or text_of(below, "thirdPartyUser")
            or text_of(node, "thirdPartyUser"),
        ),
    ]
    lines = [f"{name}: {value}" for name, value in facts if value]
    return replace(party, text=joined((*lines, party.text), "\n"))


def user(
    node: dict[str, Any],
    person: dict[str, Any],
    person_place: str,
    *,
    place: str,
    role: PartyRole,
    provider: str,
) -> Party:
    """Return a reported user, recipient or victim; `provider` is the company that reports."""
    service = text_of(node, "espService") or text_of(node, "platform") or provider
    mentions = contacts(person, person_place)
    if identifier := text_of(node, "espIdentifier"):
        mentions.append(
            mention(
                IdentifierKind.ACCOUNT,
                identifier,
                normalising.account(service, identifier),
                f"{place}/espIdentifier",
                label=service,
            )
        )
    if name := text_of(node, "screenName"):
        mentions.append(
            mention(
                IdentifierKind.SCREEN_NAME,
                name,
                normalising.screen_name(service, name),
                f"{place}/screenName",
                label=service,
            )
        )
    for n, page in enumerate(texts_of(node, "profileUrl"), 1):
        mentions.append(
            mention(
                IdentifierKind.URL,
                page,
                normalising.url(page),
                f"{place}/profileUrl[{n}]",
                label="profile",
            )
        )
    if group := text_of(node, "groupIdentifier"):
        mentions.append(
            mention(
                IdentifierKind.GROUP,
                group,
                normalising.group(group),
                f"{place}/groupIdentifier",
            )
        )
    mentions.extend(captures(node, place))
    mentions.extend(devices(node, place))

    born = text_of(person, "dateOfBirth")
    years = text_of(person, "age") or text_of(person, "approximateAge")
    lines = [text for name in PARTY_PROSE for text in texts_of(node, name)]
    for name in PARTY_FACTS:
        lines.extend(f"{name}: {said}" for one in each(node, name) if (said := fact(one)))
    if text_of(person, "ageAssertionDiscrepancy"):
        lines.append(f"ageAssertionDiscrepancy: {text_of(person, 'ageAssertionDiscrepancy')}")
    date_of_birth, age = moments.day(born), moments.age(years)
    if born and date_of_birth is None:
        lines.append(f"dateOfBirth: {born}")
    if years and age is None:
        lines.append(f"age: {years}")
    return Party(
        role=role,
        place=place,
        name=name_of(person),
        display_names=tuple(texts_of(node, "displayName")),
        date_of_birth=date_of_birth,
        age=age,
        mentions=(
            *mentions,
            *mine_beside(prose_of(node, PARTY_PROSE, place), reported=mentions, provider=service),
        ),
        addresses=(*addresses(person, person_place), *estimates(node, place)),
        text="\n".join(lines),
    )


def reporter(node: dict[str, Any]) -> Iterable[Party]:
    base = "report/reporter"
    person = part_of(node, "reportingPerson")
    texts = (*texts_of(node, "companyTemplate"), *texts_of(node, "termsOfService"))
    pages = [
        mention(IdentifierKind.URL, page, normalising.url(page), f"{base}/legalURL", label="legal")
        for page in texts_of(node, "legalURL")
    ]
    if person or texts or pages:
        yield _contact(
            person, f"{base}/reportingPerson", PartyRole.REPORTER, "\n".join(texts), pages
        )
    if contact := part_of(node, "contactPerson"):
        yield _contact(contact, f"{base}/contactPerson", PartyRole.CONTACT)


def police(node: dict[str, Any]) -> Iterable[Party]:
    if node:
        officer = part_of(node, "officerContact")
        yield _contact(
            officer,
            "report/lawEnforcement",
            PartyRole.POLICE,
            text_of(node, "agencyName"),
            person_place="report/lawEnforcement/officerContact",
        )


def prior_reports(report: dict[str, Any]) -> tuple[str, ...]:
    found: list[str] = []
    for name, _, _ in PEOPLE:
        for user in parts_of(report, name):
            for node in (user, *parts_of(user, "associatedAccount")):
                found += texts_of(node, "priorCTReports") + texts_of(node, "priorCTReport")
    return tuple(dict.fromkeys(found))


def _contact(
    person: dict[str, Any],
    place: str,
    role: PartyRole,
    text: str = "",
    more: Sequence[Mention] = (),
    *,
    person_place: str = "",
) -> Party:
    inner = person_place or place
    return Party(
        role=role,
        place=place,
        name=name_of(person),
        date_of_birth=moments.day(text_of(person, "dateOfBirth")),
        age=moments.age(text_of(person, "age")),
        mentions=(*contacts(person, inner), *more),
        addresses=tuple(addresses(person, inner)),
        text=text,
    )


def police_facts(law: dict[str, Any]) -> list[str]:
    lines = [f"{name}: {said}" for name in POLICE_FACTS if (said := fact(law.get(name, "")))]
    # On the element of the process or on lawEnforcement itself: clients differ.
    if country := attribute(law, "fleaCountry") or text_of(law, "fleaCountry"):
        lines.append(f"fleaCountry: {country}")
    return lines
