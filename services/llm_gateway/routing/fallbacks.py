"""llm.fallbacks: the models to try when one fails, by the model's name or its provider's."""

from typing import Any, cast

from services.kit.config import ConfigCache

_MOST = 20


def fallbacks_of(config: ConfigCache, *names: str) -> list[str]:
    """The chain of the first of the names that has one; a model's name stands before its provider's.

    Chains are not followed further: what is tried for a model stands in one place.
    """
    configured = config.get("llm.fallbacks")
    if not isinstance(configured, dict):
        return []
    chains = cast("dict[str, Any]", configured)
    for name in names:
        chain = chains.get(name)
        if isinstance(chain, list):
            models = [model for model in cast("list[Any]", chain) if isinstance(model, str)]
            return list(dict.fromkeys(models))[:_MOST]
    return []
