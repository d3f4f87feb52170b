"""Every provider that has no translation of its own, by LiteLLM's `acompletion` and `aembedding`."""

from collections.abc import AsyncGenerator
from typing import Any

import orjson

from services.llm_translate.call import Call
from services.llm_translate.failures import edge_of_library, failure_of, lost
from services.llm_translate.library import Library
from services.llm_translate.media import nothing_passes, refuse_remote_media
from services.llm_translate.openai_form import ChunkWriter, completion, plain

_EMBEDDING_PARAMETERS = frozenset({"dimensions", "encoding_format", "input", "user"})


class LongTail:
    """LiteLLM's own defaults are two retries and a time-out of 6,000 s."""

    def __init__(self, library: Library, *, silence_seconds: float) -> None:
        self._library = library
        self._silence_seconds = silence_seconds

    async def complete(self, call: Call) -> bytes:
        answer = await self._chat(call)
        return orjson.dumps(completion(answer, call))

    async def stream(self, call: Call) -> AsyncGenerator[bytes, None]:
        """Events; ends with the end mark, or raises Failure, also when the provider's is missing."""
        chunks = await self._chat(call)
        writer, held = ChunkWriter(call), b""
        with edge_of_library(failure_of):
            try:
                async for chunk in chunks:
                    said = writer.of(chunk)
                    if writer.finished:
                        held += said  # LiteLLM makes up a "stop" for a stream that was cut cleanly
                    elif said:
                        yield said
            finally:
                # A stream that nobody reads must not go on at the provider.
                await chunks.aclose()
        if getattr(chunks, "received_finish_reason", None) is None:
            raise lost("the stream ended before its end mark")
        yield held + writer.end()

    async def embed(self, call: Call) -> bytes:
        given = {name: call.body[name] for name in _EMBEDDING_PARAMETERS if name in call.body}
        with edge_of_library(failure_of):
            answer = await self._library.module().aembedding(**given, **self._fixed(call))
        return orjson.dumps({**plain(answer), "model": call.name})

    async def _chat(self, call: Call) -> Any:
        refuse_remote_media(call.messages, nothing_passes)
        # LiteLLM's MCP gateway imports a package that it does not depend on, for any call with tools.
        fixed = {**self._fixed(call), "_skip_mcp_handler": True}
        with edge_of_library(failure_of):
            return await self._library.module().acompletion(
                messages=call.messages, **call.parameters(), **fixed
            )

    def _fixed(self, call: Call) -> dict[str, Any]:
        return {
            "model": f"{call.provider}/{call.model}",
            "api_base": call.base or None,
            "api_key": call.key,
            "max_retries": 0,
            "num_retries": 0,
            "timeout": self._silence_seconds,
        }
