"""Whether an address is on this machine or in its private network."""

import ipaddress
from urllib.parse import urlsplit


def is_local_url(url: str) -> bool:
    """By the host as it is written: loopback, private and link-local addresses, bare names."""
    host = urlsplit(url).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith((".local", ".localhost", ".lan", ".internal"))
    return address.is_private or address.is_loopback or address.is_link_local
