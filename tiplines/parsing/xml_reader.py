"""The nodes of one report and of the documents beside it, to a TipReport.

`source` is `{"report": node, "fileDetails": [node, …], "reportResponse": [node, …],
"reportDoneResponse": [node, …], "around": [node, …]}`, each key only where there is something;
what a node looks like is told in `xml_tree`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tiplines.parsing import normalising
from tiplines.parsing.records import (
    Address,
    FileRecord,
    IdentifierKind,
    Mention,
    Moment,
    Party,
    PartyRole,
    Provenance,
    TipReport,
)
from tiplines.parsing.xml_tree import (
    Node,
    attribute,
    content,
    each,
    part_of,
    parts_of,
    text_of,
    texts_of,
)

FORMAT = "xml"

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
# Incidents: their plain facts and their prose, told in the narrative.
INCIDENT_FACTS = (
    "chatClient",
    "chatRoomName",
    "gameName",
    "console",
    "name",
    "client",
    "locationName",
    "fileNames",
)
INCIDENT_PROSE = ("content", "additionalInfo")
POLICE_FACTS = ("reportedToLe", "servedLegalProcessDomestic", "servedLegalProcessInternational")
FILE_FACTS = ("uploadedToEspTimestamp", "exifViewedByEsp")
# EXIF values that name one camera.
CAMERA_SERIALS = frozenset(
    {"bodyserialnumber", "serialnumber", "cameraserialnumber", "internalserialnumber"}
)


@dataclass(kw_only=True)
class Gathered:
    """The documents that speak of one report, before they are read."""

    number: str | None = None
    report: dict[str, Any] | None = None
    files: list[dict[str, Any]] = field(default_factory=list)
    responses: list[dict[str, Any]] = field(default_factory=list)
    done: list[dict[str, Any]] = field(default_factory=list)
    around: list[Node] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)


def read_report(gathered: Gathered) -> TipReport:
    """Return the report. All may be missing: file details alone give a report with files only."""
    report = gathered.report or {}
    summary = part_of(report, "incidentSummary")
    provider = provider_of(report)
    law = part_of(report, "lawEnforcement")
    unit = _Unit(provider)
    parties = [
        *unit.people(report),
        *unit.reporter(part_of(report, "reporter")),
        *unit.police(law),
    ]
    incidents, places, tales = unit.incidents(report)
    files = _with_response_hashes(
        [unit.file(node, place=f"fileDetails[{n}]") for n, node in enumerate(gathered.files, 1)],
        gathered.responses,
    )
    tales.extend(_police_facts(law))
    tales.extend(texts_of(report, "additionalInfo"))
    batched = report.get("batchedReport")
    incident_text = text_of(summary, "incidentDateTime")

    return TipReport(
        number=gathered.number,
        format=FORMAT,
        provider=provider,
        platform=text_of(summary, "platform"),
        incident_type=text_of(summary, "incidentType"),
        incident_moment=normalising.moment(incident_text) if incident_text else None,
        incident_moment_note=text_of(summary, "incidentDateTimeDescription"),
        escalation=text_of(summary, "escalateToHighPriority"),
        annotations=flags_of(summary, "reportAnnotations"),
        batched_reason=attribute(batched, "reason") or "batched" if batched is not None else "",
        parties=tuple(parties),
        files=tuple(files),
        stated_file_count=_stated_files(gathered.done),
        mentions=tuple(incidents),
        addresses=tuple(places),
        prior_reports=unit.prior_reports(report),
        police_reference=_joined((text_of(law, "agencyName"), text_of(law, "caseNumber")), ", "),
        narrative="\n\n".join(tales),
        source=_source(gathered),
        unread=tuple(sorted(gathered.unread)),
    )


def provider_of(report: dict[str, Any]) -> str:
    """Return the reporting company, as written.

    ispws has no field for it. The account that submits is the company's, and clients differ in what
    they put in its reporting person, so the first of these that says something is taken:
    1. first and last name of the reporting person, or one of them, where that names a company
       (one that we know, or one with a legal form such as Inc.);
    2. `espService` of the first reported user that is not a `thirdPartyUserReported`;
    3. the domain of the reporting person's e-mail address, unless it is a public mail service: its
       known company name, else the domain;
    4. the reporting person's name as it is.
    """
    person = part_of(part_of(report, "reporter"), "reportingPerson")
    first, last = text_of(person, "firstName"), text_of(person, "lastName")
    name = _joined((first, last), " ")
    for candidate in (name, last, first):
        if candidate and normalising.is_company(candidate):
            return candidate
    for user in parts_of(report, "personOrUserReported"):
        service = text_of(user, "espService")
        if service and normalising.flag(text_of(user, "thirdPartyUserReported")) is not True:
            return service
    for mail in texts_of(person, "email"):
        if company := normalising.company_of_email(mail):
            return company
    return name


def flags_of(node: dict[str, Any], name: str) -> tuple[str, ...]:
    """Return the flags set below a child: `<viral/>` and `<viral>true</viral>` alike."""
    found: list[str] = []
    for flags in parts_of(node, name):
        for flag in flags:
            if flag[0] in "@#":
                continue
            if any(normalising.flag(content(one)) is not False for one in each(flags, flag)):
                found.append(flag)
    return tuple(dict.fromkeys(found))


def mention(
    kind: IdentifierKind,
    original: str,
    value: str,
    place: str,
    *,
    label: str = "",
    event: str = "",
    moment: Moment | None = None,
) -> Mention:
    return Mention(
        kind=kind,
        original=original,
        value=value,
        place=place,
        label=label,
        event=event,
        moment=moment,
    )


class _Unit:
    """Reads the blocks of one report; knows the company that reports, to name its accounts."""

    def __init__(self, provider: str) -> None:
        self.provider = provider

    # --- people ---------------------------------------------------------------------------------

    def people(self, report: dict[str, Any]) -> Iterable[Party]:
        for name, role, person_name in PEOPLE:
            for n, node in enumerate(parts_of(report, name), 1):
                place = f"report/{name}[{n}]"
                person = part_of(node, person_name)
                yield self.user(node, person, f"{place}/{person_name}", place=place, role=role)
                for m, account in enumerate(parts_of(node, "associatedAccount"), 1):
                    yield self.associated(
                        account, place=f"{place}/associatedAccount[{m}]", owner=role
                    )

    def associated(self, node: dict[str, Any], *, place: str, owner: PartyRole) -> Party:
        """Return an account tied to a party. A victim's stays so: it must link no suspects."""
        role = owner if owner is PartyRole.VICTIM else PartyRole.ASSOCIATED
        party = self.user(node, node, place, place=place, role=role)
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
        return replace(party, text=_joined((*lines, party.text), "\n"))

    def user(
        self,
        node: dict[str, Any],
        person: dict[str, Any],
        person_place: str,
        *,
        place: str,
        role: PartyRole,
    ) -> Party:
        service = text_of(node, "espService") or text_of(node, "platform") or self.provider
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
            lines.extend(f"{name}: {fact}" for one in each(node, name) if (fact := _fact(one)))
        if text_of(person, "ageAssertionDiscrepancy"):
            lines.append(f"ageAssertionDiscrepancy: {text_of(person, 'ageAssertionDiscrepancy')}")
        date_of_birth, age = normalising.day(born), normalising.age(years)
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
            mentions=tuple(mentions),
            addresses=(*addresses(person, person_place), *estimates(node, place)),
            text="\n".join(lines),
        )

    def reporter(self, node: dict[str, Any]) -> Iterable[Party]:
        base = "report/reporter"
        person = part_of(node, "reportingPerson")
        texts = (*texts_of(node, "companyTemplate"), *texts_of(node, "termsOfService"))
        pages = [
            mention(
                IdentifierKind.URL, page, normalising.url(page), f"{base}/legalURL", label="legal"
            )
            for page in texts_of(node, "legalURL")
        ]
        if person or texts or pages:
            yield _contact(
                person, f"{base}/reportingPerson", PartyRole.REPORTER, "\n".join(texts), pages
            )
        if contact := part_of(node, "contactPerson"):
            yield _contact(contact, f"{base}/contactPerson", PartyRole.CONTACT)

    def police(self, node: dict[str, Any]) -> Iterable[Party]:
        if node:
            officer = part_of(node, "officerContact")
            yield _contact(
                officer,
                "report/lawEnforcement",
                PartyRole.POLICE,
                text_of(node, "agencyName"),
                person_place="report/lawEnforcement/officerContact",
            )

    def prior_reports(self, report: dict[str, Any]) -> tuple[str, ...]:
        found: list[str] = []
        for name, _, _ in PEOPLE:
            for user in parts_of(report, name):
                for node in (user, *parts_of(user, "associatedAccount")):
                    found += texts_of(node, "priorCTReports") + texts_of(node, "priorCTReport")
        return tuple(dict.fromkeys(found))

    # --- the incident ---------------------------------------------------------------------------

    def incidents(self, report: dict[str, Any]) -> tuple[list[Mention], list[Address], list[str]]:
        """Return identifiers, places and prose of `internetDetails`, whatever kinds it holds."""
        mentions: list[Mention] = []
        places: list[Address] = []
        tales: list[str] = []
        for n, details in enumerate(parts_of(report, "internetDetails"), 1):
            for kind in details:
                if kind[0] in "@#":
                    continue
                found = parts_of(details, kind)
                for m, node in enumerate(found, 1):
                    place = f"report/internetDetails[{n}]/{kind}"
                    if len(found) > 1:
                        place += f"[{m}]"
                    mentions.extend(self.incident_mentions(node, place))
                    places.extend(_incident_places(node, place))
                    for name in INCIDENT_FACTS:
                        tales += [f"{name}: {text}" for text in texts_of(node, name)]
                    for name in INCIDENT_PROSE:
                        tales += texts_of(node, name)
        return mentions, places, tales

    def incident_mentions(self, node: dict[str, Any], place: str) -> Iterable[Mention]:
        for n, page in enumerate(texts_of(node, "url"), 1):
            yield mention(
                IdentifierKind.URL,
                page,
                normalising.url(page),
                f"{place}/url[{n}]",
                label="third-party" if _is_yes(attribute(node, "thirdPartyHostedContent")) else "",
            )
        yield from emails(node, "emailAddress", place)
        yield from phones(node, "phoneNumber", place)
        yield from captures(node, place)
        # A room's name means something only within its service.
        for name, service, label in (
            ("chatRoomName", text_of(node, "chatClient") or self.provider, "chat room"),
            ("name", "newsgroup", "newsgroup"),
        ):
            for room in texts_of(node, name):
                yield mention(
                    IdentifierKind.GROUP,
                    room,
                    normalising.screen_name(service, room),
                    f"{place}/{name}",
                    label=label,
                )

    # --- files ----------------------------------------------------------------------------------

    def file(self, node: dict[str, Any], *, place: str) -> FileRecord:
        mentions = [
            _hash(value, attribute(one, "hashType"), f"{place}/originalFileHash[{n}]")
            for n, one in enumerate(each(node, "originalFileHash"), 1)
            if (value := content(one))
        ]
        if page := text_of(node, "locationOfFile"):
            mentions.append(
                mention(
                    IdentifierKind.URL,
                    page,
                    normalising.url(page),
                    f"{place}/locationOfFile",
                    label="location of file",
                )
            )
        mentions.extend(captures(node, place))
        mentions.extend(devices(node, place))
        lines = texts_of(node, "additionalInfo")
        for name in FILE_FACTS:
            lines += [f"{name}: {text}" for text in texts_of(node, name)]
        for n, details in enumerate(parts_of(node, "details"), 1):
            for m, pair in enumerate(parts_of(details, "nameValuePair"), 1):
                kind = (
                    attribute(details, "type") or attribute(pair, "type") or text_of(pair, "type")
                )
                name, value = text_of(pair, "name"), text_of(pair, "value")
                pair_place = f"{place}/details[{n}]/nameValuePair[{m}]"
                lines.append(_joined((kind, f"{name}: {value}"), " "))
                if kind.upper() == "HASH" and value:
                    mentions.append(_hash(value, name, pair_place))
                elif name.replace(" ", "").lower() in CAMERA_SERIALS and value:
                    mentions.append(
                        mention(
                            IdentifierKind.DEVICE,
                            value,
                            normalising.device("camera serial", value),
                            pair_place,
                            label=name,
                        )
                    )
        annotations = list(flags_of(node, "fileAnnotations"))
        # As a boolean of its own; an empty element is a flag that is set.
        if (
            "potentialMeme" in node
            and "potentialMeme" not in annotations
            and normalising.flag(text_of(node, "potentialMeme")) is not False
        ):
            annotations.append("potentialMeme")
        original = text_of(node, "originalFileName")
        stored = text_of(node, "fileName")
        if original and stored and original != stored:
            lines.append(f"fileName: {stored}")
        return FileRecord(
            file_id=text_of(node, "fileId"),
            name=original or stored,
            place=place,
            mentions=tuple(mentions),
            classification=text_of(node, "industryClassification"),
            viewed_by_provider=normalising.flag(text_of(node, "fileViewedByEsp")),
            publicly_available=normalising.flag(text_of(node, "publiclyAvailable")),
            relevance=text_of(node, "fileRelevance"),
            annotations=tuple(annotations),
            text="\n".join(lines),
        )


