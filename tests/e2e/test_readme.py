"""README.md's first steps, run as they stand there against a whole Nova."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.kit.launch.processes import PROCESSES
from tests.fixtures.nova import Nova, StartNova
from tests.fixtures.providers import openai
from tests.fixtures.providers.server import ProviderServer

README = (Path(__file__).resolve().parents[2] / "README.md").read_text()

pytestmark = pytest.mark.e2e


def first_steps(nova: Nova) -> str:
    """The blocks that call a running Nova, with this one's ports and home in them."""
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    script = "\n".join(block for block in blocks if "curl" in block)
    for process in PROCESSES.values():
        if process.default_port is not None:
            port = nova.environment[process.port_variable]
            script = script.replace(f"127.0.0.1:{process.default_port}/", f"127.0.0.1:{port}/")
    # The sample home has its secrets in a file; a test's Nova is given the admin's beforehand.
    script = re.sub(r"^ADMIN=.*$", f"ADMIN={nova.admin_secret}", script, flags=re.MULTILINE)
    return script.replace(".nova/workspace", str(nova.workspace))


def run(nova: Nova) -> str:
    done = subprocess.run(
        ["sh", "-eu"],
        input=first_steps(nova),
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def check(nova: Nova, printed: str) -> None:
    stages = re.findall(r'"stage":"(\w+)","status":"completed"', printed)
    assert stages[:4] == ["context", "task", "guardrail", "code_review"]
    assert '"status":"complete"' in printed
    assert (nova.workspace / "count.txt").read_text().strip() == "9"
    assert printed.count("data: [DONE]") == 2
    chat = printed.split("data: [DONE]")[1]
    assert '"delta"' in chat
    backups = re.findall(r'"filename":"([^"]+)"', printed)
    assert (nova.home / "backups" / backups[0]).exists()


def test_with_the_offline_model(start_nova: StartNova) -> None:
    nova = start_nova()
    check(nova, run(nova))


@pytest.fixture
def provider() -> Iterator[ProviderServer]:
    with ProviderServer(openai.handle) as server:
        yield server


def test_with_an_openai_compatible_server(start_nova: StartNova, provider: ProviderServer) -> None:
    nova = start_nova(
        OPENAI_API_BASE=f"{provider.url}/v1",
        OPENAI_API_KEY=openai.KEY,
        DEFAULT_OPENAI_MODEL="agent",
    )
    printed = run(nova)
    check(nova, printed)
    assert "offline model" not in printed
