"""Reads a Responses request: what the model is asked, and what the response repeats of it."""

from dataclasses import dataclass
from typing import Any

from services.llm_gateway.dialects.conversation import Conversation
from services.llm_gateway.dialects.deltas import as_list, as_object, text_of
from services.llm_gateway.dialects.refusals import (
    invalid,
    limit_at,
    number_at,
    object_at,
    refuse_depth,
    text_at,
    unsupported,
)
from services.llm_gateway.dialects.sampling import sampling
from services.llm_gateway.providers.base import JsonDict, ProviderTraits
from services.llm_gateway.responses.items import add_items, read_items
from services.llm_gateway.responses.tools import Tools, read_choice, read_tools

_REFUSED = {
    "background": "work in the background is not supported.",
    "conversation": "conversations are not supported; use previous_response_id or send all items.",
    "prompt": "stored prompts are not supported; send instructions and input.",
    "context_management": "compaction is not supported.",
    "moderation": "moderation is not supported.",
    "top_logprobs": "log probabilities are not supported.",
}
_LOGPROBS = "message.output_text.logprobs"
# OpenAI's own server takes these with a chat completion; others refuse what they do not know.
_OPENAI_ALONE = ("prompt_cache_key", "prompt_cache_retention", "safety_identifier", "service_tier")
_SAMPLING = ("temperature", "top_p")


@dataclass(frozen=True, slots=True)
class ResponseRequest:
    """`items` are the input alone, without what `previous_id` stands for."""

    body: JsonDict
    model: str
    items: list[JsonDict]
    tools: Tools
    choice: Any
    store: bool
    stream: bool
    previous_id: str | None

    def chat_body(
        self, traits: ProviderTraits, earlier: list[JsonDict], *, model: str | None = None
    ) -> JsonDict:
        """The chat completion to ask for, after the items of earlier responses.

        `model` is the provider's own name for it.
        """
        conversation = Conversation()
        conversation.system(text_of(self.body.get("instructions")))
        add_items(conversation, earlier, param="previous_response_id")
        add_items(conversation, self.items, param="input")
        chat: JsonDict = {"model": self.model, "messages": conversation.messages()}
        if self.tools.chat:
            chat["tools"] = self.tools.chat
            self._copy(chat, "parallel_tool_calls")
            if self.choice is not None:
                chat["tool_choice"] = self.choice
        official = traits.slug == "openai" and traits.official
        self._copy(chat, *(_OPENAI_ALONE if official else ()))
        chat |= sampling(
            self.body,
            *_SAMPLING,
            traits=traits,
            model=model or self.model,
            limit=self.body.get("max_output_tokens"),
        )
        effort = as_object(self.body.get("reasoning")).get("effort")
        if effort is not None:
            chat["reasoning_effort"] = effort
        text = as_object(self.body.get("text"))
        if official and text.get("verbosity") is not None:
            chat["verbosity"] = text["verbosity"]
        if (form := _response_format(as_object(text.get("format")))) is not None:
            chat["response_format"] = form
        if self.stream:
            chat |= {"stream": True, "stream_options": {"include_usage": True}}
        return chat

    def _copy(self, chat: JsonDict, *names: str) -> None:
        chat |= {name: self.body[name] for name in names if self.body.get(name) is not None}

    def repeated(self) -> JsonDict:
        """The fields of a response that are its request's, with OpenAI's defaults."""
        body = self.body
        reasoning, text = as_object(body.get("reasoning")), as_object(body.get("text"))
        repeated: JsonDict = {
            "background": False,
            "instructions": body.get("instructions"),
            "max_output_tokens": body.get("max_output_tokens"),
            "max_tool_calls": body.get("max_tool_calls"),
            "metadata": as_object(body.get("metadata")),
            "parallel_tool_calls": body.get("parallel_tool_calls") is not False,
            "previous_response_id": self.previous_id,
            "prompt_cache_key": body.get("prompt_cache_key"),
            "reasoning": {"effort": None, "summary": None, **reasoning},
            "safety_identifier": body.get("safety_identifier"),
            "service_tier": "default",
            "temperature": 1.0 if body.get("temperature") is None else body["temperature"],
            "text": {"format": {"type": "text"}, **text},
            "tool_choice": body.get("tool_choice") or "auto",
            "tools": self.tools.given,
            "top_logprobs": 0,
            "top_p": 1.0 if body.get("top_p") is None else body["top_p"],
            "truncation": "disabled",
        }
        # OpenAI's document has no null for it.
        self._copy(repeated, "user")
        return repeated


def read_request(body: JsonDict, *, strict_tools: bool) -> ResponseRequest:
    """Raises RequestInvalid or Unsupported."""
    refuse_depth(body)
    model = text_at(body.get("model"), "model")
    for name, problem in _REFUSED.items():
        if body.get(name):
            raise unsupported(name, problem)
    if _LOGPROBS in as_list(body.get("include")):
        raise unsupported("include", "log probabilities are not supported.")
    _check_types(body)
    tools = read_tools(body.get("tools"), strict=strict_tools)
    previous = body.get("previous_response_id")
    return ResponseRequest(
        body=body,
        model=model,
        items=read_items(body.get("input", [] if previous else None)),
        tools=tools,
        choice=read_choice(body.get("tool_choice"), tools),
        store=body.get("store") is not False,
        stream=body.get("stream") is True,
        previous_id=None if previous is None else text_at(previous, "previous_response_id"),
    )


def _check_types(body: JsonDict) -> None:
    for name in _SAMPLING:
        number_at(body, name)
    limit_at(body, "max_output_tokens")
    for name in ("metadata", "reasoning", "text"):
        if body.get(name) is not None:
            object_at(body[name], name)
    instructions = body.get("instructions")
    if instructions is not None and not isinstance(instructions, str):
        raise invalid("instructions", "a text is needed.")


def _response_format(form: JsonDict) -> JsonDict | None:
    match form.get("type"):
        case None | "text":
            return None
        case "json_object":
            return {"type": "json_object"}
        case "json_schema":
            schema = {
                name: form[name]
                for name in ("name", "description", "schema", "strict")
                if form.get(name) is not None
            }
            return {"type": "json_schema", "json_schema": schema}
        case kind:
            raise unsupported("text.format.type", f"the format {kind!r} is not supported.")
