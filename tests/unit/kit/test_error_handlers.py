"""Every error has one shape and its request's id, whatever goes wrong."""

import json
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, HTTPException, WebSocket
from pydantic import BaseModel, ConfigDict

from services.kit import errors
from services.kit.auth import KeyCaller
from tests.fixtures.kit_app import ADMIN_SECRET, build, client, logged, socket_messages

KINDS = [
    errors.BadRequest, errors.Unauthenticated, errors.Forbidden, errors.NotFound,
    errors.WrongState, errors.TooLarge, errors.Invalid, errors.LimitExceeded,
    errors.ProviderFailed, errors.DependencyDown, errors.DatabaseDown,
]  # fmt: skip
OPENAI_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    409: "invalid_request_error",
    413: "invalid_request_error",
    422: "invalid_request_error",
    429: "rate_limit_error",
    502: "server_error",
    503: "server_error",
}


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    number: int = 0
    rest: dict[str, Any] = {}


router = APIRouter()


@router.get("/raise/{name}")
@router.get("/v1/raise/{name}")
async def fail(name: str) -> None:
    raise next(kind for kind in KINDS if kind.__name__ == name)("Something to act on.")


@router.get("/bug")
@router.get("/v1/bug")
async def bug() -> None:
    raise ZeroDivisionError("a secret detail")


@router.get("/teapot")
async def teapot() -> None:
    raise HTTPException(418, "short", headers={"X-Extra": "1"})


@router.get("/refused-connection")
async def refused_connection() -> None:
    raise ConnectionRefusedError("no database")


@router.get("/surrogate")
async def surrogate() -> None:
    raise errors.NotFound("there is no \ud800")


@router.post("/body")
@router.post("/v1/body")
async def body(body: Body) -> Body:
    return body


@router.get("/count")
async def count(limit: int) -> int:
    return limit


@router.websocket("/socket/{when}")
async def socket(connection: WebSocket, when: str) -> None:
    await (connection.receive() if when == "early" else connection.accept())
    if when == "bug":
        raise ZeroDivisionError
    raise errors.Forbidden("Not here.")


def api() -> httpx.AsyncClient:
    return client(build(router, openai_prefix="/v1", cors_allowed_origins="https://page.example"))


def check_shape(answer: httpx.Response, status: int, code: str | None = None) -> dict[str, str]:
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"detail", "code", "request_id"}
    assert body["request_id"] == answer.headers["X-Request-ID"] != ""
    assert body["detail"]
    if code is not None:
        assert body["code"] == code
    return body


class TestNovaErrors:
    @pytest.mark.parametrize("kind", KINDS)
    async def test_status_and_shape(self, kind: type[errors.NovaError]) -> None:
        async with api() as http:
            answer = await http.get(f"/raise/{kind.__name__}")
        body = check_shape(answer, kind.status, kind.code)
        assert body["detail"] == "Something to act on."
        assert ("Retry-After" in answer.headers) == (kind.status == 503)
        assert ("WWW-Authenticate" in answer.headers) == (kind.status == 401)

    @pytest.mark.parametrize("kind", KINDS)
    async def test_openai_s_shape_under_its_prefix(self, kind: type[errors.NovaError]) -> None:
        async with api() as http:
            answer = await http.get(f"/v1/raise/{kind.__name__}")
        assert answer.status_code == kind.status
        assert answer.json() == {
            "error": {
                "message": "Something to act on.",
                "type": OPENAI_TYPES[kind.status],
                "code": kind.code,
                "param": None,
            }
        }

    def test_retry_after_is_a_whole_number_of_seconds_never_zero(self) -> None:
        from services.kit.error_handlers import error_response  # noqa: PLC0415

        for wait, told in [(0.0, "1"), (0.2, "1"), (1.01, "2"), (60, "60")]:
            error = errors.LimitExceeded("wait", retry_after=wait)
            assert error_response(error).headers["Retry-After"] == told

    async def test_text_that_is_no_utf8(self) -> None:
        async with api() as http:
            check_shape(await http.get("/surrogate"), 404, "not_found")


class TestFrameworkErrors:
    async def test_an_unknown_path(self) -> None:
        async with api() as http:
            check_shape(await http.get("/nowhere"), 404, "not_found")
            answer = await http.get("/v1/nowhere")
            assert answer.json()["error"]["type"] == "not_found_error"
            # The prefix is a path's part, not its letters.
            check_shape(await http.get("/v1x"), 404, "not_found")

    async def test_a_wrong_method_names_the_right_one(self) -> None:
        async with api() as http:
            answer = await http.delete("/count")
        check_shape(answer, 405, "method_not_allowed")
        assert answer.headers["Allow"] == "GET"

    async def test_its_headers_stay(self) -> None:
        async with api() as http:
            answer = await http.get("/teapot")
        check_shape(answer, 418, "http_error")
        assert answer.headers["X-Extra"] == "1"

    async def test_a_refused_connection_is_a_dependency_that_is_down(self) -> None:
        async with api() as http:
            answer = await http.get("/refused-connection")
        check_shape(answer, 503, "database_down")
        assert int(answer.headers["Retry-After"]) >= 1


