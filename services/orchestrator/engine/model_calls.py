"""A journalled model call: begun, streamed, settled; replayed when the journal has it."""

import asyncio
import hashlib
import itertools
from typing import Any

import orjson
from pydantic import BaseModel

from contracts.chat import ToolCall
from contracts.events import RewindEvent
from contracts.llm import CompleteRequest, StreamChunk
from services.kit.errors import NovaError
from services.kit.http import PeerDown
from services.kit.log import get_logger
from services.orchestrator.engine.errors import (
    JournalDiverged,
    ModelFailed,
    PersonNeeded,
    RunEnded,
)
from services.orchestrator.engine.journal import queries
from services.orchestrator.engine.journal.entries import begin_step, settle_step
from services.orchestrator.engine.journal.queries import StepRow
from services.orchestrator.engine.limits.budgets import BUDGET_EXCEEDED, Patience, over_budget
from services.orchestrator.engine.run import StepPlace, TaskRun, as_json
from services.orchestrator.engine.storable import storable
from services.orchestrator.engine.stream.numbering import delta_payload, text_record
from services.orchestrator.engine.stream.publisher import LiveCall

_log = get_logger(__name__)
# A gateway that is restarted is back within seconds; a task need not fail over that.
_GATEWAY_TRIES = 8
_FIRST_WAIT_SECONDS = 0.25
_LONGEST_WAIT_SECONDS = 5.0


class ModelTimedOut(NovaError):
    """The stage's time was up in the middle of the call."""

    code = "timed_out"


class ModelReply(BaseModel):
    """What a model call gave; `cost_usd` None means that the price is unknown."""

    content: str
    model: str
    tool_calls: list[ToolCall] = []
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = None
    finish_reason: str = "stop"


async def call_model(
    run: TaskRun, place: StepPlace, request: CompleteRequest, *, live: bool
) -> ModelReply:
    """Make the call, or take its result from the journal.

    With `live` its text is published as it comes; a live call must be the only thing that writes
    events meanwhile. Raises ModelFailed (journalled as well: a resumed task fails there again);
    over budget PersonNeeded (not journalled, so that the call is made again) or TaskFailed.
    """
    found = run.journalled(place, kind="model", name=request.model, request=request)
    content = as_json(request)
    digest = digest_of(request, content=content)
    if found is not None and found.status != "begun":
        return _replay(found, digest)
    await run.wait_for_lease()
    await run.put(
        begin_step(
            step=place.step,
            stage=place.stage,
            kind="model",
            name=request.model,
            digest=digest,
            request=content,
        )
    )
    run.context.failpoints.reach("model-begun")
    tries = _Tries()
    for number in itertools.count(1):
        call = _Call(run, place, request, live=live, number=number)
        run.open_steps[place.stage, place.step] = call
        try:
            reply = await call.receive()
        except NovaError as error:
            await call.rewind()
            wait = tries.wait_seconds(error)
            if wait is None:
                ended = await _ended(run, place, error)
                run.open_steps.pop((place.stage, place.step), None)
                raise ended from error
            _log.warning("model call is made again", reason=error.detail, step=place.step)
            await asyncio.sleep(wait)
        else:
            run.context.failpoints.reach("model-received")
            await call.settle(reply)
            run.open_steps.pop((place.stage, place.step), None)
            return reply
    raise AssertionError("unreachable")


class _Tries:
    """Which errors of the gateway are worth another try, and how often."""

    def __init__(self) -> None:
        self._down = 0
        self._patience = Patience()

    def wait_seconds(self, error: NovaError) -> float | None:
        """Until the next try; None if there is none."""
        if error.code == BUDGET_EXCEEDED:
            return self._patience.wait_seconds(error)
        self._down += 1
        if not isinstance(error, PeerDown) or self._down == _GATEWAY_TRIES:
            return None
        return min(_FIRST_WAIT_SECONDS * 2 ** (self._down - 1), _LONGEST_WAIT_SECONDS)


async def _ended(run: TaskRun, place: StepPlace, error: NovaError) -> RunEnded:
    """What a call that was not answered means for its task, stored if it is for good."""
    ended: RunEnded = ModelFailed(storable(error.detail), code=error.code)
    if error.code == BUDGET_EXCEEDED:
        ended = over_budget(run.task, error)
    # A task that waits for its budget makes the call again.
    if not isinstance(ended, PersonNeeded):
        await _settle_failure(run, place, error)
    return ended


