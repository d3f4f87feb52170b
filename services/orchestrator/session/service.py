"""Logs the dashboard's user in: by the admin secret, or by a login token that works once.

Refused logins stand in the audit log, and are counted there: ten a minute from one address, a
hundred from all, and then every login has to wait.
"""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime

from contracts.administration import SessionInfo, SessionRequest
from services.kit import session_tokens
from services.kit.auth import Principal
from services.kit.db import Connection
from services.kit.errors import Invalid, LimitExceeded, Unauthenticated
from services.kit.settings import ServiceSettings
from services.orchestrator.audit.service import record
from services.orchestrator.session import queries

MAX_REFUSALS_FROM_ADDRESS = 10
MAX_REFUSALS = 100
_SUBJECT = "admin"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A wrong credential: the caller commits (it counts) before raising `error`."""

    error: Unauthenticated


async def log_in(
    connection: Connection, request: SessionRequest, *, settings: ServiceSettings, address: str
) -> str | Refusal:
    """The new session's token. Raises LimitExceeded after too many refusals."""
    if (request.admin_secret is None) == (request.login_token is None):
        raise Invalid("Send either admin_secret or login_token.")
    token = None
    if request.login_token is not None:
        secret_key = settings.nova_secret_key.get_secret_value()
        token = session_tokens.read_login_token(secret_key, request.login_token)
    # A signed token can't be guessed, so that nobody's guessing keeps its holder out.
    if token is None:
        await _check_limit(connection, address)
        error = _problem(request, settings=settings)
    else:
        error = await _use(connection, token)
    actor = Principal(kind="anonymous" if error else "admin", name=_SUBJECT)
    await record(
        connection,
        actor=actor,
        action=queries.REFUSED if error else "session.started",
        subject_kind="address",
        subject_id=address,
        detail={"by": "admin_secret" if request.login_token is None else "login_token"},
    )
    if error is not None:
        return Refusal(error)
    secret_key = settings.nova_secret_key.get_secret_value()
    return session_tokens.make_session_token(secret_key, subject=_SUBJECT)


def describe_session(token: str, *, settings: ServiceSettings) -> SessionInfo | None:
    """What a session's token says; None if it is forged or has expired."""
    secret_key = settings.nova_secret_key.get_secret_value()
    session = session_tokens.read_session_token(secret_key, token)
    if session is None:
        return None
    return SessionInfo(
        csrf_token=session_tokens.csrf_token(secret_key, session),
        expires_at=datetime.fromtimestamp(session.expires_at, UTC),
        subject=session.subject,
    )


async def _check_limit(connection: Connection, address: str) -> None:
    refusals = await queries.count_refusals(connection, address)
    if refusals.from_address >= MAX_REFUSALS_FROM_ADDRESS or refusals.in_all >= MAX_REFUSALS:
        raise LimitExceeded(
            "Too many wrong logins; wait a minute.",
            code="too_many_logins",
            retry_after=refusals.seconds_left,
        )


def _problem(request: SessionRequest, *, settings: ServiceSettings) -> Unauthenticated | None:
    """What is wrong with a request that brings no valid login token."""
    if request.admin_secret is None:
        return Unauthenticated(
            "The login link is wrong or older than ten minutes.", code="invalid_login_token"
        )
    expected = settings.nova_admin_secret.get_secret_value()
    if not hmac.compare_digest(request.admin_secret.encode(), expected.encode()):
        return Unauthenticated("The admin secret is wrong.", code="invalid_admin_secret")
    return None


async def _use(connection: Connection, token: session_tokens.Token) -> Unauthenticated | None:
    expires_at = datetime.fromtimestamp(token.expires_at, UTC)
    if not await queries.use_login_token(connection, token.token_id, expires_at=expires_at):
        return Unauthenticated("The login link was used before.", code="login_token_used")
    return None
