"""Stores what a stage has found worth remembering, each memory once, whatever is interrupted."""

from collections.abc import Sequence

from pydantic import BaseModel

from contracts.memory import SearchRequest, StoreRequest
from services.kit.clients.memory_service import MemoryServiceClient
from services.orchestrator.engine.agent_loop import StepCounter
from services.orchestrator.engine.memory_calls import call_memory
from services.orchestrator.engine.run import TaskRun

_QUERY_LENGTH = 8_000


async def remember(
    run: TaskRun, memory: MemoryServiceClient, *, contents: Sequence[str], steps: StepCounter
) -> None:
    """A memory that can't be stored is noted in its step and ends nothing."""
    for content in contents:
        place = steps.next()
        origin = {"task_id": str(run.task.id), "step": str(place.step)}
        request = StoreRequest(
            agent_id=run.task.agent_id, content=content, metadata={"source": "extraction"}
        )
        # The journal has what is asked, which is the same in a task that was forked off.
        stored = request.model_copy(update={"metadata": {**request.metadata, **origin}})
        # A call that was interrupted may have stored it: its origin tells.
        look_first = place.step in run.steps

        async def store(
            request: StoreRequest = stored, *, look_first: bool = look_first
        ) -> BaseModel:
            found = await _find_stored(memory, request) if look_first else None
            return found or await memory.store(request)

        await call_memory(run, place, "store", request=request, work=store)


async def _find_stored(memory: MemoryServiceClient, request: StoreRequest) -> BaseModel | None:
    found = await memory.search(
        SearchRequest(
            agent_id=request.agent_id,
            query=request.content[:_QUERY_LENGTH],
            metadata_filter={name: request.metadata[name] for name in ("task_id", "step")},
            limit=1,
        )
    )
    return found.results[0] if found.results else None
