"""Takes credentials out of what is logged: by their shapes, and by the names of fields."""

import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import orjson

from services.kit.credential_shapes import (
    ISSUED_KEYS,
    PRIVATE_KEY,
    SIGNED_TOKEN,
    CredentialShape,
)

if TYPE_CHECKING:
    import regex

MASK = "[redacted]"
NAMED = frozenset(
    (
        *("authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api_key"),
        *("apikey", "api-key", "password", "passwd", "secret", "client_secret", "access_token"),
        *("refresh_token", "auth_token", "private_key", "x-admin-secret"),
    )
)
"""Fields whose values are never logged, whatever they look like."""

_SHAPES = (
    *ISSUED_KEYS,
    PRIVATE_KEY,
    SIGNED_TOKEN,
    CredentialShape(
        "Bearer token",
        r"(?i:bearer)\s{1,3}(?P<secret>[A-Za-z0-9._~+/=-]{16,4000})",
        ("earer", "EARER"),
    ),
    CredentialShape(
        "login in a URL", r"://[^\s:/@\"'<>]{0,100}:(?P<secret>[^\s/@\"'<>]{3,200})@", ("://",)
    ),
)
_PATTERN_SECONDS = 0.5
_DEEPEST = 100


class TooSlow(Exception):
    """The text could not be searched in time: it must not be stored."""


@dataclass(slots=True)
class Redactor:
    """Goes through JSON values until `deadline` (monotonic); `found` counts what it has masked."""

    fields: Collection[str]
    deadline: float
    found: int = 0

    def value(self, value: Any, depth: int = 0) -> Any:
        """The value without credentials. Raises TooSlow."""
        if isinstance(value, str):
            return (
                self._inner_json(value, depth) if value.startswith(("{", "[")) else self.text(value)
            )
        if depth >= _DEEPEST and isinstance(value, dict | list):
            return "[nested too deep to be logged]"
        if isinstance(value, dict):
            return {
                self.text(name): self._named(name, item, depth)
                for name, item in cast("dict[str, Any]", value).items()
            }
        if isinstance(value, list):
            return [self.value(item, depth + 1) for item in cast("list[Any]", value)]
        return value

    def text(self, text: str) -> str:
        """The text without what has a credential's shape. Raises TooSlow."""
        for shape in _SHAPES:
            if any(hint in text for hint in shape.hints):
                text = self._without(shape, text)
        return text

    def _inner_json(self, text: str, depth: int) -> str:
        """JSON in a string (a tool's arguments, say) has named fields too."""
        try:
            inner = orjson.loads(text)
        except orjson.JSONDecodeError:
            return self.text(text)
        before = self.found
        cleaned = self.value(inner, depth + 1)
        return text if self.found == before else orjson.dumps(cleaned).decode()

    def _named(self, name: str, value: Any, depth: int) -> Any:
        plain = name.lower()
        if value is not None and (plain in NAMED or plain in self.fields):
            self.found += 1
            return MASK
        return self.value(value, depth + 1)

    def _without(self, shape: CredentialShape, text: str) -> str:
        pieces: list[str] = []
        end = 0
        for start, stop in self._places(shape, text):
            pieces += [text[end:start], MASK]
            end = stop
            self.found += 1
        return "".join([*pieces, text[end:]])

    def _places(self, shape: CredentialShape, text: str) -> Iterator[tuple[int, int]]:
        left = min(_PATTERN_SECONDS, self.deadline - time.monotonic())
        if left <= 0:
            raise TooSlow
        try:
            for match in _compiled(shape.expression).finditer(text, timeout=left, concurrent=True):
                yield match.span("secret" if "secret" in match.groupdict() else 0)
        except TimeoutError as error:
            raise TooSlow from error


@cache
def _compiled(expression: str) -> "regex.Pattern[str]":
    # Lazy: it costs 11 MB, and who does not log needs none of it.
    import regex  # noqa: PLC0415

    return regex.compile(expression, regex.VERSION1)
