"""Asks Redis's windows, many questions in one round trip, and never waits long for the answers."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.kit.redis import RedisError
from services.kit.supervision import Supervisor, cancel_and_wait
from services.llm_gateway.limits.admission.redis_line import RedisLine, RefusedError
from services.llm_gateway.limits.admission.window import (
    NO_LIMIT,
    SLOT_MS,
    WINDOW_MS,
    Counted,
    Limits,
)

_SCRIPT = Path(__file__).with_name("sliding_window.lua").read_text(encoding="utf-8")
_SHA = hashlib.sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()
PATIENCE_SECONDS = 0.05
# What this process was too busy to read has come by then, and is no fault of Redis.
_GRACE_SECONDS = 0.005
_LOST_CONNECTION_SECONDS = 1.0
MOST_AT_ONCE = 500
_NO_SLOT = -1


@dataclass(slots=True, eq=False)
class Question:
    """`tokens` below zero are given back to `slot`. `answer` gets None if Redis gives none in time."""

    window: str
    requests: int
    tokens: int
    limits: Limits
    slot: int = _NO_SLOT
    answer: "asyncio.Future[Counted | None] | None" = None


class Unanswered(Exception):
    """Redis did not answer, or not in time."""


def open_rates_redis(url: str, *, database: int) -> RedisLine:
    """A line for SharedWindows: whoever waits for it gives up long before its own time-out."""
    return RedisLine(url, database=database, connect_seconds=_LOST_CONNECTION_SECONDS)


class SharedWindows:
    """One round trip at a time: what comes meanwhile goes with the next one.

    `on_loss` is told the reason when Redis fails or is too slow; all questions are answered by then.
    """

    def __init__(
        self,
        redis: RedisLine,
        supervisor: Supervisor,
        *,
        on_loss: Callable[[str], None],
        window_ms: int = WINDOW_MS,
        slot_ms: int = SLOT_MS,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._redis = redis
        self._supervisor = supervisor
        self._on_loss = on_loss
        self._measure = (slot_ms, -(-window_ms // slot_ms))
        self._patience = patience_seconds
        self._waiting: list[Question] = []
        self._sending: asyncio.Task[None] | None = None
        self._under_way: list[Question] = []
        self._watch: asyncio.TimerHandle | None = None
        self._timer: asyncio.TimerHandle | None = None

    def put(self, question: Question, *, within_seconds: float = 0.0) -> None:
        """Ask; a question that nobody waits for may wait for others to go with."""
        self._waiting.append(question)
        if self._sending is not None:
            return
        if within_seconds == 0.0:
            self._begin()
        elif self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(within_seconds, self._begin)

    async def ask(
        self, questions: Sequence[Question], *, patience_seconds: float | None = None
    ) -> list[Counted]:
        """Ask at once, beside all others. Raises Unanswered."""
        patience = self._patience if patience_seconds is None else patience_seconds
        task = asyncio.ensure_future(self._run(questions))
        try:
            for seconds in (patience, _GRACE_SECONDS):
                done, _ = await asyncio.wait({task}, timeout=seconds)
                if done:
                    return task.result()
        finally:
            await cancel_and_wait({task})
        self._redis.drop()
        raise Unanswered(self._slow())

    async def close(self) -> None:
        sending = self._sending
        self._give_up(self._waiting)
        if sending is not None:
            await cancel_and_wait({sending})
        self._redis.drop()

    def _begin(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._sending is None and self._waiting:
            # It starts in the loop's next turn: all questions of this turn go with it.
            self._sending = self._supervisor.start(self._send(), name="rates")

    async def _send(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch = self._waiting[:MOST_AT_ONCE]
            del self._waiting[:MOST_AT_ONCE]
            self._under_way = batch
            due = loop.time() + self._patience
            self._watch = loop.call_at(due, self._late, batch, due)
            try:
                found = await self._run(batch)
            except Unanswered as error:
                self._sending = None
                self._lose(batch, str(error))
                return
            finally:
                self._watch.cancel()
            for question, counted in zip(batch, found, strict=True):
                _answer(question, counted)
        self._sending = None

    async def _run(self, questions: Sequence[Question]) -> list[Counted]:
        arguments: list[str | int] = [question.window for question in questions]
        arguments += self._measure
        for question in questions:
            limits = question.limits
            arguments += (
                question.requests,
                question.tokens,
                NO_LIMIT if limits.requests is None else limits.requests,
                NO_LIMIT if limits.tokens is None else limits.tokens,
                question.slot,
            )
        try:
            rows = await self._evaluate(len(questions), arguments)
        except (OSError, RedisError) as error:
            raise Unanswered(f"Redis failed ({type(error).__name__}: {error}).") from error
        return [_counted(row, question) for row, question in zip(rows, questions, strict=True)]

    async def _evaluate(self, keys: int, arguments: list[str | int]) -> list[list[int]]:
        try:
            return await self._redis.execute("EVALSHA", _SHA, keys, *arguments)
        except RefusedError as error:
            if not str(error).startswith("NOSCRIPT"):
                raise
            return await self._redis.execute("EVAL", _SCRIPT, keys, *arguments)

    def _late(self, batch: list[Question], due: float) -> None:
        """The patience is over, unless this process itself had no time to look."""
        loop = asyncio.get_running_loop()
        if loop.time() - due > _GRACE_SECONDS:
            again = loop.time() + _GRACE_SECONDS
            self._watch = loop.call_at(again, self._late, batch, again)
        elif self._sending is not None and self._under_way is batch:
            self._lose(batch, self._slow())

    def _lose(self, batch: list[Question], reason: str) -> None:
        # The reason first: who is answered None looks at what is to be done instead.
        self._on_loss(reason)
        self._redis.drop()
        self._give_up([*batch, *self._waiting])

    def _give_up(self, questions: list[Question]) -> None:
        self._waiting = []
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None
        for question in questions:
            _answer(question, None)

    def _slow(self) -> str:
        return f"Redis did not answer within {self._patience * 1000:.0f} ms."


def _answer(question: Question, counted: Counted | None) -> None:
    # Whoever asked may have been cancelled meanwhile.
    if question.answer is not None and not question.answer.done():
        question.answer.set_result(counted)


def _counted(row: list[int], question: Question) -> Counted:
    admitted, requests, tokens, wait, requests_reset, tokens_reset, slot = row
    return Counted(
        admitted=admitted == 1,
        requests=requests,
        tokens=tokens,
        wait_ms=wait,
        requests_reset_ms=requests_reset,
        tokens_reset_ms=tokens_reset,
        reserved=question.tokens,
        slot=slot,
        limits=question.limits,
        in_redis=True,
    )
