"""Wake-on-LAN, with real datagrams."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from services.kit.errors import Invalid
from services.llm_gateway.models.ollama.waking import Waker, broadcast_address, magic_packet

MAC = "01:23:45:67:89:ab"
PACKET = b"\xff" * 6 + bytes.fromhex("0123456789ab") * 16


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(10)
        yield receiver


class Machine:
    """Sleeps until the packet has come."""

    def __init__(self, listener: socket.socket, *, wakes: bool = True) -> None:
        self.address = f"127.0.0.1:{listener.getsockname()[1]}"
        self._listener = listener
        self._wakes = wakes
        self.packets: list[bytes] = []

    async def is_up(self) -> bool:
        if not self.packets:
            self.packets.append(await asyncio.to_thread(self._listener.recv, 1024))
        return self._wakes

    def waker(self, *, seconds: float = 10) -> Waker:
        return Waker(target=lambda: (MAC, self.address), is_up=self.is_up, wait_seconds=seconds)


class TestWaker:
    async def test_sends_the_packet_and_waits(self, listener: socket.socket) -> None:
        machine = Machine(listener)
        waker = machine.waker()
        assert waker.can_wake
        # Two that need it at once wait for one waking.
        assert await asyncio.gather(waker.wake(), waker.wake()) == [True, True]
        assert machine.packets == [PACKET]
        assert not waker.is_waking

    async def test_gives_up_and_does_not_wait_again_at_once(self, listener: socket.socket) -> None:
        waker = Machine(listener, wakes=False).waker(seconds=0.2)
        assert not await waker.wake()
        started = asyncio.get_running_loop().time()
        assert not await waker.wake()
        assert asyncio.get_running_loop().time() - started < 0.1

    async def test_a_caller_that_leaves_does_not_end_the_waking(
        self, listener: socket.socket
    ) -> None:
        waker = Machine(listener).waker()
        leaving = asyncio.ensure_future(waker.wake())
        await asyncio.sleep(0)
        leaving.cancel()
        assert await waker.wake()

    async def test_nothing_to_wake(self) -> None:
        async def is_up() -> bool:
            return True

        waker = Waker(target=lambda: None, is_up=is_up, wait_seconds=1)
        assert not waker.can_wake
        assert not await waker.wake()

    async def test_a_wrong_address_is_no_crash(self) -> None:
        async def is_up() -> bool:
            return True

        for target in (("nonsense", ""), (MAC, "no such host."), (MAC, "1.2.3.4:99999")):
            waker = Waker(target=lambda given=target: given, is_up=is_up, wait_seconds=1)
            assert not await waker.wake()


class TestPacket:
    @pytest.mark.parametrize("mac", [MAC, MAC.upper(), "01-23-45-67-89-AB", "0123456789ab"])
    def test_forms(self, mac: str) -> None:
        assert magic_packet(mac) == PACKET

    @pytest.mark.parametrize("mac", ["", "01:23", MAC + ":00", "zz:23:45:67:89:ab", "\u0660" * 12])
    def test_what_is_none(self, mac: str) -> None:
        with pytest.raises(Invalid):
            magic_packet(mac)

    def test_broadcast(self) -> None:
        assert broadcast_address("") == ("255.255.255.255", 9)
        assert broadcast_address("192.168.1.255") == ("192.168.1.255", 9)
        assert broadcast_address("192.168.1.255:7") == ("192.168.1.255", 7)

    @pytest.mark.parametrize("given", ["some.name", "1.2.3.4:0", "1.2.3.4:70000", "::1", "1.2.3"])
    def test_what_is_no_broadcast_address(self, given: str) -> None:
        with pytest.raises(Invalid):
            broadcast_address(given)
