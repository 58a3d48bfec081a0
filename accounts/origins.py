"""Where a request came from: the address, and the browser in words."""

from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest

# The first word that occurs names it: Edge and Opera also say Chrome, and Chrome says Safari.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def address_of(request: HttpRequest) -> str | None:
    """The client's IP address as our own proxies saw it; None when there is none (a unix socket).

    Only the entries that our proxies added to X-Forwarded-For are believed: with one proxy the last
    one. Whatever the client itself wrote there stands before and changes nothing.
    """
    found = request.META.get("REMOTE_ADDR", "")
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if settings.PROXIES and len(hops) >= settings.PROXIES:
        found = hops[-settings.PROXIES].strip() or found
    try:
        return str(ip_address(found))
    except ValueError:
        return None


def browser_of(request: HttpRequest) -> str:
    """`Chrome, Windows`, or as much of it as can be told."""
    said = request.META.get("HTTP_USER_AGENT", "")
    names = (
        next((name for word, name in table if word in said), "") for table in (BROWSERS, SYSTEMS)
    )
    return ", ".join(filter(None, names))
