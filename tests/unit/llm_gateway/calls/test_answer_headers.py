"""Headers that calls add to the answer that is served."""

import asyncio
from typing import Any

from services.llm_gateway.calls.answer_headers import (
    AnswerHeadersMiddleware,
    add_headers,
    without_headers,
)


async def served(work: Any) -> list[tuple[bytes, bytes]]:
    """The headers of an answer that begins when `work` has ended."""
    sent: list[dict[str, Any]] = []

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await work()
        own = [(b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 200, "headers": own})
        await send({"type": "http.response.body", "body": b""})

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    await AnswerHeadersMiddleware(app)({"type": "http"}, receive, send)
    return sent[0]["headers"]


class TestAddHeaders:
    async def test_also_from_a_task_that_was_started_for_the_request(self) -> None:
        async def call() -> None:
            add_headers({"x-nova-model": "gpt-4o"})

        async def work() -> None:
            await asyncio.ensure_future(call())

        assert (b"x-nova-model", b"gpt-4o") in await served(work)

    async def test_two_requests_at_once_do_not_mix(self) -> None:
        async def work(name: str) -> None:
            add_headers({"x-nova-model": name})
            await asyncio.sleep(0)

        found = await asyncio.gather(*(served(lambda n=n: work(n)) for n in ("a", "b")))
        assert [dict(headers)[b"x-nova-model"] for headers in found] == [b"a", b"b"]

    async def test_a_name_can_not_end_the_header(self) -> None:
        async def work() -> None:
            add_headers({"x-nova-model": "a\r\nset-cookie: b=1\x00ü"})

        assert dict(await served(work))[b"x-nova-model"] == b"a??set-cookie: b=1??"

    async def test_an_answers_own_header_wins(self) -> None:
        async def work() -> None:
            add_headers({"content-type": "text/html"})

        assert await served(work) == [(b"content-type", b"text/plain")]

    async def test_what_is_not_for_the_client_stays_out(self) -> None:
        async def work() -> None:
            with without_headers():
                add_headers({"x-nova-model": "classifier"})
            add_headers({"x-nova-category": "code"})

        assert set(dict(await served(work))) == {b"content-type", b"x-nova-category"}

    async def test_outside_of_a_request_nothing_happens(self) -> None:
        add_headers({"x": "y"})
