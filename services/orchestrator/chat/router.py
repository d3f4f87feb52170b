"""Routes of chat with the primary agent."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from contracts.chat import ChatRequest, ChatSession, ChatSessionDetail
from services.kit.auth import ChatCaller
from services.orchestrator.agents import service as agents
from services.orchestrator.chat import service
from services.orchestrator.deps import Page, StateDep, set_total_count
from services.orchestrator.tasks.router import IdempotencyKey, stream_task
from services.orchestrator.tasks.streaming import last_event_id, stream_events
from services.orchestrator.tasks.submission import Turn, submit

router = APIRouter(prefix="/api/v1/chat", tags=["chat"])


@router.post("/stream")
async def chat(
    state: StateDep,
    actor: ChatCaller,
    request: ChatRequest,
    idempotency_key: IdempotencyKey = None,
) -> StreamingResponse:
    async with state.database.connection() as connection:
        agent = await agents.primary_agent(connection)
    turn = Turn(
        kind="chat",
        agent_id=agent.id,
        messages=request.messages,
        session_id=request.session_id,
        new_session_id=request.new_session_id,
        model=request.model,
        metadata=request.metadata,
        idempotency_key=idempotency_key,
    )
    return stream_task(state, await submit(state, turn, actor=actor))


@router.get("/sessions")
async def list_sessions(
    state: StateDep, actor: ChatCaller, page: Page, response: Response
) -> list[ChatSession]:
    async with state.database.connection() as connection:
        sessions, total = await service.list_sessions(
            connection, actor=actor, limit=page.limit, offset=page.offset
        )
    set_total_count(response, total)
    return sessions


@router.get("/sessions/{session_id}")
async def get_session(state: StateDep, actor: ChatCaller, session_id: UUID) -> ChatSessionDetail:
    async with state.database.connection() as connection:
        return await service.get_session(connection, session_id, actor=actor)


@router.delete("/sessions/{session_id}", status_code=204)
async def delete_session(state: StateDep, actor: ChatCaller, session_id: UUID) -> None:
    async with state.database.transaction() as connection:
        await service.delete_session(connection, session_id, actor=actor)


@router.get("/sessions/{session_id}/events")
async def session_events(
    state: StateDep, actor: ChatCaller, session_id: UUID, request: Request
) -> StreamingResponse:
    """Every turn's events, from the start or from the last one that the reader has; ends when no
    turn runs or waits.
    """
    given = last_event_id(request)
    async with state.database.connection() as connection:
        await service.find_session(connection, session_id, actor=actor)
    return stream_events(state, session_id, after=given or 0, task_id=None)