def digest_of(request: BaseModel, *, content: dict[str, Any] | None = None) -> str:
    """SHA-256 of the canonical JSON of what is asked; who pays for a model call is no part of it.

    `content` is the request as JSON, where that has been made already.
    """
    asked = dict(as_json(request) if content is None else content)
    if isinstance(request, CompleteRequest):
        asked.pop("metadata", None)
    return hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()


class _Call:
    """One try at a model call."""

    def __init__(
        self, run: TaskRun, place: StepPlace, request: CompleteRequest, *, live: bool, number: int
    ) -> None:
        self._run = run
        self._place = place
        self._request = request
        self._is_live = live
        self._valid_before = run.numbering.last_id
        self._held = LiveCall(run.task.stream_id)
        # Unique for each time the call is dispatched: a budget reserves for each of them.
        self._step_id = f"{run.task.id}:{place.step}:{run.task.attempt}.{number}"

    async def receive(self) -> ModelReply:
        self._run.context.publisher.hold(self._held)
        parts: list[str] = []
        tool_calls: list[ToolCall] = []
        last = StreamChunk()
        model = self._request.model
        stream = self._run.context.gateway.stream(
            await self._run.budgets.added_to(self._request),
            key_id=self._run.task.key_id,
            task_id=self._run.task.id,
            step_id=self._step_id,
        )
        async for chunk in stream:
            delta = storable(chunk.delta)
            if delta:
                parts.append(delta)
                if self._is_live:
                    await self._publish(delta)
            tool_calls.extend(
                ToolCall.model_validate(storable(call.model_dump())) for call in chunk.tool_calls
            )
            model = storable(chunk.model) or model
            if chunk.finish_reason is not None or chunk.input_tokens is not None:
                last = chunk
        return ModelReply(
            content="".join(parts),
            model=model,
            tool_calls=tool_calls,
            input_tokens=last.input_tokens or 0,
            output_tokens=last.output_tokens or 0,
            cost_usd=last.cost_usd,
            finish_reason=last.finish_reason or "stop",
        )

    async def settle(self, reply: ModelReply) -> None:
        """Store the result and, as one row, all the deltas that readers have been given; with the
        write that follows at once.
        """
        events = self._held.events
        entry = settle_step(
            step=self._place.step,
            status="done",
            result=as_json(reply),
            input_tokens=reply.input_tokens,
            output_tokens=reply.output_tokens,
            cost_usd=reply.cost_usd,
        )
        await self._run.defer(
            entry,
            text=text_record(reply.content, events) if events else None,
            held=self._held,
            passed="model-settled",
        )

    async def rewind(self) -> None:
        """Tell the readers that what this try has published is void."""
        self._run.context.publisher.release(self._held)
        if self._held.events:
            self._run.numbering.void_after(self._valid_before)
            await self._run.emit(RewindEvent(to=self._valid_before))

    async def abandon(self, reason: str) -> None:
        """What it has published is void and the step has failed, unless it was settled just now."""
        async with self._run.context.database.connection() as connection:
            status = await queries.step_status(connection, self._run.task.id, step=self._place.step)
        if status != "begun":
            self._run.context.publisher.release(self._held)
            return
        await self.rewind()
        await _settle_failure(self._run, self._place, ModelTimedOut(reason))

    def question(self) -> None:
        """A model call that was cut off can simply be made again."""

    def drop(self) -> None:
        self._run.context.publisher.release(self._held)

    async def _publish(self, delta: str) -> None:
        await self._run.ensure_ids(1)
        event = self._run.numbering.take(self._run.task.id, delta_payload(delta))
        self._run.context.publisher.publish_delta(self._held, event)


def _replay(found: StepRow, digest: str) -> ModelReply:
    result: dict[str, Any] = found.result or {}
    if found.kind != "model":
        raise JournalDiverged(f"step {found.step} was a {found.kind} call, now it is a model call")
    if found.status == "failed":
        raise ModelFailed(result.get("error", "the call failed"), code=result.get("code", "failed"))
    if found.digest != digest:
        # The agent was edited while its task waited: what was paid for is still used.
        _log.warning("the journal answers a changed request", step=found.step)
    return ModelReply.model_validate(result)


async def _settle_failure(run: TaskRun, place: StepPlace, error: NovaError) -> None:
    result = storable({"error": error.detail, "code": error.code})
    await run.put(settle_step(step=place.step, status="failed", result=result))
