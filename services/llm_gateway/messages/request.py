"""Reads a request in Anthropic's form: what the model is asked."""

from dataclasses import dataclass
from typing import Any

from services.llm_gateway.dialects.conversation import Conversation
from services.llm_gateway.dialects.deltas import as_object, text_of
from services.llm_gateway.dialects.names import short_name
from services.llm_gateway.dialects.offered import HostedTools
from services.llm_gateway.dialects.refusals import (
    invalid,
    limit_at,
    list_at,
    object_at,
    refuse_depth,
    text_at,
    unsupported,
)
from services.llm_gateway.dialects.sampling import sampling
from services.llm_gateway.messages.content import add_message, add_system
from services.llm_gateway.providers.base import JsonDict, ProviderTraits

_REFUSED = {
    "container": "containers are not supported.",
    "mcp_servers": "MCP servers are not called from here; offer their tools as your own.",
}
_CHOICES = {"auto": "auto", "any": "required", "none": "none"}


@dataclass(frozen=True, slots=True)
class MessageRequest:
    """`body` is the client's; what only Anthropic's models know (thinking, cache_control, betas) is
    passed over. `names` are the client's names of its tools by those in the chat completion.
    """

    body: JsonDict
    model: str
    max_tokens: int | None
    stop_sequences: list[str]
    tools: list[JsonDict]
    names: dict[str, str]
    left_out: tuple[str, ...]
    stream: bool

    def chat_body(
        self, traits: ProviderTraits, *, model: str | None = None, most_output: int | None = None
    ) -> JsonDict:
        """Raises RequestInvalid or Unsupported.

        `model` is the provider's own name for it, and `most_output` its longest answer: clients ask for as much as Anthropic's models
        write, and others' servers refuse what theirs can't.
        """
        conversation = Conversation()
        add_system(conversation, self.body.get("system"))
        for place, message in enumerate(list_at(self.body.get("messages"), "messages")):
            found = object_at(message, f"messages[{place}]")
            add_message(conversation, found, f"messages[{place}]")
        chat: JsonDict = {"model": self.model, "messages": conversation.messages()}
        limit = self.max_tokens and min(self.max_tokens, most_output or self.max_tokens)
        names = ("temperature", "top_p", *(("top_k",) if traits.local else ()))
        chat |= sampling(self.body, *names, traits=traits, model=model or self.model, limit=limit)
        if self.stop_sequences:
            chat["stop"] = self.stop_sequences
        if self.tools:
            chat["tools"] = self.tools
            chat |= _choice(self.body.get("tool_choice"))
        if (form := _response_format(self.body)) is not None:
            chat["response_format"] = form
        if self.stream:
            chat |= {"stream": True, "stream_options": {"include_usage": True}}
        return chat


def check_request(body: JsonDict, *, counting: bool = False) -> None:
    """What every request needs, whoever answers it. Raises RequestInvalid."""
    refuse_depth(body)
    text_at(body.get("model"), "model")
    if not list_at(body.get("messages"), "messages"):
        raise invalid("messages", "at least one message is needed.")
    if limit_at(body, "max_tokens") is None and not counting:
        raise invalid("max_tokens", "a whole number of at least 1 is needed.")


def read_request(body: JsonDict, *, strict_tools: bool, counting: bool = False) -> MessageRequest:
    """`counting`: max_tokens is not needed. Raises RequestInvalid or Unsupported."""
    check_request(body, counting=counting)
    for name, problem in _REFUSED.items():
        if body.get(name):
            raise unsupported(name, problem)
    stops = list_at(body.get("stop_sequences"), "stop_sequences")
    tools, names, left_out = _tools(body.get("tools"), strict=strict_tools)
    return MessageRequest(
        body=body,
        model=body["model"],
        max_tokens=limit_at(body, "max_tokens"),
        stop_sequences=[text_at(stop, "stop_sequences") for stop in stops],
        tools=tools,
        names=names,
        left_out=left_out,
        stream=body.get("stream") is True,
    )


def _tools(value: Any, *, strict: bool) -> tuple[list[JsonDict], dict[str, str], tuple[str, ...]]:
    tools: list[JsonDict] = []
    names: dict[str, str] = {}
    hosted = HostedTools(strict=strict)
    for place, entry in enumerate(list_at(value, "tools")):
        param = f"tools[{place}]"
        tool = object_at(entry, param)
        kind = tool.get("type")
        if kind not in (None, "custom"):
            hosted.add(param, str(kind))
            continue
        name = text_at(tool.get("name"), f"{param}.name")
        function: JsonDict = {"name": short_name(name)}
        names[function["name"]] = name
        if description := text_of(tool.get("description")):
            function["description"] = description
        function["parameters"] = object_at(tool.get("input_schema"), f"{param}.input_schema")
        if tool.get("strict") is not None:
            function["strict"] = tool["strict"]
        tools.append({"type": "function", "function": function})
    return tools, names, hosted.settle(own_tools=len(tools))


def _choice(value: Any) -> JsonDict:
    if value is None:
        return {}
    choice = object_at(value, "tool_choice")
    chat: JsonDict = {}
    kind = choice.get("type")
    if kind == "tool":
        name = short_name(text_at(choice.get("name"), "tool_choice.name"))
        chat["tool_choice"] = {"type": "function", "function": {"name": name}}
    elif isinstance(kind, str) and kind in _CHOICES:
        chat["tool_choice"] = _CHOICES[kind]
    else:
        raise invalid("tool_choice.type", "auto, any, tool or none is needed.")
    if choice.get("disable_parallel_tool_use") is True:
        chat["parallel_tool_calls"] = False
    return chat


def _response_format(body: JsonDict) -> JsonDict | None:
    """Structured output: output_config.format, and output_format as it was called before."""
    form = as_object(as_object(body.get("output_config")).get("format"))
    form = form or as_object(body.get("output_format"))
    if not form:
        return None
    if form.get("type") != "json_schema":
        problem = "only a json_schema is supported."
        raise unsupported("output_config.format.type", problem)
    schema = object_at(form.get("schema"), "output_config.format.schema")
    return {
        "type": "json_schema",
        "json_schema": {"name": "output", "schema": schema, "strict": True},
    }
