"""Which servers may be called: over HTTPS, or on this machine. Plain values, no Django."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

AUTHORITY = re.compile(r"([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?", re.IGNORECASE)


def is_guarded(address: str) -> bool:
    """Whether nobody on the way can read or change what is sent there."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    if not AUTHORITY.fullmatch(parts.netloc):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(host))


def is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def origin_of(address: str) -> str:
    """Scheme, host and port, as browsers compare them."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()
