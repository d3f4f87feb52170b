"""A tool loop over files in memory, as the engine would run it around the offline model."""

import json
from dataclasses import dataclass, field
from typing import Any

from services.llm_gateway.providers.offline.model import OfflineModel

TOOL_NAMES = (
    "list_dir",
    "read_file",
    "write_file",
    "search_codebase",
    "run_shell",
    "remember",
    "recall",
)
TOOLS = [{"type": "function", "function": {"name": name}} for name in TOOL_NAMES]


@dataclass
class Agent:
    files: dict[str, str] = field(default_factory=dict)
    remembered: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def ask(
        self,
        request: str,
        *,
        response_format: dict[str, Any] | None = None,
        tools: list[dict[str, Any]] | None = None,
    ) -> str:
        model = OfflineModel()
        messages: list[dict[str, Any]] = [{"role": "user", "content": request}]
        for _ in range(40):
            reply = model.reply(
                messages, tools=TOOLS if tools is None else tools, response_format=response_format
            )
            if not reply.tool_calls:
                return reply.content
            messages.append(
                {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [
                        {"id": c.id, "function": {"name": c.name, "arguments": c.arguments}}
                        for c in reply.tool_calls
                    ],
                }
            )
            for call in reply.tool_calls:
                text = self._run(call.name, json.loads(call.arguments))
                messages.append({"role": "tool", "tool_call_id": call.id, "content": text})
        raise AssertionError("the model does not come to an end")

    def _run(self, name: str, arguments: dict[str, Any]) -> str:
        self.calls.append((name, arguments))
        return str(getattr(self, f"_{name}")(**arguments))

    def _read_file(self, path: str) -> str:
        return self.files.get(path, f"[tool error] {path} does not exist")

    def _write_file(self, path: str, content: str) -> str:
        self.files[path] = content
        return f"wrote {path}"

    def _list_dir(self, path: str) -> str:
        assert path
        return "\n".join(sorted({*self.files, "src/"}))

    def _search_codebase(self, pattern: str, path: str = ".", *, literal: bool = False) -> str:
        assert literal
        lines = [
            f"{file}:{number}: {line}"
            for file, text in sorted(self.files.items())
            for number, line in enumerate(text.splitlines(), 1)
            if pattern in line
        ]
        return "\n".join(lines) or f"no match in {path}"

    def _run_shell(self, command: str) -> str:
        self.commands.append(command)
        return "shell says hi"

    def _remember(self, content: str) -> str:
        self.remembered.append(content)
        return "remembered"

    def _recall(self, query: str) -> str:
        return "\n".join(self.remembered) or f"nothing about {query}"
