"""Reads a conversation in OpenAI's form: the request, and what the tools have answered since."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

JsonMapping = Mapping[str, Any]

_TAGGED = re.compile(r"<request>\s*(.*?)\s*</request>", re.DOTALL)
_FAILED = re.compile(r"\s*(?:\[tool (?:error|failed)\]|\[error\]|Error:|ERROR:)\s*")
_UNKNOWN_OUTCOME = re.compile(r"\s*\[?outcome unknown", re.IGNORECASE)
_MISSING = re.compile(
    r"no such|not found|does not exist|doesn't exist|no file|missing", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class ToolResult:
    text: str
    failed: bool

    @property
    def missing(self) -> bool:
        """Whether it failed because the file is not there."""
        return self.failed and _MISSING.search(self.text) is not None


@dataclass(frozen=True, slots=True)
class Conversation:
    """`turn` counts the user's messages up to the request; `results` follow the calls' order."""

    request: str
    turn: int
    replies: int
    results: tuple[ToolResult, ...]


def read(messages: Sequence[JsonMapping]) -> Conversation:
    """The request is the last user message, or what stands in its <request> tag.

    A message that asks to mend an answer has no tag: then the last tagged one is the request.
    """
    # A user message right after a tool's comes from the machinery ("no more tools"), not a person.
    users = [
        index
        for index, message in enumerate(messages)
        if message.get("role") == "user"
        and not (index and messages[index - 1].get("role") == "tool")
    ]
    if not users:
        return Conversation("", 0, 0, ())
    tagged = [index for index in users if _TAGGED.search(text_of(messages[index]))]
    position = tagged[-1] if tagged and _asks_to_mend(messages, users[-1]) else users[-1]
    text = text_of(messages[position])
    match = _TAGGED.search(text)
    since = messages[position + 1 :]
    return Conversation(
        request=(match.group(1) if match else text).strip(),
        turn=users.index(position),
        replies=sum(message.get("role") == "assistant" for message in since),
        results=tuple(_result(message) for message in since if message.get("role") == "tool"),
    )


def _asks_to_mend(messages: Sequence[JsonMapping], last_user: int) -> bool:
    """A user message right after an assistant's, in a conversation that began with a tag."""
    return (
        not _TAGGED.search(text_of(messages[last_user]))
        and last_user > 0
        and (
            messages[last_user - 1].get("role") == "assistant"
            and bool(
                _TAGGED.search("".join(text_of(m) for m in messages if m.get("role") == "user"))
            )
        )
    )


def text_of(message: JsonMapping) -> str:
    """A message's text; of content in parts, the text parts."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    parts = cast("list[Any]", content)
    return "\n".join(
        str(cast("JsonMapping", part).get("text", ""))
        for part in parts
        if isinstance(part, Mapping)
    )


def _result(message: JsonMapping) -> ToolResult:
    text = text_of(message)
    failed = _FAILED.match(text)
    if failed is not None:
        return ToolResult(text[failed.end() :], failed=True)
    return ToolResult(text, failed=_UNKNOWN_OUTCOME.match(text) is not None)
