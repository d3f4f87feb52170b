"""Delegates work to external agents: sent once, remembered, asked after until it has ended."""

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from services.kit.db import Connection, Database
from services.kit.http_pool import HttpPool
from services.kit.jobs import Waker
from services.kit.log import get_logger
from services.orchestrator.endpoints import queries as endpoint_queries
from services.orchestrator.endpoints.calls import queries
from services.orchestrator.endpoints.calls.queries import CallRow, DueCall
from services.orchestrator.endpoints.protocols import PROTOCOLS
from services.orchestrator.endpoints.protocols.base import (
    Forgotten,
    Order,
    Progress,
    RemoteError,
    Target,
    Unclear,
    WorkState,
)
from services.orchestrator.endpoints.queries import EndpointRow
from services.orchestrator.endpoints.schemas import misfit
from services.orchestrator.endpoints.service import target_of
from services.orchestrator.engine.run import TaskRun
from services.orchestrator.engine.storable import storable
from services.orchestrator.tools.context import KnownEndpoint
from services.orchestrator.tools.errors import CallPending, ToolError

_log = get_logger(__name__)
_FIRST_POLL_SECONDS = 1.0
_LONGEST_POLL_SECONDS = 30.0
_HOLD_SECONDS = 90.0
_INTERVAL_SECONDS = 1.0
_AT_ONCE = 8
_UNKNOWN = (
    "Outcome unknown: {reason} The agent may have got the work and do it, or not. It was not sent "
    "again. Look before you repeat it."
)


@dataclass(frozen=True, slots=True)
class Delegation:
    """What a worker needs to speak with external agents."""

    pool: HttpPool
    secret_key: str

    def of(self, run: TaskRun) -> "RunEndpoints":
        return RunEndpoints(self, run)

    def target(self, row: EndpointRow) -> Target:
        return target_of(row.id, row.name, row.url, row.auth_token, secret_key=self.secret_key)


@dataclass(frozen=True, slots=True)
class RunEndpoints:
    """Implements ToolEndpoints for one run."""

    delegation: Delegation
    run: TaskRun

    async def known(self) -> list[KnownEndpoint]:
        async with self.run.context.database.connection() as connection:
            rows = await endpoint_queries.list_enabled(connection)
        return [KnownEndpoint(row.name, row.description, row.input_schema) for row in rows]

    async def delegate(
        self,
        call_id: UUID,
        endpoint: str,
        *,
        message: str | None,
        data: dict[str, Any] | None,
        reply_to: str | None,
    ) -> str:
        async with self.run.context.database.connection() as connection:
            call = await queries.find_call(connection, call_id)
            row = await endpoint_queries.find_by_name(connection, endpoint)
        if call is None or call.state == "sending":
            if row is None or not row.enabled:
                raise ToolError(f"There is no external agent {endpoint[:100]!r} to delegate to.")
            order = Order(call_id, message, data, reply_to)
            if call is None:
                call = await self._send(row, order)
            else:
                call = await self._find(row, order)
        return _answer(call)

    async def _send(self, row: EndpointRow, order: Order) -> CallRow:
        if row.input_schema is not None:
            wrong = misfit(order.data, row.input_schema)
            if wrong is not None:
                raise ToolError(f"{row.name} takes input of another form: {wrong}")

        async def begin(connection: Connection) -> None:
            await queries.begin_call(
                connection, order.call_id, task_id=self.run.task.id, endpoint_id=row.id
            )

        await self.run.write(begin)
        self.run.context.failpoints.reach("delegation-begun")
        try:
            target = self.delegation.target(row)
            progress = await PROTOCOLS[row.protocol].send(self.delegation.pool, target, order)
        except Unclear as error:
            _log.warning("no telling whether it was received", endpoint=row.name, reason=str(error))
            return await self._find(row, order)
        except RemoteError as error:
            progress = Progress(WorkState.FAILED, {}, str(error))
        self.run.context.failpoints.reach("delegation-sent")
        return await self._keep(row, order, progress)

    async def _find(self, row: EndpointRow, order: Order) -> CallRow:
        """What became of an order that may have been sent before."""
        reason = "Nova was interrupted, or the connection broke, while it was sent."
        try:
            target = self.delegation.target(row)
            found = await PROTOCOLS[row.protocol].find(self.delegation.pool, target, order)
        except RemoteError as error:
            found, reason = None, str(error)
        progress = found or Progress(WorkState.FAILED, {}, _UNKNOWN.format(reason=reason))
        return await self._keep(row, order, progress)

    async def _keep(self, row: EndpointRow, order: Order, progress: Progress) -> CallRow:
        state, output = _stored(progress, row.output_schema)

        async def keep(connection: Connection) -> CallRow | None:
            await queries.update_call(
                connection,
                order.call_id,
                state=state,
                remote=progress.remote,
                output=output,
                poll_seconds=_FIRST_POLL_SECONDS,
            )
            return await queries.find_call(connection, order.call_id)

        kept = await self.run.write(keep)
        self.run.context.failpoints.reach("delegation-kept")
        return kept or CallRow(order.call_id, state, output)


