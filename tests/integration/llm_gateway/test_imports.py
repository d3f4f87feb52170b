"""What a gateway has loaded that has passed calls through."""

import signal
import sys
from pathlib import Path

import httpx

from services.kit.launch.configuration import ROOT
from tests.fixtures.gateway import ADMIN, environment, wait_until_ready
from tests.fixtures.ports import free_port
from tests.fixtures.processes import start, stop
from tests.fixtures.providers import openai
from tests.fixtures.providers.server import ProviderServer
from tests.integration.llm_gateway.conftest import HELLO

# The server as scripts/run starts it, which says at its end what it has loaded.
_SERVED = (
    "import pathlib, sys\nfrom services.kit import serve\n"
    "place = sys.argv.pop()\nserve.main(sys.argv[1:])\n"
    "pathlib.Path(place).write_text('\\n'.join(sys.modules))\n"
)
_HEAVY = {"litellm", "openai", "anthropic", "tiktoken", "numpy", "onnxruntime", "tokenizers"}


class TestServingGateway:
    def test_it_never_loads_what_only_translation_needs(
        self, tmp_path: Path, database_url: str, openai_server: ProviderServer
    ) -> None:
        port, loaded, log = free_port(), tmp_path / "modules", tmp_path / "log"
        process = start(
            [
                *(sys.executable, "-c", _SERVED, "services.llm_gateway.main:app"),
                *("127.0.0.1", str(port), str(loaded)),
            ],
            log=log,
            environment=environment(
                tmp_path,
                database_url,
                OPENAI_API_BASE=openai_server.url,
                OPENAI_API_KEY=openai.KEY,
            ),
            cwd=ROOT,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            wait_until_ready(url, process, log)
            with httpx.Client(base_url=url, headers={"X-Admin-Secret": ADMIN}, timeout=30) as http:
                for stream in (False, True):
                    body = {**HELLO, "model": "gpt-4o-mini", "stream": stream}
                    assert http.post("/v1/chat/completions", json=body).is_success
                own = {**HELLO, "model": "gpt-4o-mini"}
                assert http.post("/stream", json=own).is_success
                assert http.get("/v1/models").is_success
        finally:
            stop(process, ask_with=signal.SIGTERM)
        modules = set(loaded.read_text().split("\n"))
        assert "services.llm_gateway.front.chat" in modules
        assert modules & _HEAVY == set()
