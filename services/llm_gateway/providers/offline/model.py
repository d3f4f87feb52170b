"""The offline model as a chat function: messages and tools in, tool calls or an answer out."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from services.llm_gateway.providers.offline import conversation, planner, roles
from services.llm_gateway.providers.offline.conversation import Conversation
from services.llm_gateway.providers.offline.filling import UnfillableError
from services.llm_gateway.providers.offline.scripting import Script, ScriptEntry

MODEL = "offline/nova"
CONTEXT_WINDOW = 128_000
_CHARACTERS_PER_TOKEN = 4
_PIECE = re.compile(r"\s*\S+|\s+\Z")
_PIECES = re.compile(r"(?:\s*+\S++){1,8}+|\s+\Z")


class OfflineError(Exception):
    """The model refuses; `status` is what a provider would have answered."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True, slots=True)
class OfflineCall:
    """`arguments` is JSON text, as on OpenAI's wire."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class OfflineReply:
    """Token counts are estimated at four characters each; delays only come from a script."""

    content: str
    tool_calls: tuple[OfflineCall, ...]
    finish_reason: Literal["stop", "tool_calls", "length"]
    input_tokens: int
    output_tokens: int
    delay_ms: int = 0
    chunk_delay_ms: int = 0

    def pieces(self) -> Iterator[str]:
        """The content for streaming: word by word if they come slowly, else some words together."""
        pattern = _PIECE if self.chunk_delay_ms else _PIECES
        return (match.group() for match in pattern.finditer(self.content))


@dataclass(frozen=True, slots=True)
class _ResponseFormat:
    role: str | None
    schema: Mapping[str, Any] | None
    json_only: bool


class OfflineModel:
    """Stateless: all that it knows of a request's progress stands in the messages."""

    def __init__(self, script_path: Path | None = None) -> None:
        self._script = Script(script_path) if script_path is not None else None

    def reply(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        tools: Sequence[Mapping[str, Any]] = (),
        response_format: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
    ) -> OfflineReply:
        """The next message of the assistant; raises OfflineError and ScriptError only."""
        talk = conversation.read(messages)
        wanted = _response_format(response_format)
        entry = None
        if self._script is not None:
            entry = self._script.find(talk.request, role=wanted.role, turn=talk.replies)
        if entry is not None and entry.error is not None:
            raise OfflineError(entry.error.status, entry.error.message)
        if entry is not None and (entry.reply is not None or entry.tool_calls):
            content, calls = _scripted(entry, talk)
        else:
            content, calls = _planned(talk, _offered(tools), wanted)
        return _shaped(content, calls, messages, entry=entry, max_tokens=max_tokens)


def _planned(
    talk: Conversation, offered: frozenset[str], wanted: _ResponseFormat
) -> tuple[str, tuple[OfflineCall, ...]]:
    text, ok = "", True
    if roles.works(wanted.role):
        step = planner.next_step(talk, offered)
        if isinstance(step, planner.Calls):
            return "", tuple(
                OfflineCall(call.id, call.name, json.dumps(call.arguments, ensure_ascii=False))
                for call in step.calls
            )
        text, ok = step.text, step.ok
    if wanted.schema is not None:
        try:
            role = wanted.role or ""
            return roles.answer(wanted.schema, role, request=talk.request, text=text, ok=ok), ()
        except UnfillableError as error:
            raise OfflineError(
                400, f"the offline model can't answer by this schema: {error}"
            ) from error
    if wanted.json_only:
        return json.dumps({"text": text}, ensure_ascii=False), ()
    return text, ()


def _scripted(entry: ScriptEntry, talk: Conversation) -> tuple[str, tuple[OfflineCall, ...]]:
    reply = entry.reply or ""
    content = reply if isinstance(reply, str) else json.dumps(reply, ensure_ascii=False)
    calls = tuple(
        OfflineCall(
            f"call_script_{talk.turn}_{talk.replies}_{index}",
            call.name,
            json.dumps(call.arguments, ensure_ascii=False),
        )
        for index, call in enumerate(entry.tool_calls)
    )
    return content, calls


def _shaped(
    content: str,
    calls: tuple[OfflineCall, ...],
    messages: Sequence[Mapping[str, Any]],
    *,
    entry: ScriptEntry | None,
    max_tokens: int | None,
) -> OfflineReply:
    finish: Literal["stop", "tool_calls", "length"] = "tool_calls" if calls else "stop"
    if max_tokens is not None and len(content) > max_tokens * _CHARACTERS_PER_TOKEN:
        content, finish = content[: max_tokens * _CHARACTERS_PER_TOKEN], "length"
    spoken = len(content) + sum(len(call.name) + len(call.arguments) for call in calls)
    return OfflineReply(
        content=content,
        tool_calls=calls,
        finish_reason=finish,
        input_tokens=estimated_tokens(sum(len(conversation.text_of(m)) for m in messages)),
        output_tokens=estimated_tokens(spoken),
        delay_ms=entry.delay_ms if entry else 0,
        chunk_delay_ms=entry.chunk_delay_ms if entry else 0,
    )


def estimated_tokens(characters: int) -> int:
    return -(-characters // _CHARACTERS_PER_TOKEN)


def _offered(tools: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    names: set[str] = set()
    for tool in tools:
        function: Any = tool.get("function", tool)
        if isinstance(function, Mapping):
            names.add(str(cast("Mapping[str, Any]", function).get("name", "")))
    return frozenset(names)


def _response_format(given: Mapping[str, Any] | None) -> _ResponseFormat:
    if not given or given.get("type") not in {"json_schema", "json_object"}:
        return _ResponseFormat(None, None, json_only=False)
    if given.get("type") == "json_object":
        return _ResponseFormat(None, None, json_only=True)
    inner: Any = given.get("json_schema")
    if not isinstance(inner, Mapping):
        raise OfflineError(400, "response_format.json_schema must be an object")
    described = cast("Mapping[str, Any]", inner)
    schema: Any = described.get("schema")
    if not isinstance(schema, Mapping):
        raise OfflineError(400, "response_format.json_schema.schema must be an object")
    return _ResponseFormat(
        str(described.get("name", "")), cast("Mapping[str, Any]", schema), json_only=False
    )
