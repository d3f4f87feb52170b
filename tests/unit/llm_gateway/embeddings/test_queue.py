"""Texts that wait for the local model: in turns, and queries first."""

import asyncio
from collections.abc import Sequence

from services.llm_gateway.embeddings.local.queue import FRAME_TEXTS, Request, Waiting, settle


def request(texts: Sequence[str]) -> Request:
    return Request(texts, asyncio.get_running_loop().create_future())


def texts_of(waiting: Waiting) -> list[str]:
    return [text for _, text in waiting.next_frame()]


class TestWaiting:
    async def test_a_query_does_not_wait_for_a_long_request(self) -> None:
        waiting = Waiting()
        waiting.add(request([f"long {i}" for i in range(100)]))
        assert len(texts_of(waiting)) == FRAME_TEXTS
        waiting.add(request(["query"]))
        assert texts_of(waiting) == ["query"]

    async def test_queries_do_not_starve_a_long_request(self) -> None:
        waiting = Waiting()
        waiting.add(request([f"long {i}" for i in range(FRAME_TEXTS * 3)]))
        left = FRAME_TEXTS * 3
        for _ in range(10):
            waiting.add(request(["query"]))
            left -= sum(text.startswith("long") for text in texts_of(waiting))
        assert left <= 0

    async def test_long_requests_share(self) -> None:
        waiting = Waiting()
        for name in "abc":
            waiting.add(request([name] * 100))
        assert set(texts_of(waiting)) == {"a", "b", "c"}

    async def test_everything_comes_once_and_in_order(self) -> None:
        waiting = Waiting()
        requests = [request([f"{n}-{i}" for i in range(n)]) for n in (1, 40, 3, 7, 100)]
        for each in requests:
            waiting.add(each)
        seen: list[str] = []
        while frame := waiting.next_frame():
            assert len(frame) <= FRAME_TEXTS
            seen += [text for _, text in frame]
            settle(frame, [text.encode() for _, text in frame], [1] * len(frame))
        assert len(seen) == 151
        for each in requests:
            made = await each.answer
            assert made.vectors == [text.encode() for text in each.texts]
            assert made.tokens == [1] * len(each.texts)

    async def test_nobody_works_for_a_caller_who_has_gone(self) -> None:
        waiting = Waiting()
        gone, stays = request(["gone"] * 50), request(["stays"] * 50)
        waiting.add(gone)
        waiting.add(stays)
        gone.answer.cancel()
        assert set(texts_of(waiting)) == {"stays"}
