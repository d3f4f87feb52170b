"""Makes the calls: by a translation of Nova's where there is one, else by LiteLLM's own."""

from collections.abc import AsyncGenerator

from services.llm_translate.call import Call
from services.llm_translate.failures import edge_of_library, failure_of, refusal_of
from services.llm_translate.library import Library
from services.llm_translate.long_tail import LongTail
from services.llm_translate.upstream import Outgoing, Upstream, drain
from services.llm_translate.vendors.anthropic import AnthropicTranslation
from services.llm_translate.vendors.base import Translation
from services.llm_translate.vendors.embeddings import FORMATS, embedded
from services.llm_translate.vendors.gemini import GeminiTranslation
from services.llm_translate.vendors.ollama import OllamaTranslation

TRANSLATIONS: dict[str, type[Translation]] = {
    kind.provider: kind for kind in (AnthropicTranslation, GeminiTranslation, OllamaTranslation)
}


class Service:
    """Every method raises NovaError: Untranslatable, Failure, or DependencyDown at the start."""

    def __init__(self, library: Library, upstream: Upstream, long_tail: LongTail) -> None:
        self._library = library
        self._upstream = upstream
        self._long_tail = long_tail

    async def complete(self, call: Call) -> bytes:
        """OpenAI's whole answer."""
        self._library.module()
        kind = TRANSLATIONS.get(call.provider)
        if kind is None:
            return await self._long_tail.complete(call)
        translation, request = self._begin(kind, call)
        async with self._upstream.answer(request) as response:
            content = await response.read()
        with edge_of_library(failure_of):
            return translation.answer(content)

    async def stream(self, call: Call) -> AsyncGenerator[bytes, None]:
        """OpenAI's events, several in one piece where they came so, the end mark among them."""
        self._library.module()
        kind = TRANSLATIONS.get(call.provider)
        pieces = self._long_tail.stream(call) if kind is None else self._translated(kind, call)
        try:
            async for piece in pieces:
                yield piece
        finally:
            await pieces.aclose()

    async def embed(self, call: Call) -> bytes:
        kind = FORMATS.get(call.provider)
        if kind is not None:
            return await embedded(kind, call, self._upstream)
        self._library.module()
        return await self._long_tail.embed(call)

    async def _translated(self, kind: type[Translation], call: Call) -> AsyncGenerator[bytes, None]:
        translation, request = self._begin(kind, call)
        async with self._upstream.answer(request) as response:
            while piece := await response.content.readany():
                with edge_of_library(failure_of):
                    said = translation.feed(piece)
                if translation.ended and translation.has_end_mark:
                    await drain(response)
                    yield said + translation.end()
                    return
                if said:
                    yield said
            with edge_of_library(failure_of):
                last = translation.end()
            yield last

    def _begin(self, kind: type[Translation], call: Call) -> tuple[Translation, Outgoing]:
        with edge_of_library(refusal_of):
            translation = kind(self._library, call)
            return translation, translation.request()
