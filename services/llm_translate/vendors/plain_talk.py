"""Requests that are text and nothing else: LiteLLM translates one of a kind, the rest are copies.

What it makes of the model and the parameters is the same for each request that has the same ones;
only the texts differ, and in a plain talk their place is known.
"""

from dataclasses import dataclass
from typing import Any

import orjson

from services.llm_translate.call import Call, JsonDict

_FIELDS = frozenset({"role", "content"})
_ORDER = ("user", "assistant")
_LONGEST_KEY = 1000
_MOST_TEMPLATES = 512
# What changes how an answer is to be read, or where a text stands.
_NOT_PLAIN = frozenset({"tools", "response_format", "web_search_options"})


@dataclass(frozen=True, slots=True)
class PlainTalk:
    """`turns` are the user's and the assistant's in turn, the user's first and last."""

    key: bytes
    system: str | None
    turns: list[str]

    def roles(self) -> list[tuple[str, str]]:
        return [(_ORDER[number % 2], text) for number, text in enumerate(self.turns)]


class Templates:
    """Requests without their texts and credentials, by what they have in common."""

    def __init__(self) -> None:
        self._kept: dict[bytes, Any] = {}

    def get(self, talk: PlainTalk) -> Any:
        return self._kept.get(talk.key)

    def keep(self, talk: PlainTalk, template: Any) -> None:
        if len(self._kept) >= _MOST_TEMPLATES:
            self._kept.clear()
        self._kept[talk.key] = template


def plain_talk(provider: str, call: Call) -> PlainTalk | None:
    """None if anything but text is said, or if it is said in another order."""
    messages = call.messages
    system = _text(messages[0], "system") if messages[0].get("role") == "system" else None
    rest = messages[1:] if system is not None else messages
    turns = [_text(message, _ORDER[number % 2]) for number, message in enumerate(rest)]
    if len(turns) % 2 == 0 or None in turns or not _NOT_PLAIN.isdisjoint(call.body):
        return None
    rest_of_body: JsonDict = {k: v for k, v in call.body.items() if k != "messages"}
    key = orjson.dumps([provider, system is not None, rest_of_body])
    if len(key) > _LONGEST_KEY:
        return None
    return PlainTalk(key, system, [turn for turn in turns if turn is not None])


def _text(message: JsonDict, role: str) -> str | None:
    content = message.get("content")
    if not isinstance(content, str) or message.keys() != _FIELDS or message["role"] != role:
        return None
    return content if content.strip() else None
