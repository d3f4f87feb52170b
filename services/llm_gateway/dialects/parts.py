"""Puts an answer's deltas into parts that come one after the other, none beside another.

A chat completion may send the pieces of several tool calls mixed. Whoever reads items or blocks
wants them in turn: the pieces of a later part wait until the one before it has ended. So the result
does not depend on where the chunks were cut.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import orjson

from services.llm_gateway.dialects.deltas import Delta, ToolDelta

PartKind = Literal["reasoning", "text", "refusal", "tool"]


@dataclass(slots=True, eq=False)
class Part:
    """A text, the model's thoughts, a refusal, or the arguments of a tool call."""

    kind: PartKind
    id: str = ""
    name: str = ""
    pieces: list[str] = field(default_factory=list[str])
    waiting: list[str] = field(default_factory=list[str])
    opened: bool = False
    checked: int = 0

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def add(self, piece: str) -> None:
        if piece:
            self.pieces.append(piece)
            self.waiting.append(piece)

    def may_end(self) -> bool:
        """Whether another part's beginning ends it: a tool call only once its arguments are whole."""
        if self.kind != "tool":
            return True
        if self.checked == len(self.pieces):
            return False
        self.checked = len(self.pieces)
        text = self.text
        return text.rstrip().endswith("}") and _is_json_object(text)


@dataclass(frozen=True, slots=True)
class PartEvent:
    """`piece` is what was added, with `grown` alone."""

    what: Literal["opened", "grown", "closed"]
    part: Part
    piece: str = ""


class Parts:
    """Takes deltas, gives the events of parts in turn; `all` are the parts so far, in order."""

    def __init__(self) -> None:
        self.all: list[Part] = []
        self._current = 0
        self._tools: dict[int, Part] = {}

    def take(self, delta: Delta) -> Iterator[PartEvent]:
        self._add("reasoning", delta.reasoning)
        self._add("text", delta.text)
        self._add("refusal", delta.refusal)
        for piece in delta.tools:
            self._add_tool(piece)
        yield from self._advance(ended=False)

    def finish(self) -> Iterator[PartEvent]:
        """No more deltas come."""
        for part in self.all[self._current :]:
            if part.kind == "tool" and not part.text.strip():
                part.add("{}")
        yield from self._advance(ended=True)

    @property
    def characters(self) -> int:
        return sum(len(piece) for part in self.all for piece in (part.name, *part.pieces))

    def _add(self, kind: PartKind, text: str) -> None:
        if not text:
            return
        if not self.all or self.all[-1].kind != kind:
            self.all.append(Part(kind))
        self.all[-1].add(text)

    def _add_tool(self, piece: ToolDelta) -> None:
        part = self._tools.get(piece.index)
        # Some servers number every call 0; then the id tells them apart.
        is_other = part is not None and piece.name and piece.id and part.id not in {"", piece.id}
        if part is None or is_other:
            part = self._tools[piece.index] = Part("tool")
            self.all.append(part)
        part.id = part.id or piece.id
        part.name = part.name or piece.name
        part.add(piece.arguments)

    def _advance(self, *, ended: bool) -> Iterator[PartEvent]:
        while self._current < len(self.all):
            part = self.all[self._current]
            if part.kind == "tool" and not part.name and not ended:
                return
            if not part.opened:
                part.opened = True
                yield PartEvent("opened", part)
            if part.waiting:
                piece = "".join(part.waiting)
                part.waiting.clear()
                yield PartEvent("grown", part, piece)
            is_last = self._current == len(self.all) - 1
            if not ended and (is_last or not part.may_end()):
                return
            self._current += 1
            yield PartEvent("closed", part)


def _is_json_object(text: str) -> bool:
    try:
        return isinstance(orjson.loads(text), dict)
    except orjson.JSONDecodeError:
        return False
