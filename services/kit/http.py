"""Calls between services: one pooled client a process, contract-typed, with the service's token."""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, TypeVar, cast
from urllib.parse import urlencode
from uuid import UUID

import aiohttp
from pydantic import BaseModel, TypeAdapter, ValidationError
from yarl import URL

from contracts.errors import ErrorBody
from services.kit.errors import DependencyDown, NovaError
from services.kit.http_pool import NEVER_SENT, HttpPool
from services.kit.log import request_id_var
from services.kit.service_tokens import (
    ON_BEHALF_KEY_HEADER,
    ON_BEHALF_TASK_HEADER,
    SERVICE_HEADER,
    STEP_HEADER,
    service_token,
)

A = TypeVar("A")

_ERROR_STATUS = 400
_UNAVAILABLE = 503
_SECONDS = re.compile(r"\d{1,6}", re.ASCII)


class PeerError(NovaError):
    """A peer answered with an error; `peer_status` and `code` are the peer's own."""

    status = 502
    code = "peer_failed"

    def __init__(
        self,
        detail: str,
        *,
        peer_status: int,
        code: str,
        retry_after: float | None = None,
        facts: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(detail, code=code, retry_after=retry_after, facts=facts)
        self.peer_status = peer_status


class PeerDown(DependencyDown):
    """A peer can't be reached, answers too slowly, or broke off."""

    code = "peer_down"

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        retry_after: float = 2.0,
        never_sent: bool = False,
    ) -> None:
        """`never_sent`: a second try can't be a second call, it was turned away or never came."""
        super().__init__(detail, code=code, retry_after=retry_after)
        self.never_sent = never_sent


class Peer:
    """One service as seen from another."""

    def __init__(
        self, pool: HttpPool, *, name: str, url: str, caller: str, secret: str | None
    ) -> None:
        """Without a secret the calls carry only the credential that their `headers` hold."""
        self._pool = pool
        self._name = name
        self._url = url.rstrip("/")
        own = {} if secret is None else {SERVICE_HEADER: service_token(secret, caller)}
        self._headers: dict[str, str] = own

    async def call(
        self,
        method: str,
        path: str,
        *,
        answer: type[A],
        body: BaseModel | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        read_seconds: float | None = None,
    ) -> A:
        """Call a route and read its answer as `answer`. Raises PeerError or PeerDown."""
        try:
            async with await self._send(
                method, path, body=body, headers=headers, params=params, read_seconds=read_seconds
            ) as response:
                content = await response.read()
        except aiohttp.ClientError as error:
            raise self._down(error) from error
        if response.status >= _ERROR_STATUS:
            raise self._error(response.status, content, response.headers)
        try:
            return cast("A", _reader(answer).validate_json(content or b"null"))
        except ValidationError as error:
            detail = f"{self._name} gave an answer that does not fit the contract."
            raise PeerError(detail, peer_status=response.status, code="bad_answer") from error

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        path: str,
        *,
        body: BaseModel | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> AsyncGenerator[tuple[Mapping[str, str], AsyncIterator[bytes]], None]:
        """Open a streamed answer: its headers and its bytes. Raises PeerError or PeerDown,
        PeerDown also when the stream breaks off.
        """
        try:
            async with await self._send(
                method, path, body=body, headers=headers, params=params
            ) as response:
                if response.status >= _ERROR_STATUS:
                    content = await response.read()
                    raise self._error(response.status, content, response.headers)
                yield response.headers, response.content.iter_any()
        except aiohttp.ClientError as error:
            raise self._down(error) from error

    async def _send(
        self,
        method: str,
        path: str,
        *,
        body: BaseModel | None,
        headers: Mapping[str, str] | None,
        params: Mapping[str, str] | None,
        read_seconds: float | None = None,
    ) -> aiohttp.ClientResponse:
        query = f"?{urlencode(params)}" if params else ""
        return await self._pool.send(
            method,
            URL(f"{self._url}{path}{query}", encoded=True),
            content=None if body is None else body.model_dump_json(exclude_none=True).encode(),
            headers=self._all_headers(headers, with_body=body is not None),
            read_seconds=read_seconds,
        )

    def _all_headers(self, extra: Mapping[str, str] | None, *, with_body: bool) -> dict[str, str]:
        headers = {**self._headers, **(extra or {})}
        if request_id := request_id_var.get():
            headers["X-Request-ID"] = request_id
        if with_body:
            headers["Content-Type"] = "application/json"
        return headers

    def _down(self, error: Exception) -> PeerDown:
        detail = f"{self._name} can't be reached ({type(error).__name__})."
        return PeerDown(detail, never_sent=isinstance(error, NEVER_SENT))

    def _error(self, status: int, content: bytes, headers: Mapping[str, str]) -> NovaError:
        try:
            body = ErrorBody.model_validate_json(content)
            detail, code, facts = body.detail, body.code, body.facts
        except ValidationError:
            detail, code, facts = f"{self._name} answered {status}.", "peer_failed", None
        wait = headers.get("Retry-After", "")
        retry_after = float(wait) if _SECONDS.fullmatch(wait) else None
        if status == _UNAVAILABLE:
            return PeerDown(detail, code=code, retry_after=retry_after or 2.0, never_sent=True)
        return PeerError(
            detail, peer_status=status, code=code, retry_after=retry_after, facts=facts
        )


@cache
def _reader(answer: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(answer)


def on_behalf(
    *, key_id: UUID | None = None, task_id: UUID | None = None, step_id: str | None = None
) -> dict[str, str]:
    """The headers by which a service says for whom it works."""
    given = {
        ON_BEHALF_KEY_HEADER: key_id,
        ON_BEHALF_TASK_HEADER: task_id,
        STEP_HEADER: step_id,
    }
    return {name: str(value) for name, value in given.items() if value is not None}
