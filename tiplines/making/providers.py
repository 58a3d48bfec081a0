"""The companies that report, how often, and what each of them tends to say or leave out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Shares are of this company's reports; a field it never sends has share 0."""

    name: str
    weight: float
    """Reports in millions, 2023."""
    key: str
    account_digits: int
    hashes: tuple[str, ...]
    name_share: float = 0.5
    birth_share: float = 0.3
    phone_share: float = 0.4
    email_share: float = 0.4
    verified_share: float = 0.6
    ip_share: float = 0.8
    port_share: float = 0.3
    ip_mean: float = 1.5
    profile_share: float = 0.5
    screen_name_share: float = 0.7
    estimate_share: float = 0.6
    viewed: tuple[float, float, float] = (0.35, 0.35, 0.30)
    """Shares of files viewed, not viewed, not stated."""
    chat_share: float = 0.1
    device_share: float = 0.1
    separate_calling_code: bool = False
    filled_flags: bool = False
    schema_attributes: bool = True
    kind_on_pair: bool = False
    account_kind_name: str = "type"
    india_times: bool = False
    retention: str = ""
    product: str = ""


PROVIDERS = (
    Provider(
        name="Facebook",
        weight=17.8,
        key="facebook",
        account_digits=15,
        hashes=("MD5", "PDQ"),
        name_share=0.95,
        birth_share=0.85,
        phone_share=0.55,
        email_share=0.5,
        port_share=0.35,
        profile_share=0.9,
        estimate_share=0.8,
        viewed=(0.3, 0.45, 0.25),
        filled_flags=True,
        retention="Data preserved for 90 days and renewed once for 90 days.",
    ),
    Provider(
        name="Instagram, Inc.",
        weight=11.4,
        key="instagram",
        account_digits=11,
        hashes=("MD5", "PDQ"),
        name_share=0.8,
        birth_share=0.75,
        phone_share=0.45,
        email_share=0.6,
        port_share=0.35,
        profile_share=0.9,
        estimate_share=0.8,
        viewed=(0.3, 0.45, 0.25),
        filled_flags=True,
        retention="Data preserved for 90 days and renewed once for 90 days.",
    ),
    Provider(
        name="Google",
        weight=1.47,
        key="google",
        account_digits=12,
        hashes=("MD5", "SHA1"),
        name_share=0.85,
        birth_share=0.6,
        phone_share=0.8,
        email_share=0.98,
        verified_share=0.9,
        ip_mean=4.0,
        port_share=0.05,
        screen_name_share=0.1,
        profile_share=0.0,
        viewed=(0.55, 0.2, 0.25),
        separate_calling_code=True,
        retention="Records are kept for one year from the date of the report.",
        product="Google Drive",
    ),
    Provider(
        name="WhatsApp Inc.",
        weight=1.39,
        key="whatsapp",
        account_digits=0,
        hashes=(),
        name_share=0.1,
        birth_share=0.0,
        phone_share=1.0,
        email_share=0.05,
        verified_share=1.0,
        ip_share=0.35,
        port_share=0.15,
        profile_share=0.0,
        screen_name_share=0.3,
        estimate_share=0.3,
        chat_share=0.5,
        device_share=0.25,
    ),
    Provider(
        name="Snapchat",
        weight=0.71,
        key="snapchat",
        account_digits=0,
        hashes=("MD5", "PhotoDNA"),
        birth_share=0.8,
        phone_share=0.5,
        email_share=0.6,
        ip_mean=3.0,
        port_share=0.0,
        profile_share=0.0,
        screen_name_share=1.0,
        schema_attributes=False,
        chat_share=0.3,
    ),
    Provider(
        name="TikTok Inc.",
        weight=0.59,
        key="tiktok",
        account_digits=19,
        hashes=("MD5",),
        phone_share=0.3,
        port_share=0.0,
        kind_on_pair=True,
        device_share=0.3,
    ),
    Provider(
        name="Discord Inc.",
        weight=0.34,
        key="discord",
        account_digits=18,
        hashes=("SHA256", "PhotoDNA"),
        name_share=0.0,
        phone_share=0.2,
        email_share=0.95,
        screen_name_share=1.0,
        estimate_share=0.3,
        chat_share=0.8,
        account_kind_name="accountType",
    ),
    Provider(
        name="X Corp.",
        weight=0.27,
        key="x",
        account_digits=10,
        hashes=("MD5", "SHA1"),
        phone_share=0.35,
        email_share=0.7,
        screen_name_share=1.0,
        profile_share=1.0,
        ip_mean=2.5,
    ),
    Provider(
        name="Example Photos",
        weight=0.3,
        key="photos",
        account_digits=9,
        hashes=("MD5", "SHA1", "PDQ"),
        email_share=0.9,
        port_share=0.6,
        india_times=True,
        schema_attributes=False,
    ),
    Provider(
        name="Example Storage",
        weight=0.2,
        key="storage",
        account_digits=8,
        hashes=("SHA256",),
        email_share=1.0,
        port_share=0.7,
        screen_name_share=0.0,
    ),
)
PROVIDER_WEIGHTS = tuple(provider.weight for provider in PROVIDERS)
