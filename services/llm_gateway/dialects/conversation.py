"""Builds the messages of a chat completion in the order that every server takes."""

from typing import Any, cast

from services.llm_gateway.providers.base import JsonDict

_BETWEEN = "\n\n"


class Conversation:
    """Texts of the system that begin it become one message; a turn of the assistant's is one too,
    with all of its tool calls, and their results follow it directly.
    """

    def __init__(self) -> None:
        self._messages: list[JsonDict] = []
        # A tool's message holds text alone: its pictures come from the user, after all results.
        self._pictures: list[JsonDict] = []

    def system(self, text: str) -> None:
        if not text:
            return
        self._show_pictures()
        last = self._last("system")
        if last is not None and len(self._messages) == 1:
            last["content"] += _BETWEEN + text
        else:
            self._messages.append({"role": "system", "content": text})

    def user(self, parts: list[JsonDict]) -> None:
        """Parts of the types text and image_url."""
        self._show_pictures()
        self._messages.append({"role": "user", "content": plain(parts)})

    def assistant(self, text: str) -> None:
        """More of the assistant's turn."""
        if not text:
            return
        turn = self._turn()
        turn["content"] = text if turn["content"] is None else turn["content"] + _BETWEEN + text

    def tool_call(self, call_id: str, name: str, arguments: str) -> None:
        """`arguments` is JSON text."""
        call = {
            "id": call_id,
            "type": "function",
            "function": {"name": name, "arguments": arguments or "{}"},
        }
        self._turn().setdefault("tool_calls", []).append(call)

    def tool_result(self, call_id: str, parts: list[JsonDict]) -> None:
        texts = [part for part in parts if part.get("type") == "text"]
        pictures = [part for part in parts if part.get("type") != "text"]
        if pictures and not texts:
            texts = [_text(f"The result is {len(pictures)} image(s), shown below.")]
        self._messages.append(
            {"role": "tool", "tool_call_id": call_id, "content": plain(texts) or ""}
        )
        if pictures:
            self._pictures += [_text(f"From the tool call {call_id}:"), *pictures]

    def messages(self) -> list[JsonDict]:
        self._show_pictures()
        return self._messages

    def _turn(self) -> JsonDict:
        self._show_pictures()
        last = self._last("assistant")
        if last is None:
            last = {"role": "assistant", "content": None}
            self._messages.append(last)
        return last

    def _last(self, role: str) -> JsonDict | None:
        found = self._messages[-1] if self._messages else None
        return found if found is not None and found["role"] == role else None

    def _show_pictures(self) -> None:
        if self._pictures:
            self._messages.append({"role": "user", "content": self._pictures})
            self._pictures = []


def plain(parts: list[JsonDict]) -> Any:
    """Parts as one string if all are text, which every server takes."""
    if all(part.get("type") == "text" for part in parts):
        return _BETWEEN.join(cast("str", part["text"]) for part in parts)
    return parts


def _text(text: str) -> JsonDict:
    return {"type": "text", "text": text}
