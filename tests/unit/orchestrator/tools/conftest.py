"""Tool calls in a temporary workspace."""

from tests.fixtures.tools import context, sandbox, shell_context

__all__ = ["context", "sandbox", "shell_context"]
