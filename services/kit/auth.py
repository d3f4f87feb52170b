"""Who calls: admin secret, API key, service token or the dashboard's session cookie.

Every comparison is constant-time; only the SHA-256 of a key is stored or looked up. A service names
itself by a token derived from NOVA_SERVICE_SECRET and may then say for whom it works.
"""

import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from fastapi import Depends
from starlette.requests import HTTPConnection

from services.kit import session_tokens
from services.kit.errors import Forbidden, Unauthenticated
from services.kit.service_tokens import (
    ON_BEHALF_KEY_HEADER,
    ON_BEHALF_TASK_HEADER,
    SERVICE_HEADER,
    STEP_HEADER,
    service_token,
)
from services.kit.settings import ServiceSettings
from services.kit.wrong_credentials import WrongCredentials

SESSION_COOKIE = "nova_session"
CSRF_HEADER = "X-CSRF-Token"
ADMIN_HEADER = "X-Admin-Secret"
KEY_HEADER = "X-API-Key"
KEY_PREFIX = "sk-nova-"
PRINCIPAL_IN_SCOPE = "nova.principal"
"""Where who called stands in the ASGI scope once it is known."""

_ADMIN, _SERVICE, _KEY = ADMIN_HEADER.lower(), SERVICE_HEADER.lower(), KEY_HEADER.lower()
_FOR_KEY, _FOR_TASK = ON_BEHALF_KEY_HEADER.lower(), ON_BEHALF_TASK_HEADER.lower()
_STEP = STEP_HEADER.lower()
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_CACHE_SECONDS = 2.0
_CACHE_ENTRIES = 10_000


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key that is valid now (not expired, not revoked)."""

    id: UUID
    name: str
    scopes: tuple[str, ...]
    rate_limit_rpm: int
    budget_usd: float | None


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller. For a service, key_id, task_id and step_id say for whom it works."""

    kind: Literal["admin", "key", "service", "anonymous"]
    name: str
    key_id: UUID | None = None
    task_id: UUID | None = None
    step_id: str | None = None
    scopes: frozenset[str] = field(default_factory=frozenset[str])
    key: KeyRecord | None = None

    @property
    def is_admin(self) -> bool:
        return self.kind in {"admin", "service"}

    def may(self, scope: str) -> bool:
        return self.kind != "key" or scope in self.scopes


def actor_name(actor: Principal) -> str:
    """Who acted, in one text: a key by its id, a service with the key that it works for."""
    match actor.kind:
        case "key":
            return f"key:{actor.key_id}"
        case "service" if actor.key_id is not None:
            return f"service:{actor.name} for key:{actor.key_id}"
        case "service":
            return f"service:{actor.name}"
        case "admin" | "anonymous":
            return actor.kind


class WrongCredential(Unauthenticated):
    """A credential came and is not valid."""

    def __init__(self, detail: str, credential: str, code: str) -> None:
        super().__init__(detail, code=code)
        self.credential = credential


KeyLookup = Callable[[bytes], Awaitable[KeyRecord | None]]
"""From a raw key's SHA-256 digest to the key; raises DependencyDown if that can't be known."""


