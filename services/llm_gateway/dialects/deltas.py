"""Reads a chat completion, whole or a chunk of one, into what it adds to the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import orjson

from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.providers.base import JsonDict

_PROVIDER = "the provider"


@dataclass(frozen=True, slots=True)
class Usage:
    """`input_tokens` are all that were read; `cached_tokens` of them came out of a cache, and
    `cache_write_tokens` were written into one.
    """

    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0


@dataclass(frozen=True, slots=True)
class ToolDelta:
    """A piece of the tool call number `index`; its id and name come with the first piece."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class Delta:
    """`stopped_by` is the stop sequence that the model wrote, where a server tells it."""

    text: str = ""
    reasoning: str = ""
    refusal: str = ""
    tools: tuple[ToolDelta, ...] = ()
    finish: str | None = None
    stopped_by: str | None = None
    model: str = ""
    usage: Usage | None = None


def read_answer(data: bytes) -> Delta:
    """A whole answer. Raises UpstreamError for what is no chat completion."""
    answer = _parsed(data)
    if not as_list(answer.get("choices")):
        raise UpstreamError(_PROVIDER, 0, "its answer has no choices")
    return _delta(answer)


def read_chunk(data: bytes) -> Delta:
    """A chunk of a stream; the one with the usage may have no choice."""
    return _delta(_parsed(data))


def _parsed(data: bytes) -> JsonDict:
    try:
        return as_object(orjson.loads(data))
    except orjson.JSONDecodeError as error:
        raise UpstreamError(_PROVIDER, 0, "its answer is not JSON") from error


def _delta(answer: JsonDict) -> Delta:
    choice = as_object(next(iter(as_list(answer.get("choices"))), None))
    message = as_object(choice.get("delta") or choice.get("message"))
    finish, stopped_by = choice.get("finish_reason"), choice.get("stop_reason")
    return Delta(
        text=text_of(message.get("content")),
        # The name differs between servers; a model's thoughts are in neither of OpenAI's own.
        reasoning=text_of(message.get("reasoning_content") or message.get("reasoning")),
        refusal=text_of(message.get("refusal")),
        tools=tuple(
            _tool(place, as_object(call))
            for place, call in enumerate(as_list(message.get("tool_calls")))
        ),
        finish=finish if isinstance(finish, str) else None,
        stopped_by=stopped_by if isinstance(stopped_by, str) else None,
        model=text_of(answer.get("model")),
        usage=_usage(answer.get("usage")),
    )


def _tool(place: int, call: JsonDict) -> ToolDelta:
    function = as_object(call.get("function"))
    index = call.get("index")
    arguments = function.get("arguments")
    return ToolDelta(
        index=index if isinstance(index, int) else place,
        id=text_of(call.get("id")),
        name=text_of(function.get("name")),
        # Some servers give the object itself.
        arguments=orjson.dumps(arguments).decode()
        if isinstance(arguments, dict)
        else text_of(arguments),
    )


def _usage(value: Any) -> Usage | None:
    if not isinstance(value, dict):
        return None
    usage = cast("JsonDict", value)
    given = as_object(usage.get("prompt_tokens_details"))
    written = as_object(usage.get("completion_tokens_details"))
    return Usage(
        input_tokens=_count(usage, "prompt_tokens"),
        output_tokens=_count(usage, "completion_tokens"),
        cached_tokens=_count(given, "cached_tokens"),
        cache_write_tokens=_count(given, "cache_write_tokens")
        or _count(given, "cache_creation_tokens")
        or _count(usage, "cache_creation_input_tokens"),
        reasoning_tokens=_count(written, "reasoning_tokens"),
    )


def _count(values: Mapping[str, Any], name: str) -> int:
    value = values.get(name)
    return int(value) if isinstance(value, int | float) and value > 0 else 0


def text_of(content: Any) -> str:
    """The text in a content: it is a string, or a list of parts some of which are text."""
    if isinstance(content, str):
        return content
    parts = [as_object(part).get("text") for part in as_list(content)]
    return "".join(part for part in parts if isinstance(part, str))


def as_object(value: Any) -> JsonDict:
    """The object; an empty one for anything else."""
    return cast("JsonDict", value) if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """The list; an empty one for anything else."""
    return cast("list[Any]", value) if isinstance(value, list) else []
