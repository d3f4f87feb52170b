"""What a provider says an audio, image or rerank call has used, read from the end of its answer."""

import json
import re
from typing import Any, cast

from services.llm_gateway.providers.base import JsonDict

_KEPT = 64 * 1024
# An escaped quote would stand before the name in a text that only speaks of it.
_USAGE = re.compile(r'(?<!\\)"(usage|meta)"\s*:\s*(?=\{)')
_DECODER = json.JSONDecoder()
_WHOLE_NUMBER = 2**40


class UsageTail:
    """Keeps the end of an answer as it passes: usage stands behind pictures and texts."""

    def __init__(self, content_type: str) -> None:
        kind = content_type.partition(";")[0].strip().lower()
        self._is_json = kind.endswith("json") or kind == "text/event-stream"
        self._tail = b""

    def take(self, piece: bytes) -> None:
        if self._is_json:
            self._tail = (self._tail + piece)[-_KEPT:] if len(piece) < _KEPT else piece[-_KEPT:]

    def tokens(self) -> JsonDict | None:
        """Usage in the names of chat completions; None if it gives no tokens."""
        text = self._tail.decode(errors="replace")
        for found in reversed(list(_USAGE.finditer(text))):
            try:
                value, _ = _DECODER.raw_decode(text, found.end())
            except json.JSONDecodeError:
                continue
            tokens = _tokens(cast("JsonDict", value))
            if tokens is not None:
                return tokens
        return None


def _tokens(given: JsonDict) -> JsonDict | None:
    inner: Any = given.get("tokens")
    if isinstance(inner, dict):
        given = cast("JsonDict", inner)
    entry = _number(given, "input_tokens", "prompt_tokens")
    output = _number(given, "output_tokens", "completion_tokens")
    if entry is None and output is None:
        entry = _number(given, "total_tokens")
    if entry is None and output is None:
        return None
    return {"prompt_tokens": entry or 0, "completion_tokens": output or 0}


def _number(given: JsonDict, *names: str) -> int | None:
    for name in names:
        value = given.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _WHOLE_NUMBER:
            return value
    return None
