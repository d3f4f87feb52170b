"""From a model's reply to a role's typed result."""

import re
from typing import Any, cast

import orjson
from pydantic import ValidationError

from services.kit.errors import Invalid
from services.orchestrator.engine.storable import storable
from services.orchestrator.pipeline.stage import Role, RoleResult

_FENCE = re.compile(r"```(?:json)?\s*\n(.*?)\n?```", re.DOTALL)


class UnusableReply(Exception):
    """The reply is not the JSON that was asked for; the text tells the model what is wrong."""


def parse_reply(role: Role[Any], content: str) -> RoleResult:
    """The result in `content`: plain JSON, fenced, or with words around it.

    A reply that is prose goes into the role's prose field if it has one. Raises UnusableReply.
    """
    text = content.strip()
    value = _find_object(text)
    if value is None:
        if role.prose_field is not None and text:
            return role.result.model_validate({role.prose_field: text})
        raise UnusableReply("it is not a JSON object.")
    try:
        return role.result.model_validate(storable(value))
    except Invalid as error:
        raise UnusableReply(error.detail) from error
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc']) or 'object'}: {problem['msg']}"
            for problem in error.errors(include_url=False)[:5]
        )
        raise UnusableReply(problems) from error


def _find_object(text: str) -> dict[str, Any] | None:
    candidates = [text, *(match.group(1) for match in _FENCE.finditer(text))]
    start, end = text.find("{"), text.rfind("}")
    if 0 <= start < end:
        candidates.append(text[start : end + 1])
    for candidate in candidates:
        try:
            value = orjson.loads(candidate)
        except orjson.JSONDecodeError:
            continue
        if isinstance(value, dict):
            return cast("dict[str, Any]", value)
    return None
