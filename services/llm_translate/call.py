"""One call as llm-gateway sends it: OpenAI's request, and which provider it is for."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any, cast

import orjson

from contracts.translate import BASE_HEADER, KEY_HEADER, PREFIX_HEADER, PROVIDER_HEADER
from services.kit.errors import BadRequest

JsonDict = dict[str, Any]

_PROVIDER = PROVIDER_HEADER.lower().encode()
_BASE = BASE_HEADER.lower().encode()
_KEY = KEY_HEADER.lower().encode()
_PREFIX = PREFIX_HEADER.lower().encode()

# What OpenAI's chat completions know, and what several providers add to it. All else stays here: in
# LiteLLM's functions a field may be an address, a credential or a switch of its own.
CHAT_PARAMETERS = frozenset(
    {
        *("audio", "cache_control", "frequency_penalty"),
        *("logit_bias", "logprobs", "max_completion_tokens", "max_tokens", "modalities", "n"),
        *("parallel_tool_calls", "prediction", "presence_penalty", "reasoning_effort"),
        *("response_format", "seed", "service_tier", "stop", "stream", "stream_options"),
        *("temperature", "thinking", "tool_choice", "tools", "top_k", "top_logprobs", "top_p"),
        *("user", "verbosity", "web_search_options"),
    }
)


@dataclass(frozen=True, slots=True)
class Call:
    """`body` belongs to this call alone and may be changed. `base` has no slash at its end."""

    provider: str
    base: str
    key: str | None
    body: JsonDict
    prefix: str = ""

    @property
    def name(self) -> str:
        """The model's, as the answer gives it."""
        return f"{self.prefix}{self.model}"

    @property
    def model(self) -> str:
        return cast("str", self.body["model"])

    @property
    def messages(self) -> list[JsonDict]:
        """Raises BadRequest for what is no list of objects, or an empty one."""
        found = self.body.get("messages")
        if not isinstance(found, list) or not found:
            raise BadRequest("messages: a list with at least one message is needed.")
        if not all(isinstance(message, dict) for message in cast("list[Any]", found)):
            raise BadRequest("messages: each must be an object.")
        return cast("list[JsonDict]", found)

    @property
    def is_streamed(self) -> bool:
        return self.body.get("stream") is True

    @property
    def wants_usage(self) -> bool:
        options = self.body.get("stream_options")
        return isinstance(options, dict) and bool(cast("JsonDict", options).get("include_usage"))

    def parameters(self, known: Container[str] = CHAT_PARAMETERS) -> JsonDict:
        """Those of the body's fields that are set and known, in their order."""
        return {
            name: value
            for name, value in self.body.items()
            if value is not None and name in CHAT_PARAMETERS and name in known
        }


def read_call(given: Mapping[bytes, bytes], content: bytes) -> Call:
    """Raises BadRequest for what llm-gateway never sends."""
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise BadRequest("The body is not valid JSON.", code="malformed_json") from error
    if not isinstance(body, dict) or not isinstance(cast("JsonDict", body).get("model"), str):
        raise BadRequest("The body must be a JSON object with a model.", code="malformed_json")
    provider = _text(given, _PROVIDER)
    if not provider:
        raise BadRequest(f"{PROVIDER_HEADER} is missing.", code="provider_missing")
    return Call(
        provider,
        _text(given, _BASE).rstrip("/"),
        _text(given, _KEY) or None,
        cast("JsonDict", body),
        _text(given, _PREFIX),
    )


def _text(headers: Mapping[bytes, bytes], name: bytes) -> str:
    return headers.get(name, b"").decode(errors="replace").strip()
