"""Writes the log behind the calls: a bounded queue, redaction in a thread, retention."""

import asyncio
import time
from collections import deque
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, cast

import orjson
from prometheus_client import Counter

from services.kit.config import ConfigCache
from services.kit.db import Database
from services.kit.errors import DatabaseDown, Invalid
from services.kit.ids import new_id
from services.kit.log import get_logger
from services.llm_gateway.request_log import queries
from services.llm_gateway.request_log.assembly import assembled
from services.llm_gateway.request_log.queries import LoggedRow
from services.llm_gateway.request_log.redaction import Redactor, TooSlow

if TYPE_CHECKING:
    from services.llm_gateway.request_log.capture import Captured, Side

_log = get_logger(__name__)
DROPPED = Counter("nova_llm_request_log_dropped_total", "Requests that the log had no room for")

_MOST_WAITING = 1_000
_MOST_WAITING_BYTES = 64 * 1024 * 1024
_BATCH = 20
_REDACTION_SECONDS = 2.0
_EXPIRE_SECONDS = 60.0
_LONGEST_NAME = 200


class RequestLog:
    """On or off by the run-time configuration, whose null leaves it to the setting."""

    def __init__(
        self, database: Database, config: ConfigCache, *, on_by_default: bool, longest: int
    ) -> None:
        self.longest = longest
        self._database = database
        self._config = config
        self._on_by_default = on_by_default
        self._waiting: deque[Captured] = deque()
        self._waiting_bytes = 0
        self._wake = asyncio.Event()

    @property
    def is_on(self) -> bool:
        return bool(self._config.get("llm.request_log", self._on_by_default))

    def offer(self, heard: "Captured") -> None:
        """Log the request some time soon, or drop it: a call never waits for its log."""
        size = _held(heard)
        full = self._waiting_bytes + size > _MOST_WAITING_BYTES
        if full or len(self._waiting) >= _MOST_WAITING:
            DROPPED.inc()
            return
        self._waiting.append(heard)
        self._waiting_bytes += size
        self._wake.set()

    async def keep_writing(self) -> None:
        """Write what waits; run it under Supervisor.keep_running."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self.flush()

    async def flush(self) -> None:
        """Write all that waits. Raises DatabaseDown; then nothing of it is lost."""
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(_BATCH, len(self._waiting)))]
            fields = frozenset(
                str(name).lower()
                for name in self._config.get("llm.request_log_redacted_fields", [])
            )
            try:
                rows = [await asyncio.to_thread(_row, heard, fields) for heard in batch]
                async with self._database.transaction() as connection:
                    await queries.add(connection, rows)
            except (DatabaseDown, asyncio.CancelledError):
                self._waiting.extendleft(reversed(batch))
                self._wake.set()
                raise
            except Invalid as error:
                _log.warning("requests could not be logged", reason=error.detail)
                DROPPED.inc(len(batch))
            self._waiting_bytes -= sum(map(_held, batch))

    async def keep_expiring(self) -> None:
        """Delete what is too old or too much; run it under Supervisor.keep_running."""
        await self.expire()
        await asyncio.sleep(_EXPIRE_SECONDS)

    async def expire(self) -> None:
        days = int(self._config.get("llm.request_log_days", 7))
        rows = int(self._config.get("llm.request_log_rows", 10_000))
        async with self._database.connection() as connection:
            await queries.expire(connection, days=days, rows=rows)


def _held(heard: "Captured") -> int:
    """Bytes that a waiting request holds in memory."""
    kept = (side.size for side in (heard.request, heard.answer) if side.pieces is not None)
    return sum(kept) + 1_000


def _row(heard: "Captured", fields: Collection[str]) -> LoggedRow:
    redactor = Redactor(fields, time.monotonic() + _REDACTION_SECONDS)
    notes: list[str] = []
    asked = _body("request", heard.request, redactor, notes)
    answered = _body("answer", heard.answer, redactor, notes)
    model: Any = cast("dict[str, Any]", asked).get("model") if isinstance(asked, dict) else None
    principal = heard.principal
    return LoggedRow(
        id=new_id(),
        created_at=heard.began_at,
        request_id=heard.request_id,
        path=_storable(heard.path),
        model=_storable(model) if isinstance(model, str) else None,
        status=heard.status,
        duration_ms=heard.duration_ms,
        caller="anonymous" if principal is None else principal.name,
        key_id=None if principal is None else principal.key_id,
        task_id=None if principal is None else principal.task_id,
        request_bytes=heard.request.size,
        answer_bytes=heard.answer.size,
        redacted=redactor.found,
        note="; ".join(notes),
        request=asked,
        answer=answered,
    )


def _body(name: str, side: "Side", redactor: Redactor, notes: list[str]) -> Any:
    """The body as it is stored; None if it can't be, with a note why."""
    body = side.body()
    try:
        if body is not None and side.kind.endswith("json"):
            return redactor.value(orjson.loads(body))
        if body is not None:
            return redactor.value(assembled(body))
    except orjson.JSONDecodeError:
        notes.append(f"the {name} is no JSON")
    except TooSlow:
        notes.append(f"the {name} could not be searched for credentials in time")
    else:
        why = "too long to be kept" if side.is_text else side.kind or "of no type"
        notes += [f"the {name} is {why}"] if side.size else []
    return None


def _storable(text: str) -> str:
    return text.replace("\0", "")[:_LONGEST_NAME]
