"""Skills as a prompt shows them: their parameters filled in once, their size bounded."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from contracts.skills import MAX_VALUE, PARAMETER_NAME
from services.orchestrator.policy.model import PolicySkill

LONGEST_SKILLS = 32_000
"""Characters of all skills in one prompt."""

# A backslash before it makes the braces stand for themselves.
_PLACE = re.compile(r"(\\?)\{\{\s*(" + PARAMETER_NAME + r")\s*\}\}")


@dataclass(frozen=True, slots=True)
class LeftOut:
    skill: PolicySkill
    reason: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """The text for the prompt, empty without skills, and which skills are not in it and why."""

    text: str = ""
    left_out: list[LeftOut] = field(default_factory=list[LeftOut])


def names_in(content: str) -> set[str]:
    """The names of the parameters that a skill's content uses."""
    return {match[2] for match in _PLACE.finditer(content) if not match[1]}


def render_skills(
    skills: Sequence[PolicySkill],
    sources: Sequence[Mapping[str, Any]],
    *,
    longest: int = LONGEST_SKILLS,
) -> Rendered:
    """`sources` are metadata whose `skill_params` give values, the first one that has one wins.

    A skill for which a required value is missing, or no room, is left out.
    """
    blocks: list[str] = []
    left_out: list[LeftOut] = []
    room = longest
    for skill in skills:
        values = _values(skill, sources)
        missing = [
            parameter.name
            for parameter in skill.parameters
            if parameter.required and parameter.name not in values
        ]
        block = f"## Skill: {skill.name}\n\n{_filled(skill.content, values)}"
        if missing:
            left_out.append(LeftOut(skill, f"no value for {', '.join(missing)}"))
        elif len(block) > room:
            left_out.append(
                LeftOut(skill, f"the prompt's skills have room for {longest} characters")
            )
        else:
            room -= len(block)
            blocks.append(block)
    return Rendered("\n\n".join(blocks), left_out)


def _filled(content: str, values: Mapping[str, str]) -> str:
    """In one pass: what a value holds is never looked into again."""

    def value(match: re.Match[str]) -> str:
        return match[0][1:] if match[1] else values.get(match[2], "")

    return _PLACE.sub(value, content)


def _values(skill: PolicySkill, sources: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    values: dict[str, str] = {}
    for parameter in skill.parameters:
        given = [_given(source, skill.name, parameter.name) for source in sources]
        found = next((text for text in given if text is not None), parameter.default)
        if found is not None:
            values[parameter.name] = _shortened(found)
    return values


def _given(source: Mapping[str, Any], skill: str, name: str) -> str | None:
    """What `skill_params` says: for this skill by name, else for all skills."""
    everything = _object(source.get("skill_params"))
    for params in (_object(everything.get(skill)), everything):
        text = _text(params.get(name))
        if text is not None:
            return text
    return None


def _object(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _text(value: object) -> str | None:
    """A value as text; lists and objects are none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_VALUE else text[: MAX_VALUE - 1] + "…"