# --- shared types -------------------------------------------------------------------------------


def name_of(person: dict[str, Any]) -> str:
    names = ("firstName", "middleName", "lastName")
    return _joined((text_of(person, name) for name in names), " ")


def contacts(person: dict[str, Any], place: str) -> list[Mention]:
    return [*phones(person, "phone", place), *emails(person, "email", place)]


def phones(node: dict[str, Any], name: str, place: str) -> Iterable[Mention]:
    for n, one in enumerate(each(node, name), 1):
        if not (number := content(one)):
            continue
        code, extension = attribute(one, "countryCallingCode"), attribute(one, "extension")
        yield _verified(
            IdentifierKind.PHONE,
            one,
            _joined((code, number, f"ext. {extension}" if extension else ""), " "),
            normalising.phone(number, code),
            f"{place}/{name}[{n}]",
        )


def emails(node: dict[str, Any], name: str, place: str) -> Iterable[Mention]:
    for n, one in enumerate(each(node, name), 1):
        if text := content(one):
            yield _verified(
                IdentifierKind.EMAIL, one, text, normalising.email(text), f"{place}/{name}[{n}]"
            )


def _verified(kind: IdentifierKind, node: Node, original: str, value: str, place: str) -> Mention:
    when = attribute(node, "verificationDate")
    return Mention(
        kind=kind,
        original=original,
        value=value,
        place=place,
        label=attribute(node, "type"),
        verified=normalising.flag(attribute(node, "verified")),
        verified_moment=normalising.moment(when) if when else None,
    )


