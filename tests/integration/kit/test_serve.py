"""One process serves one app: requests, event streams, WebSockets, and an orderly end with both open."""

import contextlib
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from services.kit.launch.configuration import ROOT
from tests.fixtures.ports import free_port
from tests.fixtures.processes import start, stop, wait_until

APP = """
import asyncio, contextlib, os
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse

@contextlib.asynccontextmanager
async def lifespan(_):
    if os.environ.get("FAIL"):
        raise RuntimeError("no")
    yield
    print("lifespan ended in order", flush=True)

app = FastAPI(lifespan=lifespan)

@app.get("/pid")
async def pid():
    return os.getpid()

@app.get("/stream")
async def stream():
    async def events():
        try:
            while True:
                yield "data: x\\n\\n"
                await asyncio.sleep(0.05)
        finally:
            print("stream ended", flush=True)
    return StreamingResponse(events(), media_type="text/event-stream")

@app.websocket("/ws")
async def ws(socket: WebSocket):
    await socket.accept()
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            await socket.send_text(await socket.receive_text())
"""


class Served:
    def __init__(self, folder: Path, **environment: str) -> None:
        (folder / "toy.py").write_text(APP)
        self.port = free_port()
        self.log = folder / "log"
        command = [sys.executable, "-m", "services.kit.serve", "toy:app", "127.0.0.1"]
        self.process = start(
            [*command, str(self.port), "--ws"],
            log=self.log,
            environment={"PYTHONPATH": f"{ROOT}:{folder}", **environment},
            cwd=folder,
        )

    def url(self, path: str, *, scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self.port}{path}"

    def answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return httpx.get(self.url("/pid")).is_success
        except httpx.TransportError:
            return False


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    instance = Served(tmp_path)
    try:
        wait_until(instance.answers, what="the app")
        yield instance
    finally:
        stop(instance.process)


def test_the_kept_process_itself_serves(served: Served) -> None:
    assert httpx.get(served.url("/pid")).json() == served.process.pid


def test_a_websocket(served: Served) -> None:
    with connect(served.url("/ws", scheme="ws")) as socket:
        socket.send("hello")
        assert socket.recv() == "hello"


def test_a_reader_that_leaves_ends_its_stream(served: Served) -> None:
    with httpx.stream("GET", served.url("/stream")) as response:
        next(response.iter_bytes())
    wait_until(lambda: "stream ended" in served.log.read_text(), what="the generator to end")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_ends_in_order_with_a_stream_open(served: Served, number: signal.Signals) -> None:
    reading = threading.Event()

    def read() -> None:
        with (
            contextlib.suppress(httpx.RemoteProtocolError),
            httpx.stream("GET", served.url("/stream")) as response,
        ):
            for _ in response.iter_bytes():
                reading.set()

    reader = threading.Thread(target=read)
    reader.start()
    assert reading.wait(10)
    served.process.send_signal(number)
    assert served.process.wait(10) == 0
    reader.join()
    assert "lifespan ended in order" in served.log.read_text()


def test_a_failed_start_is_an_exit_code(tmp_path: Path) -> None:
    failed = Served(tmp_path, FAIL="1")
    assert failed.process.wait(20) == 1
    assert "RuntimeError" in failed.log.read_text()


def test_a_taken_port_is_an_exit_code(served: Served, tmp_path: Path) -> None:
    second = subprocess.run(
        [*(sys.executable, "-m", "services.kit.serve", "toy:app", "127.0.0.1"), str(served.port)],
        env={"PYTHONPATH": f"{ROOT}:{tmp_path}"},
        cwd=tmp_path,
        capture_output=True,
        timeout=20,
        check=False,
    )
    assert second.returncode == 1
    assert b"taken" in second.stderr