class Authenticator:
    """Verifies credentials; a key's look-up is remembered for two seconds."""

    def __init__(self, settings: ServiceSettings, *, lookup: KeyLookup | None = None) -> None:
        self._admin = settings.nova_admin_secret.get_secret_value()
        self._service = settings.nova_service_secret.get_secret_value()
        self._secret_key = settings.nova_secret_key.get_secret_value()
        self._require = settings.require_auth
        self._lookup = lookup
        self._seen: dict[bytes, tuple[float, Principal | None]] = {}
        self._wrong = WrongCredentials()

    async def principal(self, connection: HTTPConnection) -> Principal | None:
        """The caller, or None without a credential.

        Raises Unauthenticated for a wrong one, LimitExceeded instead to an address that guesses.
        """
        found = await self.by_headers(connection.headers, connection.scope)
        if found is None and (cookie := connection.cookies.get(SESSION_COOKIE)) is not None:
            found = self._by_session(cookie, connection)
            connection.scope[PRINCIPAL_IN_SCOPE] = found
        return found

    async def by_headers(
        self, headers: Mapping[str, str], scope: MutableMapping[str, Any]
    ) -> Principal | None:
        """The same for a request that has no cookie; `headers` by names in small letters."""
        try:
            found = await self._by_headers(headers)
        except WrongCredential as error:
            # The peer's own address: a header that names another could be forged.
            client = scope.get("client")
            self._wrong.count(client[0] if client else "", error.credential)
            raise
        scope[PRINCIPAL_IN_SCOPE] = found
        return found

    async def _by_headers(self, headers: Mapping[str, str]) -> Principal | None:
        if (secret := headers.get(_ADMIN)) is not None:
            return self._by_admin_secret(secret)
        if (token := headers.get(_SERVICE)) is not None:
            return self._by_service_token(token, headers)
        raw = _bearer(headers.get("authorization")) or headers.get(_KEY)
        return None if raw is None else await self.by_key(raw)

    async def by_key(self, raw: str) -> Principal:
        """The caller with this API key; the admin secret is accepted in a key's place."""
        if _same(raw, self._admin):
            return Principal(kind="admin", name="admin")
        found = await self._find(hashlib.sha256(raw.encode(errors="replace")).digest())
        if found is None:
            raise WrongCredential("The API key is unknown, expired or revoked.", raw, "invalid_key")
        return found

    def anonymous(self) -> Principal:
        """The caller without a credential, where REQUIRE_AUTH=false lets one through."""
        if self._require:
            raise Unauthenticated(
                "Send an API key (Authorization: Bearer sk-nova-… or X-API-Key).",
                code="credential_missing",
            )
        return Principal(kind="anonymous", name="anonymous")

    def _by_admin_secret(self, secret: str) -> Principal:
        if not _same(secret, self._admin):
            raise WrongCredential("The admin secret is wrong.", secret, "invalid_admin_secret")
        return Principal(kind="admin", name="admin")

    def _by_service_token(self, token: str, headers: Mapping[str, str]) -> Principal:
        name, _, _ = token.partition(".")
        if not _same(token, service_token(self._service, name)):
            raise WrongCredential("The service token is wrong.", token, "invalid_service_token")
        return Principal(
            kind="service",
            name=name,
            key_id=_uuid(headers.get(_FOR_KEY)),
            task_id=_uuid(headers.get(_FOR_TASK)),
            step_id=headers.get(_STEP),
        )

    def _by_session(self, cookie: str, connection: HTTPConnection) -> Principal | None:
        session = session_tokens.read_session_token(self._secret_key, cookie)
        if session is None:
            return None
        if connection.scope.get("method", "GET") not in _SAFE_METHODS:
            expected = session_tokens.csrf_token(self._secret_key, session)
            if not _same(connection.headers.get(CSRF_HEADER, ""), expected):
                raise Forbidden(f"Send the session's {CSRF_HEADER}.", code="csrf_token_wrong")
        return Principal(kind="admin", name=session.subject)

    async def _find(self, digest: bytes) -> Principal | None:
        if self._lookup is None:
            return None
        now = time.monotonic()
        seen = self._seen.get(digest)
        if seen is not None and now - seen[0] < _CACHE_SECONDS:
            return seen[1]
        record = await self._lookup(digest)
        found = None if record is None else _principal_of(record)
        if len(self._seen) >= _CACHE_ENTRIES:
            self._seen.clear()
        self._seen[digest] = (now, found)
        return found


def _principal_of(record: KeyRecord) -> Principal:
    return Principal(
        kind="key",
        name=record.name,
        key_id=record.id,
        scopes=frozenset(record.scopes),
        key=record,
    )


def authenticator(connection: HTTPConnection) -> Authenticator:
    return cast("Authenticator", connection.app.state.authenticator)


async def optional_principal(connection: HTTPConnection) -> Principal | None:
    return await authenticator(connection).principal(connection)


async def require_key(connection: HTTPConnection) -> Principal:
    """Any valid credential; without one only if REQUIRE_AUTH=false."""
    found = await authenticator(connection).principal(connection)
    return found or authenticator(connection).anonymous()


async def require_admin(connection: HTTPConnection) -> Principal:
    """The admin secret, a session or a service; REQUIRE_AUTH=false opens nothing here."""
    found = await authenticator(connection).principal(connection)
    if found is None:
        raise Unauthenticated(f"Send the admin secret ({ADMIN_HEADER}).", code="admin_required")
    if not found.is_admin:
        raise Forbidden("This needs the admin secret; an API key is not enough.")
    return found


async def require_chat(connection: HTTPConnection) -> Principal:
    """Admin, or a key with the scope `chat`."""
    found = await require_key(connection)
    if not found.may("chat"):
        raise Forbidden("This key lacks the scope 'chat'.", code="scope_missing")
    return found


MaybeCaller = Annotated[Principal | None, Depends(optional_principal)]
KeyCaller = Annotated[Principal, Depends(require_key)]
AdminCaller = Annotated[Principal, Depends(require_admin)]
ChatCaller = Annotated[Principal, Depends(require_chat)]


def _bearer(header: str | None) -> str | None:
    if header is None:
        return None
    kind, _, value = header.partition(" ")
    return value.strip() if kind.lower() == "bearer" else None


def _same(given: str, expected: str) -> bool:
    # A header's bytes come as latin-1: a secret of other letters is sent as UTF-8 all the same.
    try:
        sent = given.encode("latin-1")
    except UnicodeEncodeError:
        sent = given.encode(errors="replace")
    return hmac.compare_digest(sent, expected.encode())


def _uuid(text: str | None) -> UUID | None:
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Unauthenticated("A service sent a malformed id.", code="malformed_id") from None
