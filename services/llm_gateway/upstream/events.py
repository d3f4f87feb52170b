"""Splits a stream of server-sent events into their data, as bytes and without copying more than
needed (kit.events.read_sse does the same for peers, with ids and as text).
"""

from services.kit.events import EventTooLong

_LONGEST_EVENT = 16 * 1024 * 1024


class EventSplitter:
    """Give it what comes; it gives back the data of each event that has ended.

    Lines end at LF only (a CR before it is dropped): JSON may hold U+2028.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._lines: list[bytes] = []
        self._size = 0

    def feed(self, piece: bytes) -> list[bytes]:
        """Raises EventTooLong for an event of more than 16 MiB."""
        if b"\n" not in piece:
            self._rest += piece
            self._check(len(self._rest))
            return []
        *lines, self._rest = (self._rest + piece).split(b"\n")
        found: list[bytes] = []
        for raw in lines:
            line = raw[:-1] if raw.endswith(b"\r") else raw
            if not line:
                if self._lines:
                    found.append(
                        self._lines[0] if len(self._lines) == 1 else b"\n".join(self._lines)
                    )
                    self._lines, self._size = [], 0
            elif line.startswith(b"data:"):
                self._lines.append(line[6:] if line.startswith(b"data: ") else line[5:])
                self._size += len(line)
        self._check(len(self._rest))
        return found

    def _check(self, unfinished: int) -> None:
        if self._size + unfinished > _LONGEST_EVENT:
            raise EventTooLong("An event of the stream is too long.")


def end_of_events(data: bytes) -> int:
    """Where the last whole event ends."""
    if data.endswith(b"\n\n"):
        return len(data)
    end = data.rfind(b"\n\n") + 2
    crossed = data.rfind(b"\n\r\n") + 3
    return max(end if end > 1 else 0, crossed if crossed > 2 else 0)  # noqa: PLR2004 - rfind's -1


def end_of_first(data: bytes) -> int:
    """Where the first event ends; there is one."""
    found = [place + len(mark) for mark in (b"\n\n", b"\n\r\n") if (place := data.find(mark)) >= 0]
    return min(found, default=len(data))


def whole_events(block: bytes) -> list[bytes]:
    """The events one by one, each with the empty line that ends it."""
    separator = b"\r\n\r\n" if b"\r\n\r\n" in block else b"\n\n"
    parts = block.split(separator)
    return [part + separator for part in parts[:-1]] + ([parts[-1]] if parts[-1].strip() else [])
