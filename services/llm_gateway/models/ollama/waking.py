"""Wake-on-LAN: sends a magic packet to the machine that serves local models, and waits for it."""

import asyncio
import ipaddress
import re
import socket
import time
from collections.abc import Awaitable, Callable

from services.kit.errors import Invalid
from services.kit.log import get_logger

_MAC = re.compile(r"[0-9a-f]{12}")
_PORT = 9
_HIGHEST_PORT = 2**16 - 1
_REPETITIONS = 16
_POLL_SECONDS = 1.0
_AGAIN_SECONDS = 10.0
# A machine that did not come is not woken for each call anew.
_REST_SECONDS = 60.0
_EVERYWHERE = "255.255.255.255"

_log = get_logger(__name__)


def magic_packet(mac: str) -> bytes:
    """Six bytes of 0xFF and sixteen times the hardware address. Raises Invalid."""
    plain = mac.strip().lower().replace(":", "").replace("-", "").replace(".", "")
    if not _MAC.fullmatch(plain):
        raise Invalid(f"{mac[:50]!r} is no hardware address such as 01:23:45:67:89:ab.")
    return b"\xff" * 6 + bytes.fromhex(plain) * _REPETITIONS


def broadcast_address(given: str) -> tuple[str, int]:
    """An IPv4 address and a port; 255.255.255.255 and 9 where nothing is said. Raises Invalid."""
    host, _, port = given.strip().partition(":")
    try:
        # A name would have to be looked up, which may take long.
        address = ipaddress.IPv4Address(host or _EVERYWHERE)
    except ValueError as error:
        raise Invalid(f"{given[:100]!r} is no address such as 192.168.1.255.") from error
    if port and not (port.isascii() and port.isdigit() and 0 < int(port) <= _HIGHEST_PORT):
        raise Invalid(f"{given[:100]!r} names no port.")
    return str(address), int(port or _PORT)


def send_magic_packet(mac: str, broadcast: str) -> None:
    """Raises Invalid for a wrong address, OSError where the network refuses it."""
    packet, address = magic_packet(mac), broadcast_address(broadcast)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sender.setblocking(False)  # noqa: FBT003 - its name; a datagram is handed over at once or not at all
        sender.sendto(packet, address)


class Waker:
    """One per process: calls that need the machine at the same time wait for one waking."""

    def __init__(
        self,
        *,
        target: Callable[[], tuple[str, str] | None],
        is_up: Callable[[], Awaitable[bool]],
        wait_seconds: float,
    ) -> None:
        self._target = target
        self._is_up = is_up
        self._wait_seconds = wait_seconds
        self._waking: asyncio.Future[bool] | None = None
        self._failed_at = -_REST_SECONDS

    @property
    def can_wake(self) -> bool:
        return self._target() is not None

    @property
    def is_waking(self) -> bool:
        return self._waking is not None and not self._waking.done()

    async def wake(self) -> bool:
        """Whether the machine is up; False at once if none can be woken, or just did not come."""
        target = self._target()
        if target is None or time.monotonic() - self._failed_at < _REST_SECONDS:
            return False
        if self._waking is None or self._waking.done():
            self._waking = asyncio.ensure_future(self._wake(*target))
        # A caller that leaves takes nobody's waking along.
        return await asyncio.shield(self._waking)

    async def _wake(self, mac: str, broadcast: str) -> bool:
        deadline = time.monotonic() + self._wait_seconds
        sent_at = -_AGAIN_SECONDS
        while time.monotonic() < deadline:
            if time.monotonic() - sent_at >= _AGAIN_SECONDS:
                try:
                    send_magic_packet(mac, broadcast)
                except (OSError, Invalid) as error:
                    _log.warning("wake_on_lan_failed", reason=str(error))
                    break
                sent_at = time.monotonic()
            if await self._is_up():
                return True
            await asyncio.sleep(min(_POLL_SECONDS, self._wait_seconds / 10))
        self._failed_at = time.monotonic()
        return False
