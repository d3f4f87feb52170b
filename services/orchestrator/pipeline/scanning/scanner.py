"""What a scanner is: named patterns over a piece of text, each with its own small time."""

import importlib
import pkgutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

import services.orchestrator.pipeline.scanners as scanners_package
from services.orchestrator.pipeline.scanning.finding import Severity

if TYPE_CHECKING:
    import regex

_PATTERN_SECONDS = 0.5


class Source(StrEnum):
    """Where a text comes from."""

    RESULT = "result"
    FILE = "file"
    TOOL = "tool"
    MEMORY = "memory"


OURS = frozenset({Source.RESULT, Source.FILE})
"""What the task hands on."""
FROM_OUTSIDE = frozenset({Source.TOOL, Source.MEMORY})
"""What was told to the task's agents."""
EVERYWHERE = frozenset(Source)


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found, from `start` to `end` of the text.

    Attributes:
        blocks: the result must not be handed on, whatever a model says.
        secret: it is masked wherever it is shown.
    """

    start: int
    end: int
    title: str
    severity: Severity
    blocks: bool = False
    secret: bool = False


@dataclass(slots=True)
class Piece:
    """A text to be scanned until `deadline` (monotonic); `slow` names patterns that were given up."""

    text: str
    source: Source
    deadline: float
    slow: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class BoundedPattern:
    """A regular expression that gives up in time, and is not tried where none of `hints` stands."""

    title: str
    expression: str
    hints: tuple[str, ...] = ()

    def matches(self, piece: Piece) -> Iterator["regex.Match[str]"]:
        if self.hints and not any(hint in piece.text for hint in self.hints):
            return
        left = min(_PATTERN_SECONDS, piece.deadline - time.monotonic())
        if left <= 0:
            piece.slow.append(self.title)
            return
        try:
            # Without the interpreter's lock, so that the other tasks of the worker go on.
            yield from compiled(self.expression).finditer(piece.text, timeout=left, concurrent=True)
        except TimeoutError:
            piece.slow.append(self.title)


@dataclass(frozen=True, slots=True)
class Scanner:
    """One scanner; its module holds it as `SCANNER`, which is all that makes it known."""

    name: str
    category: str
    find: Callable[[Piece], Iterable[Hit]]
    sources: frozenset[Source] = EVERYWHERE


@cache
def compiled(expression: str) -> "regex.Pattern[str]":
    # Lazy: it costs 11 MB, and `re` can neither be stopped nor let others run meanwhile.
    import regex  # noqa: PLC0415

    return regex.compile(expression, regex.VERSION1)


@cache
def load_scanners() -> tuple[Scanner, ...]:
    """Every module of `scanners/` that holds a SCANNER, by name."""
    modules = (
        importlib.import_module(f"{scanners_package.__name__}.{module.name}")
        for module in pkgutil.iter_modules(scanners_package.__path__)
    )
    found: list[Scanner] = [module.SCANNER for module in modules if hasattr(module, "SCANNER")]
    return tuple(sorted(found, key=lambda scanner: scanner.name))
