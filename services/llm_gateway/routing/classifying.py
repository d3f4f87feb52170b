"""Asks the classifier's model by the gateway's own call path: metered, limited, never classified itself."""

from dataclasses import replace
from typing import Any, cast

from services.kit.auth import Principal
from services.llm_gateway.calls.answer_headers import without_headers
from services.llm_gateway.calls.dispatch import Calls
from services.llm_gateway.completions.raw import parsed, report
from services.llm_gateway.completions.service import characters_of
from services.llm_gateway.limits.meter import Caller
from services.llm_gateway.models.resolution import Resolver
from services.llm_gateway.models.targets import Target
from services.llm_gateway.routing.categories import Ask, text_of

_MOST_TOKENS = 200  # one word, and what a model may think before it


def classifier_call(resolver: Resolver, calls: Calls) -> Ask:
    """The function that asks."""

    async def ask(model: str, messages: list[dict[str, Any]], principal: Principal) -> str:
        # On the caller's account, but it is no step of the caller's, nor a request of a key.
        own = replace(principal, step_id=None, kind="service")
        # Without a text it is not sorted itself.
        route = await resolver.route(model, own)
        body = {"messages": messages, "max_tokens": _MOST_TOKENS, "temperature": 0}

        async def work(target: Target, asked: dict[str, Any]) -> tuple[Target, bytes]:
            return target, await target.provider.complete(asked)

        with without_headers():
            async with calls.call(
                Caller(own), route, kind="chat", characters=characters_of(body), asked=lambda: body
            ) as call:
                target, data = await calls.begun(
                    call, build=lambda target: {**body, "model": target.model}, work=work
                )
                answer = parsed(target, data)
                report(call.meter, answer)
                return _said(answer)

    return ask


def _said(answer: dict[str, Any]) -> str:
    """The text of the first choice; "" where there is none."""
    choices: Any = answer.get("choices")
    first: Any = cast("list[Any]", choices)[0] if isinstance(choices, list) and choices else None
    message: Any = cast("dict[str, Any]", first).get("message") if isinstance(first, dict) else None
    return (
        text_of(cast("dict[str, Any]", message).get("content")) if isinstance(message, dict) else ""
    )
