"""How many tokens a chat request has, by estimate: no tokenizer of the providers' is at hand."""

from typing import Any

import orjson

from services.llm_gateway.dialects.deltas import as_list, as_object
from services.llm_gateway.providers.base import JsonDict

_BYTES_PER_TOKEN = 4
_TOKENS_PER_MESSAGE = 4
# A picture of about a megapixel, as the vendors count it.
_TOKENS_PER_IMAGE = 1_500


def estimate_tokens(body: JsonDict) -> int:
    """Four bytes of UTF-8 a token, in messages, tools and schema; 1,500 for a picture."""
    messages = as_list(body.get("messages"))
    total = _TOKENS_PER_MESSAGE * len(messages)
    size = 0
    for message in map(as_object, messages):
        parts = [as_object(part) for part in as_list(message.get("content"))]
        images = sum(part.get("type") == "image_url" for part in parts)
        total += images * _TOKENS_PER_IMAGE
        size += _size([part.get("text") for part in parts if part.get("type") == "text"])
        size += _size(message.get("content")) if not parts else 0
        size += _size(message.get("tool_calls"))
    size += _size(body.get("tools")) + _size(body.get("response_format"))
    return total + tokens_of(size)


def tokens_of(size: int) -> int:
    """Of so many bytes."""
    return -(-size // _BYTES_PER_TOKEN)


def _size(value: Any) -> int:
    if not value:
        return 0
    return len(value.encode()) if isinstance(value, str) else len(orjson.dumps(value))
