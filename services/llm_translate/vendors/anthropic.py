"""Anthropic's messages: POST /v1/messages, streamed as events that end with message_stop."""

from typing import Any, ClassVar, cast

import orjson

from services.llm_translate.call import Call, JsonDict
from services.llm_translate.failures import answered, words_of
from services.llm_translate.library import Library
from services.llm_translate.openai_form import answer_of_text, plain
from services.llm_translate.upstream import Outgoing
from services.llm_translate.vendors.base import Translation
from services.llm_translate.vendors.plain_talk import plain_talk

_KEY = "x-api-key"
_SUBSCRIPTION = "sk-ant-oat"  # a subscription's: sent under another name, with headers of its own
_TEXTS = frozenset({"messages", "system"})
_NAMES = "_anthropic_tool_name_map"
_FINISHES = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "content_filter",
}
# Errors in the middle of a stream have a type and no status.
_STATUSES = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}


class AnthropicTranslation(Translation):
    provider: ClassVar[str] = "anthropic"
    extras: ClassVar[frozenset[str]] = frozenset({"top_k"})

    def __init__(self, library: Library, call: Call) -> None:
        super().__init__(library, call)
        self._json_mode = False
        self._reader: Any = None

    @staticmethod
    def passes(kind: str, address: str) -> bool:
        # Anthropic fetches images itself, over TLS alone.
        return kind == "image_url" and address.startswith("https://")

    def request(self) -> Outgoing:
        key = self.call.key or ""
        talk = None if key.startswith(_SUBSCRIPTION) else plain_talk(self.provider, self.call)
        if talk is None:
            return self._sent(*self._translated())
        kept: tuple[dict[str, str], JsonDict] | None = self.library.templates.get(talk)
        if kept is None:
            headers, body = self._translated()
            bare = {name: value for name, value in headers.items() if name != _KEY}
            rest = {name: value for name, value in body.items() if name not in _TEXTS}
            self.library.templates.keep(talk, (bare, rest))
            return self._sent(headers, body)
        headers, rest = kept
        body = {
            **rest,
            "messages": [{"role": r, "content": [_block(text)]} for r, text in talk.roles()],
        }
        if talk.system is not None:
            body["system"] = [_block(talk.system)]
        return self._sent({**headers, _KEY: key}, body)

    def _sent(self, headers: dict[str, str], body: JsonDict) -> Outgoing:
        return Outgoing(f"{self.call.base}/v1/messages", headers, orjson.dumps(body))

    def _translated(self) -> tuple[dict[str, str], JsonDict]:
        messages = self.messages()
        options = self.map_options()
        self._json_mode = bool(options.pop("json_mode", False))
        self.options = options
        headers: dict[str, str] = self.config.validate_environment(
            headers={},
            model=self.call.model,
            messages=messages,
            optional_params=options,
            litellm_params=self.details,
            api_key=self.call.key or "",
            api_base=self.call.base,
        )
        body: JsonDict = self.config.transform_request(
            model=self.call.model,
            messages=messages,
            optional_params=options,
            litellm_params=self.details,
            headers=headers,
        )
        if self.call.is_streamed:
            body["stream"] = True
        return headers, body

    def quick_answer(self, found: JsonDict) -> JsonDict | None:
        content, finish = found.get("content"), _FINISHES.get(str(found.get("stop_reason")))
        if not isinstance(content, list) or len(cast("list[Any]", content)) != 1 or finish is None:
            return None
        if self.call.messages[-1].get("role") == "assistant":
            return None  # it may be the answer's beginning
        (block,) = cast("list[JsonDict]", content)
        usage = found.get("usage")
        if block.get("type") != "text" or block.get("citations") or not isinstance(usage, dict):
            return None
        counted = self.config.calculate_usage(usage_object=usage, reasoning_content=None)
        return answer_of_text(self.call, block["text"], finish=finish, usage=plain(counted))

    def slow_answer(self, content: bytes, *, json_mode: bool = False) -> Any:
        return super().slow_answer(content, json_mode=json_mode or self._json_mode)

    def chunk(self, event: JsonDict) -> bytes:
        kind = event.get("type")
        if kind == "content_block_delta":
            delta = event["delta"]
            if delta["type"] == "text_delta":
                return self.writer.text(delta["text"])
        elif kind == "ping":
            return b""
        elif kind == "message_stop":
            self.ended = True
            return b""
        elif kind == "error":
            error = cast("JsonDict", event.get("error") or {})
            status = _STATUSES.get(str(error.get("type")), 500)
            raise answered(status, words_of(event))
        return self.writer.of(self._read(event))

    def _read(self, event: JsonDict) -> Any:
        if self._reader is None:
            self._reader = self.library.part("llms.anthropic.chat.handler").ModelResponseIterator(
                streaming_response=None,
                sync_stream=False,
                json_mode=self._json_mode,
                tool_name_reverse_map=self.details.get(_NAMES),
            )
        return self._reader.chunk_parser(event)


def _block(text: str) -> JsonDict:
    return {"type": "text", "text": text}
