"""Calls with faults among them while the gateway is killed again and again: nothing is lost or leaks.

NOVA_TEST_GATEWAY_CALLS sets how many calls are made (300); from a thousand on, the memory is compared.
"""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import orjson

from tests.fixtures.gateway import GatewayProcess, StartGateway
from tests.fixtures.processes import wait_until
from tests.fixtures.providers import openai
from tests.fixtures.providers.server import ProviderServer
from tests.integration.llm_gateway.conftest import HELLO, Rows

CALLS = int(os.environ.get("NOVA_TEST_GATEWAY_CALLS", "300"))
_IS_LONG = CALLS >= 1_000
_KILLS = 5 if _IS_LONG else 2
_AT_ONCE = 16
_FAULTS = ("error-429", "error-500", "cut", "cut-clean", "slow")
_BUDGET = {"scope": "task", "id": "storm", "limit_usd": 1_000_000}
_RATE = {"input": 1000, "output": 2000, "max_output": 50}
# A client leaves before a slow answer's second piece.
_PATIENCE = {"slow": 0.2}
# The last gateway has made this share of the calls when its memory is measured first.
_WARM = 0.2
_MOST_GROWTH_KIB = 16 * 1024
_ESTABLISHED, _CLOSE_WAIT = "01", "08"


def model_of(number: int) -> str:
    """One in twenty calls goes to a fault; those of each are streams and plain ones in turn."""
    turn = number // 20
    return _FAULTS[turn % len(_FAULTS)] if number % 20 == turn % 2 else "gpt-4o-mini"


@dataclass(frozen=True)
class Held:
    """What a gateway's process holds: open files, and memory in KiB.

    Pages shared with the fork server count whole: one that is written, and thereby copied, is no growth.
    """

    files: int
    memory: int

    @classmethod
    def by(cls, pid: int) -> "Held":
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        (rss,) = [line.split()[1] for line in lines if line.startswith("Rss:")]
        return cls(len(list(Path(f"/proc/{pid}/fd").iterdir())), int(rss))


@dataclass
class Storm:
    """The calls that are made. `answered` are the ids of those that got an answer, of any status."""

    begin: Callable[[], GatewayProcess]
    answered: set[str] = field(default_factory=set[str])
    broken: set[str] = field(default_factory=set[str])
    client: httpx.Client = field(default_factory=httpx.Client)
    is_up: threading.Event = field(default_factory=threading.Event)

    def run(self) -> tuple[GatewayProcess, Held]:
        """Make the calls and kill the gateway meanwhile: the last one, and what it held once warm."""
        self._start()
        done = threading.Semaphore(0)

        def call(number: int) -> None:
            self._call(number)
            done.release()

        def wait_for(calls: int) -> None:
            for _ in range(calls):
                done.acquire()

        with self.client, ThreadPoolExecutor(_AT_ONCE) as pool:
            work = [pool.submit(call, number) for number in range(CALLS)]
            for _ in range(_KILLS):
                wait_for(CALLS // 20)
                self.is_up.clear()
                self.gateway.kill()
                self._start()
            wait_for(int(CALLS * _WARM))
            warm = Held.by(self.gateway.process.pid)
            for each in work:
                each.result()
        return self.gateway, warm

    def _start(self) -> None:
        self.gateway = self.begin()
        self.is_up.set()

    def _call(self, number: int) -> None:
        while True:
            self.is_up.wait()
            request_id = f"storm-{number}-{uuid4().hex[:8]}"
            try:
                self._send(number, request_id)
            except httpx.ConnectError:
                continue  # it was killed before it heard of the call
            except httpx.TransportError:
                self.broken.add(request_id)
            else:
                self.answered.add(request_id)
            return

    def _send(self, number: int, request_id: str) -> None:
        gateway = self.gateway
        body: dict[str, Any] = {
            **HELLO,
            "model": model_of(number),
            "max_tokens": 20,
            "metadata": {"budgets": [_BUDGET]},
        }
        self.client.post(
            f"{gateway.url}{'/stream' if number % 2 else '/complete'}",
            json=body,
            headers={**gateway.service(), "X-Request-ID": request_id},
            timeout=_PATIENCE.get(body["model"], 60),
        )


class TestKilledUnderLoad:
    def test_rows_are_calls_costs_are_charged_and_nothing_leaks(
        self, start_gateway: StartGateway, openai_server: ProviderServer, rows: Rows
    ) -> None:
        prices = dict.fromkeys(("gpt-4o-mini", *_FAULTS), _RATE)
        storm = Storm(
            lambda: start_gateway(
                OPENAI_API_BASE=openai_server.url,
                OPENAI_API_KEY=openai.KEY,
                NOVA_MODEL_PRICES=orjson.dumps(prices).decode(),
            )
        )
        gateway, warm = storm.run()
        wait_until(
            lambda: not rows("SELECT id FROM open_calls"), what="all calls to end", seconds=60
        )
        self._all_are_charged(storm, rows)
        self._nothing_leaks(gateway, warm)

    def _all_are_charged(self, storm: Storm, rows: Rows) -> None:
        assert len(storm.answered) + len(storm.broken) == CALLS
        # Beside those that were on their way at a kill, only slow ones were given up.
        assert len(storm.broken) <= _KILLS * _AT_ONCE + CALLS // 100
        found = rows("SELECT request_id, status, cost_usd, model FROM usage_events")
        ids = [row["request_id"] for row in found]
        assert len(ids) == len(set(ids))
        assert storm.answered <= set(ids)
        assert set(ids) <= storm.answered | storm.broken
        statuses = {row["status"] for row in found}
        assert statuses <= {"ok", "error", "lost", "cancelled"}
        assert {row["status"] for row in found if row["model"] == "slow"} <= {"cancelled", "lost"}
        # Whatever was charged is in a row, and the other way round.
        (budget,) = rows("SELECT spent_usd, reserved_usd FROM budgets WHERE id = 'storm'")
        assert budget["reserved_usd"] == 0
        assert budget["spent_usd"] == sum(row["cost_usd"] for row in found)
        assert not rows("SELECT step_id FROM budget_reservations WHERE state = 'held'")
        print(f"{CALLS} calls, {_KILLS} kills: {len(found)} rows, {budget['spent_usd']} USD")
        print({kind: [row["status"] for row in found].count(kind) for kind in sorted(statuses)})

    def _nothing_leaks(self, gateway: GatewayProcess, warm: Held) -> None:
        port = int(gateway.url.rpartition(":")[2])
        wait_until(lambda: clients_of(port) == 0, what="the clients' connections to be closed")
        end = Held.by(gateway.process.pid)
        print(f"when warm: {warm}, at the end: {end}")
        # Connections to the provider are kept for the next call, as many as were made at once.
        assert end.files <= warm.files + _AT_ONCE
        if _IS_LONG:
            assert end.memory <= warm.memory + _MOST_GROWTH_KIB


def clients_of(port: int) -> int:
    """The connections to that port that are not closed on this side."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    states = [line.split()[3] for line in lines if line.split()[1].endswith(f":{port:04X}")]
    return sum(state in {_ESTABLISHED, _CLOSE_WAIT} for state in states)
