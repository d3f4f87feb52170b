"""Replies scripted in a file, for tests and demonstrations; docs/offline-model.md has its format."""

import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator


class ScriptError(Exception):
    """The script can't be read; the message says where."""


class ScriptedCall(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    arguments: dict[str, Any] = {}


class ScriptedFailure(BaseModel):
    """What a provider would have answered instead of a reply."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: int = Field(default=500, ge=400, le=599)
    message: str = "scripted error"


class ScriptEntry(BaseModel):
    """One rule; `turn` counts the model's earlier replies to the request (0: the first reply)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    match: str
    role: str | None = None
    turn: int | None = Field(default=None, ge=0)
    reply: str | dict[str, Any] | None = None
    tool_calls: list[ScriptedCall] = []
    error: ScriptedFailure | None = None
    delay_ms: int = Field(default=0, ge=0)
    chunk_delay_ms: int = Field(default=0, ge=0)

    @field_validator("match")
    @classmethod
    def is_regex(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        return value

    def applies(self, request: str, *, role: str | None, turn: int) -> bool:
        wanted = 0 if self.turn is None and self.tool_calls else self.turn
        return (
            (self.role is None or self.role == role)
            and (wanted is None or wanted == turn)
            and re.search(self.match, request, re.IGNORECASE | re.DOTALL) is not None
        )


_ENTRIES = TypeAdapter(list[ScriptEntry])


class Script:
    """The file's entries; read again when the file has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._entries: list[ScriptEntry] = []

    def find(self, request: str, *, role: str | None, turn: int) -> ScriptEntry | None:
        """The first entry that applies; raises ScriptError."""
        self._refresh()
        for entry in self._entries:
            if entry.applies(request, role=role, turn=turn):
                return entry
        return None

    def _refresh(self) -> None:
        try:
            state = self._path.stat()
            stamp = (state.st_mtime_ns, state.st_size)
            if stamp != self._stamp:
                self._entries = _ENTRIES.validate_json(self._path.read_bytes())
                self._stamp = stamp
        except (OSError, ValidationError) as error:
            raise ScriptError(f"NOVA_OFFLINE_SCRIPT={self._path}: {error}") from error
