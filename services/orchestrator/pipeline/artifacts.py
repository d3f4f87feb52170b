"""What a stage leaves behind as an artifact: what its role makes, else its result as the agent asks."""

from dataclasses import replace

import orjson

from services.orchestrator.pipeline.stage import (
    ArtifactRecord,
    Consequences,
    RoleResult,
    StageSpec,
)


def with_artifacts(spec: StageSpec, result: RoleResult, follows: Consequences) -> Consequences:
    """The consequences with the artifacts of the type that the agent is to leave, if it names one."""
    kind = spec.agent.artifact_type
    if kind is None:
        return follows
    if spec.role.makes_artifacts:
        made = [replace(artifact, kind=kind) for artifact in follows.artifacts]
    else:
        made = [ArtifactRecord(kind, spec.agent.name, _content(spec, result))]
    return replace(follows, artifacts=made)


def _content(spec: StageSpec, result: RoleResult) -> str:
    """The one text that the result is about; JSON where there is more to it."""
    if spec.role.prose_field is not None and not result.extras:
        return str(getattr(result, spec.role.prose_field))
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
    return orjson.dumps(result.as_output(), option=options).decode()
