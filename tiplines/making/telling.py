"""One report being told: what a provider knows about an account, and what of it it says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from tiplines.making import wording
from tiplines.making.cast import Actor, Ring, account_number
from tiplines.making.digests import hex_digest, hex_hash
from tiplines.making.drawing import Weighted
from tiplines.making.people import CALLING_CODE, make_payment_handle, make_person
from tiplines.making.places import COUNTRIES, DELHI_SPELLINGS, Detail
from tiplines.making.reports import (
    AssociatedAccount,
    Device,
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
    Person,
    Phone,
    PoliceInvolved,
    PostalAddress,
    ZoneStyle,
)

CLASSIFICATIONS = Weighted(("A1", 8), ("A2", 24), ("B1", 20), ("B2", 30), ("", 18))
FILE_MARKS = Weighted(
    ("possibleSelfProduction", 5),
    ("animeDrawingVirtualHentai", 3),
    ("generativeAi", 2),
    ("infant", 1),
    ("liveStreaming", 0.5),
)
FILE_MARK_SHARE = 0.1
EVENTS = ("Login", "Login", "Login", "Upload", "Registration", "Other", "Unknown")
DEVICE_KINDS = ("IMEI", "Android ID", "Device ID", "IDFV")

PROXY_SHARE = 0.04
POLICE_SHARE = 0.006  # of reports: police know of it already
IPV6_SHARE = 0.35  # of addresses that are not behind NAT


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One report being told: what its provider knows and says about one actor."""

    rng: Random
    actor: Actor
    ring: Ring | None
    session: tuple[str, datetime] | None
    style: ZoneStyle
    incident_at: datetime
    known: bool
    """False: the report gives no way to find the person."""

    def says(self, share: float) -> bool:
        return self.rng.random() < share

    def moment(self, *, days_before: float = 0.0) -> MadeMoment:
        earlier = timedelta(seconds=int(self.rng.expovariate(1.0) * days_before * 86400))
        return MadeMoment(self.incident_at - earlier, self.style)

    def police(self) -> PoliceInvolved | None:
        if not self.says(POLICE_SHARE):
            return None
        return PoliceInvolved(
            agency="Made-up Cyber Police Station",
            case_number=f"{self.rng.randrange(1, 900):04d}/2025" if self.says(0.6) else "",
            reported_to_police=True,
        )

    def suspect(self, priors: tuple[int, ...]) -> MadeParty:
        actor, provider, rng = self.actor, self.actor.provider, self.rng
        ring = self.ring
        named = self.known or self.says(0.3)
        handle = actor.person.handle
        return MadeParty(
            person=self.person() if named else None,
            account_id=actor.account_id,
            service=provider.product or (provider.name if self.says(0.6) else ""),
            compromised=True if self.says(0.005) else None,
            screen_name=handle if self.says(provider.screen_name_share) else "",
            display_names=(f"{actor.person.first_name} {actor.person.last_name}",)
            if named and self.says(0.3)
            else (),
            profile_urls=(f"https://{provider.key}.example/{actor.account_id or handle}",)
            if self.says(provider.profile_share)
            else (),
            profile_bio=rng.choice(wording.BIOS) if self.says(0.08) else "",
            ips=self.captures(),
            devices=self.devices(),
            vehicle_description="White hatchback, plate not readable" if self.says(0.001) else "",
            prior_reports=priors,
            group_id=ring.group_id if ring and self.says(0.5) else "",
            disabled_for_good=Disabling(disabled_at=self.moment(), user_notified=rng.random() < 0.5)
            if self.says(0.25)
            else None,
            estimated_location=self.estimate(),
            all_emails_reported=True if self.says(0.05) else None,
            associated_accounts=self.associated(),
            additional_info=self.suspect_note(),
        )

    def person(self) -> Person:
        actor, provider = self.actor, self.actor.provider
        is_named = self.says(provider.name_share)
        return Person(
            first_name=actor.person.first_name if is_named else "",
            last_name=actor.person.last_name if is_named else "",
            phones=self.phones(),
            emails=(
                Email(
                    address=actor.email,
                    kind="Home" if self.says(0.2) else "",
                    verified=self.verified(),
                ),
            )
            if self.says(provider.email_share)
            else (),
            addresses=self.addresses(),
            date_of_birth=actor.person.born_on if self.says(provider.birth_share) else None,
        )

    def phones(self) -> tuple[Phone, ...]:
        provider = self.actor.provider
        numbers = [self.actor.phone] if self.says(provider.phone_share) else []
        if self.ring is not None and self.says(0.1):
            numbers.append(self.rng.choice(self.ring.phones))
        return tuple(
            Phone(
                number=number if provider.separate_calling_code else CALLING_CODE + number,
                calling_code=CALLING_CODE if provider.separate_calling_code else "",
                kind="Mobile" if self.says(0.6) else "",
                verified=(verified := self.verified()),
                verified_at=self.moment(days_before=200) if verified and self.says(0.6) else None,
            )
            for number in numbers
        )

    def verified(self) -> bool | None:
        if self.says(self.actor.provider.verified_share):
            return True
        return False if self.says(0.3) else None

    def addresses(self) -> tuple[PostalAddress, ...]:
        place, detail = self.actor.place, self.actor.detail
        if detail in (Detail.NOTHING, Detail.ESTIMATE):
            return ()
        full, local = detail is Detail.FULL, detail is Detail.LOCALITY
        return (
            PostalAddress(
                text=place.text if full else place.locality if local else "",
                city=place.city,
                postal_code=place.pin if full or detail is Detail.PIN else "",
                other_state=place.state,
                country=place.country if place.country != "IN" else self.rng.choice(COUNTRIES),
                kind="Home" if self.says(0.5) else "",
            ),
        )

    def estimate(self) -> EstimatedLocation | None:
        place, detail = self.actor.place, self.actor.detail
        if detail is Detail.NOTHING:
            return EstimatedLocation(country_code="IN") if self.says(0.3) else None
        if detail is not Detail.ESTIMATE and not self.says(self.actor.provider.estimate_share):
            return None
        in_delhi = bool(place.district_code)
        return EstimatedLocation(
            city=self.rng.choice(DELHI_SPELLINGS[:4]) if in_delhi else place.city,
            region="Delhi" if in_delhi else place.state,
            country_code=place.country,
            verified=False if self.says(0.3) else None,
            at=self.moment() if self.says(0.5) else None,
        )

    def captures(self) -> tuple[IpCapture, ...]:
        provider, rng = self.actor.provider, self.rng
        if not self.says(provider.ip_share):
            return ()
        count = 1 + int(rng.expovariate(1 / provider.ip_mean))
        captures = tuple(
            self.capture(rng.choice(EVENTS), days_before=6.0 * order) for order in range(count)
        )
        if self.session is None or not self.says(0.75):
            return captures
        met = IpCapture(
            ip=self.session[0], event="Login", at=self.moment(), port=self.port(self.session[0])
        )
        return (met, *captures[1:])

    def capture(self, event: str, *, days_before: float) -> IpCapture:
        ip, proxy = self.address()
        return IpCapture(
            ip=ip,
            event=event if self.says(0.92) else "",
            at=self.moment(days_before=days_before) if self.says(0.97) else None,
            possible_proxy=True if proxy else None,
            port=self.port(ip),
        )

    def port(self, ip: str) -> int | None:
        if ":" in ip or not self.says(self.actor.provider.port_share):
            return None
        return self.rng.randrange(1024, 65536)

    def address(self) -> tuple[str, bool]:
        """Return an address and whether the provider takes it for a proxy."""
        actor, rng = self.actor, self.rng
        drawn = rng.random()
        if drawn < PROXY_SHARE:
            return f"192.0.2.{rng.randrange(1, 255)}", True
        if drawn < PROXY_SHARE + 0.004:  # an inner address that should not have left its network
            return f"100.{rng.randrange(64, 128)}.{rng.randrange(256)}.{rng.randrange(256)}", False
        if actor.mobile:
            return actor.shared_ip, False
        if rng.random() < IPV6_SHARE:
            host = rng.getrandbits(64)
            words = (host >> 48, host >> 32 & 0xFFFF, host >> 16 & 0xFFFF, host & 0xFFFF)
            return f"{actor.home_v6}:{':'.join(f'{word:x}' for word in words)}", False
        if drawn > 0.99:
            return f"::ffff:{actor.home_v4}", False
        return actor.home_v4, False

    def devices(self) -> tuple[Device, ...]:
        ring, rng = self.ring, self.rng
        devices = []
        if self.says(self.actor.provider.device_share):
            devices.append(self.device(rng.choice(DEVICE_KINDS), self.actor.device))
        if ring is not None and self.says(0.05):
            devices.append(self.device("IMEI", rng.choice(ring.devices)))
        return tuple(devices)

    def device(self, kind: str, value: str) -> Device:
        if kind != "IMEI":
            value = hex_digest(f"{kind}:{value}", 8)
        return Device(id_type=kind, id_value=value, event="Login", at=self.moment(days_before=3))

    def associated(self) -> tuple[AssociatedAccount, ...]:
        ring, rng = self.ring, self.rng
        if ring is not None and self.says(0.1):
            return (
                AssociatedAccount(
                    kind="Billing",
                    phones=(Phone(number=CALLING_CODE + rng.choice(ring.phones)),),
                    additional_info=wording.PAYMENT.format(handle=rng.choice(ring.payments)),
                ),
            )
        if not self.known or not self.says(0.04):
            return ()
        return (
            AssociatedAccount(
                kind="Linked",
                platform="Example Chat",
                third_party=True,
                emails=(Email(address=self.actor.email),),
                screen_name=self.actor.person.handle,
            ),
        )

    def suspect_note(self) -> tuple[str, ...]:
        ring, rng, person = self.ring, self.rng, self.actor.person
        lines = []
        if ring is not None and self.says(0.5):
            lines.append(wording.PAYMENT.format(handle=rng.choice(ring.payments)))
        if ring is not None and self.says(0.4):
            lines.append(wording.INVITE.format(url=ring.invite))
        if self.known and self.says(0.03):
            lines.append(wording.PAYMENT.format(handle=make_payment_handle(rng, person)))
        if self.known and self.says(0.04):
            lines.append(wording.REACHED_AT.format(phone=f"{CALLING_CODE} {self.actor.phone}"))
        if self.says(0.15):
            lines.append(rng.choice(wording.ACCOUNT_NOTES))
        return ("\n".join(lines),) if lines else ()

    def incidents(self, channel: str) -> tuple[IncidentDetail, ...]:
        provider, ring = self.actor.provider, self.ring
        details = []
        if ring is not None and self.says(0.3):
            details.append(IncidentDetail(kind=IncidentKind.WEB_PAGE, urls=(ring.invite,)))
        if channel:
            details.append(
                IncidentDetail(kind=IncidentKind.WEB_PAGE, urls=(channel,), third_party_hosted=True)
            )
        if self.says(provider.chat_share):
            details.append(
                IncidentDetail(
                    kind=IncidentKind.CHAT,
                    name=provider.name,
                    content=self.rng.choice(wording.CHATS) if self.says(0.5) else "",
                )
            )
        elif self.says(0.25):
            post = f"https://{provider.key}.example/post/{self.rng.getrandbits(40)}"
            details.append(IncidentDetail(kind=IncidentKind.WEB_PAGE, urls=(post,)))
        return tuple(details)

    def recipients(self) -> tuple[MadeParty, ...]:
        rng, provider = self.rng, self.actor.provider
        if not self.says(0.25 * provider.chat_share):
            return ()
        other = make_person(rng, today=self.incident_at.date())
        return (
            MadeParty(
                person=Person(first_name=other.first_name, last_name=other.last_name)
                if self.says(provider.name_share)
                else None,
                account_id=account_number(rng, provider),
                service=provider.name,
                screen_name=other.handle,
                ips=(self.capture("Login", days_before=2),) if self.says(0.3) else (),
            ),
        )

    def victims(self, today: date) -> tuple[MadeParty, ...]:
        rng = self.rng
        if not self.says(0.6):
            return ()
        child = make_person(rng, today=today, minor=True, woman=rng.random() < 0.6)
        return (
            MadeParty(
                person=Person(
                    first_name=child.first_name,
                    last_name=child.last_name if self.says(0.7) else "",
                    age=rng.randrange(10, 18),
                ),
                screen_name=child.handle if self.says(0.6) else "",
                school_name=rng.choice(wording.SCHOOLS) if self.says(0.15) else "",
            ),
        )

    def file(self, *, file_id: str, key: str, viral: bool) -> MadeFile:
        provider, rng = self.actor.provider, self.rng
        viewed = rng.choices((True, False, None), provider.viewed)[0]
        marks: tuple[str, ...] = ("viral",) if viral else ()
        if not viral and self.says(FILE_MARK_SHARE):
            marks = (FILE_MARKS.draw(rng),)
        serial = rng.getrandbits(32)
        name = f"IMG_{serial:08x}.jpg" if serial % 4 else f"VID-{serial:08x}.mp4"
        return MadeFile(
            file_id=file_id,
            file_name=name if self.says(0.1) else "",
            original_name=name if self.says(0.8) else "",
            uploaded_at=self.moment(days_before=0.2) if self.says(0.5) else None,
            viewed=viewed,
            exif_viewed=True if viewed and self.says(0.1) else None,
            public=rng.random() < 0.2 if self.says(0.5) else None,
            relevance="Reported" if self.says(0.2) else "",
            annotations=marks,
            classification=CLASSIFICATIONS.draw(rng),
            hashes=tuple((kind, hex_hash(key, kind)) for kind in provider.hashes),
            ip=self.capture("Upload", days_before=0.2)
            if self.says(0.35 * provider.ip_share)
            else None,
            metadata=(FileMetadata(kind="EXIF", pairs=wording.CAMERAS[serial % 3]),)
            if self.says(0.04)
            else (),
            additional_info=(rng.choice(wording.FILE_NOTES),) if self.says(0.2) else (),
        )
