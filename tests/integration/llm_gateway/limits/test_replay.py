"""What a killed gateway's journal holds gets into the database, once, however that is with the database."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from services.kit.db import Database
from services.kit.errors import DatabaseDown
from services.kit.launch.configuration import ROOT
from services.llm_gateway.limits.journal import Journal
from services.llm_gateway.limits.recorder import Recorder
from tests.fixtures.ports import free_port
from tests.fixtures.processes import wait_until
from tests.integration.llm_gateway.conftest import Rows

# Its database is away, and then it is killed.
_GATEWAY = """
import asyncio, os, signal, sys
from decimal import Decimal
from pathlib import Path
from services.kit.db import Database
from services.kit.ids import new_id
from services.llm_gateway.limits.journal import Journal
from services.llm_gateway.limits.queries import UsageRow
from services.llm_gateway.limits.recorder import Entry, Recorder

def row(number):
    return UsageRow(
        id=new_id(), kind="chat", key_id=None, task_id=None, agent_id=None, session_id=None,
        step_id=str(number), caller="k\\0ey", provider="openai", model="gpt-4o-mini",
        input_tokens=number, output_tokens=2, cached_tokens=0, cost_usd=Decimal("0.25"),
        estimated=False, status="ok", error=None, duration_ms=5, request_id="r",
        source="provider", cache_write_tokens=0,
    )

async def main():
    database = Database(sys.argv[1])
    await database.open()
    recorder = Recorder(database, Journal(Path(sys.argv[2])))
    recorder.open()
    recorder.later(Entry(row(1), None))
    await recorder.record(Entry(row(2), Decimal("0.25")))
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@asynccontextmanager
async def reached_by(port: int, database_url: str) -> AsyncGenerator[None]:
    """The database answers on that port too, for as long as the block lasts."""
    place = urlsplit(database_url)

    async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65_536):
                target.write(data)
                await target.drain()
        target.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, to_there = await asyncio.open_connection(place.hostname, place.port)
        await asyncio.gather(copy(reader, to_there), copy(there, writer))

    async with await asyncio.start_server(serve, "127.0.0.1", port) as server:
        yield
        server.close()


async def test_rows_of_a_killed_gateway_are_written_once_the_database_is_there(
    database_url: str, tmp_path: Path, rows: Rows
) -> None:
    port = free_port()
    away = database_url.replace(f":{urlsplit(database_url).port}/", f":{port}/")
    folder = tmp_path / "usage"
    command = [sys.executable, "-c", _GATEWAY, away, str(folder)]
    killed = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, check=False)
    assert killed.returncode == -9
    (left,) = folder.iterdir()
    with left.open("r+b") as file:
        file.seek(len(left.read_bytes().rstrip(b"\0")))
        file.write(b'{"id": "torn')
    shutil.copytree(folder, tmp_path / "copy")

    database = Database(away)
    await database.open()
    recorder = Recorder(database, Journal(folder))
    recorder.open()
    with pytest.raises(DatabaseDown):
        await recorder.flush()
    # The next kill would lose nothing either.
    lines = [path.read_bytes().rstrip(b"\0").splitlines() for path in folder.iterdir()]
    assert sorted(map(len, lines)) == [0, 3]
    flushing = asyncio.create_task(recorder.keep_flushing())
    async with reached_by(port, database_url):
        found = await asyncio.to_thread(
            rows, "SELECT * FROM usage_events ORDER BY step_id", until=2
        )
        await asyncio.to_thread(
            wait_until, lambda: len(list(folder.iterdir())) == 1, what="no rest"
        )
    flushing.cancel()
    await database.close()
    assert [(row["step_id"], row["input_tokens"], row["cost_usd"]) for row in found] == [
        ("1", 1, Decimal("0.25")),
        ("2", 2, Decimal("0.25")),
    ]

    again = Database(database_url)
    await again.open()
    second = Recorder(again, Journal(tmp_path / "copy"))
    second.open()
    await second.flush()
    await again.close()
    assert await asyncio.to_thread(rows, "SELECT * FROM usage_events ORDER BY step_id") == found
