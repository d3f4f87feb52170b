"""POST /embed, POST /v1/embeddings."""

from fastapi import APIRouter, Request, Response

from contracts.llm import EmbedRequest, EmbedResponse
from services.kit.auth import KeyCaller
from services.llm_gateway.completions.disconnection import while_connected
from services.llm_gateway.completions.router import OpenAIBody
from services.llm_gateway.deps import StateDep
from services.llm_gateway.embeddings import service

router = APIRouter(tags=["embeddings"])

CACHED_HEADER = "X-Nova-Cached-Texts"


@router.post("/embed")
async def embed(
    state: StateDep, caller: KeyCaller, body: EmbedRequest, request: Request
) -> EmbedResponse:
    return await while_connected(request, service.embed(state, caller, body))


@router.post("/v1/embeddings", response_class=Response)
async def embeddings(
    state: StateDep, caller: KeyCaller, body: OpenAIBody, request: Request
) -> Response:
    made = await while_connected(request, service.openai_embed(state, caller, body))
    return Response(
        service.openai_answer(made, body.get("encoding_format")),
        media_type="application/json",
        headers={CACHED_HEADER: str(made.cached), **dict(made.headers)},
    )
