"""Stores what a stage has found worth remembering, each memory once, whatever is interrupted."""

import re
import unicodedata
from collections.abc import Sequence

from pydantic import BaseModel

from contracts.memory import SearchRequest, StoreRequest
from services.kit.clients.memory_service import MemoryServiceClient
from services.orchestrator.engine.agent_loop import StepCounter
from services.orchestrator.engine.memory_calls import call_memory
from services.orchestrator.engine.run import TaskRun
from services.orchestrator.pipeline.scanning.queries import tool_results
from services.orchestrator.tools.recall import TOOL as RECALL_TOOL

_QUERY_LENGTH = 8_000
_RECALLED_LENGTH = 100_000
_SEPARATORS = re.compile(r"[\W_]+")


async def remember(
    run: TaskRun,
    memory: MemoryServiceClient,
    *,
    contents: Sequence[str],
    recalled: Sequence[str],
    steps: StepCounter,
) -> None:
    """Store what is new. A memory that can't be stored is noted in its step and ends nothing."""
    if not contents:
        return
    known = _Known(recalled, await _recalled_by_tool(run))
    for content in contents:
        # Known or not it has a number, so that those of the others never shift.
        place = steps.next()
        if known.has(content):
            continue
        known.add(content)
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


class _Known:
    """What was remembered before, however it is spelled: letters and digits alone are compared."""

    def __init__(self, contents: Sequence[str], texts: Sequence[str]) -> None:
        self._contents = {_plain(content) for content in contents}
        self._texts = [f" {_plain(text)} " for text in texts]

    def has(self, content: str) -> bool:
        plain = _plain(content)
        return plain in self._contents or any(f" {plain} " in text for text in self._texts)

    def add(self, content: str) -> None:
        self._contents.add(_plain(content))


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(_SEPARATORS.sub(" ", folded).split()) or folded.strip()


async def _recalled_by_tool(run: TaskRun) -> list[str]:
    """What the recall tool has told the task's agents."""
    async with run.context.database.connection() as connection:
        calls = await tool_results(connection, run.task.id, longest=_RECALLED_LENGTH)
    return [call.text or "" for call in calls if call.name == RECALL_TOOL.name]


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