class CallWatcher:
    """Asks after the work that tasks wait for; runs in every worker, each call in one at a time."""

    def __init__(self, database: Database, delegation: Delegation, waker: Waker) -> None:
        self._database = database
        self._delegation = delegation
        self._waker = waker

    async def run(self) -> None:
        """Sweep without end; run it under Supervisor.keep_running."""
        while True:
            await asyncio.sleep(_INTERVAL_SECONDS)
            await self.sweep()

    async def sweep(self) -> None:
        """One round. Raises DatabaseDown."""
        async with self._database.transaction() as connection:
            due = await queries.take_due(connection, limit=_AT_ONCE, hold_seconds=_HOLD_SECONDS)
        await asyncio.gather(*(self._look_after(call) for call in due))

    async def _look_after(self, call: DueCall) -> None:
        if call.task_ended:
            await self._cancel(call)
            return
        progress = await self._progress(call)
        state, output = _stored(progress, call.output_schema)
        wait = min(_FIRST_POLL_SECONDS * 1.5**call.polls, _LONGEST_POLL_SECONDS)
        async with self._database.transaction() as connection:
            await queries.update_call(
                connection,
                call.id,
                state=state,
                remote=progress.remote,
                output=output,
                poll_seconds=wait,
            )
        if state != "waiting":
            await self._waker.wake(call.queue)

    async def _progress(self, call: DueCall) -> Progress:
        if call.too_old:
            return Progress(WorkState.FAILED, call.remote, "It had no result within a day.")
        try:
            target, protocol = self._target(call)
            return await PROTOCOLS[protocol].look(self._delegation.pool, target, call.remote)
        except Forgotten as error:
            return Progress(WorkState.FAILED, call.remote, f"It has forgotten the work: {error}")
        except _Gone as error:
            return Progress(WorkState.FAILED, call.remote, str(error))
        except RemoteError as error:
            # It may be restarted, or repaired; a day is long enough for that.
            _log.warning("external agent does not tell", call=str(call.id), reason=str(error))
            return Progress(WorkState.WORKING, call.remote)

    async def _cancel(self, call: DueCall) -> None:
        try:
            target, protocol = self._target(call)
            await PROTOCOLS[protocol].cancel(self._delegation.pool, target, call.remote)
        except RemoteError as error:
            _log.warning("external work not cancelled", call=str(call.id), reason=str(error))
        async with self._database.transaction() as connection:
            await queries.drop_call(connection, call.id)

    def _target(self, call: DueCall) -> tuple[Target, str]:
        if (
            call.endpoint_id is None
            or call.name is None
            or call.url is None
            or call.protocol is None
            or not call.enabled
        ):
            raise _Gone("Its endpoint was removed or switched off while it worked.")
        target = target_of(
            call.endpoint_id,
            call.name,
            call.url,
            call.auth_token,
            secret_key=self._delegation.secret_key,
        )
        return target, call.protocol


class _Gone(RemoteError):
    """There is nobody left to ask."""


def _stored(progress: Progress, schema: dict[str, Any] | None) -> tuple[str, str | None]:
    """The call's state and output after that."""
    match progress.state:
        case WorkState.WORKING:
            return "waiting", None
        case WorkState.FAILED:
            return "failed", storable(progress.text)
        case WorkState.DONE if progress.asks:
            task_id = progress.remote.get("task_id")
            text = f"The agent asks: {progress.text}\n(Answer with reply_to={task_id!r}.)"
            return "done", storable(text)
        case WorkState.DONE:
            wrong = None if schema is None else _misfit(progress, schema)
            if wrong is not None:
                return "failed", storable(f"Its answer is not of the agreed form: {wrong}")
            return "done", storable(progress.text)


def _misfit(progress: Progress, schema: dict[str, Any]) -> str | None:
    if progress.data is not None:
        return misfit(progress.data, schema)
    try:
        return misfit(orjson.loads(progress.text), schema)
    except orjson.JSONDecodeError:
        # A schema may well ask for a text.
        return misfit(progress.text, schema)


def _answer(call: CallRow) -> str:
    match call.state:
        case "done":
            return call.output or ""
        case "failed":
            raise ToolError(call.output or "The agent has failed.")
        case _:
            raise CallPending(f"the external agent works on {call.id}")
