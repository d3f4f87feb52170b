"""What one provider is asked for at once, and its answer as vectors."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

import orjson

from services.llm_gateway.embeddings import vectors
from services.llm_gateway.embeddings.inputs import Item
from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.models.resolution import Target
from services.llm_gateway.providers.base import JsonDict

# OpenAI takes 2,048 inputs and 300,000 tokens at a time; no tokenizer makes more tokens than bytes.
MOST_ITEMS = 2_048
MOST_WEIGHT = 300_000


def split(items: Sequence[Item]) -> Iterator[list[Item]]:
    """The same items in order, in batches that every provider takes; a longer item goes alone."""
    batch: list[Item] = []
    weight = 0
    for item in items:
        heavy = len(item.encode()) if isinstance(item, str) else len(item)
        if batch and (len(batch) == MOST_ITEMS or weight + heavy > MOST_WEIGHT):
            yield batch
            batch, weight = [], 0
        batch.append(item)
        weight += heavy
    if batch:
        yield batch


def body_of(
    target: Target, items: Sequence[Item], dimensions: int | None, *, rest: JsonDict
) -> JsonDict:
    """A request in OpenAI's form. `rest`: what else the client has said, for the provider to read."""
    body: JsonDict = {**rest, "model": target.model, "input": list(items)}
    if dimensions is not None:
        body["dimensions"] = dimensions
    if target.provider.traits.official:
        # A third of the bytes; other servers do not all know it.
        body["encoding_format"] = "base64"
    return body


def read(target: Target, data: bytes, *, count: int) -> tuple[list[bytes], int | None]:
    """The vectors in order, and the tokens by the provider's count. Raises UpstreamError."""
    slug = target.provider.traits.slug
    try:
        answer: Any = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise UpstreamError(slug, 0, "its answer is not JSON") from error
    found: Any = cast("JsonDict", answer).get("data") if isinstance(answer, dict) else None
    rows = cast("list[Any]", found) if isinstance(found, list) else []
    if len(rows) != count or not all(isinstance(row, dict) for row in rows):
        raise UpstreamError(slug, 0, "it gave not one vector per text")
    rows.sort(key=lambda row: _place(row.get("index")))
    try:
        made = [vectors.from_provider(row.get("embedding")) for row in rows]
    except ValueError as error:
        raise UpstreamError(slug, 0, f"its answer can't be read: {error}") from error
    if len({len(vector) for vector in made}) > 1:
        raise UpstreamError(slug, 0, "its vectors are of different lengths")
    usage: Any = cast("JsonDict", answer).get("usage")
    tokens: Any = cast("JsonDict", usage).get("prompt_tokens") if isinstance(usage, dict) else None
    return made, tokens if isinstance(tokens, int) else None


def _place(index: Any) -> int:
    """Servers that number nothing answer in order, and sorting keeps it."""
    return index if isinstance(index, int) else 0
