"""list_available_models: which models an agent can be given."""

from services.orchestrator.tools.base import (
    LINKED_TIERS,
    Effect,
    Tool,
    ToolOutcome,
    ToolParameters,
)
from services.orchestrator.tools.context import KnownModel, ToolContext
from services.orchestrator.tools.errors import ToolError

_TOKENS = 1_000_000


class ListModelsParameters(ToolParameters):
    pass


async def list_models(_parameters: ListModelsParameters, context: ToolContext) -> ToolOutcome:
    if context.agents is None:
        raise ToolError("The models can't be listed here.")
    models = await context.agents.models()
    if not models:
        return ToolOutcome(ok=True, text="No model is connected.", summary="0 models")
    summary = "1 model" if len(models) == 1 else f"{len(models)} models"
    return ToolOutcome(ok=True, text="\n".join(_line(model) for model in models), summary=summary)


def _line(model: KnownModel) -> str:
    window = "" if model.context_window is None else f", context {model.context_window} tokens"
    return f"- {model.id}{window}, {_price(model)}"


def _price(model: KnownModel) -> str:
    if model.cost_per_input_token is None or model.cost_per_output_token is None:
        return "price unknown"
    asked = model.cost_per_input_token * _TOKENS
    answered = model.cost_per_output_token * _TOKENS
    return f"{asked:g} USD in and {answered:g} USD out per million tokens"


TOOL = Tool(
    name="list_available_models",
    description="List the models that are connected, with context size and price.",
    category="agents",
    parameters=ListModelsParameters,
    handler=list_models,
    effect=Effect.READ,
    tiers=LINKED_TIERS,
)
