"""The other side: FastAPI over `litellm.acompletion`, written as its documentation has it."""

import os
from collections.abc import AsyncIterator
from typing import Any

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
os.environ["LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS"] = "True"

import litellm
import orjson
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse

litellm.suppress_debug_info = True
litellm.disable_hf_tokenizer_download = True
litellm.drop_params = True

app = FastAPI()
UPSTREAM = os.environ["BENCH_UPSTREAM"]
# LiteLLM wants the version in Gemini's address.
BASES = {"gemini": f"{UPSTREAM}/v1beta"}


@app.post("/v1/chat/completions")
async def chat_completions(request: Request) -> Response:
    body: dict[str, Any] = orjson.loads(await request.body())
    provider, _, _ = body["model"].partition("/")
    answer: Any = await litellm.acompletion(
        **body, api_base=BASES.get(provider, UPSTREAM), api_key="k", max_retries=0, timeout=60
    )
    if body.get("stream"):
        return StreamingResponse(_events(answer), media_type="text/event-stream")
    return Response(answer.model_dump_json(exclude_none=True), media_type="application/json")


async def _events(chunks: AsyncIterator[Any]) -> AsyncIterator[str]:
    async for chunk in chunks:
        yield f"data: {chunk.model_dump_json(exclude_none=True)}\n\n"
    yield "data: [DONE]\n\n"
