"""Splits what comes in into lines: events and NDJSON hold one JSON text a line."""

from services.llm_translate.failures import unreadable

_LONGEST_LINE = 16 * 1024 * 1024


class LineSplitter:
    """Lines end at LF only (a CR before it is dropped by JSON's reader): JSON may hold U+2028."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, piece: bytes) -> list[bytes]:
        """The lines that have ended. Raises Failure for one of more than 16 MiB."""
        if b"\n" not in piece:
            self._rest += piece
            if len(self._rest) > _LONGEST_LINE:
                raise unreadable("an event of its stream is too long")
            return []
        *lines, rest = (
            (bytes(self._rest) + piece).split(b"\n") if self._rest else piece.split(b"\n")
        )
        self._rest = bytearray(rest)
        return lines

    def rest(self) -> bytes:
        """What stands after the last line end."""
        return bytes(self._rest)
