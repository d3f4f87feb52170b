"""Embeddings of Gemini and Ollama, in their own formats.

https://ai.google.dev/api/embeddings and https://docs.ollama.com/api/embed describe them.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol, cast

import orjson

from services.llm_translate.call import Call, JsonDict
from services.llm_translate.failures import Untranslatable, unreadable
from services.llm_translate.upstream import Outgoing, Upstream
from services.llm_translate.vendors.base import parsed
from services.llm_translate.vendors.gemini import gemini_model, gemini_request

_GEMINI_AT_ONCE = 100


class EmbeddingFormat(Protocol):
    """`requests` are sent one after another, in the order of the texts."""

    def requests(self, call: Call, texts: list[str]) -> Iterator[Outgoing]: ...

    def read(self, answer: JsonDict) -> tuple[list[Any], int | None]:
        """The vectors, and how many tokens the provider has counted."""
        ...


class GeminiEmbeddings:
    def requests(self, call: Call, texts: list[str]) -> Iterator[Outgoing]:
        name = gemini_model(call)
        size = call.body.get("dimensions")
        further = {} if size is None else {"outputDimensionality": size}
        for start in range(0, len(texts), _GEMINI_AT_ONCE):
            asked = [
                {"model": name, "content": {"parts": [{"text": text}]}, **further}
                for text in texts[start : start + _GEMINI_AT_ONCE]
            ]
            yield gemini_request(call, "batchEmbedContents", {"requests": asked})

    def read(self, answer: JsonDict) -> tuple[list[Any], int | None]:
        found = cast("list[Any]", answer.get("embeddings") or [])
        vectors = [_field(one, "values") for one in found]
        count = _field(answer.get("usageMetadata"), "promptTokenCount")
        return vectors, count if isinstance(count, int) else None


class OllamaEmbeddings:
    def requests(self, call: Call, texts: list[str]) -> Iterator[Outgoing]:
        size = call.body.get("dimensions")
        further = {} if size is None else {"dimensions": size}
        body = {"model": call.model, "input": texts, **further}
        headers = {"Content-Type": "application/json"}
        yield Outgoing(f"{call.base}/api/embed", headers, orjson.dumps(body))

    def read(self, answer: JsonDict) -> tuple[list[Any], int | None]:
        count = answer.get("prompt_eval_count")
        return answer.get("embeddings") or [], count if isinstance(count, int) else None


FORMATS: Mapping[str, EmbeddingFormat] = {
    "gemini": GeminiEmbeddings(),
    "ollama": OllamaEmbeddings(),
}


async def embedded(kind: EmbeddingFormat, call: Call, upstream: Upstream) -> bytes:
    """OpenAI's answer; without `usage` where the provider has not counted all of it.

    Raises Untranslatable, or Failure, also if there is not one vector for each text.
    """
    texts, vectors, counts = _texts_of(call), list[Any](), list[int | None]()
    for request in kind.requests(call, texts):
        found, count = kind.read(parsed(await upstream.read(request)))
        vectors += found
        counts.append(count)
    if len(vectors) != len(texts) or not all(isinstance(vector, list) for vector in vectors):
        raise unreadable("it gave not one vector per text")
    answer: JsonDict = {
        "object": "list",
        "data": [
            {"object": "embedding", "index": place, "embedding": vector}
            for place, vector in enumerate(vectors)
        ],
        "model": call.name,
    }
    if None not in counts:
        tokens = sum(count or 0 for count in counts)
        answer["usage"] = {"prompt_tokens": tokens, "total_tokens": tokens}
    return orjson.dumps(answer)


def _texts_of(call: Call) -> list[str]:
    given: Any = call.body.get("input")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts or not _are_strings(cast("list[Any]", texts)):
        # Tokens mean something else to each model.
        raise Untranslatable("input: this provider embeds texts, and nothing else.")
    return cast("list[str]", texts)


def _are_strings(values: list[Any]) -> bool:
    return all(isinstance(value, str) for value in values)


def _field(value: object, name: str) -> Any:
    """Of an object that a server may or may not have sent."""
    return cast("JsonDict", value).get(name) if isinstance(value, dict) else None
