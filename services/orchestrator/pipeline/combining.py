"""What several agents of one role say together: texts by agent, lists as one, the worst verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class AgentOutput:
    """One stage's result under the name of its agent."""

    agent: str
    output: dict[str, Any]


def listed(outputs: Sequence[AgentOutput]) -> dict[str, Any]:
    """Each result as it is, by agent: for roles whose results nothing is decided on."""
    return {"by_agent": [{"agent": one.agent, "result": one.output} for one in outputs]}


def joined(outputs: Sequence[AgentOutput], field: str) -> str:
    """The texts of a field, each under its agent's name; agents that say nothing are left out."""
    return "\n\n".join(
        f"## {one.agent}\n\n{text}" for one in outputs if (text := str(one.output.get(field, "")))
    )


def union(outputs: Sequence[AgentOutput], field: str) -> list[Any]:
    """The items of a list field in order, equal ones once."""
    found: list[Any] = []
    for one in outputs:
        found.extend(item for item in one.output.get(field, []) if item not in found)
    return found


def worst(outputs: Sequence[AgentOutput], field: str, *, order: Sequence[str]) -> AgentOutput:
    """The first result whose field stands furthest back in `order`, which goes from good to bad."""
    return max(outputs, key=lambda one: order.index(one.output[field]))
