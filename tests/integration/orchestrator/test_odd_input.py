"""No input of the administrative routes ends in a 500, and every error has the one shape."""

import itertools
import json
import uuid
from collections.abc import Iterator
from typing import Any

import httpx

from tests.fixtures.orchestrator import Orchestrator

PATH_VALUES = ["x", "%00", "%ff", "%F0%9F%98%80", str(uuid.UUID(int=0)), "9" * 400, "..", "a b"]
FIELD_VALUES: list[Any] = [
    None,
    True,
    -1,
    0,
    2**31,
    2**63,
    10**400,
    1.5,
    -1e308,
    "",
    " ",
    "a\x00b",
    "\ud800",
    "ü😀\u202e",
    "x" * 20_000,
    [],
    ["a\x00"],
    [None],
    [[]],
    {},
    {"a\x00": 1},
    {"type": "and", "conditions": [{"type": "or"}]},
    {"type": "object", "properties": 5, "pattern": "(a+)+$"},
    {"$ref": "http://192.0.2.1/schema"},
    str(uuid.UUID(int=0)),
    "2001-01-01T00:00:00Z",
]
BODIES = [
    b"",
    b"null",
    b"[]",
    b'"text"',
    b"5",
    b"{",
    b"\xff\xfe",
    b'{"name": NaN}',
    b'{"name": 1e999}',
    b'{"a":' * 3000 + b"1" + b"}" * 3000,
    b"[" * 100_000,
    b'{"name": ' + b"9" * 5000 + b"}",
]
QUERIES = ["limit=x", "limit=-1", "offset=" + "9" * 30, "period=%00", "confirm=%ff", "actor=%00"]


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """Method, path and the names of the body's fields of every route."""
    schemas = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
            schema = schemas.get(reference.rpartition("/")[2], {})
            yield method, path, list(schema.get("properties", {}))


def filled(path: str, values: Iterator[str]) -> str:
    parts = (next(values) if part.startswith("{") else part for part in path.split("/"))
    return "/".join(parts)


def check(answer: httpx.Response, what: str) -> None:
    assert answer.status_code < 500, f"{what}: {answer.text}"
    if answer.status_code >= 400 and answer.request.url.path.startswith("/api"):
        assert set(answer.json()) == {"detail", "code", "request_id"}, what
        assert answer.headers["X-Request-ID"] == answer.json()["request_id"], what


async def test_no_odd_input_fails(orchestrator: Orchestrator) -> None:
    nova = orchestrator.admin
    document = (await nova.get("/openapi.json")).json()
    pod = (await nova.post("/api/v1/pods", json={"name": "p"})).json()["id"]
    agent = (await nova.post(f"/api/v1/pods/{pod}/agents", json={"name": "a"})).json()["id"]
    single = (await nova.post("/api/v1/agents", json={"config": {}})).json()["id"]
    known = {"{pod_id}": pod, "{key}": "llm.model_routing_map"}
    tried = 0
    for method, path, fields in operations(document):
        odd_paths = [filled(path, itertools.repeat(value)) for value in PATH_VALUES]
        for target in odd_paths if "{" in path else [path + "?" + query for query in QUERIES]:
            check(await nova.request(method, target), f"{method} {target[:80]}")
        is_single = path.startswith("/api/v1/agents")
        ids = {**known, "{agent_id}": single if is_single else agent}
        target = "/".join(ids.get(part, part) for part in path.split("/"))
        if method == "delete" or not fields:
            continue
        headers = {"Content-Type": "application/json"}
        for body in BODIES:
            check(
                await nova.request(method, target, content=body, headers=headers),
                f"{method} {target} {body[:40]!r}",
            )
        for field, value in itertools.product(fields, FIELD_VALUES):
            # Beside a body that would do, so that the odd value is what is looked at.
            name = {} if method == "patch" else {"name": f"n{tried}"}
            body = json.dumps({**name, field: value}).encode()
            check(
                await nova.request(method, target, content=body, headers=headers),
                f"{method} {target} {field}={str(value)[:40]!r}",
            )
            tried += 1
    assert tried > 1000
    check(await nova.get("/api/v1/pods"), "the list afterwards")
