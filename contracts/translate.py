"""Between llm-gateway and llm-translate: a call to a provider that needs translation."""

from typing import Literal

from contracts.base import Answer, OpenRequest


class TranslateRequest(OpenRequest):
    """`body` is an OpenAI request as JSON text; `provider` is LiteLLM's name for it."""

    provider: Literal["anthropic", "ollama_chat", "ollama"]
    model: str
    api_base: str
    api_key: str | None = None
    body: str


class TranslateAnswer(Answer):
    """`body` is OpenAI's answer as JSON text."""

    body: str
