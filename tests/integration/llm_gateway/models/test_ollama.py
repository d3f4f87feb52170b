"""Ollama's own models: listed, pulled with progress, deleted; its state, and its sleeping machine."""

import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Self

import httpx
import pytest

from tests.fixtures.gateway import GatewayProcess, StartGateway
from tests.fixtures.ports import free_port
from tests.fixtures.providers import ollama
from tests.fixtures.providers.server import CutError, ProviderServer, Reply, Request, Stream
from tests.integration.llm_gateway.conftest import HELLO, Rows

MAC = "01:23:45:67:89:ab"
PACKET = b"\xff" * 6 + bytes.fromhex("0123456789ab") * 16


class Machine:
    """Ollama with models that come and go."""

    def __init__(self) -> None:
        self.models = ["llama3.2:latest"]

    async def handle(self, request: Request) -> Reply | Stream:
        match request.method, request.path:
            case "GET", "/api/tags":
                return Reply({"models": [self._entry(name) for name in self.models]})
            case "GET", "/api/ps":
                return Reply({"models": [{"name": "llama3.2:latest", "size_vram": 5}]})
            case "POST", "/api/show":
                info = {"general.architecture": "llama", "llama.context_length": 131_072}
                parameters = "stop            <end>\nnum_ctx         8192"
                capabilities = ["completion", "vision", "thinking"]
                return Reply(
                    {"model_info": info, "parameters": parameters, "capabilities": capabilities}
                )
            case "POST", "/api/pull":
                return self._pull(request.json["model"])
            case "DELETE", "/api/delete":
                return self._delete(request.json["model"])
            case _:
                return await ollama.handle(request)

    def _entry(self, name: str) -> dict[str, object]:
        details = {"family": "llama", "parameter_size": "3B", "quantization_level": "Q4"}
        return {"name": name, "digest": name, "size": 7, "details": details}

    def _delete(self, name: str) -> Reply:
        if name not in self.models:
            return Reply({"error": f"model '{name}' not found"}, 404)
        self.models.remove(name)
        return Reply(b"")

    def _pull(self, name: str) -> Reply | Stream:
        if name == "refused":
            return Reply({"error": "invalid model name"}, 400)
        return Stream(self._lines(name), "application/x-ndjson")

    async def _lines(self, name: str) -> AsyncIterator[bytes]:
        lines: list[dict[str, object]] = [{"status": "pulling manifest"}]
        if name == "missing":
            lines.append({"error": "pull model manifest: file does not exist"})
        else:
            layer = {"status": "pulling a1", "digest": "sha256:a1", "total": 1000}
            lines += [{**layer, "completed": done} for done in (0, 500, 500, 1000)]
            lines.append({"status": "success"})
        for number, line in enumerate(lines):
            if name == "cut" and number == 3:
                raise CutError
            yield json.dumps(line).encode() + b"\n"
        if name not in {"missing", "cut"}:
            self.models.append(name)


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    with ProviderServer(Machine().handle) as started:
        yield started


@pytest.fixture
def client(start_gateway: StartGateway, server: ProviderServer) -> Iterator[httpx.Client]:
    gateway = start_gateway(OLLAMA_BASE_URL=server.url)
    with httpx.Client(base_url=gateway.url, headers=gateway.admin, timeout=30) as found:
        yield found


def lines_of(answer: httpx.Response) -> list[dict[str, object] | str]:
    data = [line[6:] for line in answer.text.splitlines() if line.startswith("data: ")]
    return [one if one == "[DONE]" else json.loads(one) for one in data]


