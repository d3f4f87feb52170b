"""The schema of a stage's result: its role's, with what the pod's agent asks for besides."""

from typing import Any

import orjson

from services.orchestrator.pipeline.stage import Role
from services.orchestrator.pods.agents.queries import PodAgentRow

_OWN = "Nova"


def result_schema(role: Role[Any], agent: PodAgentRow) -> dict[str, Any]:
    """The agent's schema if it has one, with the role's fields in it as the role has them.

    The pipeline decides on those fields: an agent adds to them, and takes none away.
    """
    if agent.output_schema is None:
        return role.schema()
    own = dict(role.schema())
    # The role's definitions get names of their own, since the agent's may be called the same.
    definitions = {f"{_OWN}{name}": part for name, part in own.pop("$defs", {}).items()}
    renamed = orjson.dumps({**own, "$defs": definitions}).replace(
        b'"#/$defs/', f'"#/$defs/{_OWN}'.encode()
    )
    own = orjson.loads(renamed)
    theirs = agent.output_schema
    merged = {
        **theirs,
        "type": "object",
        "properties": {**theirs.get("properties", {}), **own["properties"]},
        "required": list(dict.fromkeys([*own.get("required", []), *theirs.get("required", [])])),
    }
    definitions = {**theirs.get("$defs", {}), **own["$defs"]}
    return {**merged, "$defs": definitions} if definitions else merged
