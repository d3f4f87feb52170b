"""/v1/responses over an OpenAI-compatible server: what is asked, answered, stored and refused."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest

from tests.fixtures import coding_agents
from tests.fixtures.gateway import ADMIN, GatewayProcess, StartGateway
from tests.fixtures.processes import wait_until
from tests.fixtures.providers import openai, scripted
from tests.fixtures.providers.server import ProviderServer
from tests.integration.llm_gateway.conftest import NewKey, Rows, Usage

URL = "/v1/responses"
ClientOf = Callable[..., httpx.Client]


@contextmanager
def streamed(client: httpx.Client, body: dict[str, Any]) -> Iterator[Iterator[dict[str, Any]]]:
    """The events as they come, each under its own name."""
    with client.stream("POST", URL, json={**body, "stream": True}) as response:
        assert response.status_code == 200, response.read()
        yield _parsed(response)


def _parsed(response: httpx.Response) -> Iterator[dict[str, Any]]:
    name = ""
    for line in response.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        if line.startswith("data: "):
            event = json.loads(line.removeprefix("data: "))
            assert event["type"] == name
            yield event


def events(client: httpx.Client, **body: Any) -> list[dict[str, Any]]:
    with streamed(client, {"model": "gpt-4o-mini", "input": "hello there", **body}) as found:
        return list(found)


@pytest.fixture
def client_of(start_gateway: StartGateway) -> Iterator[ClientOf]:
    """A client of a new gateway before that server, with those settings."""
    with ExitStack() as stack:

        def make(server: ProviderServer, **settings: str) -> httpx.Client:
            gateway = start_gateway(
                OPENAI_API_BASE=server.url, OPENAI_API_KEY=openai.KEY, **settings
            )
            headers = {"X-Admin-Secret": ADMIN}
            found = httpx.Client(base_url=gateway.url, headers=headers, timeout=30)
            return stack.enter_context(found)

        yield make


class TestCreate:
    def test_plain_and_streamed_and_metered(
        self, client: httpx.Client, openai_server: ProviderServer, usage: Usage
    ) -> None:
        body = {"model": "gpt-4o-mini", "input": "hello there", "max_output_tokens": 40}
        answer = client.post(URL, json=body).json()
        assert answer["output"][0]["content"][0]["text"] == "You said: hello there"
        *_, last = events(client, max_output_tokens=40)
        assert last["type"] == "response.completed"
        assert last["response"]["output"][0]["content"] == answer["output"][0]["content"]
        assert last["response"]["usage"] == answer["usage"]
        for row in usage(2):
            assert (row["input_tokens"], row["status"], row["estimated"]) == (2, "ok", False)
            assert row["cost_usd"] is not None
        asked = [r.json for r in openai_server.requests if r.path == "/v1/chat/completions"]
        assert [body["max_tokens"] for body in asked] == [40, 40]

    def test_usage_in_detail(self, client_of: ClientOf) -> None:
        with ProviderServer(scripted.answering({"content": "yes"})) as server:
            client = client_of(server)
            for found in (
                client.post(URL, json={"model": "m", "input": "hi"}).json(),
                events(client, model="m")[-1]["response"],
            ):
                assert found["usage"] == {
                    "input_tokens": 30,
                    "input_tokens_details": {"cached_tokens": 20, "cache_write_tokens": 0},
                    "output_tokens": 9,
                    "output_tokens_details": {"reasoning_tokens": 4},
                    "total_tokens": 39,
                }

    def test_the_offline_model(self, gateway: GatewayProcess) -> None:
        with httpx.Client(base_url=gateway.url, headers=gateway.admin, timeout=30) as client:
            *_, last = events(client, model="auto")
        assert last["response"]["output"][0]["content"][0]["text"]
        assert last["response"]["model"].endswith("nova")

    def test_refused_in_openais_shape(self, client: httpx.Client) -> None:
        cases: list[tuple[dict[str, Any], int, str, str | None]] = [
            ({"background": True}, 400, "unsupported_parameter", "background"),
            ({"tools": [{"type": "web_search"}]}, 400, "unsupported_tool", "tools[0]"),
            ({"tools": [{"type": "mcp"}]}, 400, "unsupported_tool", "tools[0]"),
            ({"input": 5}, 400, "invalid_request", "input"),
            ({"model": "groq/none"}, 404, "model_not_found", None),
            ({"model": "error-400"}, 400, "provider_failed", None),
            ({"model": "error-429"}, 429, "provider_failed", None),
            ({"model": "error-500"}, 502, "provider_failed", None),
        ]
        for stream in (False, True):
            for body, status, code, param in cases:
                whole = {"model": "gpt-4o-mini", "input": "hi", **body, "stream": stream}
                answer = client.post(URL, json=whole)
                error = answer.json()["error"]
                found = (answer.status_code, error["code"], error["param"])
                assert found == (status, code, param), body

    def test_without_a_key(self, gateway: GatewayProcess) -> None:
        answer = httpx.post(gateway.url + URL, json={"model": "auto", "input": "hi"})
        assert answer.status_code == 401
        assert answer.json()["error"]["type"] == "authentication_error"

    def test_over_a_budget(self, openai_gateway: GatewayProcess, new_key: NewKey) -> None:
        body = {"model": "gpt-4o-mini", "input": "hi"}
        poor = new_key("poor", budget_usd=0.000001)
        for stream in (False, True):
            url = openai_gateway.url + URL
            answer = httpx.post(url, json={**body, "stream": stream}, headers=poor)
            error = answer.json()["error"]
            assert (answer.status_code, error["code"]) == (429, "budget_exceeded")

    def test_a_stream_that_breaks_fails(
        self, client: httpx.Client, usage: Usage, rows: Rows
    ) -> None:
        for model in ("cut", "cut-clean", "late-error"):
            found = events(client, model=model)
            assert found[-1]["type"] == "response.failed"
            assert found[-1]["response"]["error"]["code"] == "server_error"
            assert [event["sequence_number"] for event in found] == list(range(len(found)))
        assert {row["status"] for row in usage(3)} == {"error"}
        assert rows("SELECT id FROM stored_responses") == []

    def test_a_client_that_leaves_ends_the_call(
        self, client: httpx.Client, openai_server: ProviderServer, usage: Usage, rows: Rows
    ) -> None:
        with streamed(client, {"model": "slow", "input": "hi"}) as found:
            while next(found)["type"] != "response.output_text.delta":
                continue
        wait_until(lambda: openai_server.left == 1, what="the call to be cancelled", seconds=10)
        (row,) = usage(1)
        assert row["status"] == "cancelled"
        assert rows("SELECT id FROM stored_responses") == []


class TestStored:
    def test_going_on_from_a_response(
        self, client: httpx.Client, openai_server: ProviderServer
    ) -> None:
        first = client.post(
            URL, json={"model": "gpt-4o-mini", "input": "one", "instructions": "Be brief"}
        ).json()
        second = events(client, input="two", previous_response_id=first["id"])[-1]["response"]
        third = client.post(
            URL,
            json={
                "model": "gpt-4o-mini",
                "input": "three",
                "previous_response_id": second["id"],
                "store": False,
            },
        ).json()
        assert (third["store"], third["previous_response_id"]) == (False, second["id"])
        asked = openai_server.requests[-1].json["messages"]
        assert [(message["role"], message["content"]) for message in asked] == [
            ("user", "one"),
            ("assistant", "You said: one"),
            ("user", "two"),
            ("assistant", "You said: two"),
            ("user", "three"),
        ]
        assert client.get(f"{URL}/{third['id']}").status_code == 404

    def test_read_list_and_delete(self, client: httpx.Client) -> None:
        items = [{"role": "user", "content": f"number {n} \u2028 \u0000"} for n in range(5)]
        made = client.post(URL, json={"model": "gpt-4o-mini", "input": items}).json()
        url = f"{URL}/{made['id']}"
        assert client.get(url).json() == made
        page = client.get(f"{url}/input_items", params={"order": "asc", "limit": 2}).json()
        assert [item["content"][0]["text"] for item in page["data"]] == [
            items[0]["content"],
            items[1]["content"],
        ]
        assert page["has_more"]
        rest = client.get(
            f"{url}/input_items", params={"order": "asc", "after": page["last_id"]}
        ).json()
        assert (len(rest["data"]), rest["has_more"]) == (3, False)
        newest = client.get(f"{url}/input_items").json()["data"]
        assert newest == [*page["data"], *rest["data"]][::-1]
        assert client.get(f"{url}/input_items", params={"after": "x"}).status_code == 400
        cancelled = client.post(f"{url}/cancel")
        assert (cancelled.status_code, cancelled.json()["error"]["code"]) == (
            400,
            "not_in_background",
        )
        assert client.delete(url).json()["deleted"] is True
        for answer in (client.get(url), client.delete(url), client.get(f"{url}/input_items")):
            assert (answer.status_code, answer.json()["error"]["code"]) == (
                404,
                "response_not_found",
            )

    def test_what_is_not_there(self, client: httpx.Client) -> None:
        for name in ("resp_1", "x", "%00", "resp_" + "0" * 32, "ü" * 500):
            assert client.get(f"{URL}/{name}").status_code == 404
            body = {"model": "gpt-4o-mini", "input": "x", "previous_response_id": name}
            answer = client.post(URL, json=body)
            error = answer.json()["error"]
            assert (answer.status_code, error["code"], error["param"]) == (
                400,
                "previous_response_not_found",
                "previous_response_id",
            )

    def test_another_tenants_is_not_there(
        self, openai_gateway: GatewayProcess, client: httpx.Client, new_key: NewKey
    ) -> None:
        ours, theirs = new_key("ours"), new_key("theirs")
        body = {"model": "gpt-4o-mini", "input": "secret"}
        made = httpx.post(openai_gateway.url + URL, json=body, headers=ours).json()
        url = f"{openai_gateway.url}{URL}/{made['id']}"
        assert httpx.get(url, headers=ours).status_code == 200
        for headers in (theirs, openai_gateway.admin):
            for answer in (
                httpx.get(url, headers=headers),
                httpx.get(f"{url}/input_items", headers=headers),
                httpx.post(f"{url}/cancel", headers=headers),
                httpx.delete(url, headers=headers),
            ):
                assert answer.status_code == 404
            onward = {**body, "previous_response_id": made["id"]}
            answer = httpx.post(openai_gateway.url + URL, json=onward, headers=headers)
            assert answer.json()["error"]["code"] == "previous_response_not_found"
        assert httpx.get(url, headers=ours).status_code == 200

    def test_a_gap_in_the_conversation_is_told(self, client: httpx.Client) -> None:
        body: dict[str, Any] = {"model": "gpt-4o-mini", "input": "one"}
        first = client.post(URL, json=body).json()
        second = client.post(URL, json={**body, "previous_response_id": first["id"]}).json()
        client.delete(f"{URL}/{first['id']}")
        answer = client.post(URL, json={**body, "previous_response_id": second["id"]})
        assert answer.status_code == 400
        assert first["id"] in answer.json()["error"]["message"]

    def test_old_conversations_expire_and_used_ones_do_not(
        self, client_of: ClientOf, openai_server: ProviderServer, rows: Rows
    ) -> None:
        client = client_of(openai_server)
        body: dict[str, Any] = {"model": "gpt-4o-mini", "input": "one"}
        old = client.post(URL, json=body).json()["id"]
        kept = client.post(URL, json=body).json()["id"]
        rows("UPDATE stored_responses SET used_at = now() - interval '8 days'")
        client.post(URL, json={**body, "previous_response_id": kept})
        again = client_of(openai_server, NOVA_RESPONSES_RETENTION_DAYS="7")
        wait_until(lambda: again.get(f"{URL}/{old}").status_code == 404, what="the old one to go")
        assert again.get(f"{URL}/{kept}").status_code == 200

    def test_nothing_is_kept_without_retention(
        self, client_of: ClientOf, openai_server: ProviderServer, rows: Rows
    ) -> None:
        client = client_of(openai_server, NOVA_RESPONSES_RETENTION_DAYS="0")
        made = client.post(URL, json={"model": "gpt-4o-mini", "input": "one"}).json()
        assert made["store"] is False
        assert rows("SELECT id FROM stored_responses") == []

    def test_many_go_on_from_one_at_once(
        self, client: httpx.Client, openai_server: ProviderServer
    ) -> None:
        body: dict[str, Any] = {"model": "gpt-4o-mini", "input": "one"}
        first = client.post(URL, json=body).json()["id"]

        def onward(number: int) -> dict[str, Any]:
            whole = {**body, "input": f"onward {number}", "previous_response_id": first}
            return client.post(URL, json=whole).json()

        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(onward, range(16)))
        texts = {answer["output"][0]["content"][0]["text"] for answer in found}
        assert texts == {f"You said: onward {number}" for number in range(16)}
        chats = [r.json for r in openai_server.requests if r.path == "/v1/chat/completions"]
        assert [len(chat["messages"]) for chat in chats] == [1] + [3] * 16

    def test_an_answer_that_can_not_be_stored_is_given(
        self, client: httpx.Client, rows: Rows
    ) -> None:
        rows("DROP TABLE stored_responses")
        body: dict[str, Any] = {"model": "agent", "input": "hello there"}
        made = client.post(URL, json=body)
        assert (made.status_code, made.json()["store"]) == (200, False)
        *_, last = events(client, model="agent")
        assert (last["type"], last["response"]["store"]) == ("response.completed", False)
        assert client.get(f"{URL}/{made.json()['id']}").status_code == 503

    def test_a_long_conversation(self, client: httpx.Client, openai_server: ProviderServer) -> None:
        previous: str | None = None
        for number in range(30):
            body = {"model": "gpt-4o-mini", "input": f"{number}", "previous_response_id": previous}
            previous = client.post(URL, json=body).json()["id"]
        asked = openai_server.requests[-1].json["messages"]
        assert [m["content"] for m in asked if m["role"] == "user"] == [str(n) for n in range(30)]


class TestInputTokens:
    def test_an_estimate(self, client: httpx.Client, openai_server: ProviderServer) -> None:
        body = {"model": "gpt-4o-mini", "input": "12345678", "instructions": "1234"}
        answer = client.post(f"{URL}/input_tokens", json=body).json()
        assert answer == {"object": "response.input_tokens", "input_tokens": 11}
        assert all(request.method == "GET" for request in openai_server.requests)


class TestTools:
    def test_calls_that_come_mixed(self, client_of: ClientOf) -> None:
        patch = "*** Begin Patch\n+b = 1\n*** End Patch"
        message = {
            "reasoning_content": "hm",
            "content": "I will.",
            "tool_calls": [
                scripted.call("shell", {"command": ["ls"]}),
                scripted.call("apply_patch", {"input": patch}, number=2),
                scripted.call("mcp__docs__search", {"query": "x"}, number=3),
            ],
        }
        with ProviderServer(scripted.answering(message, finish="tool_calls")) as server:
            client = client_of(server)
            plain = client.post(URL, json=coding_agents.codex("m", stream=False)).json()
            found = events(client, **coding_agents.codex("m"))
        done = [event["item"] for event in found if event["type"] == "response.output_item.done"]
        for output in (plain["output"], done, found[-1]["response"]["output"]):
            kinds = [item["type"] for item in output]
            assert kinds == [
                *("reasoning", "message", "function_call", "custom_tool_call", "function_call")
            ]
            assert json.loads(output[2]["arguments"]) == {"command": ["ls"]}
            assert (output[3]["name"], output[3]["input"]) == ("apply_patch", patch)
            assert (output[4]["namespace"], output[4]["name"]) == ("mcp__docs__", "search")

    def test_codex(self, client: httpx.Client, openai_server: ProviderServer) -> None:
        body = coding_agents.codex("gpt-4o-mini")
        with client.stream("POST", URL, json=body, headers=coding_agents.CODEX_HEADERS) as answer:
            assert answer.status_code == 200, answer.read()
            assert answer.headers["x-nova-tools-left-out"] == "web_search"
            found = list(_parsed(answer))
        assert found[-1]["type"] == "response.completed"
        asked = openai_server.requests[-1].json
        assert [message["role"] for message in asked["messages"]] == [
            *("system", "user", "user"),
            *("assistant", "tool", "assistant", "tool"),
        ]
        assert [tool["function"]["name"] for tool in asked["tools"]] == [
            *("shell", "update_plan", "apply_patch", "view_image", "mcp__docs__search"),
        ]
        assert "prompt_cache_key" not in asked

    def test_codex_is_refused_strictly(
        self, client_of: ClientOf, openai_server: ProviderServer
    ) -> None:
        client = client_of(openai_server, NOVA_HOSTED_TOOLS="strict")
        answer = client.post(URL, json=coding_agents.codex("gpt-4o-mini"))
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["param"]) == (
            400,
            "unsupported_tool",
            "tools[3]",
        )
