"""The tools on a real folder, with the arguments that Nova's own tools take."""

import json
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.llm_gateway.providers.offline.model import OfflineModel
from services.orchestrator.tools.registry import ToolRegistry

_REGISTRY = ToolRegistry.load()
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": tool.name,
            "description": tool.description,
            "parameters": tool.schema(),
        },
    }
    for tool in _REGISTRY.tools.values()
]


_MAIN_ARGUMENT = {
    "search_codebase": "pattern",
    "run_shell": "command",
    "remember": "content",
    "recall": "query",
}


@dataclass
class Workspace:
    """Answers the offline model's calls in a folder; `calls` are told by their main argument."""

    folder: Path
    calls: list[str] = field(default_factory=list)

    def fill(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def files(self) -> dict[str, str]:
        return {
            path.relative_to(self.folder).as_posix(): path.read_text(encoding="utf-8")
            for path in self.folder.rglob("*")
            if path.is_file()
        }

    def ask(
        self, messages: list[dict[str, Any]], response_format: dict[str, Any] | None = None
    ) -> str:
        """The engine's loop: until the model answers with text."""
        model, talk = OfflineModel(), list(messages)
        for _ in range(40):
            reply = model.reply(talk, tools=TOOLS, response_format=response_format)
            if not reply.tool_calls:
                return reply.content
            calls = [
                {"id": call.id, "function": {"name": call.name, "arguments": call.arguments}}
                for call in reply.tool_calls
            ]
            talk.append({"role": "assistant", "content": None, "tool_calls": calls})
            for call in reply.tool_calls:
                text = self._run(call.name, json.loads(call.arguments))
                talk.append({"role": "tool", "tool_call_id": call.id, "content": text})
        raise AssertionError("the model does not come to an end")

    def _run(self, name: str, arguments: dict[str, Any]) -> str:
        tool = _REGISTRY.get(name)
        assert tool is not None, name
        given = tool.parameters.model_validate(arguments).model_dump()
        self.calls.append(f"{name} {given[_MAIN_ARGUMENT.get(name, 'path')]}".strip())
        try:
            return getattr(self, f"_{name}")(given)
        except OSError as error:
            return f"[tool error] {error}"

    def _read_file(self, given: dict[str, Any]) -> str:
        return (self.folder / given["path"]).read_text(encoding="utf-8")

    def _write_file(self, given: dict[str, Any]) -> str:
        path = self.folder / given["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(given["content"], encoding="utf-8")
        return f"Wrote {path.stat().st_size} bytes to {given['path']}."

    def _list_dir(self, given: dict[str, Any]) -> str:
        entries = (self.folder / given["path"]).iterdir()
        return "\n".join(sorted(entry.name + "/" * entry.is_dir() for entry in entries))

    def _search_codebase(self, given: dict[str, Any]) -> str:
        pattern = re.escape(given["pattern"]) if given["literal"] else given["pattern"]
        wanted = re.compile(pattern, re.IGNORECASE if given["ignore_case"] else 0)
        top = (self.folder / given["path"]).resolve().relative_to(self.folder).as_posix()
        lines = [
            f"{name}:{number}: {line}"
            for name, text in sorted(self.files().items())
            if top in (".", name) or name.startswith(f"{top}/")
            for number, line in enumerate(text.splitlines(), start=1)
            if wanted.search(line)
        ]
        return "\n".join(lines) or "No line matches."

    def _run_shell(self, given: dict[str, Any]) -> str:
        done = subprocess.run(
            ["/bin/sh", "-c", given["command"]],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        return f"{done.stdout}{done.stderr}[exit code {done.returncode}]"

    def _remember(self, given: dict[str, Any]) -> str:
        assert given["content"]
        return "Remembered."

    def _recall(self, given: dict[str, Any]) -> str:
        return f"- [2024-05-01] about {given['query']}"
