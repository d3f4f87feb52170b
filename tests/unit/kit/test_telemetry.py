"""What /metrics tells: requests by route, and nothing that grows with what clients send."""

import re
from uuid import uuid4

import pytest
from fastapi import APIRouter

from tests.fixtures.kit_app import build, client

router = APIRouter(prefix="/things")


@router.api_route("/{thing_id}/parts/{part}", methods=["GET", "POST"])
async def one(thing_id: str, part: int) -> str:
    return f"{thing_id} {part}"


def series(text: str) -> set[str]:
    return {
        line.rpartition(" ")[0]
        for line in text.splitlines()
        if line.startswith("nova_http_requests_total{")
    }


async def test_requests_are_counted_by_template() -> None:
    async with client(build(router)) as http:
        identity = str(uuid4())
        await http.get(f"/things/{identity}/parts/5")
        await http.get(f"/things/{identity}/parts/x")
        await http.put(f"/things/{identity}/parts/5")
        answer = await http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    found = {line for line in series(answer.text) if "/things" in line}
    template = 'route="/things/{thing_id}/parts/{part}"'
    assert {
        f'nova_http_requests_total{{method="GET",{template},status="200"}}',
        f'nova_http_requests_total{{method="GET",{template},status="422"}}',
        f'nova_http_requests_total{{method="PUT",{template},status="405"}}',
    } <= found
    assert identity not in answer.text
    duration = rf'nova_http_request_seconds_count{{method="GET",{re.escape(template)}}}'
    assert re.search(duration, answer.text)


@pytest.mark.parametrize("what", ["path", "method", "query", "host"])
async def test_nothing_that_a_client_invents_becomes_a_series(what: str) -> None:
    async with client(build(router)) as http:
        await http.request("BREW0", "/x")
        await http.get("/x", headers={"Host": "evil.example"})
        before = series((await http.get("/metrics")).text)
        for number in range(50):
            path = f"/unknown/{uuid4()}" if what == "path" else "/x"
            await http.request(
                f"BREW{number}" if what == "method" else "GET",
                path + (f"?a={uuid4()}" if what == "query" else ""),
                headers={"Host": f"h{number}.example"} if what == "host" else {},
            )
        after = series((await http.get("/metrics")).text)
    assert len(after - before) <= 1
