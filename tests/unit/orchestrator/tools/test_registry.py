"""The registry finds every tool and offers only what may be used."""

from services.orchestrator.tools.context import SandboxTier
from services.orchestrator.tools.registry import ToolRegistry
from services.orchestrator.tools.sandbox.report import SandboxReport

AGENTS = [
    "create_agent",
    "delegate_to_agent",
    "list_agents",
    "list_available_models",
    "send_message_to_agent",
]
FILES = ["list_dir", "read_file", "search_codebase", "write_file"]
GIT = ["git_commit", "git_diff", "git_log", "git_status"]
ALL = sorted([*AGENTS, *FILES, *GIT, "recall", "remember", "run_shell"])
WORKS = SandboxReport(works=True, reason="")
BROKEN = SandboxReport(works=False, reason="No bubblewrap.")


def names(allowed: list[str] | None, tier: SandboxTier, sandbox: SandboxReport) -> list[str]:
    tools = ToolRegistry.load().available(allowed, tier=tier, sandbox=sandbox)
    return [tool.name for tool in tools]


class TestAvailable:
    def test_all_are_offered_in_a_working_workspace(self):
        assert names(None, SandboxTier.WORKSPACE, WORKS) == ALL

    def test_the_shell_is_off_without_a_sandbox(self):
        assert "run_shell" not in names(None, SandboxTier.WORKSPACE, BROKEN)

    def test_an_empty_list_allows_nothing(self):
        assert names([], SandboxTier.WORKSPACE, WORKS) == []

    def test_only_allowed_tools_are_offered(self):
        assert names(["recall", "unknown"], SandboxTier.WORKSPACE, WORKS) == ["recall"]

    def test_isolated_pods_get_no_files_and_reach_no_agents(self):
        assert names(None, SandboxTier.ISOLATED, WORKS) == ["recall", "remember", "run_shell"]

    def test_the_host_needs_its_setting(self):
        assert "run_shell" not in names(None, SandboxTier.HOST, WORKS)
        allowed = SandboxReport(works=False, reason="", host_allowed=True)
        assert "run_shell" in names(None, SandboxTier.HOST, allowed)


class TestListing:
    def test_a_tool_that_is_off_is_listed_with_the_reason(self):
        groups = ToolRegistry.load().listing(BROKEN)
        assert [group.category for group in groups] == ["agents", "files", "git", "memory", "shell"]
        shell = groups[-1].tools[0]
        assert (shell.name, shell.available, shell.reason) == ("run_shell", False, "No bubblewrap.")


class TestSchema:
    def test_every_parameter_is_described_in_an_object_schema(self):
        for tool in ToolRegistry.load().tools.values():
            schema = tool.schema()
            assert schema["type"] == "object"
            assert schema["additionalProperties"] is False
