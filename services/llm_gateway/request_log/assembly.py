"""A stream's events put together: a credential that comes in pieces has to be seen whole."""

from typing import Any, cast

import orjson

from services.llm_gateway.providers.base import JsonDict

_DEEPEST = 20
# Beside these, text in an event is a name or an id, which each event repeats.
_GROWING = frozenset(
    (
        *("content", "text", "delta", "arguments", "partial_json", "reasoning", "thinking"),
        *("reasoning_content", "refusal", "transcript", "signature", "input"),
    )
)
_LAST = ("usage", "error", "model", "id")
_PLACES = ("index", "output_index", "content_index", "item_id")


def assembled(stream: bytes) -> JsonDict:
    """Texts by their place in the events, joined; and the last event's other fields (usage, ends)."""
    texts: dict[str, list[str]] = {}
    last: JsonDict = {}
    number = 0
    for line in stream.split(b"\n"):
        if not line.startswith(b"data:"):
            continue
        try:
            event: Any = orjson.loads(line[5:].strip())
        except orjson.JSONDecodeError:
            continue  # [DONE], or the half of an event at a cut
        if isinstance(event, dict):
            number += 1
            found = cast("JsonDict", event)
            _collect(found, "", texts, 0)
            last |= {name: found[name] for name in _LAST if found.get(name)}
    return {
        "events": number,
        "texts": {place: "".join(pieces) for place, pieces in texts.items()},
        **last,
    }


def _collect(value: JsonDict, place: str, texts: dict[str, list[str]], depth: int) -> None:
    place += "".join(
        f"[{value[name]}]" for name in _PLACES if isinstance(value.get(name), int | str)
    )
    for name, item in value.items():
        below = f"{place}.{name}" if place else name
        if isinstance(item, str):
            if name in _GROWING:
                texts.setdefault(below, []).append(item)
        elif depth < _DEEPEST:
            parts: list[Any] = cast("list[Any]", item) if isinstance(item, list) else [item]
            for part in parts:
                if isinstance(part, dict):
                    _collect(cast("JsonDict", part), below, texts, depth + 1)
