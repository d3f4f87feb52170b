"""From a model's reply to a role's typed result."""

import re
from typing import Any, cast

import orjson
from pydantic import ValidationError

from services.kit.errors import Invalid
from services.orchestrator.engine.storable import storable
from services.orchestrator.pipeline.stage import Role, RoleResult
from services.orchestrator.pods.output_schemas import violations

_FENCE = re.compile(r"```(?:json)?\s*\n(.*?)\n?```", re.DOTALL)


class UnusableReply(Exception):
    """The reply is not the JSON that was asked for; the text tells the model what is wrong."""


def parse_reply(
    role: Role[Any], content: str, *, output_schema: dict[str, Any] | None = None
) -> RoleResult:
    """The result in `content`: plain JSON, fenced, or with words around it.

    A reply that is prose goes into the role's prose field if it has one. With `output_schema` it
    has to follow that as well, and the fields that the role does not have are kept as extras.
    Raises UnusableReply.
    """
    text = content.strip()
    value = _find_object(text)
    if value is None:
        if role.prose_field is None or not text:
            raise UnusableReply("it is not a JSON object.")
        value = {role.prose_field: text}
    try:
        value = cast("dict[str, Any]", storable(value))
        result = role.result.model_validate(value)
    except Invalid as error:
        raise UnusableReply(error.detail) from error
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc']) or 'object'}: {problem['msg']}"
            for problem in error.errors(include_url=False)[:5]
        )
        raise UnusableReply(problems) from error
    if output_schema is None:
        return result.model_copy(update={"extras": {}})
    if found := violations(output_schema, value):
        raise UnusableReply("; ".join(found))
    extras = {name: part for name, part in value.items() if name not in role.result.model_fields}
    return result.model_copy(update={"extras": extras})


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
