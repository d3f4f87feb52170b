"""Gemini by API key: generateContent, streamed as events until a finishReason has come.

https://ai.google.dev/api/generate-content describes the format.
"""

import re
from typing import Any, ClassVar, cast

import orjson

from services.llm_translate.call import Call, JsonDict
from services.llm_translate.failures import Untranslatable, answered_with
from services.llm_translate.library import Library, Silent
from services.llm_translate.openai_form import answer_of_text, plain
from services.llm_translate.upstream import Outgoing
from services.llm_translate.vendors.base import Translation
from services.llm_translate.vendors.plain_talk import plain_talk

_MODEL = re.compile(r"(?:(?:models|tunedModels)/)?[\w\-][\w.\-]*", re.ASCII)
_VERSIONED = re.compile(r".*/v\d+\w*")
_FILES = "https://generativelanguage.googleapis.com/v1beta/files/"
_TEXT = frozenset({"text"})
_PART_OF_A_STREAM = frozenset({"content", "index"})
_TEXTS = frozenset({"contents", "system_instruction"})
_ROLES = {"user": "user", "assistant": "model"}
_WHOLE = frozenset({"content", "index", "finishReason", "avgLogprobs"})
_ANSWER = frozenset({"candidates", "usageMetadata", "modelVersion", "responseId"})
_FINISHES = {"STOP": "stop", "MAX_TOKENS": "length"}


class GeminiTranslation(Translation):
    provider: ClassVar[str] = "gemini"
    extras: ClassVar[frozenset[str]] = frozenset({"top_k", "safety_settings"})
    has_end_mark: ClassVar[bool] = False  # counts may follow the finishReason

    def __init__(self, library: Library, call: Call) -> None:
        super().__init__(library, call)
        self._reader: Any = None

    @staticmethod
    def passes(kind: str, address: str) -> bool:
        # A file that was sent to Google before is named by an address that Google alone reads.
        return kind in {"image_url", "file"} and address.startswith(_FILES)

    def request(self) -> Outgoing:
        _check_model(self.call)
        talk = plain_talk(self.provider, self.call)
        kept: JsonDict | None = None if talk is None else self.library.templates.get(talk)
        if talk is None or kept is None:
            body = self._translated()
            if talk is not None:
                rest = {name: value for name, value in body.items() if name not in _TEXTS}
                self.library.templates.keep(talk, rest)
            return self._sent(body)
        said = [{"role": _ROLES[r], "parts": [{"text": text}]} for r, text in talk.roles()]
        body = {**kept, "contents": said}
        if talk.system is not None:
            body["system_instruction"] = {"parts": [{"text": talk.system}]}
        return self._sent(body)

    def _translated(self) -> JsonDict:
        messages = self.messages()
        self.options = self.map_options()
        self.options.pop("stream", None)
        build = self.library.part("llms.vertex_ai.gemini.transformation")._transform_request_body  # noqa: SLF001 - Gemini's configuration has no transform_request of its own
        return build(
            messages=messages,
            model=self.call.model,
            optional_params=self.options,
            custom_llm_provider="gemini",
            litellm_params=self.details,
            cached_content=None,
        )

    def _sent(self, body: JsonDict) -> Outgoing:
        method = "streamGenerateContent?alt=sse" if self.call.is_streamed else "generateContent"
        return gemini_request(self.call, method, body)

    def quick_answer(self, found: JsonDict) -> JsonDict | None:
        finish = None
        text = _text_of(found, _WHOLE)
        if text is not None:
            finish = _FINISHES.get(str(found["candidates"][0].get("finishReason")))
        if text is None or finish is None or "usageMetadata" not in found:
            return None
        counted = self.config._calculate_usage(completion_response=found)  # noqa: SLF001 - it has no public name for a whole answer
        return answer_of_text(self.call, text, finish=finish, usage=plain(counted))

    def chunk(self, event: JsonDict) -> bytes:
        text = _text_of(event, _PART_OF_A_STREAM)
        if text is not None:
            return self.writer.text(text) if text else b""
        error = event.get("error")
        if isinstance(error, dict):
            status = cast("JsonDict", error).get("code")
            status = status if isinstance(status, int) else 500
            raise answered_with(status, {}, orjson.dumps(event))
        said = self.writer.of(self._read(event))
        blocked = "blockReason" in (event.get("promptFeedback") or {})
        self.ended = blocked or len(self.writer.finished) >= (self.call.body.get("n") or 1)
        return said

    def _read(self, event: JsonDict) -> Any:
        if self._reader is None:
            found = self.library.part("llms.vertex_ai.gemini.vertex_and_google_ai_studio_gemini")
            self._reader = found.ModelResponseIterator(
                streaming_response=None, sync_stream=False, logging_obj=Silent()
            )
        return self._reader.chunk_parser(event)


def gemini_model(call: Call) -> str:
    """The model as its resource is called. Raises Untranslatable."""
    _check_model(call)
    return call.model if "/" in call.model else f"models/{call.model}"


def gemini_request(call: Call, method: str, body: JsonDict) -> Outgoing:
    """Raises Untranslatable for a name that would lead to another place than a model."""
    versioned = call.base if _VERSIONED.fullmatch(call.base) else f"{call.base}/v1beta"
    headers = {"Content-Type": "application/json", "x-goog-api-key": call.key or ""}
    return Outgoing(f"{versioned}/{gemini_model(call)}:{method}", headers, orjson.dumps(body))


def _check_model(call: Call) -> None:
    if not _MODEL.fullmatch(call.model):
        raise Untranslatable("model: Gemini has no model of such a name.")


def _text_of(event: JsonDict, fields: frozenset[str]) -> str | None:
    """The text of an answer that is one candidate's text and nothing else."""
    candidates = cast("list[JsonDict]", event.get("candidates"))
    if not candidates or len(candidates) != 1 or not event.keys() <= _ANSWER:
        return None
    (candidate,) = candidates
    content = cast("JsonDict", candidate.get("content") or {})
    parts = cast("list[JsonDict]", content.get("parts"))
    if not parts or len(parts) != 1 or not candidate.keys() <= fields or candidate.get("index"):
        return None
    (part,) = parts
    return part["text"] if part.keys() == _TEXT else None