def captures(node: dict[str, Any], place: str) -> Iterable[Mention]:
    for n, one in enumerate(parts_of(node, "ipCaptureEvent"), 1):
        text = text_of(one, "ipAddress")
        if not text:
            continue
        value, written_port = normalising.ip_and_port(text)
        when = text_of(one, "dateTime")
        yield Mention(
            kind=IdentifierKind.IP,
            original=text,
            value=value,
            place=f"{place}/ipCaptureEvent[{n}]",
            event=text_of(one, "eventName"),
            moment=normalising.moment(when) if when else None,
            port=normalising.port(text_of(one, "port")) or written_port,
            possible_proxy=normalising.flag(text_of(one, "possibleProxy")),
        )


def devices(node: dict[str, Any], place: str) -> Iterable[Mention]:
    for n, one in enumerate(parts_of(node, "deviceId"), 1):
        text, kind = text_of(one, "idValue"), text_of(one, "idType")
        if not text:
            continue
        when = text_of(one, "dateTime")
        yield mention(
            IdentifierKind.DEVICE,
            text,
            normalising.device(kind, text),
            f"{place}/deviceId[{n}]",
            label=kind,
            event=text_of(one, "eventName"),
            moment=normalising.moment(when) if when else None,
        )


def addresses(person: dict[str, Any], place: str, name: str = "address") -> Iterable[Address]:
    for n, one in enumerate(parts_of(person, name), 1):
        address = Address(
            place=f"{place}/{name}[{n}]",
            text=text_of(one, "address") or content(one),
            city=text_of(one, "city"),
            postal_code=text_of(one, "zipCode"),
            state=text_of(one, "nonUsaState") or text_of(one, "state"),
            country=text_of(one, "country"),
            label=attribute(one, "type"),
        )
        if any((address.text, address.city, address.postal_code, address.state, address.country)):
            yield address


