"""Makes the calls."""

from collections.abc import AsyncGenerator
from typing import Any, cast

import orjson

from contracts.translate import TranslateRequest
from services.kit.errors import ProviderFailed
from services.llm_translate.failures import failure_of
from services.llm_translate.library import Library


def arguments(call: TranslateRequest, *, seconds: float) -> dict[str, Any]:
    """LiteLLM's own defaults are two retries and a time-out of 6,000 s."""
    body = cast("dict[str, Any]", orjson.loads(call.body))
    return {
        **body,
        "model": f"{call.provider}/{call.model}",
        "api_base": call.api_base,
        "api_key": call.api_key,
        "max_retries": 0,
        "num_retries": 0,
        "timeout": seconds,
    }


# LiteLLM's MCP gateway imports a package that it does not depend on, for any call with tools.
_CHAT_ONLY = {"_skip_mcp_handler": True}


async def complete(library: Library, call: TranslateRequest, *, seconds: float) -> bytes:
    litellm = library.module()
    try:
        answer = await litellm.acompletion(**arguments(call, seconds=seconds), **_CHAT_ONLY)
    except library.errors() as error:
        raise failure_of(error) from error
    return cast("str", answer.model_dump_json(exclude_none=True)).encode()


async def stream(
    library: Library, call: TranslateRequest, *, seconds: float
) -> AsyncGenerator[bytes, None]:
    """Each chunk's JSON. Raises ProviderFailed, also when the provider's end mark is missing."""
    litellm = library.module()
    try:
        chunks = await litellm.acompletion(**arguments(call, seconds=seconds), **_CHAT_ONLY)
        try:
            async for chunk in chunks:
                yield cast("str", chunk.model_dump_json(exclude_none=True)).encode()
        finally:
            # A stream that nobody reads must not go on at the provider.
            await chunks.aclose()
    except library.errors() as error:
        raise failure_of(error) from error
    # LiteLLM makes up a "stop" for a stream that was cut cleanly.
    if getattr(chunks, "received_finish_reason", None) is None:
        raise ProviderFailed("the stream ended before its end mark", code="provider_0")


async def embed(library: Library, call: TranslateRequest, *, seconds: float) -> bytes:
    litellm = library.module()
    try:
        answer = await litellm.aembedding(**arguments(call, seconds=seconds))
    except library.errors() as error:
        raise failure_of(error) from error
    return cast("str", answer.model_dump_json(exclude_none=True)).encode()
