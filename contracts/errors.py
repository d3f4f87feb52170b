"""The one error body of every service, and OpenAI's on the compatible routes."""

from typing import Any

from contracts.base import Answer


class ErrorBody(Answer):
    """`facts` stand with some codes only: what a program needs to act on it."""

    detail: str
    code: str
    request_id: str
    facts: dict[str, Any] | None = None


class OpenAIError(Answer):
    message: str
    type: str
    code: str | None = None
    param: str | None = None


class OpenAIErrorBody(Answer):
    error: OpenAIError
