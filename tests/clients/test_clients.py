"""The clients that people use, unmodified, against a real gateway with an OpenAI-format provider.

Each client's script runs once in its own environment and prints what it got; the checks are here.
`scripts/test` makes the environments.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.kit.launch.configuration import ROOT
from tests.fixtures.gateway import ADMIN, running_gateway
from tests.fixtures.nova import clean_environment
from tests.fixtures.postgres import PostgresServer
from tests.fixtures.providers import openai as openai_wire
from tests.fixtures.providers.server import ProviderServer

_HERE = Path(__file__).parent
_CLIENTS = ROOT / ".venv" / "clients" / "bin"
_ECHO = "You said: Hello!"
_NODE = shutil.which("node")

PYTHON_2 = [sys.executable, str(_HERE / "openai_python.py")]
RESPONSES_2 = [sys.executable, str(_HERE / "openai_responses_python.py")]
RESPONSES_3 = [str(_CLIENTS / "python"), str(_HERE / "openai_responses_python.py")]
ANTHROPIC = [str(_CLIENTS / "python"), str(_HERE / "anthropic_python.py")]
PYTHON_3 = [str(_CLIENTS / "python"), str(_HERE / "openai_python.py")]
LANGCHAIN = [str(_CLIENTS / "python"), str(_HERE / "langchain_python.py")]
JAVASCRIPT = [_NODE or "node", str(_HERE / "js" / "openai.mjs")]
VERCEL = [_NODE or "node", str(_HERE / "js" / "vercel.mjs")]

Found = dict[str, Any]


@pytest.fixture(scope="module")
def url(
    tmp_path_factory: pytest.TempPathFactory,
    postgres_server: PostgresServer,
    template_database: str,
) -> Iterator[str]:
    """A gateway that all clients here share."""
    home = tmp_path_factory.mktemp("clients")
    postgres_server.execute(f"CREATE DATABASE clients TEMPLATE {template_database}")
    with (
        ProviderServer(openai_wire.handle) as server,
        running_gateway(
            home,
            postgres_server.dsn("clients"),
            OPENAI_API_BASE=server.url,
            OPENAI_API_KEY=openai_wire.KEY,
        ) as gateway,
    ):
        yield gateway.url
    postgres_server.execute("DROP DATABASE clients WITH (FORCE)")


def _run(command: list[str], url: str, home: Path) -> Found:
    if command[0] == "node":
        pytest.skip("node is missing")
    environment = clean_environment(home, NOVA_KEY=ADMIN, LANGSMITH_TRACING="false")
    ended = subprocess.run(
        [*command, url], env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def _client(command: list[str]) -> Callable[..., Found]:
    @pytest.fixture(scope="module")
    def found(url: str, tmp_path_factory: pytest.TempPathFactory) -> Found:
        return _run(command, url, tmp_path_factory.mktemp("home"))

    return found


openai2 = _client(PYTHON_2)
openai3 = _client(PYTHON_3)
responses2 = _client(RESPONSES_2)
responses3 = _client(RESPONSES_3)
anthropic = _client(ANTHROPIC)
langchain = _client(LANGCHAIN)
javascript = _client(JAVASCRIPT)
vercel = _client(VERCEL)

_OPENAI = ["openai2", "openai3", "javascript"]
_ALL = [*_OPENAI, "langchain", "vercel"]


@pytest.fixture
def found(request: pytest.FixtureRequest) -> Found:
    return request.getfixturevalue(request.param)


def test_the_environments_hold_both_major_versions(openai2: Found, openai3: Found) -> None:
    assert openai2["version"].startswith("2.")
    assert openai3["version"].startswith("3.")


@pytest.mark.parametrize("found", _ALL, indirect=True)
class TestEveryClient:
    def test_chat(self, found: Found) -> None:
        answer = found["chat"]
        assert answer["text"] == _ECHO
        assert answer["finish"] == "stop"
        assert answer["input_tokens"] > 0
        assert answer["output_tokens"] > 0

    def test_stream(self, found: Found) -> None:
        answer = found["stream"]
        assert answer["text"] == _ECHO
        assert answer["pieces"] > 1

    def test_tools(self, found: Found) -> None:
        answer = found["tools"]
        assert answer["name"] == "get_weather"
        assert answer["arguments"] == {"city": "Paris"}
        assert "sunny" in answer["then"]

    def test_tools_in_a_stream(self, found: Found) -> None:
        assert found["tools_stream"] == {"name": "get_weather", "arguments": {"city": "Paris"}}

    def test_json_schema(self, found: Found) -> None:
        assert found["json_schema"]["value"]["name"]

    def test_embeddings(self, found: Found) -> None:
        assert found["embeddings"] == {"count": 2, "dimensions": 8}

    def test_a_providers_limit_is_a_429(self, found: Found) -> None:
        assert found["limited"]["status"] == 429


@pytest.mark.parametrize("found", _OPENAI, indirect=True)
class TestOfficialClients:
    def test_models(self, found: Found) -> None:
        assert {"auto", "gpt-4o-mini", "offline/nova"} <= set(found["models"]["ids"])
        assert found["models"]["one"] == "gpt-4o-mini"

    def test_errors(self, found: Found) -> None:
        assert found["unknown_model"] | {"code": None} == {
            "error": "NotFoundError",
            "status": 404,
            "code": None,
        }
        assert found["wrong_key"]["error"] == "AuthenticationError"
        assert found["limited"]["error"] == "RateLimitError"


@pytest.mark.parametrize("found", ["openai2", "openai3"], indirect=True)
class TestPython:
    def test_usage_in_streams_is_given_when_asked_for(self, found: Found) -> None:
        assert found["stream"]["output_tokens"] is None
        assert found["stream"]["without_choices"] == 0
        assert found["stream_usage"]["output_tokens"] > 0
        assert found["stream_usage"]["without_choices"] == 1

    def test_vision(self, found: Found) -> None:
        assert "What is this?" in found["vision"]["text"]

    def test_offline_model(self, found: Found) -> None:
        assert found["offline"]["text"]

    def test_a_cut_stream_is_an_error(self, found: Found) -> None:
        assert found["broken_stream"]["error"]


class TestLlmCommand:
    """Simon Willison's `llm`, with the gateway named in its extra-openai-models.yaml."""

    @pytest.fixture
    def llm(self, url: str, tmp_path: Path) -> Callable[..., str]:
        entry = {
            "model_id": "nova",
            "model_name": "gpt-4o-mini",
            "api_base": f"{url}/v1",
            "api_key_name": "nova",
            "supports_tools": True,
            "supports_schema": True,
        }
        (tmp_path / "extra-openai-models.yaml").write_text(json.dumps([entry]))
        environment = clean_environment(tmp_path, LLM_USER_PATH=str(tmp_path))

        def run(*arguments: str) -> str:
            command = [str(_CLIENTS / "llm"), *arguments]
            ended = subprocess.run(
                command, env=environment, capture_output=True, text=True, timeout=60, check=False
            )
            assert ended.returncode == 0, ended.stderr
            return ended.stdout.strip()

        run("keys", "set", "nova", "--value", ADMIN)
        return run

    def test_streams_by_default(self, llm: Callable[..., str]) -> None:
        assert llm("prompt", "-m", "nova", "Hello!") == _ECHO

    def test_in_one_piece(self, llm: Callable[..., str]) -> None:
        assert llm("prompt", "-m", "nova", "--no-stream", "Hello!") == _ECHO

    def test_schema(self, llm: Callable[..., str]) -> None:
        answer = llm("prompt", "-m", "nova", "--schema", "name str", "Hello!")
        assert json.loads(answer)["name"]

    def test_tools(self, llm: Callable[..., str]) -> None:
        function = 'def get_weather(city: str) -> str:\n    "Weather"\n    return "sunny " + city'
        answer = llm("prompt", "-m", "nova", "--functions", function, "The weather in Paris?")
        assert "sunny Paris" in answer