def estimates(node: dict[str, Any], place: str) -> Iterable[Address]:
    for one in parts_of(node, "estimatedLocation"):
        yield Address(
            place=f"{place}/estimatedLocation",
            city=text_of(one, "city"),
            state=text_of(one, "region"),
            country=text_of(one, "countryCode"),
            label="estimated",
        )


def coordinate(text: str, *, bound: float) -> float | None:
    """Return a latitude or longitude in degrees, or None if it is none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if -bound <= value <= bound else None


# --- small steps --------------------------------------------------------------------------------


def _incident_places(node: dict[str, Any], place: str) -> Iterable[Address]:
    latitude = coordinate(text_of(node, "latitude"), bound=90)
    longitude = coordinate(text_of(node, "longitude"), bound=180)
    if latitude is not None and longitude is not None:
        yield Address(place=place, label="incident", latitude=latitude, longitude=longitude)
    for name in texts_of(node, "locationName"):
        yield Address(place=f"{place}/locationName", text=name, label="incident")
    yield from addresses(node, place, "incidentAddress")


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
        date_of_birth=normalising.day(text_of(person, "dateOfBirth")),
        age=normalising.age(text_of(person, "age")),
        mentions=(*contacts(person, inner), *more),
        addresses=tuple(addresses(person, inner)),
        text=text,
    )


def _police_facts(law: dict[str, Any]) -> list[str]:
    lines = [f"{name}: {fact}" for name in POLICE_FACTS if (fact := _fact(law.get(name, "")))]
    # On the element of the process or on lawEnforcement itself: clients differ.
    if country := attribute(law, "fleaCountry") or text_of(law, "fleaCountry"):
        lines.append(f"fleaCountry: {country}")
    return lines


def _fact(node: Node) -> str:
    """Return an element's text with its attributes in brackets: "true (disabledDate 2025-…)"."""
    if type(node) is not dict:
        return content(node)
    details = ", ".join(f"{key[1:]} {value}" for key, value in node.items() if key[0] == "@")
    return _joined((content(node), f"({details})" if details else ""), " ")


