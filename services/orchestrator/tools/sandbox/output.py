"""Keeps the head and the tail of a process's output, whatever its size."""

from codecs import getincrementaldecoder

_MOST_READ = 256 << 20


class CappedOutput:
    """At most `limit` bytes are kept: the first half of it and the last half."""

    def __init__(self, limit: int) -> None:
        self._half = limit // 2
        self._head = bytearray()
        self._tail = bytearray()
        self.total = 0

    def take(self, data: bytes) -> bool:
        """False once so much has come that nobody can want the rest."""
        self.total += len(data)
        room = self._half - len(self._head)
        self._head += data[:room] if room > 0 else b""
        self._tail += data[max(room, 0) :]
        if len(self._tail) > 4 * self._half:
            del self._tail[: -self._half]
        return self.total <= _MOST_READ

    def text(self) -> str:
        """Bytes that are not UTF-8 appear as the replacement character."""
        tail = bytes(self._tail[-self._half :])
        left_out = self.total - len(self._head) - len(tail)
        if left_out == 0:
            return (self._head + tail).decode(errors="replace")
        # A character that the cut divided is dropped, not shown as broken.
        head = getincrementaldecoder("utf-8")(errors="replace").decode(bytes(self._head))
        note = f"\n[cut: {left_out} of {self.total} bytes left out]\n"
        return head + note + tail.decode(errors="replace").lstrip("\ufffd")
