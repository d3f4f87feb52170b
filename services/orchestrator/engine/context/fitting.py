"""Fits a conversation into its plan: the oldest goes first, and every cut leaves a note."""

from collections.abc import Sequence
from typing import Any, cast

from contracts.chat import Message
from contracts.llm import ToolDefinition, ToolFunction
from services.orchestrator.engine.context.estimate import (
    cut_middle,
    definition_tokens,
    message_tokens,
    text_tokens,
)
from services.orchestrator.engine.context.plan import ContextPlan
from services.orchestrator.engine.errors import ContextOverflow

_SHORT_DESCRIPTION = 120
_SMALLEST_RESULT = 64


def fit_conversation(
    messages: Sequence[Message], *, tools: int, plan: ContextPlan
) -> list[Message]:
    """The messages with tool results left out, oldest first, until they fit beside the tools.

    `tools` is what the tools shown with them take, in tokens.

    Raises ContextOverflow when the messages that may not be shortened are too long by themselves.
    """
    fitted = list(messages)
    excess = sum(map(message_tokens, fitted)) + tools - plan.threshold
    results = [index for index, message in enumerate(fitted) if message.role == "tool"]
    newest = _newest_round(fitted)
    for index in results:
        if excess <= 0:
            return fitted
        if index < newest:
            excess -= _shorten(fitted, index, to=0)
    excess += plan.threshold - plan.room
    kept = [index for index in results if index >= newest]
    for place, index in enumerate(kept):
        if excess <= 0:
            return fitted
        size = message_tokens(fitted[index])
        # What is too much is shared out among the results that are left.
        share = -(-excess // (len(kept) - place))
        excess -= _shorten(fitted, index, to=max(_SMALLEST_RESULT, size - share))
    if excess > 0:
        raise ContextOverflow(
            f"The conversation is about {excess} tokens longer than fits the model "
            f"(room for {plan.room}). Shorten it, or choose a model with a larger window."
        )
    return fitted


def fit_definitions(
    definitions: Sequence[ToolDefinition], plan: ContextPlan
) -> tuple[list[ToolDefinition], list[str]]:
    """The tools that fit their share, with shorter descriptions if need be; the names left out."""
    if definition_tokens(definitions) <= plan.tools:
        return list(definitions), []
    fitted = [_brief(item) for item in definitions]
    left_out: list[str] = []
    while fitted and definition_tokens(fitted) > plan.tools:
        left_out.append(fitted.pop().function.name)
    return fitted, left_out[::-1]


def fit_result(text: str, plan: ContextPlan) -> str:
    """One tool result, cut to what a single one may take."""
    return cut_middle(text, plan.largest_result)


def newest_that_fit(messages: Sequence[Message], tokens: int) -> list[Message]:
    """The last messages that together take at most `tokens`; never starts with an answer."""
    kept: list[Message] = []
    for message in reversed(messages):
        tokens -= message_tokens(message)
        if tokens < 0:
            break
        kept.append(message)
    while kept and kept[-1].role != "user":
        kept.pop()
    return kept[::-1]


def first_that_fit(texts: Sequence[str], tokens: int) -> list[str]:
    """The texts from the first (the best) on that together take at most `tokens`."""
    kept: list[str] = []
    for text in texts:
        tokens -= text_tokens(text)
        if tokens < 0:
            break
        kept.append(text)
    return kept


def fit_sections(sections: Sequence[str], tokens: int) -> list[str]:
    """The texts, the longest cut in their middle so that all together take at most `tokens`."""
    sizes = [text_tokens(section) for section in sections]
    if sum(sizes) <= tokens:
        return list(sections)
    left, limit = tokens, 0
    for count, size in zip(range(len(sizes), 0, -1), sorted(sizes), strict=True):
        limit = max(left, 0) // count
        if size > limit:
            break
        left -= size
    return [cut_middle(section, limit) for section in sections]


def _newest_round(messages: Sequence[Message]) -> int:
    """Where the last round of tool results begins; the length if there is none."""
    index = len(messages)
    while index and messages[index - 1].role != "tool":
        index -= 1
    if not index:
        return len(messages)
    while index and messages[index - 1].role == "tool":
        index -= 1
    return index


def _shorten(messages: list[Message], index: int, *, to: int) -> int:
    """Cut a tool result to `to` tokens (0: to the note alone); how many tokens that saves."""
    message = messages[index]
    before = message_tokens(message)
    text = message.text()
    if to:
        content = cut_middle(text, to)
    else:
        content = f"[The result of {message.name or 'this call'} was left out to save room.]"
    if len(content) >= len(text):
        return 0
    messages[index] = message.model_copy(update={"content": content})
    return before - message_tokens(messages[index])


def _brief(definition: ToolDefinition) -> ToolDefinition:
    function = definition.function
    return ToolDefinition(
        function=ToolFunction(
            name=function.name,
            description=function.description[:_SHORT_DESCRIPTION],
            parameters=_without_descriptions(function.parameters),
        )
    )


def _without_descriptions(schema: Any, *, names: bool = False) -> Any:
    """A JSON schema without its descriptions; a parameter that is called so stays."""
    if isinstance(schema, list):
        return [_without_descriptions(item) for item in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _without_descriptions(value, names=not names and key == "properties")
        for key, value in cast("dict[str, Any]", schema).items()
        if names or key not in {"description", "title", "examples"}
    }
