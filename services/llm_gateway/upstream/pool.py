"""Keeps connections to providers open between calls, as many as there are calls at once."""

import asyncio
import ssl
from collections import deque
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohappyeyeballs
import certifi

from services.llm_gateway.upstream.connection import Connection

_CONNECT_SECONDS = 5.0
_IDLE_SECONDS = 60.0
_TICK_SECONDS = 1.0
_HEARTBEAT_SECONDS = 15.0
_FAMILY_DELAY_SECONDS = 0.25


class UnreachableError(ConnectionError):
    """No connection was made."""


@dataclass(frozen=True, slots=True)
class Place:
    """A server, and what stands in a request's head for it."""

    host: str
    port: int
    secure: bool
    authority: str
    path: str

    @classmethod
    def of(cls, url: str) -> "Place":
        """Raises UnreachableError for what is no http(s) address."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise UnreachableError(f"{error}") from error
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise UnreachableError("it is no http(s) address")
        secure = parts.scheme == "https"
        name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        usual = 443 if secure else 80
        authority = name if port in {None, usual} else f"{name}:{port}"
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if any(character <= " " or character > "~" for character in authority + path):
            raise UnreachableError("its address has characters that must be percent-encoded")
        return cls(parts.hostname, port or usual, secure, authority, path)

    @property
    def key(self) -> tuple[str, int, bool]:
        return (self.host, self.port, self.secure)


class Pool:
    """Use `open` and `close` in the app's lifespan."""

    def __init__(self, *, silence_seconds: float) -> None:
        self._silence_seconds = silence_seconds
        self._idle: dict[tuple[str, int, bool], deque[Connection]] = {}
        self._busy: set[Connection] = set()
        self._ticking: asyncio.TimerHandle | None = None
        self.trusted = ssl.create_default_context()
        self.trusted.load_verify_locations(certifi.where())  # a small image has no store

    def open(self) -> None:
        self._tick()

    def close(self) -> None:
        if self._ticking is not None:
            self._ticking.cancel()
        for connection in [*self._busy, *(each for idle in self._idle.values() for each in idle)]:
            connection.close()
        self._idle.clear()
        self._busy.clear()

    @property
    def busy(self) -> int:
        return len(self._busy)

    @property
    def idle(self) -> int:
        return sum(len(idle) for idle in self._idle.values())

    async def take(self, place: Place) -> Connection:
        """A connection that is this caller's until it is given back. Raises UnreachableError."""
        idle = self._idle.get(place.key)
        while idle:
            connection = idle.pop()  # the one used last: the others may end
            if connection.is_open:
                break
        else:
            connection = await self._connected(place)
        self._busy.add(connection)
        return connection

    def give_back(self, place: Place, connection: Connection) -> None:
        """After its answer was read whole it is kept, else closed."""
        self._busy.discard(connection)
        if not connection.is_reusable:
            connection.close()
            return
        connection.reuse()
        self._idle.setdefault(place.key, deque()).append(connection)

    async def _connected(self, place: Place) -> Connection:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                addresses = await loop.getaddrinfo(place.host, place.port, type=1)
                sock = await aiohappyeyeballs.start_connection(  # pyright: ignore[reportUnknownMemberType] - tuples of addresses
                    addresses, happy_eyeballs_delay=_FAMILY_DELAY_SECONDS, loop=loop
                )
                _, connection = await loop.create_connection(
                    Connection,
                    sock=sock,
                    ssl=self.trusted if place.secure else None,
                    server_hostname=place.host if place.secure else None,
                )
        except TimeoutError as error:
            raise UnreachableError(f"no connection within {_CONNECT_SECONDS:g} s") from error
        except OSError as error:
            raise UnreachableError(error.strerror or str(error) or type(error).__name__) from error
        return connection

    def _tick(self) -> None:
        """Look after all connections, so that a call needs no timer of its own."""
        loop = asyncio.get_running_loop()
        self._ticking = loop.call_later(_TICK_SECONDS, self._tick)
        now = loop.time()
        for connection in list(self._busy):
            silent = now - connection.last_use
            if silent > self._silence_seconds:
                connection.give_up()
            elif silent > _HEARTBEAT_SECONDS:
                connection.tick()
        for key, idle in list(self._idle.items()):
            while idle and (now - idle[0].last_use > _IDLE_SECONDS or not idle[0].is_open):
                idle.popleft().close()
            if not idle:
                del self._idle[key]
