"""Opens and ends the dashboard's session; its cookie is the same one that every service reads."""

import hmac
from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from contracts.administration import SessionInfo, SessionRequest
from services.kit import session_tokens
from services.kit.auth import SESSION_COOKIE, MaybeCaller
from services.kit.errors import BadRequest, Unauthenticated
from services.recovery.deps import SettingsDep

router = APIRouter(prefix="/api/v1/recovery/session", tags=["session"])

_SUBJECT = "admin"


@router.post("")
async def log_in(
    body: SessionRequest, request: Request, response: Response, settings: SettingsDep
) -> SessionInfo:
    """Takes the admin secret alone: a login token works once, which only the orchestrator,
    with its database, can see to.
    """
    if body.admin_secret is None:
        raise BadRequest("Send admin_secret; login links are taken by the orchestrator.")
    expected = settings.nova_admin_secret.get_secret_value()
    if not hmac.compare_digest(body.admin_secret.encode(), expected.encode()):
        raise Unauthenticated("The admin secret is wrong.", code="invalid_admin_secret")
    secret_key = settings.nova_secret_key.get_secret_value()
    token = session_tokens.make_session_token(secret_key, subject=_SUBJECT)
    session = session_tokens.read_session_token(secret_key, token)
    if session is None:
        raise Unauthenticated("The new session was not accepted.")
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=session_tokens.SESSION_SECONDS,
        httponly=True,
        samesite="strict",
        secure=_is_https(request),
    )
    return SessionInfo(
        csrf_token=session_tokens.csrf_token(secret_key, session),
        expires_at=datetime.fromtimestamp(session.expires_at, UTC),
        subject=session.subject,
    )


@router.delete("", status_code=204)
async def log_out(_caller: MaybeCaller, response: Response) -> None:
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="strict")


def _is_https(request: Request) -> bool:
    return request.headers.get("X-Forwarded-Proto", request.url.scheme) == "https"
