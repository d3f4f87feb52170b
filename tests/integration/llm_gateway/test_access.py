"""Who may call, and what the gateway does without its database."""

import subprocess
import sys
from pathlib import Path

import httpx

from tests.fixtures.gateway import GatewayProcess, StartGateway
from tests.fixtures.processes import wait_until
from tests.integration.llm_gateway.conftest import HELLO, Rows, Usage


def test_without_a_key_is_401_in_both_shapes(gateway: GatewayProcess) -> None:
    own = httpx.post(f"{gateway.url}/complete", json=HELLO)
    assert (own.status_code, own.json()["code"]) == (401, "credential_missing")
    openai = httpx.post(f"{gateway.url}/v1/chat/completions", json={**HELLO, "model": "auto"})
    assert (openai.status_code, openai.json()["error"]["type"]) == (401, "authentication_error")
    wrong = httpx.get(f"{gateway.url}/v1/models", headers={"Authorization": "Bearer sk-nova-x"})
    assert wrong.status_code == 401


def test_without_required_auth_all_may_call(start_gateway: StartGateway) -> None:
    gateway = start_gateway(REQUIRE_AUTH="false")
    assert httpx.post(f"{gateway.url}/complete", json=HELLO).status_code == 200


def test_the_admin_secret_serves_as_a_key(gateway: GatewayProcess) -> None:
    headers = {"Authorization": f"Bearer {gateway.admin['X-Admin-Secret']}"}
    assert httpx.get(f"{gateway.url}/models", headers=headers).status_code == 200


def test_health_is_served_twice(gateway: GatewayProcess) -> None:
    for prefix in ("", "/v1"):
        assert httpx.get(f"{gateway.url}{prefix}/health/live").json() == {"status": "alive"}
        assert httpx.get(f"{gateway.url}{prefix}/health/ready").json()["status"] == "ready"
        url = f"{gateway.url}{prefix}/health/providers"
        states = {p["slug"]: p["status"] for p in httpx.get(url, headers=gateway.admin).json()}
        assert states["offline"] == "ok"
        assert states["openai"] == states["anthropic"] == states["ollama"] == "not_configured"


def test_usage_of_the_offline_model_is_a_true_zero(gateway: GatewayProcess, usage: Usage) -> None:
    task = "0190a1b2-0000-7000-8000-000000000001"
    headers = gateway.service(task_id=task, step_id="s1")
    httpx.post(f"{gateway.url}/stream", headers=headers, json=HELLO)
    (row,) = usage(1)
    assert (row["cost_usd"], row["estimated"]) == (0, False)
    assert (str(row["task_id"]), row["step_id"], row["caller"]) == (task, "s1", "worker")


def test_configuration_is_followed(gateway: GatewayProcess, rows: Rows) -> None:
    url = f"{gateway.url}/v1/health/providers"

    def ollama() -> str:
        states = {p["slug"]: p["status"] for p in httpx.get(url, headers=gateway.admin).json()}
        return states["ollama"]

    assert ollama() == "not_configured"
    rows(
        "UPDATE platform_config SET value = '\"http://127.0.0.1:9\"'::jsonb "
        "WHERE key = 'llm.ollama_url'"
    )
    wait_until(lambda: ollama() == "unavailable", what="the new address to be known")


def test_resolving_says_what_a_text_is_taken_for(gateway: GatewayProcess, rows: Rows) -> None:
    def resolved(text: str) -> str | None:
        answer = httpx.post(
            f"{gateway.url}/v1/models/resolve", headers=gateway.admin, json={"text": text}
        )
        assert answer.json()["model"] == "offline/nova"
        return answer.json()["category"]

    assert resolved("def f(): pass") is None
    rows("UPDATE platform_config SET value = 'true' WHERE key = 'llm.intelligent_routing'")
    wait_until(lambda: resolved("def f(): pass") == "code", what="the routing to be on")


def test_importing_the_app_imports_no_translation_library() -> None:
    script = (
        "import sys; import services.llm_gateway.app\n"
        "found = {'litellm', 'openai', 'tiktoken', 'sqlalchemy'} & set(sys.modules)\n"
        "assert not found, found"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).parents[3])
