"""The items of a response, and the events that tell of each as it grows."""

from collections.abc import Iterator
from typing import Protocol

from services.kit.ids import new_id
from services.llm_gateway.dialects.parts import Part
from services.llm_gateway.providers.base import JsonDict
from services.llm_gateway.responses.items import new_item_id
from services.llm_gateway.responses.tools import ToolName, custom_input


class Item(Protocol):
    """One item of the output; the events lack their place and number."""

    def item(self, status: str) -> JsonDict: ...

    def opened(self) -> Iterator[JsonDict]: ...

    def grown(self, piece: str) -> Iterator[JsonDict]: ...

    def closed(self) -> Iterator[JsonDict]: ...


class _Content:
    """An item whose content is one part of text: a message, a refusal, or the model's thoughts."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._name = {
            "text": "response.output_text",
            "refusal": "response.refusal",
            "reasoning": "response.reasoning_text",
        }[part.kind]
        self._id = new_item_id("reasoning" if part.kind == "reasoning" else "message")

    def item(self, status: str) -> JsonDict:
        content = [self._content(self._part.text)] if self._part.opened else []
        if self._part.kind == "reasoning":
            return {
                "type": "reasoning",
                "id": self._id,
                "status": status,
                "summary": [],
                "content": content,
                "encrypted_content": None,
            }
        role = {"role": "assistant", "content": content}
        return {"type": "message", "id": self._id, "status": status, **role}

    def opened(self) -> Iterator[JsonDict]:
        part = self._content("")
        yield {"type": "response.content_part.added", **self._place, "part": part}

    def grown(self, piece: str) -> Iterator[JsonDict]:
        delta = {"type": f"{self._name}.delta", **self._place, "delta": piece}
        yield delta | self._logprobs

    def closed(self) -> Iterator[JsonDict]:
        text = self._part.text
        field = "refusal" if self._part.kind == "refusal" else "text"
        yield {"type": f"{self._name}.done", **self._place, field: text} | self._logprobs
        part = self._content(text)
        yield {"type": "response.content_part.done", **self._place, "part": part}

    @property
    def _place(self) -> JsonDict:
        return {"item_id": self._id, "content_index": 0}

    @property
    def _logprobs(self) -> JsonDict:
        return {"logprobs": []} if self._part.kind == "text" else {}

    def _content(self, text: str) -> JsonDict:
        match self._part.kind:
            case "text":
                return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
            case "refusal":
                return {"type": "refusal", "refusal": text}
            case _:
                return {"type": "reasoning_text", "text": text}


class _Call:
    """A call of a function, or of a custom tool, whose input is known once its JSON is whole."""

    def __init__(self, part: Part, tool: ToolName) -> None:
        self._part = part
        self._tool = tool
        self._is_custom = tool.kind == "custom"
        self._kind = "custom_tool_call" if self._is_custom else "function_call"
        self._id = new_item_id(self._kind)
        self._call_id = part.id or f"call_{new_id().hex}"

    def item(self, status: str) -> JsonDict:
        item: JsonDict = {
            "type": self._kind,
            "id": self._id,
            "call_id": self._call_id,
            "name": self._tool.name,
            "status": status,
        }
        if self._tool.namespace is not None:
            item["namespace"] = self._tool.namespace
        if not self._is_custom:
            return item | {"arguments": self._part.text}
        return item | {"input": custom_input(self._part.text) if status != "in_progress" else ""}

    def opened(self) -> Iterator[JsonDict]:
        return iter(())

    def grown(self, piece: str) -> Iterator[JsonDict]:
        if not self._is_custom:
            name = "response.function_call_arguments.delta"
            yield {"type": name, "item_id": self._id, "delta": piece}

    def closed(self) -> Iterator[JsonDict]:
        if not self._is_custom:
            done = {"arguments": self._part.text, "name": self._tool.name}
            yield {"type": "response.function_call_arguments.done", "item_id": self._id, **done}
            return
        text = custom_input(self._part.text)
        name = "response.custom_tool_call_input"
        yield {"type": f"{name}.delta", "item_id": self._id, "delta": text}
        yield {"type": f"{name}.done", "item_id": self._id, "input": text}


def item_of(part: Part, tool: ToolName) -> Item:
    """`tool` is the client's name of it, for the part of a tool call."""
    return _Call(part, tool) if part.kind == "tool" else _Content(part)
