"""Ollama's chat: POST /api/chat, streamed as NDJSON that ends with "done": true."""

from typing import Any, ClassVar, cast

import orjson

from services.llm_translate.call import Call, JsonDict
from services.llm_translate.failures import answered, words_of
from services.llm_translate.library import Library
from services.llm_translate.openai_form import answer_of_text
from services.llm_translate.upstream import Outgoing
from services.llm_translate.vendors.base import Translation

_PLAIN = frozenset({"role", "content"})
_FINISHES = {"stop": "stop", "length": "length"}
_MARK = "think>"


class OllamaTranslation(Translation):
    provider: ClassVar[str] = "ollama_chat"
    extras: ClassVar[frozenset[str]] = frozenset(
        {
            *("keep_alive", "think", "num_ctx", "num_batch", "num_gpu", "num_thread"),
            *("min_p", "mirostat", "mirostat_eta", "mirostat_tau", "repeat_last_n"),
            *("repeat_penalty", "tfs_z", "top_k"),
        }
    )
    uses_lines_of_events: ClassVar[bool] = False

    def __init__(self, library: Library, call: Call) -> None:
        super().__init__(library, call)
        self._reader: Any = None

    def request(self) -> Outgoing:
        messages = self.messages()
        options = self.map_options()
        if self.call.body.get("tool_choice") == "none":
            options.pop("tools", None)  # Ollama knows no choice; without tools there is none
        if isinstance(options.get("stop"), str):
            options["stop"] = [options["stop"]]
        options["stream"] = self.call.is_streamed
        headers: dict[str, str] = self.config.validate_environment(
            headers={"Content-Type": "application/json"},
            model=self.call.model,
            messages=messages,
            optional_params=options,
            litellm_params=self.details,
            api_key=self.call.key,
            api_base=self.call.base,
        )
        body: JsonDict = self.config.transform_request(
            model=self.call.model,
            messages=messages,
            optional_params=options,
            litellm_params=self.details,
            headers=headers,
        )
        return Outgoing(f"{self.call.base}/api/chat", headers, orjson.dumps(body))

    def quick_answer(self, found: JsonDict) -> JsonDict | None:
        message = cast("JsonDict", found.get("message") or {})
        prompt, written = found.get("prompt_eval_count"), found.get("eval_count")
        finish = _FINISHES.get(str(found.get("done_reason")))
        if message.keys() != _PLAIN or finish is None:
            return None
        text: str = message["content"]
        if _MARK in text or not isinstance(prompt, int) or not isinstance(written, int):
            return None
        usage = {
            "prompt_tokens": prompt,
            "completion_tokens": written,
            "total_tokens": prompt + written,
        }
        return answer_of_text(self.call, text, finish=finish, usage=usage)

    def chunk(self, event: JsonDict) -> bytes:
        if "error" in event:
            raise answered(500, words_of(event))
        message = event["message"]
        if event["done"] is not True and message.keys() == _PLAIN and not self._may_be_thought():
            text = message["content"]
            if _MARK not in text:
                return self.writer.text(text) if text else b""
        self.ended = event["done"] is True
        return self.writer.of(self._read(event), whole_calls=True)

    def _may_be_thought(self) -> bool:
        """Whether the reader has to see text, since it may go on thinking or may just have ended."""
        reader = self._reader
        return reader is not None and (
            reader.started_reasoning_content and not reader.finished_reasoning_content
        )

    def _read(self, event: JsonDict) -> Any:
        if self._reader is None:
            self._reader = self.config.get_model_response_iterator(
                streaming_response=None, sync_stream=False, json_mode=False
            )
        return self._reader.chunk_parser(event)