def _hash(value: str, algorithm: str, place: str) -> Mention:
    return mention(
        IdentifierKind.HASH, value, normalising.digest(algorithm, value), place, label=algorithm
    )


def _with_response_hashes(
    files: list[FileRecord], responses: list[dict[str, Any]]
) -> list[FileRecord]:
    """Add NCMEC's own MD5 of each upload, from the response to it, to the file of that id."""
    at_of = {file.file_id: at for at, file in reversed(list(enumerate(files)))}
    for n, response in enumerate(responses, 1):
        file_id, value = text_of(response, "fileId"), text_of(response, "hash")
        if not file_id:
            continue
        place = f"reportResponse[{n}]"
        at = at_of.setdefault(file_id, len(files))
        if at == len(files):
            files.append(FileRecord(file_id=file_id, place=place))
        if value:
            found = replace(_hash(value, "MD5", f"{place}/hash"), provenance=Provenance.NCMEC)
            files[at] = replace(files[at], mentions=(*files[at].mentions, found))
    return files


def _stated_files(done: list[dict[str, Any]]) -> int | None:
    counts = [len(texts_of(part_of(node, "files"), "fileId")) for node in done if "files" in node]
    return max(counts, default=None)


def _source(gathered: Gathered) -> dict[str, Any]:
    source: dict[str, Any] = {}
    if gathered.report is not None:
        source["report"] = gathered.report
    for name, nodes in (
        ("fileDetails", gathered.files),
        ("reportResponse", gathered.responses),
        ("reportDoneResponse", gathered.done),
        ("around", gathered.around),
    ):
        if nodes:
            source[name] = nodes
    return source


def _is_yes(text: str) -> bool:
    return normalising.flag(text) is True


def _joined(parts: Iterable[str], by: str) -> str:
    return by.join(part for part in parts if part)
