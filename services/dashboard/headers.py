"""What is dropped from, and added to, a request or a response on its way through."""

from __future__ import annotations

import ipaddress
import re
import uuid
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from services.dashboard.asgi import Headers, Scope, header

_HOP_BY_HOP: Final = frozenset(
    {
        b"connection",
        b"expect",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
_FORWARDED: Final = frozenset(
    {b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-request-id"}
)
_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._:-]{1,128}")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}

PAGE_SECURITY: Final[Headers] = [
    (
        b"content-security-policy",
        (
            b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            b"font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
            b"form-action 'self'; frame-ancestors 'none'"
        ),
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
# What a service answers under our origin must never run as a page of ours.
_PROXIED_SECURITY: Final[Headers] = [
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
]


def request_id(scope: Scope) -> str:
    given = header(scope["headers"], b"x-request-id")
    if given is not None and _REQUEST_ID.fullmatch(given):
        return given.decode()
    return uuid.uuid4().hex


def same_origin(scope: Scope) -> bool:
    """Whether the request's Origin, if it has one, names the host that it was sent to."""
    origin = header(scope["headers"], b"origin")
    if origin is None:
        return True
    host = header(scope["headers"], b"host") or b""
    try:
        left = urlsplit(origin.decode("latin-1"))
        right = urlsplit("//" + host.decode("latin-1"))
        default = _DEFAULT_PORTS.get(left.scheme)
        ports = (left.port or default, right.port or default)
    except ValueError:
        return False
    return left.hostname is not None and left.hostname == right.hostname and ports[0] == ports[1]


def for_upstream(scope: Scope, *, request_id: str, websocket: bool = False) -> Headers:
    """The client's headers without those of its own connection, plus where it came from."""
    incoming: Headers = scope["headers"]
    dropped = _HOP_BY_HOP | _FORWARDED | _named_by_connection(incoming)
    kept = [
        (name, value)
        for name, value in incoming
        if name not in dropped and not (websocket and name.startswith(b"sec-websocket-"))
    ]
    if not websocket and _is_chunked(scope):
        kept = [pair for pair in kept if pair[0] != b"content-length"]
        kept.append((b"transfer-encoding", b"chunked"))
    return [*kept, *_forwarded(scope), (b"x-request-id", request_id.encode())]


def for_client(headers: Iterable[tuple[bytes, bytes]], *, request_id: str) -> Headers:
    """The service's headers without those of its own connection, plus the protective ones."""
    incoming = [(name.lower(), value) for name, value in headers]
    dropped = _HOP_BY_HOP | _named_by_connection(incoming)
    kept = [(name, value) for name, value in incoming if name not in dropped]
    present = {name for name, _ in kept}
    added = [*_PROXIED_SECURITY, (b"x-request-id", request_id.encode())]
    return [*kept, *(pair for pair in added if pair[0] not in present)]


def _is_chunked(scope: Scope) -> bool:
    """A body whose length is not told beforehand; HTTP/2 says so by silence."""
    headers: Headers = scope["headers"]
    if header(headers, b"transfer-encoding") is not None:
        return True
    return (
        scope["http_version"].startswith("2")
        and scope["method"] not in {"GET", "HEAD", "OPTIONS", "DELETE"}
        and header(headers, b"content-length") is None
    )


def _named_by_connection(headers: Headers) -> frozenset[bytes]:
    return frozenset(
        token.strip().lower()
        for name, value in headers
        if name == b"connection"
        for token in value.split(b",")
    )


def _forwarded(scope: Scope) -> Headers:
    """X-Forwarded-*: a proxy on this machine is believed, anybody else is overwritten."""
    headers: Headers = scope["headers"]
    scheme: str = scope["scheme"]
    client: tuple[str, int] | None = scope.get("client")
    address = client[0] if client else "127.0.0.1"
    host = header(headers, b"host") or b""
    proto = {"ws": b"http", "wss": b"https"}.get(scheme, scheme.encode())
    chain = address.encode()
    if _is_loopback(address):
        host = header(headers, b"x-forwarded-host") or host
        proto = header(headers, b"x-forwarded-proto") or proto
        before = header(headers, b"x-forwarded-for")
        chain = b", ".join([before, chain]) if before else chain
    return [
        (b"x-forwarded-for", chain),
        (b"x-forwarded-host", host),
        (b"x-forwarded-proto", proto),
    ]


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
