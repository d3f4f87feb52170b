"""What a conversion asks of a provider: OpenAI itself, a local server, another one."""

import re

from services.llm_gateway.providers.base import ProviderTraits, Quirks


def traits(*, official: bool = False, local: bool = False) -> ProviderTraits:
    return ProviderTraits(
        slug="openai",
        title="Test",
        kind="paid",
        prefix="",
        local=local,
        official=official,
        free=False,
        auth_methods=("api_key",),
        quirks=Quirks(reasoning=re.compile("gpt-5")) if official else Quirks(),
    )


OPENAI = traits(official=True)
LOCAL = traits(local=True)
OTHER = traits()
