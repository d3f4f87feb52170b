"""Routes of the dashboard's session: a signed cookie that scripts can't read."""

import ipaddress

from fastapi import APIRouter, Depends, Request, Response

from contracts.administration import SessionInfo, SessionRequest
from services.kit.auth import SESSION_COOKIE, optional_principal
from services.kit.errors import Unauthenticated
from services.kit.session_tokens import SESSION_SECONDS
from services.orchestrator.deps import StateDep
from services.orchestrator.session import service
from services.orchestrator.session.service import Refusal

router = APIRouter(prefix="/api/v1/session", tags=["session"])


@router.post("")
async def log_in(
    state: StateDep, body: SessionRequest, request: Request, response: Response
) -> SessionInfo:
    async with state.database.transaction() as connection:
        outcome = await service.log_in(
            connection, body, settings=state.settings, address=_address(request)
        )
    if isinstance(outcome, Refusal):
        raise outcome.error
    response.set_cookie(
        SESSION_COOKIE,
        outcome,
        max_age=SESSION_SECONDS,
        path="/",
        httponly=True,
        samesite="strict",
        secure=_came_by_https(request),
    )
    response.headers["Cache-Control"] = "no-store"
    return _described(outcome, state)


@router.get("")
async def get_session(state: StateDep, request: Request, response: Response) -> SessionInfo:
    response.headers["Cache-Control"] = "no-store"
    return _described(request.cookies.get(SESSION_COOKIE, ""), state)


# A valid session's end needs its CSRF token like any write; without one there is nothing to end.
@router.delete("", status_code=204, dependencies=[Depends(optional_principal)])
async def log_out(request: Request, response: Response) -> None:
    response.delete_cookie(
        SESSION_COOKIE,
        path="/",
        httponly=True,
        samesite="strict",
        secure=_came_by_https(request),
    )


def _described(token: str, state: StateDep) -> SessionInfo:
    session = service.describe_session(token, settings=state.settings)
    if session is None:
        raise Unauthenticated("There is no session; log in.", code="no_session")
    return session


def _came_by_https(request: Request) -> bool:
    forwarded = request.headers.get("X-Forwarded-Proto", "")
    return request.url.scheme == "https" or forwarded.split(",")[0].strip().lower() == "https"


def _address(request: Request) -> str:
    """The caller's address; a proxy on this machine or network is asked for whom it speaks."""
    peer = "" if request.client is None else request.client.host
    last = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        if last and ipaddress.ip_address(peer).is_private:
            return str(ipaddress.ip_address(last))
    except ValueError:
        return peer
    return peer
