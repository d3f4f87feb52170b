"""Routes of Ollama's own models."""

from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from contracts.llm import StreamError
from contracts.providers import OllamaModel, OllamaPull, PullProgress
from services.kit.auth import AdminCaller, KeyCaller
from services.kit.errors import NovaError
from services.kit.events import DONE, sse_response
from services.llm_gateway.completions.disconnection import begun
from services.llm_gateway.deps import StateDep
from services.llm_gateway.models.ollama import service

router = APIRouter(prefix="/v1/models/ollama", tags=["ollama"])


@router.get("/pulled")
async def pulled(state: StateDep, _caller: KeyCaller) -> list[OllamaModel]:
    return await service.pulled(state)


@router.post("/pull", response_class=Response, responses={200: {"model": PullProgress}})
async def pull(state: StateDep, caller: KeyCaller, body: OllamaPull, request: Request) -> Response:
    """Server-sent events with the progress, then [DONE]; an error is the last event before it."""
    progress = await begun(request, service.pull(state, body.name.strip(), actor=caller))
    return sse_response(_events(progress))


async def _events(progress: AsyncGenerator[PullProgress, None]) -> AsyncGenerator[bytes, None]:
    try:
        async for piece in progress:
            yield b"data: " + piece.model_dump_json(exclude_none=True).encode() + b"\n\n"
    except NovaError as error:
        failure = StreamError(detail=error.detail, code=error.code)
        yield b"data: " + failure.model_dump_json(exclude_none=True).encode() + b"\n\n"
    finally:
        await progress.aclose()
    yield DONE


@router.delete("/{name:path}", status_code=204)
async def delete(
    state: StateDep, actor: AdminCaller, name: Annotated[str, Path(max_length=300)]
) -> None:
    await service.delete(state, name, actor=actor)