class TestModels:
    def test_listed_pulled_and_deleted(self, client: httpx.Client, rows: Rows) -> None:
        (found,) = client.get("/v1/models/ollama/pulled").json()
        assert (found["name"], found["size_bytes"], found["parameter_size"]) == (
            *("llama3.2:latest", 7, "3B"),
        )
        *lines, done = lines_of(client.post("/v1/models/ollama/pull", json={"name": "qwen3:4b"}))
        assert done == "[DONE]"
        # A line that says nothing new is left out.
        assert [line.get("percent") for line in lines if isinstance(line, dict)] == [
            *(None, 0.0, 50.0, 100.0, None),
        ]
        assert lines[-1] == {"status": "success"}
        listed = [model["id"] for model in client.get("/v1/models").json()["data"]]
        assert {"ollama/llama3.2", "ollama/qwen3:4b"} < set(listed)
        assert client.delete("/v1/models/ollama/qwen3:4b").status_code == 204
        assert client.delete("/v1/models/ollama/qwen3:4b").status_code == 404
        assert "ollama/qwen3:4b" not in client.get("/v1/models").text
        actions = [
            row["action"] for row in rows("SELECT action FROM gateway_audit_log ORDER BY at")
        ]
        assert actions == ["model.pulled", "model.deleted"]

    def test_a_pull_that_fails_says_so(self, client: httpx.Client) -> None:
        answer = client.post("/v1/models/ollama/pull", json={"name": "refused"})
        assert (answer.status_code, "invalid model name" in answer.text) == (400, True)
        for name, words in (("missing", "file does not exist"), ("cut", "broke")):
            *_, failure, done = lines_of(client.post("/v1/models/ollama/pull", json={"name": name}))
            assert isinstance(failure, dict)
            assert (failure["type"], done) == ("error", "[DONE]")
            assert words in str(failure["detail"])

    def test_its_facts_and_state(self, client: httpx.Client) -> None:
        (found,) = [
            model
            for model in client.get("/v1/models/details").json()
            if model["provider"] == "ollama"
        ]
        assert found["context_window"] == 8_192
        assert found["capabilities"] == ["chat", "vision"]
        assert (found["price_source"], found["input_usd"]) == ("free", 0)
        status = client.get("/health/providers/ollama/status").json()
        assert (status["status"], status["version"], status["can_wake"]) == ("ok", "0.12.0", False)
        assert status["loaded"][0]["vram_bytes"] == 5
        assert client.get("/v1/health/providers/ollama/status").json()["version"] == "0.12.0"

    def test_a_price_set_by_a_person_and_an_alias(self, client: httpx.Client) -> None:
        path = "/v1/models/overrides/ollama/llama3.2"
        assert client.put(path, json={"input": 1}).status_code == 422
        assert client.put(path, json={"input": 1, "output": "2.5"}).is_success
        details = {model["id"]: model for model in client.get("/v1/models/details").json()}
        found = details["ollama/llama3.2"]
        assert (found["price_source"], found["output_usd"]) == ("override", 2.5)
        assert found["context_window"] == 8_192
        assert client.delete(path).status_code == 204
        assert client.delete(path).status_code == 404


class TestWithout:
    def test_not_set_up(self, gateway: GatewayProcess) -> None:
        with httpx.Client(base_url=gateway.url, headers=gateway.admin, timeout=30) as client:
            assert client.get("/v1/models/ollama/pulled").status_code == 503
            status = client.get("/health/providers/ollama/status").json()
            assert (status["status"], status["available"]) == ("not_configured", False)

    def test_down(self, start_gateway: StartGateway) -> None:
        gateway = start_gateway(OLLAMA_BASE_URL=f"http://127.0.0.1:{free_port()}")
        with httpx.Client(base_url=gateway.url, headers=gateway.admin, timeout=30) as client:
            assert client.get("/v1/models/ollama/pulled").status_code == 503
            status = client.get("/health/providers/ollama/status").json()
            assert (status["status"], status["version"]) == ("unavailable", None)


class Sleeper:
    """A machine that gets up when the magic packet comes."""

    def __init__(self, receiver: socket.socket, server: ProviderServer) -> None:
        self._receiver = receiver
        self._server = server
        self.packets: list[bytes] = []
        self._thread = threading.Thread(target=self._sleep, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._receiver.close()
        if self.packets:
            self._server.__exit__()

    def _sleep(self) -> None:
        self.packets.append(self._receiver.recv(1024))
        self._server.__enter__()


class TestWaking:
    def test_a_call_wakes_the_machine_and_waits(
        self, start_gateway: StartGateway, translate_url: str
    ) -> None:
        receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        receiver.bind(("127.0.0.1", 0))
        port = free_port()
        with Sleeper(receiver, ProviderServer(Machine().handle, port=port)) as sleeper:
            gateway = start_gateway(
                OLLAMA_BASE_URL=f"http://127.0.0.1:{port}",
                WOL_MAC_ADDRESS=MAC,
                WOL_BROADCAST_IP=f"127.0.0.1:{receiver.getsockname()[1]}",
                NOVA_LLM_TRANSLATE_URL=translate_url,
            )
            with httpx.Client(base_url=gateway.url, headers=gateway.admin, timeout=60) as client:
                status = client.get("/health/providers/ollama/status").json()
                assert (status["status"], status["can_wake"]) == ("unavailable", True)
                body = {**HELLO, "model": "ollama/llama3.2"}
                answer = client.post("/v1/chat/completions", json=body)
                assert answer.status_code == 200, answer.text
                assert sleeper.packets == [PACKET]
