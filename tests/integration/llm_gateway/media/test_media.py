"""Rerank, audio and images through a real gateway: bytes, models, usage, limits, errors."""

import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fixtures.gateway import GatewayProcess, StartGateway
from tests.fixtures.processes import wait_until
from tests.fixtures.providers import media, openai
from tests.fixtures.providers.server import ProviderServer
from tests.integration.llm_gateway.conftest import Rows, Usage

WAV = b"RIFF" + bytes(range(256)) * 2_000


def sound(**fields: str) -> dict[str, Any]:
    return {
        "data": {"model": "whisper-1", **fields},
        "files": {"file": ("ä.wav", WAV, "audio/wav")},
    }


class TestRerank:
    def test_answer_and_usage(
        self, client: httpx.Client, openai_server: ProviderServer, usage: Usage
    ) -> None:
        body = {"model": "rerank-1", "query": "red", "documents": ["a blue", "a red"], "top_n": 2}
        answer = client.post("/v1/rerank", json=body)
        assert [found["index"] for found in answer.json()["results"]] == [1, 0]
        assert openai_server.requests[-1].json == body
        (row,) = usage(1)
        assert (row["kind"], row["input_tokens"], row["output_tokens"]) == ("rerank", 5, 0)
        assert (row["cost_usd"], row["estimated"], row["status"]) == (None, False, "ok")

    def test_price_by_tokens_where_it_is_set(
        self, start_gateway: StartGateway, openai_server: ProviderServer, usage: Usage
    ) -> None:
        gateway = start_gateway(
            OPENAI_API_BASE=openai_server.url,
            OPENAI_API_KEY=openai.KEY,
            NOVA_MODEL_PRICES='{"rerank-1": {"input": 1000, "output": 0}}',
        )
        body = {"model": "rerank-1", "query": "red", "documents": ["a blue", "a red"]}
        httpx.post(f"{gateway.url}/v1/rerank", json=body, headers=gateway.admin)
        assert float(usage(1)[0]["cost_usd"]) == 0.005


def is_broken_off(client: httpx.Client, path: str, **request: Any) -> bool:
    """Whether it ends in the middle; what is cut before its first byte was read is a plain error."""
    try:
        answer = client.post(path, **request)
    except httpx.TransportError:
        return True
    return answer.status_code == 502


class TestSpeech:
    def test_bytes_come_as_they_are(self, client: httpx.Client, usage: Usage) -> None:
        body = {"model": "tts-1", "input": "hello", "voice": "alloy"}
        answer = client.post("/v1/audio/speech", json=body)
        assert answer.content == media.SOUND
        assert answer.headers["content-type"] == "audio/mpeg"
        (row,) = usage(1)
        assert (row["kind"], row["cost_usd"], row["estimated"]) == ("speech", None, True)

    def test_one_of_unknown_length_that_is_cut_is_no_clean_end(
        self, client: httpx.Client, usage: Usage
    ) -> None:
        body = {"model": "tts-cut", "input": "hello", "voice": "alloy"}
        assert is_broken_off(client, "/v1/audio/speech", json=body)
        assert usage(1)[0]["status"] == "error"

    def test_client_that_leaves_ends_the_call(
        self, client: httpx.Client, openai_server: ProviderServer, usage: Usage
    ) -> None:
        body = {"model": "tts-slow", "input": "hello", "voice": "alloy"}
        with client.stream("POST", "/v1/audio/speech", json=body) as answer:
            next(answer.iter_raw())
        wait_until(lambda: openai_server.left, what="the call's end")
        assert usage(1)[0]["status"] == "cancelled"