def test_the_gateway_outlives_its_clients(url: str, openai3: Found) -> None:
    assert openai3
    assert httpx.get(f"{url}/health/ready").is_success


@pytest.mark.parametrize("found", ["responses2", "responses3"], indirect=True)
class TestResponses:
    def test_create(self, found: Found) -> None:
        answer = found["create"]
        assert (answer["text"], answer["status"]) == (_ECHO, "completed")
        assert answer["input_tokens"] > 0
        assert answer["output_tokens"] > 0

    def test_stream(self, found: Found) -> None:
        answer = found["stream"]
        assert (answer["text"], answer["last"]) == (_ECHO, "response.completed")
        assert answer["pieces"] > 1

    def test_parse(self, found: Found) -> None:
        assert found["parse"]["name"]

    def test_tools(self, found: Found) -> None:
        answer = found["tools"]
        assert (answer["name"], answer["arguments"]) == ("get_weather", {"city": "Paris"})
        assert "sunny" in answer["then"]
        assert found["tools_stream"] == {"name": "get_weather", "arguments": {"city": "Paris"}}

    def test_a_picture(self, found: Found) -> None:
        assert "Hello!" in found["vision"]["text"]

    def test_stored(self, found: Found) -> None:
        assert found["stored"] == {"text": _ECHO, "items": 1, "gone": 404}

    def test_errors(self, found: Found) -> None:
        assert found["hosted_tool"] == {
            "error": "BadRequestError",
            "status": 400,
            "code": "unsupported_tool",
            "param": "tools[0]",
        }
        assert found["limited"]["error"] == "RateLimitError"
        assert found["broken_stream"] == {"last": "response.failed", "status": "failed"}


class TestAnthropicClient:
    def test_chat(self, anthropic: Found) -> None:
        answer = anthropic["chat"]
        assert answer["text"] == _ECHO
        assert answer["finish"] == "end_turn"
        assert answer["input_tokens"] > 0
        assert answer["output_tokens"] > 0

    def test_stream(self, anthropic: Found) -> None:
        assert anthropic["stream"]["text"] == _ECHO
        assert anthropic["stream"]["pieces"] > 1
        assert anthropic["stream"]["output_tokens"] > 0

    def test_tools(self, anthropic: Found) -> None:
        answer = anthropic["tools"]
        assert answer["name"] == "get_weather"
        assert answer["arguments"] == {"city": "Paris"}
        assert answer["finish"] == "tool_use"
        assert "sunny" in answer["then"]
        assert anthropic["tools_stream"] == {"name": "get_weather", "arguments": {"city": "Paris"}}

    def test_a_picture(self, anthropic: Found) -> None:
        assert "Hello!" in anthropic["vision"]["text"]

    def test_count_tokens(self, anthropic: Found) -> None:
        assert anthropic["count_tokens"]["input_tokens"] > 0

    def test_errors(self, anthropic: Found) -> None:
        assert anthropic["unknown_model"] == {
            "error": "NotFoundError",
            "status": 404,
            "type": "not_found_error",
        }
        assert anthropic["wrong_key"]["type"] == "authentication_error"
        assert anthropic["limited"]["type"] == "rate_limit_error"
        assert anthropic["overloaded"] == {
            "error": "OverloadedError",
            "status": 529,
            "type": "overloaded_error",
        }
        assert anthropic["broken_stream"]["type"] == "api_error"
