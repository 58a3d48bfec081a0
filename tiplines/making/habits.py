"""How providers write: their desk, their dialect, their zones."""

from __future__ import annotations

from random import Random

from tiplines.making import wording
from tiplines.making.providers import PROVIDERS, Provider
from tiplines.making.reports import Dialect, Email, EmptyStyle, Person, Reporter, ZoneStyle

ENTICEMENT = "Online Enticement of Children for Sexual Acts"

EMPTY_STYLES = (EmptyStyle.NULL, EmptyStyle.NULL, EmptyStyle.LEFT_OUT, EmptyStyle.EMPTY)


def _make_reporter(provider: Provider) -> Reporter:
    template = wording.COMPANY.format(name=provider.name, key=provider.key)
    return Reporter(
        person=Person(
            first_name=provider.name,
            last_name="Trust and Safety",
            emails=(Email(address=f"reports@{provider.key}.example", kind="Business"),),
        ),
        contact=Person(emails=(Email(address=f"lawful-requests@{provider.key}.example"),)),
        company_template=f"{template} {provider.retention}".rstrip(),
        terms_of_service=wording.TERMS if provider.retention else "",
        legal_url=f"https://{provider.key}.example/legal",
        product=provider.product,
    )


REPORTERS = {provider.name: _make_reporter(provider) for provider in PROVIDERS}


def make_dialect(rng: Random, provider: Provider) -> Dialect:
    drawn = rng.randrange(1 << 12)
    return Dialect(
        schema_attributes=provider.schema_attributes,
        filled_flags=provider.filled_flags,
        kind_on_pair=provider.kind_on_pair,
        account_kind_name=provider.account_kind_name,
        byte_order_mark=drawn % 8 != 0,
        empty=EMPTY_STYLES[drawn >> 3 & 3],
        capital_events=drawn >> 5 & 3 != 0,
    )


def zone_style(rng: Random, provider: Provider, unstated_share: float) -> ZoneStyle:
    drawn = rng.random()
    if drawn < unstated_share:
        return ZoneStyle.UNSTATED
    if provider.india_times or drawn > 0.93:
        return ZoneStyle.INDIA
    return ZoneStyle.FRACTION if drawn > 0.85 else ZoneStyle.UTC


def report_annotations(rng: Random, incident_type: str) -> tuple[str, ...]:
    drawn = rng.random()
    if incident_type == ENTICEMENT:
        if drawn < 0.45:
            return ("sextortion",)
        return ("minorToMinorInteraction",) if drawn < 0.55 else ()
    if drawn < 0.02:
        return ("csamSolicitation",)
    if drawn < 0.03:
        return ("spam",)
    return ("informational",) if drawn < 0.04 else ()