class TestOddInput:
    @pytest.mark.parametrize(
        ("content", "status", "code"),
        [
            (b"{", 400, "malformed_json"),
            (b"", 422, "validation_failed"),
            (b"null", 422, "validation_failed"),
            (b"[]", 422, "validation_failed"),
            (b"\xff\xfe", 400, None),
            (b"[" * 200_000, 400, None),
            (b'{"name": ' + b"9" * 5000 + b"}", 400, None),
            (b'{"name": 5}', 422, "validation_failed"),
            (b'{"name": "\\ud800"}', 422, "validation_failed"),
            (b'{"name": "a", "\\ud800": 1}', 422, "validation_failed"),
            (b'{"name": "a", "rest": {"x": ["\\udc00\\ud800"]}}', 422, "validation_failed"),
            (b'{"name": "a", "rest": {"x": -Infinity}}', 400, "malformed_json"),
            ('{"name": "a"}'.encode("utf-16"), 400, "malformed_json"),
            (b'{"name": "a", "number": 1e999}', 422, "validation_failed"),
            (b'{"name": "a", "number": NaN}', 400, "malformed_json"),
        ],
    )
    async def test_bodies(self, content: bytes, status: int, code: str | None) -> None:
        async with api() as http:
            sent = {"content": content, "headers": {"Content-Type": "application/json"}}
            check_shape(await http.post("/body", **sent), status, code)
            answer = await http.post("/v1/body", **sent)
        assert answer.status_code == status
        assert set(answer.json()["error"]) == {"message", "type", "code", "param"}

    async def test_the_field_at_fault_is_named_but_not_at_any_length(self) -> None:
        async with api() as http:
            answer = await http.post("/body", json={"name": "x", "number": "y", "z" * 50_000: 1})
        detail = check_shape(answer, 422)["detail"]
        assert detail.startswith("number: ")
        assert len(detail) < 1000

    @pytest.mark.parametrize("value", ["x", "9" * 5000, "%00", "%ff", "1.5", ""])
    async def test_queries(self, value: str) -> None:
        async with api() as http:
            check_shape(await http.get(f"/count?limit={value}"), 422, "validation_failed")


class TestABug:
    async def test_the_answer_has_the_request_s_id_and_not_the_detail(
        self,
    ) -> None:
        async with api() as http:
            with logged() as records:
                answer = await http.get("/bug", headers={"X-Request-ID": "my-id"})
        body = check_shape(answer, 500, "internal_error")
        assert body["request_id"] == "my-id"
        assert "secret" not in answer.text
        (record,) = [record for record in records if record["level"] == "error"]
        assert record["request_id"] == "my-id"
        assert "ZeroDivisionError: a secret detail" in record["exception"]

    async def test_openai_s_shape(self) -> None:
        async with api() as http:
            answer = await http.get("/v1/bug")
        assert answer.status_code == 500
        assert answer.json()["error"]["type"] == "server_error"
        assert answer.headers["X-Request-ID"]

    async def test_a_page_of_an_allowed_origin_may_read_it(self) -> None:
        async with api() as http:
            answer = await http.get("/bug", headers={"Origin": "https://page.example"})
        assert answer.headers["Access-Control-Allow-Origin"] == "https://page.example"

    async def test_it_is_counted(self) -> None:
        async with api() as http:
            await http.get("/bug")
            text = (await http.get("/metrics")).text
        assert 'route="/bug",status="500"' in text


class TestSockets:
    @pytest.mark.parametrize(("when", "code"), [("early", 1008), ("late", 1008), ("bug", 1011)])
    async def test_an_error_closes_the_socket(self, when: str, code: int) -> None:
        sent = await socket_messages(build(router), f"/socket/{when}")
        assert sent[-1]["type"] == "websocket.close"
        assert sent[-1]["code"] == code


async def test_a_detail_with_a_wrong_key_does_not_repeat_it() -> None:
    private = APIRouter()

    @private.get("/mine")
    async def mine(caller: KeyCaller) -> str:
        return caller.name

    async with client(build(private)) as http:
        answer = await http.get("/mine", headers={"X-API-Key": "sk-nova-not-this-one"})
        assert answer.status_code == 401
        assert "not-this-one" not in json.dumps(answer.json())
        right = await http.get("/mine", headers={"X-API-Key": ADMIN_SECRET})
        assert right.json() == "admin"