class TestTranscriptions:
    @pytest.mark.parametrize("kind", ["transcriptions", "translations"])
    def test_file_and_fields_go_through(
        self, client: httpx.Client, openai_server: ProviderServer, usage: Usage, kind: str
    ) -> None:
        answer = client.post(f"/v1/audio/{kind}", **sound(language="de", prompt="Ölfaß 🙂"))
        assert answer.json()["text"] == f"{len(WAV)} bytes of sound"
        sent = openai_server.requests[-1]
        form = media.form_of(sent)
        assert form["file"] == WAV
        assert (form["model"], form["prompt"]) == (b"whisper-1", "Ölfaß 🙂".encode())
        assert sent.headers["content-length"] == str(len(sent.body))
        assert sent.headers["authorization"] == "Bearer sk-test-openai"
        (row,) = usage(1)
        assert (row["kind"], row["input_tokens"]) == (kind.removesuffix("s"), 14)
        assert (row["output_tokens"], row["cost_usd"]) == (45, None)

    def test_model_last_and_body_in_chunks(
        self, client: httpx.Client, openai_server: ProviderServer
    ) -> None:
        head = b"--b\r\nContent-Disposition: form-data; name="
        parts = [
            head + b'"file"; filename="a"\r\n\r\n' + WAV + b"\r\n",
            head + b'"model"\r\n\r\nwhisper-1\r\n--b--\r\n',
        ]
        answer = client.post(
            "/v1/audio/transcriptions",
            content=iter(parts),
            headers={"Content-Type": "multipart/form-data; boundary=b"},
        )
        assert answer.json()["text"] == f"{len(WAV)} bytes of sound"
        assert openai_server.requests[-1].body == b"".join(parts)

    def test_text_and_events(self, client: httpx.Client, usage: Usage) -> None:
        plain = client.post("/v1/audio/transcriptions", **sound(response_format="text"))
        assert plain.text == f"{len(WAV)} bytes of sound"
        assert plain.headers["content-type"].startswith("text/plain")
        events = client.post("/v1/audio/transcriptions", **sound(stream="true"))
        assert "transcript.text.done" in events.text
        found = {(row["estimated"], row["input_tokens"], row["output_tokens"]) for row in usage(2)}
        assert found == {(True, 0, 0), (False, 14, 45)}

    def test_cut_is_no_clean_end(self, client: httpx.Client, usage: Usage) -> None:
        assert is_broken_off(client, "/v1/audio/transcriptions", **sound(model="whisper-cut"))
        cut = client.post("/v1/audio/transcriptions", **sound(model="whisper-cut", stream="true"))
        assert '"error"' in cut.text.strip().splitlines()[-1]
        assert [row["status"] for row in usage(2)] == ["error", "error"]

    def test_40_mebibytes_pass_and_60_do_not(self, client: httpx.Client) -> None:
        big = {"data": {"model": "whisper-1"}, "files": {"file": ("a", b"x" * 40 * 2**20)}}
        answer = client.post("/v1/audio/transcriptions", **big)
        assert answer.json()["text"] == f"{40 * 2**20} bytes of sound"
        bigger = {"data": {"model": "whisper-1"}, "files": {"file": ("a", b"x" * 60 * 2**20)}}
        answer = client.post("/v1/audio/transcriptions", **bigger)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")

    @pytest.mark.parametrize(
        ("content", "kind", "code"),
        [
            (b"{}", "application/json", "multipart_expected"),
            (b"--b\r\nX: y\r\n\r\n", "multipart/form-data; boundary=b", "malformed_form"),
            (b"", "multipart/form-data; boundary=b", "malformed_form"),
            (b"--b--\r\n", "multipart/form-data; boundary=b", "model_missing"),
        ],
    )
    def test_bad_forms(self, client: httpx.Client, content: bytes, kind: str, code: str) -> None:
        headers = {"Content-Type": kind}
        answer = client.post("/v1/audio/transcriptions", content=content, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)

    def test_a_form_that_is_wrong_behind_its_model(
        self, client: httpx.Client, usage: Usage
    ) -> None:
        head = b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n'
        answer = client.post(
            "/v1/audio/transcriptions",
            content=head + head + b"--b--\r\n",
            headers={"Content-Type": "multipart/form-data; boundary=b"},
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed_form")
        assert usage(1)[0]["status"] == "error"


class TestImages:
    def test_generations(self, client: httpx.Client, usage: Usage) -> None:
        body = {"model": "gpt-image-1", "prompt": "a cat", "n": 3}
        answer = client.post("/v1/images/generations", json=body).json()
        assert [picture["b64_json"] for picture in answer["data"]] == [media.PICTURE] * 3
        (row,) = usage(1)
        assert (row["kind"], row["input_tokens"], row["output_tokens"]) == ("image", 14, 45)

    @pytest.mark.parametrize("route", ["edits", "variations"])
    def test_forms(self, client: httpx.Client, openai_server: ProviderServer, route: str) -> None:
        files = [("image[]", ("a.png", WAV)), ("image[]", ("b.png", WAV)), ("mask", ("m", b"m"))]
        data = {"model": "gpt-image-1", "prompt": "a hat"}
        answer = client.post(f"/v1/images/{route}", data=data, files=files)
        assert answer.json()["data"][0]["b64_json"] == media.PICTURE
        assert openai_server.requests[-1].body.count(WAV) == 2

    def test_edits_as_json(self, client: httpx.Client, openai_server: ProviderServer) -> None:
        body = {"model": "gpt-image-1", "prompt": "a hat", "images": [{"file_id": "f"}]}
        assert client.post("/v1/images/edits", json=body).is_success
        assert openai_server.requests[-1].json == body


ROUTES = [
    ("/v1/rerank", {"query": "a", "documents": ["b"]}),
    ("/v1/audio/speech", {"input": "a", "voice": "b"}),
    ("/v1/images/generations", {"prompt": "a"}),
]


class TestErrors:
    @pytest.mark.parametrize(("path", "body"), ROUTES)
    def test_model_missing(self, client: httpx.Client, path: str, body: dict[str, Any]) -> None:
        for given in (body, {**body, "model": "auto"}, {**body, "model": 7}):
            answer = client.post(path, json=given)
            assert (answer.status_code, answer.json()["error"]["code"]) == (400, "model_missing")
        for odd in (b"{", b"[]", b""):
            assert client.post(path, content=odd).status_code == 400

    @pytest.mark.parametrize(("path", "body"), ROUTES)
    def test_provider_has_no_such_thing(
        self, gateway: GatewayProcess, path: str, body: dict[str, Any]
    ) -> None:
        given = {**body, "model": "offline/script"}
        names = httpx.get(f"{gateway.url}/models", headers=gateway.admin).json()
        given["model"] = names[0]["id"]
        answer = httpx.post(gateway.url + path, json=given, headers=gateway.admin)
        assert (answer.status_code, answer.json()["error"]["code"]) == (
            400,
            "unsupported_by_provider",
        )

    @pytest.mark.parametrize(
        ("provider_status", "status"), [(400, 400), (401, 502), (404, 404), (429, 429), (500, 502)]
    )
    def test_providers_errors(
        self, client: httpx.Client, usage: Usage, provider_status: int, status: int
    ) -> None:
        model = f"error-{provider_status}"
        body = {"model": model, "input": "a", "voice": "b"}
        for answer in (
            client.post("/v1/audio/speech", json=body),
            client.post("/v1/audio/transcriptions", **sound(model=model)),
        ):
            assert answer.status_code == status
            assert str(provider_status) in answer.json()["error"]["message"]
        assert {row["status"] for row in usage(2)} == {"error"}

    def test_a_key_is_needed(self, openai_gateway: GatewayProcess) -> None:
        for path, body in ROUTES:
            answer = httpx.post(openai_gateway.url + path, json={**body, "model": "x"})
            assert answer.status_code == 401
        answer = httpx.post(f"{openai_gateway.url}/v1/audio/transcriptions", **sound())
        assert answer.status_code == 401

    def test_server_gone(self, start_gateway: StartGateway) -> None:
        with ProviderServer(openai.handle) as server:
            url = server.url
        gateway = start_gateway(OPENAI_API_BASE=url, OPENAI_API_KEY=openai.KEY)
        for given in ({"json": {"model": "tts-1", "input": "a"}}, sound()):
            path = "speech" if "json" in given else "transcriptions"
            answer = httpx.post(f"{gateway.url}/v1/audio/{path}", headers=gateway.admin, **given)
            assert answer.status_code == 503


class TestBudget:
    @pytest.fixture
    def budgeted(self, openai_gateway: GatewayProcess, rows: Rows) -> Iterator[httpx.Client]:
        rows(
            "UPDATE platform_config SET value = '5' WHERE key = 'limits.day_budget_usd' "
            "RETURNING key"
        )
        headers = openai_gateway.service()
        with httpx.Client(base_url=openai_gateway.url, headers=headers, timeout=30) as found:

            def refused() -> bool:
                body = {"model": "rerank-1", "query": "a", "documents": ["b"]}
                return found.post("/v1/rerank", json=body).status_code == 400

            wait_until(refused, what="the budget")
            yield found

    def test_unknown_prices_are_refused(
        self, budgeted: httpx.Client, openai_server: ProviderServer
    ) -> None:
        before = len(openai_server.requests)
        for answer in (
            budgeted.post("/v1/audio/speech", json={"model": "gpt-4o-mini", "input": "a"}),
            budgeted.post("/v1/audio/transcriptions", **sound()),
            budgeted.post("/v1/images/generations", json={"model": "x", "prompt": "a"}),
        ):
            assert (answer.status_code, answer.json()["error"]["code"]) == (400, "price_unknown")
        assert len(openai_server.requests) == before


def test_many_at_once(client: httpx.Client, usage: Usage) -> None:
    answers: list[str] = []

    def ask(number: int) -> None:
        given = {"data": {"model": "whisper-1"}, "files": {"file": ("a", b"x" * number)}}
        answers.append(client.post("/v1/audio/transcriptions", **given).json()["text"])

    threads = [threading.Thread(target=ask, args=[100_000 + number]) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [f"{100_000 + number} bytes of sound" for number in range(20)]
    assert len(usage(20)) == 20
