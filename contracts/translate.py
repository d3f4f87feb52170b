"""Between llm-gateway and llm-translate.

llm-translate speaks OpenAI's format, errors and the end mark of a stream included: the body goes to
it and comes back as it is. Which provider is called, where and with what key, is in the headers.
"""

from dataclasses import dataclass, field
from enum import StrEnum

CHAT_PATH = "/v1/chat/completions"
EMBEDDINGS_PATH = "/v1/embeddings"

PROVIDER_HEADER = "X-Nova-Provider"
"""LiteLLM's name for the provider."""

BASE_HEADER = "X-Nova-Provider-Base"
"""The provider's address; may be left out for one that LiteLLM knows the address of."""

KEY_HEADER = "X-Nova-Provider-Key"
"""The credential, if the provider wants one."""

PREFIX_HEADER = "X-Nova-Model-Prefix"
"""What stands before the provider's name of the model in an answer, if anything does."""


class TranslateCode(StrEnum):
    """The code of an error that is not the provider's own answer (that has `provider_<status>`)."""

    STARTING = "translation_starting"
    """503. Nothing was sent: the translation library is being loaded."""
    UNREACHABLE = "provider_unreachable"
    """503. Nothing was sent: the provider can't be reached."""
    LOST = "provider_reply_lost"
    """504. The call was sent, and what became of it is not known."""
    UNREADABLE = "provider_answer_unreadable"
    """504. It answered what can't be understood."""
    UNTRANSLATABLE = "not_translatable"
    """400. The request can't be said in the provider's format."""
    REMOTE_MEDIA = "remote_media"
    """400. An image or a file is given by an address that nobody here fetches."""


@dataclass(frozen=True, slots=True)
class TranslateRequest:
    """A call on its way: its body is OpenAI's request, the rest goes into its headers."""

    provider: str
    api_base: str
    api_key: str | None = field(repr=False)
    body: bytes = field(repr=False)
    prefix: str = ""

    def headers(self) -> dict[str, str]:
        own = {} if self.api_key is None else {KEY_HEADER: self.api_key}
        if self.prefix:
            own[PREFIX_HEADER] = self.prefix
        return {PROVIDER_HEADER: self.provider, BASE_HEADER: self.api_base, **own}
