"""A journalled call of the memory-service: what was recalled once is what a resumed task goes on with."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from services.kit.errors import NovaError
from services.kit.log import get_logger
from services.orchestrator.engine.errors import JournalDiverged
from services.orchestrator.engine.journal.entries import begin_step, settle_step
from services.orchestrator.engine.model_calls import StepPlace, digest_of
from services.orchestrator.engine.run import TaskRun, as_json

_log = get_logger(__name__)


async def call_memory(
    run: TaskRun,
    place: StepPlace,
    name: str,
    *,
    request: BaseModel,
    work: Callable[[], Awaitable[BaseModel]],
    first_events: Sequence[BaseModel] = (),
    facts: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The call's answer as JSON; {"error": …} when memory can't be used, which ends no task.

    `first_events` are emitted when the call is begun for the first time. `facts` are stored with
    the answer (under "facts"), so that a resumed run finds those of its first time.
    """
    found = run.journalled(place, kind="memory", name=name, request=request)
    if found is not None and found.status != "begun":
        if found.kind != "memory" or found.name != name:
            raise JournalDiverged(f"step {place.step} was {found.kind} {found.name}, now {name}")
        return found.result or {}
    await run.wait_for_lease()
    content = as_json(request)
    entry = begin_step(
        step=place.step,
        stage=place.stage,
        kind="memory",
        name=name,
        digest=digest_of(request, content=content),
        request=content,
    )
    await run.put(entry, first_events if found is None else ())
    run.context.failpoints.reach("memory-begun")
    status, result = await _outcome(name, work)
    if facts is not None:
        result = {**result, "facts": dict(facts)}
    run.context.failpoints.reach("memory-answered")
    entry = settle_step(step=place.step, status=status, result=result)
    await run.defer(entry, passed="memory-settled")
    return result


async def _outcome(
    name: str, work: Callable[[], Awaitable[BaseModel]]
) -> tuple[str, dict[str, Any]]:
    try:
        return "done", as_json(await work())
    except NovaError as error:
        _log.warning("memory could not be used", call=name, reason=error.detail)
        return "failed", {"error": error.detail}
