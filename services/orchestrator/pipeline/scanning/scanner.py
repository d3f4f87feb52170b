"""What a scanner is: named patterns over a piece of text, each with its own small time."""

import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, lru_cache
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
    """A regular expression that gives up in time.

    It is tried only where one of `hints` stands, in any case if `ignore_case`, and where `needs`
    matches: a plain expression that takes time in proportion to the text, and says quickly of most
    texts that there is nothing.
    """

    title: str
    expression: str
    hints: tuple[str, ...] = ()
    ignore_case: bool = False
    needs: str = ""

    def matches(self, piece: Piece) -> Iterator["regex.Match[str]"]:
        if not self._may_match(piece.text):
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

    def _may_match(self, text: str) -> bool:
        if self.hints:
            searched = _folded(text) if self.ignore_case else text
            if not any(hint in searched for hint in self.hints):
                return False
        return not self.needs or re.search(self.needs, text) is not None


@dataclass(frozen=True, slots=True)
class Scanner:
    """One scanner; its module holds it as `SCANNER`, which is all that makes it known."""

    name: str
    category: str
    find: Callable[[Piece], Iterable[Hit]]
    sources: frozenset[Source] = EVERYWHERE


@lru_cache(maxsize=8)
def _folded(text: str) -> str:
    """In one case, as expressions that ignore it compare: a capital with a dot folds to two letters.

    Kept, since one text is looked through by several patterns.
    """
    return text.casefold().replace("\u0307", "")


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
