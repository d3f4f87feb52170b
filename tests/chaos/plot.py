"""What one task of a storm does, drawn from its mark alone, and a provider that plays it.

A mark stands in the task's request, as [[mark]]; the provider finds it in every model call, so that
it can tell which call of which task it is asked for, and writes down when.
"""

import asyncio
import json
import random
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Self

from tests.fixtures.providers.server import ProviderServer, Reply, Request, Stream

MODEL = "chaos"
PRICES = {MODEL: {"input": 1.0, "output": 2.0, "context_window": 100_000, "max_output": 4_096}}
UNKNOWN = "Outcome unknown"
_MARK = re.compile(r"\[\[([a-z0-9-]+)\]\]")
_WORDS = [
    "word ",
    "é ",
    "\u2028",
    '"q" ',
    "🙂 ",
    "line\n",
    "\r\n",
    "data: [DONE]\n\n",
    "\t",
    "漢字 ",
]


@dataclass(frozen=True)
class Call:
    """A tool call of a plot; `token` is the line that it leaves in the workspace, if it counts."""

    id: str
    name: str
    arguments: dict[str, Any]
    token: str | None = None


class Plot:
    """The turns of one task's working agent: tool calls first, then its answer."""

    def __init__(self, mark: str) -> None:
        source = random.Random(mark)
        self.mark = mark
        self.turns = [self._turn(source, number) for number in range(source.randint(1, 3))]
        self.pieces = [source.choice(_WORDS) for _ in range(source.randint(20, 80))]
        self.pause = source.choice([0.0, 0.005, 0.015])

    @property
    def text(self) -> str:
        return f"{self.mark}: {''.join(self.pieces)}"

    @property
    def calls(self) -> list[Call]:
        return [call for turn in self.turns for call in turn]

    def turn_after(self, results: int) -> int:
        """Which turn comes when so many tool results are there."""
        done = 0
        for number, turn in enumerate(self.turns):
            if done >= results:
                return number
            done += len(turn)
        return len(self.turns)

    def _turn(self, source: random.Random, number: int) -> list[Call]:
        kinds = source.choice([["count"], ["count"], ["write"], ["read"], ["count", "count"]])
        return [
            self._call(kind, f"{self.mark}.{number}.{place}", source)
            for place, kind in enumerate(kinds)
        ]

    def _call(self, kind: str, name: str, source: random.Random) -> Call:
        if kind == "write":
            arguments = {"path": f"written-{self.mark}.txt", "content": f"{name}\n"}
            return Call(name, "write_file", arguments)
        if kind == "read":
            # Another spelling each turn: an agent that repeats a call is stopped as one in a loop.
            return Call(name, "list_dir", {"path": "./" * (int(name.rsplit(".", 2)[1]) + 1)})
        before, after = source.choice([(0.0, 0.0), (0.0, 0.3), (0.3, 0.0)])
        command = f"sleep {before}; echo {name} >> effects.txt; sleep {after}"
        return Call(name, "run_shell", {"command": command}, token=name)


@dataclass
class Seen:
    """A model call as the provider saw it: of which task and role, after how many tool results."""

    mark: str
    role: str
    results: int
    at: float
    told_unknown: frozenset[str] = field(default_factory=frozenset)


class CountingProvider:
    """An OpenAI-compatible server that plays the plots. `seen` are the model calls, in order."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self._server = ProviderServer(self._answer)

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__()

    @property
    def url(self) -> str:
        return f"{self._server.url}/v1"

    async def _answer(self, request: Request) -> Reply | Stream:
        if request.path == "/v1/models":
            model = {"id": MODEL, "object": "model", "created": 1, "owned_by": "chaos"}
            return Reply({"object": "list", "data": [model]})
        if request.path != "/v1/chat/completions":
            return Reply({"error": {"message": "not here"}}, status=404)
        body = request.json
        seen = _seen(body)
        if seen is None:
            return Reply({"error": {"message": "no mark in the request"}}, status=400)
        self.seen.append(seen)
        return Stream(_chunks(Plot(seen.mark), seen))


def _seen(body: dict[str, Any]) -> Seen | None:
    messages = body["messages"]
    mark = None
    for message in messages:
        if message["role"] == "user" and (found := _MARK.search(str(message["content"]))):
            mark = found[1]  # of several turns of a conversation the last one's
    if mark is None:
        return None
    results = [message for message in messages if message["role"] == "tool"]
    told = {
        message["tool_call_id"] for message in results if UNKNOWN in str(message.get("content"))
    }
    role = ((body.get("response_format") or {}).get("json_schema") or {}).get("name", "chat")
    return Seen(mark, role, len(results), time.time(), frozenset(told))


async def _chunks(plot: Plot, seen: Seen) -> AsyncIterator[bytes]:
    turn = plot.turn_after(seen.results)
    finish = "stop"
    if seen.role in {"chat", "task"} and turn < len(plot.turns):
        finish = "tool_calls"
        yield _event({"tool_calls": [_wire(i, c) for i, c in enumerate(plot.turns[turn])]})
    else:
        for piece in _reply(plot, seen.role):
            yield _event({"content": piece})
            if plot.pause:
                await asyncio.sleep(plot.pause)
    yield _event({}, finish)
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    yield b"data: " + json.dumps({"choices": [], "model": MODEL, "usage": usage}).encode() + b"\n\n"
    yield b"data: [DONE]\n\n"


def _reply(plot: Plot, role: str) -> list[str]:
    if role == "chat":
        return [f"{plot.mark}: ", *plot.pieces]
    answers: dict[str, dict[str, Any]] = {
        "context": {"summary": f"known {plot.mark}", "plan": plot.pieces[:10]},
        "task": {"output": plot.text},
        "guardrail": {"blocked": False},
        "code_review": {"verdict": "pass", "summary": "".join(plot.pieces[:5])},
        "documentation": {"content": "It was done."},
        "diagramming": {"mermaid": "graph TD"},
        "security_review": {"findings": []},
        "memory_extraction": {"memories": [f"fact of {plot.mark}"]},
    }
    content = json.dumps(answers[role], ensure_ascii=False)
    return [content[start : start + 9] for start in range(0, len(content), 9)]


def _wire(index: int, call: Call) -> dict[str, Any]:
    function = {"name": call.name, "arguments": json.dumps(call.arguments)}
    return {"index": index, "id": call.id, "type": "function", "function": function}


def _event(delta: dict[str, Any], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return b"data: " + json.dumps({"model": MODEL, "choices": [choice]}).encode() + b"\n\n"
