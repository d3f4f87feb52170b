"""Which server addresses a person may set: local ones are wanted, a cloud's metadata never."""

import asyncio
import ipaddress
import socket
from urllib.parse import urlsplit

from services.kit.errors import Invalid

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Where clouds answer anybody on the machine with credentials, beside the link-local 169.254.169.254.
_METADATA_ADDRESSES = frozenset({"fd00:ec2::254", "100.100.100.200", "192.0.0.192"})
_METADATA_NAMES = frozenset(
    {"metadata.google.internal", "metadata.goog", "metadata", "instance-data", "169.254.169.254"}
)
_RESOLVE_SECONDS = 3.0


async def checked_base_url(url: str) -> str:
    """The address without its trailing slash.

    Raises Invalid unless it is http(s) to a place that is no link-local or metadata address, also
    by the name's look-up. A name that can't be looked up now is let through: the server may be off.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise Invalid(f"base_url: {error}") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise Invalid("base_url: it must be an http:// or https:// address.")
    if any(character.isspace() or not character.isprintable() for character in url):
        raise Invalid("base_url: it must not contain spaces.")
    if parts.username is not None or parts.password is not None:
        raise Invalid("base_url: add the key as a credential, not into the address.")
    if parts.query or parts.fragment:
        raise Invalid("base_url: it must end with its path.")
    if host in _METADATA_NAMES:
        raise Invalid(_REFUSED)
    for address in await _addresses(host, port or 80):
        if is_forbidden(address):
            raise Invalid(_REFUSED)
    return url.rstrip("/")


_REFUSED = "base_url: link-local, multicast and metadata addresses are refused."


def is_forbidden(address: _Address) -> bool:
    """Whether no model server can be meant by it."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            return is_forbidden(inner)
    return (
        address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or str(address) in _METADATA_ADDRESSES
    )


def origin_of(url: str) -> str:
    """Scheme, host and port: what a key is bound to."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


async def _addresses(host: str, port: int) -> list[_Address]:
    """All that a connection to the host would go to; short and octal forms are read as libc does."""
    try:
        async with asyncio.timeout(_RESOLVE_SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            )
    except (OSError, UnicodeError, TimeoutError):
        return _literal(host)
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


def _literal(host: str) -> list[_Address]:
    try:
        return [ipaddress.ip_address(host.partition("%")[0])]
    except ValueError:
        pass
    try:
        return [ipaddress.ip_address(socket.inet_aton(host))]
    except OSError:
        return []
