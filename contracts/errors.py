"""The one error body of every service, and OpenAI's on the compatible routes."""

from contracts.base import Answer


class ErrorBody(Answer):
    detail: str
    code: str
    request_id: str


class OpenAIError(Answer):
    message: str
    type: str
    code: str | None = None
    param: str | None = None


class OpenAIErrorBody(Answer):
    error: OpenAIError
