"""Estimates tokens without a tokenizer, rather too many than too few."""

import string
from collections.abc import Sequence

import orjson

from contracts.chat import Message
from contracts.llm import ToolDefinition

# By kind of character, since code and JSON have many more tokens than prose of the same length.
# Long runs without words (base64) have more still: the threshold leaves room for some of that.
_LETTERS = string.ascii_letters.encode()
_DIGITS = string.digits.encode()
_BLANKS = string.whitespace.encode()
_PER_LETTER = 1 / 3
_PER_DIGIT = 1 / 1.5
_PER_BLANK = 1 / 5
_PER_SIGN = 1.0
_PER_OTHER = 1.2  # outside ASCII
_TOKENS_PER_MESSAGE = 6
_TOKENS_PER_PICTURE = 1_500


def text_tokens(text: str) -> int:
    content = text.encode("ascii", "ignore")
    words = content.translate(None, _LETTERS)
    signs = words.translate(None, _DIGITS)
    rest = signs.translate(None, _BLANKS)
    tokens = (
        (len(content) - len(words)) * _PER_LETTER
        + (len(words) - len(signs)) * _PER_DIGIT
        + (len(signs) - len(rest)) * _PER_BLANK
        + len(rest) * _PER_SIGN
        + (len(text) - len(content)) * _PER_OTHER
    )
    return int(tokens) + 1


def message_tokens(message: Message) -> int:
    """Pictures count by the piece: their bytes say nothing about their tokens."""
    tokens = _TOKENS_PER_MESSAGE + text_tokens(message.text())
    if isinstance(message.content, list):
        parts = [part for part in message.content if part.get("type") not in {"text", None}]
        tokens += len(parts) * _TOKENS_PER_PICTURE
    for call in message.tool_calls:
        tokens += text_tokens(call.name) + text_tokens(orjson.dumps(call.arguments).decode())
    return tokens


def definition_tokens(definitions: Sequence[ToolDefinition]) -> int:
    return sum(text_tokens(item.model_dump_json()) for item in definitions)


def cut_middle(text: str, tokens: int) -> str:
    """The text if it fits into `tokens`, else its beginning and end with a note between them."""
    if text_tokens(text) <= tokens:
        return text
    # By the worst case of a character, then by what it really is: two rounds come close enough.
    keep = max(0, int(len(text) * tokens / text_tokens(text)))
    while keep and text_tokens(_cut(text, keep)) > tokens:
        keep = int(keep * 0.9)
    return _cut(text, keep)


def _cut(text: str, keep: int) -> str:
    head = keep * 2 // 3
    tail = keep - head
    note = f"\n[… {len(text) - keep} characters left out to fit the model's window …]\n"
    return text[:head] + note + (text[-tail:] if tail else "")
