"""What a conversion asks of a provider: OpenAI itself, a local server, another one."""

from services.llm_gateway.providers.base import ProviderTraits


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
    )


OPENAI = traits(official=True)
LOCAL = traits(local=True)
OTHER = traits()
