"""No test of ours, and no code that a test runs, reaches beyond this machine.

Python tells its audit hooks of every connection and every look-up of a name before it is made, and
no library can go round them. Child processes have hooks of their own and are not watched.
"""

from __future__ import annotations

import ipaddress
import socket
import sys
from typing import Any
from urllib.parse import urlsplit

LOOKS_UP = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
SENDS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
OURS: set[str] = {"", "localhost", "localhost.localdomain", socket.gethostname()}
REFUSED: list[str] = []
"""What was asked for and refused, since the test began."""


class BeyondThisMachine(OSError):
    """A connection or a look-up that would leave the machine."""


def guard(*servers: str) -> None:
    """From now on, for good. `servers` are addresses of servers that the suite is told to use."""
    for server in servers:
        host = urlsplit(server).hostname
        if host and host not in OURS and not is_here(host):
            OURS.update(str(each[4][0]) for each in socket.getaddrinfo(host, None))
            OURS.add(host)
    sys.addaudithook(refuse)


def refuse(event: str, told: tuple[Any, ...]) -> None:
    if event in LOOKS_UP:
        host = told[0]
    elif event in SENDS and isinstance(told[1], tuple):  # a path is a socket in the file system
        host = told[1][0]
    else:
        return
    name = host.decode(errors="replace") if isinstance(host, bytes) else str(host or "")
    if name not in OURS and not is_here(name):
        REFUSED.append(f"{event} {name}")
        raise BeyondThisMachine(name)


def is_here(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
