"""Calls between services over real HTTP: typed answers, named errors, nothing silent."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Self
from uuid import uuid4

import pytest
from pydantic import BaseModel

from services.kit.events import read_sse
from services.kit.http import Peer, PeerDown, PeerError, on_behalf
from services.kit.http_pool import HttpPool
from services.kit.log import request_id_var
from services.kit.service_tokens import service_token
from tests.fixtures.ports import free_port

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Thing(BaseModel):
    name: str
    number: int | None = None


class Server:
    """Answers each request with fixed bytes, so that they can be wrong in any way."""

    def __init__(self, answer: bytes, *, then: str = "close") -> None:
        self.answer = answer
        self.then = then
        self.requests: list[str] = []
        self.gone = asyncio.Event()
        self.open = 0
        self.all_closed = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        self.all_closed.clear()
        try:
            await self.exchange(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
            self.open -= 1
            if not self.open:
                self.all_closed.set()

    async def exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            (
                line.split()[1]
                for line in head.split("\r\n")
                if line.lower().startswith("content-length")
            ),
            "0",
        )
        body = (await reader.readexactly(int(length))).decode()
        self.requests.append(head + body)
        writer.write(self.answer)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
            if self.then == "hang":
                await reader.read()
        self.gone.set()


@asynccontextmanager
async def peer_at(
    server: Server, *, secret: str | None = "secret", **options: Any
) -> AsyncIterator[Peer]:
    listening = await asyncio.start_server(server, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    try:
        async with HttpPool(**options) as pool:
            yield make_peer(pool, port, secret=secret)
    finally:
        listening.close()
        await listening.wait_closed()
        async with asyncio.timeout(10):
            await server.all_closed.wait()


def make_peer(pool: HttpPool, port: int, *, secret: str | None = "secret") -> Peer:
    url = f"http://127.0.0.1:{port}/"
    return Peer(pool, name="memory-service", url=url, caller="worker", secret=secret)


def http(status: int, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


class TestCall:
    async def test_a_typed_answer(self) -> None:
        server = Server(http(200, b'{"name": "a", "number": 5}'))
        async with peer_at(server) as peer:
            assert await peer.call("GET", "/x", answer=Thing) == Thing(name="a", number=5)
            server.answer = http(200, b'[{"name": "a"}]')
            assert await peer.call("GET", "/x", answer=list[Thing]) == [Thing(name="a")]
            server.answer = http(204, b"")
            assert await peer.call("DELETE", "/x", answer=type(None)) is None

    async def test_what_is_sent(self) -> None:
        server = Server(http(200, b"null"))
        key_id = uuid4()
        token = request_id_var.set("the-id")
        async with peer_at(server) as peer:
            await peer.call(
                "POST",
                "/path",
                answer=type(None),
                body=Thing(name="ü"),
                params={"q": "a b"},
                headers=on_behalf(key_id=key_id, step_id="7"),
            )
        request_id_var.reset(token)
        (sent,) = server.requests
        assert sent.startswith(("POST /path?q=a+b HTTP/1.1", "POST /path?q=a%20b "))
        assert sent.endswith('{"name":"ü"}')
        lowered = sent.lower()
        for line in (
            f"x-nova-service: {service_token('secret', 'worker')}",
            f"x-nova-key-id: {key_id}",
            "x-nova-step-id: 7",
            "x-request-id: the-id",
            "content-type: application/json",
        ):
            assert f"\r\n{line}\r\n" in lowered
        assert "x-nova-task-id" not in lowered

    async def test_without_a_secret_it_names_no_service(self) -> None:
        server = Server(http(200, b"null"))
        async with peer_at(server, secret=None) as peer:
            await peer.call("GET", "/", answer=type(None), headers={"X-API-Key": "k"})
        assert "x-nova-service" not in server.requests[0].lower()
        assert "x-api-key: k" in server.requests[0].lower()

    @pytest.mark.parametrize("body", [b"", b"{", b'{"name": 5}', b"[]", b"\xff"])
    async def test_an_answer_that_does_not_fit(self, body: bytes) -> None:
        async with peer_at(Server(http(200, body))) as peer:
            with pytest.raises(PeerError) as raised:
                await peer.call("GET", "/x", answer=Thing)
        assert (raised.value.code, raised.value.status) == ("bad_answer", 502)

    async def test_a_redirect_is_not_followed(self) -> None:
        server = Server(http(307, b"", "Location: http://192.0.2.1/"))
        async with peer_at(server) as peer:
            with pytest.raises(PeerError):
                await peer.call("GET", "/x", answer=Thing)
        assert len(server.requests) == 1


ERROR = b'{"detail": "No such memory.", "code": "not_found", "request_id": "r"}'


class TestErrors:
    @pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422, 429, 500, 502])
    async def test_the_peer_s_own_words(self, status: int) -> None:
        async with peer_at(Server(http(status, ERROR, "Retry-After: 7"))) as peer:
            with pytest.raises(PeerError, match="No such memory") as raised:
                await peer.call("GET", "/x", answer=Thing)
            assert (raised.value.peer_status, raised.value.code) == (status, "not_found")
            assert (raised.value.status, raised.value.retry_after) == (502, 7)
            with pytest.raises(PeerError, match="No such memory"):
                async with peer.stream("GET", "/x"):
                    pass

    @pytest.mark.parametrize("body", [b"", b"<html>Bad Gateway", b"{}", b"[]", b'{"detail": []}'])
    async def test_other_words(self, body: bytes) -> None:
        async with peer_at(Server(http(502, body))) as peer:
            with pytest.raises(PeerError, match="memory-service answered 502") as raised:
                await peer.call("GET", "/x", answer=Thing)
        assert raised.value.code == "peer_failed"

    @pytest.mark.parametrize(
        ("header", "wait"),
        [("5", 5.0), ("0", 2.0), ("", 2.0), ("soon", 2.0), ("9" * 400, 2.0), ("-1", 2.0)],
    )
    async def test_one_that_is_not_ready(self, header: str, wait: float) -> None:
        async with peer_at(Server(http(503, ERROR, f"Retry-After: {header}"))) as peer:
            with pytest.raises(PeerDown) as raised:
                await peer.call("GET", "/x", answer=Thing)
        assert (raised.value.status, raised.value.retry_after) == (503, wait)
        assert raised.value.code == "not_found"


class TestDown:
    async def test_nobody_listens(self) -> None:
        async with HttpPool() as pool:
            peer = make_peer(pool, free_port())
            with pytest.raises(PeerDown, match="memory-service can't be reached"):
                await peer.call("GET", "/x", answer=Thing)
            with pytest.raises(PeerDown):
                async with peer.stream("GET", "/x"):
                    pass

    @pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b"nonsense\r\n\r\n"])
    async def test_it_breaks_off(self, answer: bytes) -> None:
        async with peer_at(Server(answer)) as peer:
            with pytest.raises(PeerDown):
                await peer.call("GET", "/x", answer=Thing)

    async def test_a_body_cut_short(self) -> None:
        async with peer_at(Server(http(200, b'{"name": "a"}')[:-3])) as peer:
            with pytest.raises(PeerDown):
                await peer.call("GET", "/x", answer=Thing)

    async def test_a_body_that_is_not_what_it_is_said_to_be(self) -> None:
        for status in (200, 400):
            async with peer_at(Server(http(status, b"plain", "Content-Encoding: gzip"))) as peer:
                with pytest.raises(PeerDown):
                    await peer.call("GET", "/x", answer=Thing)
        async with peer_at(Server(http(400, b"plain", "Content-Encoding: gzip"))) as peer:
            with pytest.raises(PeerDown):
                async with peer.stream("GET", "/x"):
                    pass

    async def test_a_silent_one(self) -> None:
        server = Server(b"", then="hang")
        async with peer_at(server, read_seconds=0.1) as peer:
            with pytest.raises(PeerDown, match="SocketTimeoutError"):
                await peer.call("GET", "/x", answer=Thing)
        server = Server(b"", then="hang")
        async with peer_at(server, read_seconds=300) as peer:
            with pytest.raises(PeerDown, match="SocketTimeoutError"):
                await peer.call("GET", "/x", answer=Thing, read_seconds=0.1)

    async def test_a_long_read_time_leaves_the_one_for_connecting(self) -> None:
        """A listener whose queue is full answers no more handshakes."""
        with socket.socket() as full, contextlib.ExitStack() as waiting:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            for _ in range(4):
                client = waiting.enter_context(socket.socket())
                client.settimeout(0)
                client.connect_ex(full.getsockname())
            async with HttpPool(connect_seconds=0.2) as pool, asyncio.timeout(10):
                peer = make_peer(pool, full.getsockname()[1])
                with pytest.raises(PeerDown, match="ConnectionTimeoutError") as raised:
                    await peer.call("GET", "/x", answer=Thing, read_seconds=600)
        assert raised.value.never_sent


class TestNeverSent:
    """Which failures leave no doubt that nobody has seen the request."""

    async def test_nobody_listens(self) -> None:
        async with HttpPool() as pool:
            with pytest.raises(PeerDown) as raised:
                await make_peer(pool, free_port()).call("POST", "/x", answer=Thing)
        assert raised.value.never_sent

    async def test_it_is_turned_away(self) -> None:
        async with peer_at(Server(http(503, ERROR))) as peer:
            with pytest.raises(PeerDown) as raised:
                await peer.call("POST", "/x", answer=Thing)
        assert raised.value.never_sent

    @pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Le"])
    async def test_it_was_sent_and_the_answer_is_lost(self, answer: bytes) -> None:
        async with peer_at(Server(answer)) as peer:
            with pytest.raises(PeerDown) as raised:
                await peer.call("POST", "/x", answer=Thing)
        assert not raised.value.never_sent

    async def test_no_answer_in_time(self) -> None:
        async with peer_at(Server(b"", then="hang"), read_seconds=0.1) as peer:
            with pytest.raises(PeerDown) as raised:
                await peer.call("POST", "/x", answer=Thing)
        assert not raised.value.never_sent

    async def test_a_kept_connection_that_was_just_closed_is_not_used(self) -> None:
        """Its end lies unread in the socket when the next request is made: a POST, which nobody
        would dare to send a second time, goes out once on a connection of its own.
        """
        with ClosingServer() as server:
            async with HttpPool() as pool:
                peer = make_peer(pool, server.port)
                for number in range(20):
                    await peer.call("POST", f"/{number}", answer=type(None))
                    server.close_connection()  # here: the loop has no turn to hear of it
        assert server.paths == [f"/{number}" for number in range(20)]


class ClosingServer:
    """Keeps its connections until it is told to close the last one; in a thread of its own."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.paths: list[str] = []
        self.connection: socket.socket | None = None
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def __enter__(self) -> Self:
        return self

    def serve(self) -> None:
        with contextlib.suppress(OSError):  # it is told to stop
            while True:
                connection, _ = self.listening.accept()
                head = b""
                while b"\r\n\r\n" not in head:
                    head += connection.recv(65_536)
                self.paths.append(head.split()[1].decode())
                self.connection = connection
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull")

    def close_connection(self) -> None:
        assert self.connection is not None
        self.connection.close()

    def __exit__(self, *_error: object) -> None:
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        self.thread.join()


STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
)


def chunk(content: bytes) -> bytes:
    return f"{len(content):x}\r\n".encode() + content + b"\r\n"


class TestStream:
    async def read(self, peer: Peer) -> list[str]:
        async with peer.stream("GET", "/x") as (headers, body):
            assert headers["Content-Type"] == "text/event-stream"
            return [event.data async for event in read_sse(body)]

    async def test_a_whole_one(self) -> None:
        pieces = [b"data: a\n", b"\ndata: ", b"b\n\n", b""]
        async with peer_at(Server(STREAM_HEAD + b"".join(map(chunk, pieces)))) as peer:
            assert await self.read(peer) == ["a", "b"]

    async def test_one_that_is_cut(self) -> None:
        async with peer_at(Server(STREAM_HEAD + chunk(b"data: a\n\n"))) as peer:
            with pytest.raises(PeerDown):
                await self.read(peer)

    async def test_one_that_falls_silent(self) -> None:
        server = Server(STREAM_HEAD + chunk(b"data: a\n\n"), then="hang")
        async with peer_at(server, read_seconds=0.2) as peer:
            with pytest.raises(PeerDown, match="SocketTimeoutError"):
                await self.read(peer)

    async def test_a_reader_that_leaves_closes_the_connection(self) -> None:
        server = Server(STREAM_HEAD + chunk(b"data: a\n\n"), then="hang")
        async with peer_at(server) as peer:
            async with peer.stream("GET", "/x") as (_, body):
                assert (await anext(body)).startswith(b"data: a")
            async with asyncio.timeout(10):
                await server.gone.wait()

    async def test_a_cancelled_reader_closes_the_connection(self) -> None:
        server = Server(STREAM_HEAD + chunk(b"data: a\n\n"), then="hang")
        async with peer_at(server) as peer:
            task = asyncio.ensure_future(self.read(peer))
            async with asyncio.timeout(10):
                while not server.requests:  # noqa: ASYNC110 - appended by the server
                    await asyncio.sleep(0.01)
                task.cancel()
                await server.gone.wait()
            with pytest.raises(asyncio.CancelledError):
                await task

    async def test_the_reader_s_own_error_stays_its_own(self) -> None:
        async def fail(peer: Peer) -> None:
            async with peer.stream("GET", "/x"):
                raise ZeroDivisionError

        async with peer_at(Server(STREAM_HEAD + chunk(b""))) as peer:
            with pytest.raises(ZeroDivisionError):
                await fail(peer)
