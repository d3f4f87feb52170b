"""Limits and sampling, by the names that a server has for them."""

from services.llm_gateway.dialects.refusals import number_at
from services.llm_gateway.providers.base import JsonDict, ProviderTraits


def sampling(
    body: JsonDict, *names: str, traits: ProviderTraits, model: str, limit: int | None
) -> JsonDict:
    """The named numbers of a request's body and the limit of its answer, for that server's `model`.

    Reasoning models take no temperature and nothing of the kind.
    """
    quirks = traits.quirks
    taken = () if quirks.is_reasoning(model) else names
    found: JsonDict = {
        name: number for name in taken if (number := number_at(body, name)) is not None
    }
    if limit is not None:
        found[quirks.limit_field(model)] = limit
    return found
