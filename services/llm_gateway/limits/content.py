"""The parts of a request's messages that are no text, in OpenAI's form and in Anthropic's."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

# Blocks of Anthropic's whose whole weight is seen in their bytes, as a text's is.
_WRITTEN = frozenset(
    (
        *("thinking", "redacted_thinking", "tool_use", "tool_reference", "search_result"),
        *("server_tool_use", "web_search_tool_result", "tool_search_tool_result"),
    )
)


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects in a list; none of anything else."""
    if not isinstance(value, list):
        return []
    return [
        cast("dict[str, Any]", item) for item in cast("list[Any]", value) if isinstance(item, dict)
    ]


def other_parts(messages: Any) -> Iterator[Mapping[str, Any]]:
    """Pictures, files and sounds: what they weigh is not seen in their bytes.

    Those in what a tool has said are among them.
    """
    for message in objects(messages):
        for part in objects(message.get("content")):
            if part.get("type") == "tool_result":
                yield from (inner for inner in objects(part.get("content")) if _is_other(inner))
            elif _is_other(part):
                yield part


def _is_other(part: Mapping[str, Any]) -> bool:
    kind = part.get("type")
    return kind != "text" and not (isinstance(kind, str) and kind in _WRITTEN)
