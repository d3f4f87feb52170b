"""Tries rules on a tool call: patterns under a deadline, detectors; what can't be told, matches."""

import asyncio
import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Protocol, cast

from services.orchestrator.rules.detectors import (
    credential,
    outside_workspace,
    recursive_deletion,
)
from services.orchestrator.rules.patterns import search

_SPACE = re.compile(r"\s+")
# Zero-width characters and the like, which nobody sees and no command needs.
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f"
                        "\u202a-\u202e\u2060-\u2064\u206a-\u206f\ufe00-\ufe0f\ufeff]")  # fmt: skip
_LONGEST_EVIDENCE = 200
_LONGEST_NORMALISED = 1_000_000


@dataclass(frozen=True, slots=True)
class Detector:
    arguments: Callable[[Mapping[str, Any]], str | None]
    text: Callable[[str], str | None]


DETECTORS = {
    module.NAME: Detector(module.detect, module.detect_text)
    for module in (credential, outside_workspace, recursive_deletion)
}


class Checked(Protocol):
    """The part of a rule that says which calls it is about."""

    @property
    def name(self) -> str: ...
    @property
    def pattern(self) -> str | None: ...
    @property
    def detector(self) -> str | None: ...
    @property
    def target_tools(self) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Match:
    """`text` is what the rule objects to, short and without credentials."""

    rule: Any
    text: str


async def matching_rules(
    rules: Sequence[Checked], tool: str, arguments: Mapping[str, Any]
) -> list[Match]:
    """The rules that the call falls under, in their order."""
    wanted = [rule for rule in rules if is_targeted(rule, tool)]
    if not wanted:
        return []
    return await asyncio.to_thread(_matching, wanted, tool, arguments)


async def matched_text(rule: Checked, text: str) -> str | None:
    """What of the text alone the rule objects to, or None."""
    return await asyncio.to_thread(_match_text, rule, text)


def is_targeted(rule: Checked, tool: str) -> bool:
    return not rule.target_tools or any(fnmatchcase(tool, glob) for glob in rule.target_tools)


def shown(text: str) -> str:
    """As evidence: cut, and without credentials."""
    masked = credential.mask(text[: _LONGEST_EVIDENCE * 4])
    return masked if len(masked) <= _LONGEST_EVIDENCE else masked[: _LONGEST_EVIDENCE - 1] + "…"


def _matching(rules: Sequence[Checked], tool: str, arguments: Mapping[str, Any]) -> list[Match]:
    found: list[Match] = []
    texts: list[str] | None = None
    for rule in rules:
        text = None
        if rule.pattern is None and rule.detector is None:
            text = tool
        if rule.detector is not None:
            text = DETECTORS[rule.detector].arguments(arguments)
        if text is None and rule.pattern is not None:
            texts = texts or list(_texts_of(tool, arguments))
            text = search(rule.pattern, texts)
        if text is not None:
            found.append(Match(rule, shown(text)))
    return found


def _match_text(rule: Checked, text: str) -> str | None:
    found = None
    if rule.detector is not None:
        found = DETECTORS[rule.detector].text(text)
    if found is None and rule.pattern is not None:
        found = search(rule.pattern, list(dict.fromkeys((text, *_normalised(text)))))
    return None if found is None else shown(found)


def _texts_of(tool: str, arguments: Mapping[str, Any]) -> Iterator[str]:
    """The call as `tool {"argument": …}` in canonical JSON, then each text in the arguments."""
    canonical = json.dumps(arguments, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    yield f"{tool} {canonical}"
    for text in dict.fromkeys(_strings(arguments)):
        yield text
        yield from _normalised(text)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in cast("Mapping[str, object]", value).values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            yield from _strings(item)


def _normalised(text: str) -> Iterator[str]:
    """The text as one reads it, if that is another: compatible letters, one space between words."""
    if len(text) > _LONGEST_NORMALISED:
        return
    plain = text if text.isascii() else _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    plain = _SPACE.sub(" ", plain)
    if plain != text:
        yield plain
