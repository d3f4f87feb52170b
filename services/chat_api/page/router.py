"""Serves the page's files."""

from functools import cache
from pathlib import Path

from fastapi import APIRouter, Response
from pydantic import BaseModel

from services.chat_api.deps import StateDep
from services.kit.auth import MaybeCaller

router = APIRouter(include_in_schema=False)

_FOLDER = Path(__file__).parent
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class PageSettings(BaseModel):
    """Whether the page has to ask for a key."""

    needs_token: bool


@router.get("/")
async def page() -> Response:
    return _file("index.html", "text/html; charset=utf-8")


@router.get("/page/chat.js")
async def script() -> Response:
    return _file("chat.js", "text/javascript; charset=utf-8")


@router.get("/page/chat.css")
async def style() -> Response:
    return _file("chat.css", "text/css; charset=utf-8")


@router.get("/page/settings")
async def settings(state: StateDep, caller: MaybeCaller) -> PageSettings:
    return PageSettings(needs_token=state.settings.require_auth and caller is None)


def _file(name: str, media_type: str) -> Response:
    return Response(_content(name), media_type=media_type, headers=_HEADERS)


@cache
def _content(name: str) -> bytes:
    return (_FOLDER / name).read_bytes()
