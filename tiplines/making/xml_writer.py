"""MadeReport to the documents a provider exchanges: report, reportResponse, fileDetails.

The schema is made of sequences, so the order of the lines below is the order of the elements.
Strings are joined by hand: a tree would cost several times as much, and benchmarks need 100,000.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from tiplines.making.moments import iso_text
from tiplines.making.reports import (
    AssociatedAccount,
    Device,
    Dialect,
    Disabling,
    Email,
    EstimatedLocation,
    FileMetadata,
    IncidentDetail,
    IncidentKind,
    IpCapture,
    MadeFile,
    MadeMoment,
    MadeParty,
    MadeReport,
    Person,
    Phone,
    PoliceInvolved,
    PostalAddress,
    Reporter,
)

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
SCHEMA_ATTRIBUTES = (
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xsi:noNamespaceSchemaLocation="ispws.example/xsd"'
)

Lines = list[str]


def write_documents(report: MadeReport) -> Iterator[tuple[str, bytes]]:
    """Yield (name inside the report's folder, UTF-8 bytes) for each document of the report."""
    yield "report.xml", write_report(report)
    yield "reportResponse.xml", write_response(report)
    for index, file in enumerate(report.files, start=1):
        yield f"fileDetails-{index}.xml", write_file_details(report, file)


def write_report(report: MadeReport) -> bytes:
    out: Lines = [DECLARATION, _opening("report", report.dialect)]
    if report.batched_reason:
        out.append(f"<batchedReport{_attribute('reason', report.batched_reason)}/>\n")
    _incident_summary(out, report)
    for incident in report.incidents:
        out.append("<internetDetails>\n")
        _incident(out, incident)
        out.append("</internetDetails>\n")
    if report.police is not None:
        _police(out, report.police)
    _reporter(out, report.reporter)
    for party in report.reported:
        _reported(out, party, report.dialect)
    for party in report.recipients:
        _recipient(out, party)
    for party in report.victims:
        _victim(out, party, report.dialect)
    _leaf(out, "additionalInfo", report.additional_info)
    out.append("</report>\n")
    return "".join(out).encode()


def write_response(report: MadeReport) -> bytes:
    """The sender's receipt. It is where the report number of an XML report stands."""
    return (
        f"{DECLARATION}{_opening('reportResponse', report.dialect)}"
        "<responseCode>0</responseCode>\n<responseDescription>Success</responseDescription>\n"
        f"<reportId>{report.number}</reportId>\n</reportResponse>\n"
    ).encode()


def write_done_response(report: MadeReport) -> bytes:
    """The receipt of a finished report, with the ids of its files. Not part of a dispatch."""
    files = "".join(f"<fileId>{_text(file.file_id)}</fileId>\n" for file in report.files)
    return (
        f"{DECLARATION}{_opening('reportDoneResponse', report.dialect)}"
        f"<responseCode>0</responseCode>\n<reportId>{report.number}</reportId>\n"
        f"<files>\n{files}</files>\n</reportDoneResponse>\n"
    ).encode()


def write_file_details(report: MadeReport, file: MadeFile) -> bytes:
    out: Lines = [DECLARATION, _opening("fileDetails", report.dialect)]
    out.append(f"<reportId>{report.number}</reportId>\n")
    out.append(f"<fileId>{_text(file.file_id)}</fileId>\n")
    _leaf(out, "fileName", file.file_name)
    _leaf(out, "originalFileName", file.original_name)
    _moment(out, "uploadedToEspTimestamp", file.uploaded_at)
    _leaf(out, "locationOfFile", file.location)
    _truth(out, "fileViewedByEsp", file.viewed)
    _truth(out, "exifViewedByEsp", file.exif_viewed)
    _truth(out, "publiclyAvailable", file.public)
    _leaf(out, "fileRelevance", file.relevance)
    _truth(out, "potentialMeme", file.potential_meme)
    _flags(out, "fileAnnotations", file.annotations, report.dialect)
    _leaf(out, "industryClassification", file.classification)
    for algorithm, digest in file.hashes:
        kind = _attribute("hashType", algorithm)
        out.append(f"<originalFileHash{kind}>{_text(digest)}</originalFileHash>\n")
    if file.ip is not None:
        _ip(out, file.ip)
    for device in file.devices:
        _device(out, device)
    for metadata in file.metadata:
        _metadata(out, metadata, report.dialect)
    for text in file.additional_info:
        _leaf(out, "additionalInfo", text)
    out.append("</fileDetails>\n")
    return "".join(out).encode()


def file_md5(file: MadeFile) -> str:
    """The file's MD5 as stated, else one derived from its id so that it stays the same."""
    for algorithm, digest in file.hashes:
        if algorithm == "MD5":
            return digest
    return hashlib.md5(file.file_id.encode(), usedforsecurity=False).hexdigest()


# The parts, in the order in which the schema names them.


def _incident_summary(out: Lines, report: MadeReport) -> None:
    out.append("<incidentSummary>\n")
    _leaf(out, "incidentType", report.incident_type)
    _leaf(out, "platform", report.platform)
    _leaf(out, "escalateToHighPriority", report.escalation)
    _flags(out, "reportAnnotations", report.annotations, report.dialect)
    _moment(out, "incidentDateTime", report.incident_at)
    _leaf(out, "incidentDateTimeDescription", report.incident_note)
    out.append("</incidentSummary>\n")


def _incident(out: Lines, incident: IncidentDetail) -> None:
    kind = incident.kind
    hosted = ""
    if kind is IncidentKind.WEB_PAGE and incident.third_party_hosted is not None:
        hosted = _attribute("thirdPartyHostedContent", _bool(incident.third_party_hosted))
    out.append(f"<{kind.value}{hosted}>\n")
    if kind is IncidentKind.WEB_PAGE:
        for url in incident.urls:
            _leaf(out, "url", url)
    elif kind is IncidentKind.EMAIL:
        _emails(out, "emailAddress", incident.emails)
        _leaf(out, "content", incident.content)
    elif kind is IncidentKind.NEWSGROUP:
        _leaf(out, "name", incident.name)
        _emails(out, "emailAddress", incident.emails)
        _leaf(out, "content", incident.content)
    elif kind is IncidentKind.CHAT:
        _leaf(out, "chatClient", incident.name)
        _leaf(out, "chatRoomName", incident.room)
        _leaf(out, "content", incident.content)
    elif kind is IncidentKind.GAMING:
        _leaf(out, "gameName", incident.name)
        _leaf(out, "console", incident.room)
        _leaf(out, "content", incident.content)
    elif kind is IncidentKind.CELL_PHONE:
        if incident.phone is not None:
            _phone(out, "phoneNumber", incident.phone)
        for name, degrees in (("latitude", incident.latitude), ("longitude", incident.longitude)):
            if degrees is not None:
                out.append(f"<{name}>{degrees!r}</{name}>\n")
    elif kind is IncidentKind.NOT_INTERNET:
        _leaf(out, "locationName", incident.name)
        for address in incident.addresses:
            _address(out, "incidentAddress", address)
    else:
        _leaf(out, "client", incident.name)
        for capture in incident.ips:
            _ip(out, capture)
        _leaf(out, "fileNames", incident.file_names)
    _leaf(out, "additionalInfo", incident.additional_info)
    out.append(f"</{kind.value}>\n")


def _police(out: Lines, police: PoliceInvolved) -> None:
    out.append("<lawEnforcement>\n")
    _leaf(out, "agencyName", police.agency)
    _leaf(out, "caseNumber", police.case_number)
    if police.officer is not None:
        _person(out, "officerContact", police.officer, with_age=False)
    _truth(out, "reportedToLe", police.reported_to_police)
    _truth(out, "servedLegalProcessDomestic", police.served_domestic)
    if police.served_international is not None:
        country = _attribute("fleaCountry", police.served_country)
        value = _bool(police.served_international)
        out.append(
            f"<servedLegalProcessInternational{country}>{value}</servedLegalProcessInternational>\n"
        )
    out.append("</lawEnforcement>\n")


def _reporter(out: Lines, reporter: Reporter) -> None:
    out.append("<reporter>\n")
    _person(out, "reportingPerson", reporter.person)
    if reporter.contact is not None:
        _person(out, "contactPerson", reporter.contact, with_age=False)
    _leaf(out, "companyTemplate", reporter.company_template)
    _leaf(out, "termsOfService", reporter.terms_of_service)
    _leaf(out, "legalURL", reporter.legal_url)
    out.append("</reporter>\n")


def _reported(out: Lines, party: MadeParty, dialect: Dialect) -> None:
    out.append("<personOrUserReported>\n")
    if party.person is not None:
        _person(out, "personOrUserReportedPerson", party.person)
    _leaf(out, "vehicleDescription", party.vehicle_description)
    _account(out, party)
    _truth(out, "thirdPartyUserReported", party.third_party_user)
    _priors(out, "priorCTReports", party.prior_reports)
    _leaf(out, "groupIdentifier", party.group_id)
    _account_state(out, party)
    for account in party.associated_accounts:
        _associated(out, account, dialect)
    for text in party.additional_info[:1]:
        _leaf(out, "additionalInfo", text)
    out.append("</personOrUserReported>\n")


def _recipient(out: Lines, party: MadeParty) -> None:
    out.append("<intendedRecipient>\n")
    if party.person is not None:
        _person(out, "intendedRecipientPerson", party.person)
    _account(out, party)
    _priors(out, "priorCTReports", party.prior_reports)
    _leaf(out, "groupIdentifier", party.group_id)
    _account_state(out, party)
    for text in party.additional_info:
        _leaf(out, "additionalInfo", text)
    out.append("</intendedRecipient>\n")


def _victim(out: Lines, party: MadeParty, dialect: Dialect) -> None:
    out.append("<victim>\n")
    _person(out, "victimPerson", party.person or Person())
    _account(out, party)
    _leaf(out, "schoolName", party.school_name)
    _priors(out, "priorCTReports", party.prior_reports)
    _account_state(out, party)
    for account in party.associated_accounts:
        _associated(out, account, dialect)
    for text in party.additional_info[:1]:
        _leaf(out, "additionalInfo", text)
    out.append("</victim>\n")


def _account(out: Lines, party: MadeParty) -> None:
    _leaf(out, "espIdentifier", party.account_id)
    _leaf(out, "espService", party.service)
    _truth(out, "compromisedAccount", party.compromised)
    _leaf(out, "screenName", party.screen_name)
    for name in party.display_names:
        _leaf(out, "displayName", name)
    for url in party.profile_urls:
        _leaf(out, "profileUrl", url)
    _leaf(out, "profileBio", party.profile_bio)
    for capture in party.ips:
        _ip(out, capture)
    for device in party.devices:
        _device(out, device)


def _account_state(out: Lines, party: MadeParty) -> None:
    _disabling(out, "accountTemporarilyDisabled", party.disabled_for_a_time)
    _disabling(out, "accountPermanentlyDisabled", party.disabled_for_good)
    if party.estimated_location is not None:
        _estimated_location(out, party.estimated_location)
    _truth(out, "allEmailsReported", party.all_emails_reported)


def _associated(out: Lines, account: AssociatedAccount, dialect: Dialect) -> None:
    out.append(f"<associatedAccount{_attribute(dialect.account_kind_name, account.kind)}>\n")
    if account.platform:
        third = "" if account.third_party is None else _bool(account.third_party)
        out.append(
            f"<platform{_attribute('thirdPartyUser', third)}>{_text(account.platform)}</platform>\n"
        )
    _leaf(out, "firstName", account.first_name)
    _leaf(out, "middleName", account.middle_name)
    _leaf(out, "lastName", account.last_name)
    if account.approximate_age is not None:
        out.append(f"<approximateAge>{account.approximate_age}</approximateAge>\n")
    elif account.date_of_birth is not None:
        out.append(f"<dateOfBirth>{account.date_of_birth.isoformat()}</dateOfBirth>\n")
    for phone in account.phones:
        _phone(out, "phone", phone)
    _emails(out, "email", account.emails)
    _truth(out, "allEmailsReported", account.all_emails_reported)
    for address in account.addresses:
        _address(out, "address", address)
    _leaf(out, "espService", account.service)
    _leaf(out, "espIdentifier", account.account_id)
    for url in account.profile_urls:
        _leaf(out, "profileUrl", url)
    _leaf(out, "screenName", account.screen_name)
    for name in account.display_names:
        _leaf(out, "displayName", name)
    _leaf(out, "profileBio", account.profile_bio)
    _leaf(out, "groupIdentifier", account.group_id)
    _truth(out, "compromisedAccount", account.compromised)
    _disabling(out, "accountTemporarilyDisabled", account.disabled_for_a_time)
    _disabling(out, "accountPermanentlyDisabled", account.disabled_for_good)
    for capture in account.ips:
        _ip(out, capture)
    for device in account.devices:
        _device(out, device)
    _priors(out, "priorCTReport", account.prior_reports)  # singular here, plural above
    _leaf(out, "additionalInfo", account.additional_info)
    out.append("</associatedAccount>\n")


def _person(out: Lines, name: str, person: Person, *, with_age: bool = True) -> None:
    out.append(f"<{name}>\n")
    _leaf(out, "firstName", person.first_name)
    _leaf(out, "lastName", person.last_name)
    for phone in person.phones:
        _phone(out, "phone", phone)
    _emails(out, "email", person.emails)
    for address in person.addresses:
        _address(out, "address", address)
    if with_age:
        if person.age is not None:
            out.append(f"<age>{person.age}</age>\n")
        _truth(out, "ageAssertionDiscrepancy", person.age_discrepancy)
        if person.date_of_birth is not None:
            out.append(f"<dateOfBirth>{person.date_of_birth.isoformat()}</dateOfBirth>\n")
    out.append(f"</{name}>\n")


def _phone(out: Lines, name: str, phone: Phone) -> None:
    attributes = (
        _attribute("type", phone.kind)
        + _verification(phone.verified, phone.verified_at)
        + _attribute("countryCallingCode", phone.calling_code)
        + _attribute("extension", phone.extension)
    )
    out.append(f"<{name}{attributes}>{_text(phone.number)}</{name}>\n")


def _emails(out: Lines, name: str, emails: tuple[Email, ...]) -> None:
    for email in emails:
        attributes = _attribute("type", email.kind) + _verification(
            email.verified, email.verified_at
        )
        out.append(f"<{name}{attributes}>{_text(email.address)}</{name}>\n")


def _verification(verified: bool | None, at: MadeMoment | None) -> str:  # noqa: FBT001 -- a field
    stated = "" if verified is None else f' verified="{_bool(verified)}"'
    return stated if at is None else f'{stated} verificationDate="{iso_text(at)}"'


def _address(out: Lines, name: str, address: PostalAddress) -> None:
    out.append(f"<{name}{_attribute('type', address.kind)}>\n")
    _leaf(out, "address", address.text)
    _leaf(out, "city", address.city)
    _leaf(out, "zipCode", address.postal_code)
    _leaf(out, "state", address.us_state)
    _leaf(out, "nonUsaState", address.other_state)
    _leaf(out, "country", address.country)
    out.append(f"</{name}>\n")


def _estimated_location(out: Lines, location: EstimatedLocation) -> None:
    attributes = "" if location.verified is None else f' verified="{_bool(location.verified)}"'
    if location.at is not None:
        attributes += f' timestamp="{iso_text(location.at)}"'
    out.append(f"<estimatedLocation{attributes}>\n")
    _leaf(out, "city", location.city)
    _leaf(out, "region", location.region)
    _leaf(out, "countryCode", location.country_code)
    out.append("</estimatedLocation>\n")


def _ip(out: Lines, capture: IpCapture) -> None:
    out.append(f"<ipCaptureEvent>\n<ipAddress>{_text(capture.ip)}</ipAddress>\n")
    _leaf(out, "eventName", capture.event)
    _moment(out, "dateTime", capture.at)
    _truth(out, "possibleProxy", capture.possible_proxy)
    if capture.port is not None:
        out.append(f"<port>{capture.port}</port>\n")
    out.append("</ipCaptureEvent>\n")


def _device(out: Lines, device: Device) -> None:
    out.append("<deviceId>\n")
    _leaf(out, "idType", device.id_type)
    _leaf(out, "idValue", device.id_value)
    _leaf(out, "eventName", device.event)
    _moment(out, "dateTime", device.at)
    out.append("</deviceId>\n")


def _disabling(out: Lines, name: str, state: Disabling | None) -> None:
    if state is None:
        return
    attributes = ""
    if state.disabled_at is not None:
        attributes += f' disabledDate="{iso_text(state.disabled_at)}"'
    if state.user_notified is not None:
        attributes += f' userNotified="{_bool(state.user_notified)}"'
    if state.user_notified_at is not None:
        attributes += f' userNotifiedDate="{iso_text(state.user_notified_at)}"'
    if state.reenabled_at is not None and name == "accountTemporarilyDisabled":
        attributes += f' reenabledDate="{iso_text(state.reenabled_at)}"'
    out.append(f"<{name}{attributes}>{_bool(state.disabled)}</{name}>\n")


def _metadata(out: Lines, metadata: FileMetadata, dialect: Dialect) -> None:
    kind = _attribute("type", metadata.kind)
    on_details, on_pair = ("", kind) if dialect.kind_on_pair else (kind, "")
    out.append(f"<details{on_details}>\n")
    for name, value in metadata.pairs:
        out.append(f"<nameValuePair{on_pair}>\n")
        _leaf(out, "name", name)
        _leaf(out, "value", value)
        out.append("</nameValuePair>\n")
    out.append("</details>\n")


# Small pieces.


def _opening(root: str, dialect: Dialect) -> str:
    return f"<{root}{SCHEMA_ATTRIBUTES if dialect.schema_attributes else ''}>\n"


def _leaf(out: Lines, name: str, value: str) -> None:
    if value:
        out.append(f"<{name}>{_text(value)}</{name}>\n")


def _moment(out: Lines, name: str, moment: MadeMoment | None) -> None:
    if moment is not None:
        out.append(f"<{name}>{iso_text(moment)}</{name}>\n")


def _truth(out: Lines, name: str, value: bool | None) -> None:  # noqa: FBT001 -- a field
    if value is not None:
        out.append(f"<{name}>{_bool(value)}</{name}>\n")


def _flags(out: Lines, name: str, flags: tuple[str, ...], dialect: Dialect) -> None:
    if flags:
        form = "<{0}>true</{0}>" if dialect.filled_flags else "<{0}/>"
        out.append(f"<{name}>{''.join(form.format(flag) for flag in flags)}</{name}>\n")


def _priors(out: Lines, name: str, numbers: tuple[int, ...]) -> None:
    for number in numbers:
        out.append(f"<{name}>{number}</{name}>\n")


def _bool(value: bool) -> str:  # noqa: FBT001 -- the value is the subject, not a switch
    return "true" if value else "false"


def _text(value: str) -> str:
    if "&" in value:
        value = value.replace("&", "&amp;")
    if "<" in value:
        value = value.replace("<", "&lt;")
    if ">" in value:
        value = value.replace(">", "&gt;")
    if "\r" in value:  # a reader would otherwise turn it into a line feed
        value = value.replace("\r", "&#13;")
    return value


def _attribute(name: str, value: str) -> str:
    """` name="value"`, or nothing for an empty value."""
    if not value:
        return ""
    escaped = _text(value).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
    return f' {name}="{escaped}"'
