"""All tools, found by looking at the files of this folder."""

import importlib
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import services.orchestrator.tools as tools_package
from contracts.administration import ToolGroup, ToolInfo
from services.orchestrator.tools.base import Tool
from services.orchestrator.tools.context import SandboxTier
from services.orchestrator.tools.sandbox.report import SandboxReport

_SOURCE = "builtin"


@dataclass(frozen=True, slots=True)
class ToolRegistry:
    """Tools by name."""

    tools: dict[str, Tool[Any]]

    @classmethod
    def load(cls) -> "ToolRegistry":
        """Imports every module of the folder; those that hold a `TOOL` are tools."""
        modules = (
            importlib.import_module(f"{tools_package.__name__}.{module.name}")
            for module in pkgutil.iter_modules(tools_package.__path__)
            if not module.ispkg
        )
        found = [module.TOOL for module in modules if hasattr(module, "TOOL")]
        return cls({tool.name: tool for tool in sorted(found, key=lambda tool: tool.name)})

    def get(self, name: str) -> Tool[Any] | None:
        return self.tools.get(name)

    def available(
        self, allowed: Iterable[str] | None, *, tier: SandboxTier, sandbox: SandboxReport
    ) -> list[Tool[Any]]:
        """What a model is offered. `allowed` None means all; unknown names are passed over."""
        wanted = self.tools.keys() if allowed is None else set(allowed)
        return [
            tool
            for tool in self.tools.values()
            if tool.name in wanted and tool.reason_off(tier, sandbox) is None
        ]

    def listing(self, sandbox: SandboxReport) -> list[ToolGroup]:
        """The body of GET /api/v1/tools, with the reason for tools that are off."""
        categories: dict[str, list[ToolInfo]] = {}
        for tool in self.tools.values():
            categories.setdefault(tool.category, []).append(_entry(tool, sandbox))
        return [
            ToolGroup(category=category, source=_SOURCE, tools=entries)
            for category, entries in sorted(categories.items())
        ]


def _entry(tool: Tool[Any], sandbox: SandboxReport) -> ToolInfo:
    reason = tool.reason_off(SandboxTier.WORKSPACE, sandbox)
    return ToolInfo(
        name=tool.name, description=tool.description, available=reason is None, reason=reason
    )
