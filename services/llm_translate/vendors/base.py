"""What every translation has in common."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, cast

import httpx
import orjson

from services.llm_translate.call import CHAT_PARAMETERS, Call, JsonDict
from services.llm_translate.failures import Untranslatable, lost, unreadable
from services.llm_translate.library import Library, Silent
from services.llm_translate.lines import LineSplitter
from services.llm_translate.media import nothing_passes, refuse_remote_media
from services.llm_translate.openai_form import ChunkWriter, completion
from services.llm_translate.upstream import Outgoing


def _more_than_one(value: Any) -> bool:
    return isinstance(value, int) and value > 1


# Dropped, the client would wait for what never comes, or take another answer for it.
_NOT_TO_BE_DROPPED: dict[str, Callable[[Any], bool]] = {
    "n": _more_than_one,
    "logprobs": bool,
    "functions": bool,
    "function_call": bool,
    "audio": bool,
}
_JSON = {"content-type": "application/json"}


class Translation(ABC):
    """One call's way to a provider and back. The subclass is stateful where its stream is.

    `provider` is LiteLLM's name, `extras` the fields of its own that the provider takes beside
    OpenAI's. With an end mark, nothing comes after what made it `ended`.
    """

    provider: ClassVar[str]
    extras: ClassVar[frozenset[str]] = frozenset()
    uses_lines_of_events: ClassVar[bool] = True
    has_end_mark: ClassVar[bool] = True

    def __init__(self, library: Library, call: Call) -> None:
        self.call = call
        self.library = library
        self.config, self._known = library.chat_config(self.provider, call.model)
        self.options: JsonDict = {}
        self.details: JsonDict = {"api_base": call.base, "api_key": call.key}
        self._lines = LineSplitter()
        self.ended = False

    @abstractmethod
    def request(self) -> Outgoing:
        """Called once, first. Raises Untranslatable or anything of Library.errors."""

    def answer(self, content: bytes) -> bytes:
        """OpenAI's whole answer. Raises Failure or anything of Library.errors."""
        found = parsed(content)
        quick = self.quick_answer(found)
        if quick is not None:
            return orjson.dumps(quick)
        return orjson.dumps(completion(self.slow_answer(content), self.call))

    def feed(self, piece: bytes) -> bytes:
        """The events for what has come of a stream; b"" for none yet."""
        said: list[bytes] = []
        for line in self._lines.feed(piece):
            event = self._data(line)
            if event:
                said.append(self.chunk(parsed(event)))
        return b"".join(said)

    def end(self) -> bytes:
        """The last events, when nothing more comes. Raises Failure if the end mark has not come."""
        rest = b"" if self.ended else self._data(self._lines.rest())
        last = self.chunk(parsed(rest)) if rest else b""
        if not self.ended:
            raise lost("the stream ended before its end mark")
        return last + self.writer.end()

    @abstractmethod
    def quick_answer(self, found: JsonDict) -> JsonDict | None:
        """The answer, where it is text and nothing else."""

    @abstractmethod
    def chunk(self, event: JsonDict) -> bytes:
        """The events for one of the provider's."""

    @property
    def writer(self) -> ChunkWriter:
        """Made with the first chunk."""
        if self._writer is None:
            self._writer = ChunkWriter(self.call)
        return self._writer

    _writer: ChunkWriter | None = None

    def messages(self) -> list[Any]:
        """The messages as the transformation wants them, remote media refused."""
        refuse_remote_media(self.call.messages, self.passes)
        return self.library.checked_messages(self.config, self.call.messages)

    def map_options(self) -> JsonDict:
        for name, matters in _NOT_TO_BE_DROPPED.items():
            is_known = name in self._known and name in CHAT_PARAMETERS
            if not is_known and matters(self.call.body.get(name)):
                raise Untranslatable(
                    f"{name}: this provider has no such thing.", code="unsupported_parameter"
                )
        mapped: JsonDict = self.config.map_openai_params(
            non_default_params=self.call.parameters(self._known),
            optional_params={},
            model=self.call.model,
            drop_params=True,
        )
        for name in self.extras:
            value = self.call.body.get(name)
            if value is not None:
                mapped.setdefault(name, value)
        return mapped

    passes = staticmethod(nothing_passes)

    def slow_answer(self, content: bytes, *, json_mode: bool = False) -> Any:
        """LiteLLM's reading of a whole answer."""
        return self.config.transform_response(
            model=self.call.model,
            raw_response=httpx.Response(200, content=content, headers=_JSON),
            model_response=self.library.module().ModelResponse(),
            logging_obj=Silent(),
            request_data={},
            messages=self.call.messages,
            optional_params=self.options,
            litellm_params=self.details,
            encoding=None,
            api_key=self.call.key,
            json_mode=json_mode,
        )

    def _data(self, line: bytes) -> bytes:
        if not self.uses_lines_of_events:
            return line.strip()
        return line[5:].strip() if line.startswith(b"data:") else b""


def parsed(content: bytes) -> JsonDict:
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise unreadable("its answer is not JSON") from error
    if isinstance(found, dict):
        return cast("JsonDict", found)
    raise unreadable("its answer is no JSON object")
