"""Reads `model` out of a multipart form as it passes, and puts the provider's own name in its place.

RFC 7578 by the letter: whatever a provider's parser could read in another way is refused, so that no
form names one model to the gateway and another to the provider.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterable

from services.kit.errors import BadRequest

_MODEL = b"model"
_LONGEST_HEADERS = 8 * 1024
_LONGEST_MODEL = 512
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]", re.ASCII)
_PARAMETER = re.compile(
    r"""multipart/form-data\s*;\s*boundary=(?:"([^"\\]{1,70})"|([^\s;"]{1,70}))\s*;?\s*""",
    re.IGNORECASE,
)
_DISPOSITION = re.compile(
    rb'content-disposition:[ \t]*form-data;[ \t]*name="([^"\\\r\n]{1,256})"'
    rb'(;[ \t]*filename="[^"\r\n]{0,1024}"(?:;[ \t]*filename\*=[^;"\s]{1,1024})?)?[ \t]*',
    re.IGNORECASE,
)


def _malformed(what: str) -> BadRequest:
    return BadRequest(f"The form is malformed: {what}.", code="malformed_form")


def boundary_of(content_type: str) -> bytes:
    """The form's boundary. Raises BadRequest for a body that is no form."""
    found = _PARAMETER.fullmatch(content_type)
    boundary = (found[1] or found[2]) if found else ""
    if _BOUNDARY.fullmatch(boundary) is None:
        raise BadRequest("Send multipart/form-data with its boundary.", code="multipart_expected")
    return boundary.encode()


class ModelForm:
    """First `find_model`, then `rest` gives the whole body, with the new name wherever the old stood.

    What comes before the model is held in memory: clients send small fields first, but need not.
    """

    def __init__(self, boundary: bytes, chunks: AsyncIterable[bytes]) -> None:
        self._mark = b"\r\n--" + boundary
        self._chunks = aiter(chunks)
        # As if a line end stood before the first boundary, which then is like the others.
        self._buffer = bytearray(b"\r\n")
        self._before: list[bytes] = []
        self._model: bytes | None = None

    async def find_model(self) -> str:
        """The model that the client names. Raises BadRequest if it names none."""
        await self._open()
        while await self._part():
            async for piece in self._body():
                self._before.append(piece)
            if self._model is not None:
                return self._model.decode(errors="replace")
        raise BadRequest("model: give a model id.", code="model_missing")

    async def rest(self, model: str) -> AsyncGenerator[bytes, None]:
        """The form for the provider, once. Raises BadRequest in its middle if it is malformed."""
        # The model is the last piece so far; the first begins with a line end that is not the form's.
        self._before[0] = self._before[0][2:]
        self._before[-1] = model.encode()
        for piece in self._before:
            yield piece
        self._before.clear()
        while await self._part():
            for piece in self._before:
                yield piece
            self._before.clear()
            async for piece in self._body():
                yield piece
        yield b"".join(self._before)

    async def _open(self) -> None:
        await self._at_least(len(self._mark))
        if not self._buffer.startswith(self._mark):
            raise _malformed("it does not begin with its boundary")

    async def _part(self) -> bool:
        """Read a boundary and the headers behind it; False at the form's end."""
        start = len(self._mark)
        await self._at_least(start + 2)
        follows = bytes(self._buffer[start : start + 2])
        if follows == b"--":
            await self._to_the_end(start + 2)
            return False
        if follows != b"\r\n":
            raise _malformed("a boundary is not followed by a line end")
        while (end := self._buffer.find(b"\r\n\r\n", start)) < 0:
            if len(self._buffer) > start + _LONGEST_HEADERS:
                raise _malformed("a part's headers are too long")
            await self._more()
        lines = bytes(self._buffer[start + 2 : end]).split(b"\r\n")
        self._before.append(self._take(end + 4))
        self._is_model = _name_of(lines) == _MODEL
        if self._is_model and self._model is not None:
            raise _malformed("it names two models")
        return True

    async def _body(self) -> AsyncGenerator[bytes, None]:
        """A part's content, up to the next boundary; the model's is kept too."""
        value = bytearray()
        while True:
            place = self._buffer.find(self._mark)
            # What could be the beginning of a boundary waits for the rest of it.
            ready = place if place >= 0 else max(0, len(self._buffer) - len(self._mark) + 1)
            if ready:
                piece = self._take(ready)
                if self._is_model:
                    value += piece
                    if len(value) > _LONGEST_MODEL:
                        raise _malformed("the model's name is too long")
                else:
                    yield piece
            if place >= 0:
                break
            await self._more()
        if self._is_model:
            self._model = bytes(value)
            if b"\r" in value or b"\n" in value:
                raise _malformed("the model's name has line ends")
            yield self._model

    async def _to_the_end(self, start: int) -> None:
        """Nothing but line ends may stand behind the last boundary."""
        async for chunk in self._chunks:
            self._buffer += chunk
            if len(self._buffer) > start + len(self._mark):
                break
        if self._buffer[start:].strip(b"\r\n \t"):
            raise _malformed("there is something behind its end")
        self._before.append(self._take(start) + b"\r\n")

    async def _at_least(self, size: int) -> None:
        while len(self._buffer) < size:
            await self._more()

    async def _more(self) -> None:
        try:
            self._buffer += await anext(self._chunks)
        except StopAsyncIteration:
            raise _malformed("it breaks off") from None

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken


def _name_of(lines: list[bytes]) -> bytes:
    """The part's name, by its one plain Content-Disposition."""
    named = [line for line in lines if line.lower().startswith(b"content-disposition")]
    if len(named) != 1 or any(line[:1] in b" \t" for line in lines):
        raise _malformed("a part needs one Content-Disposition, on one line")
    found = _DISPOSITION.fullmatch(named[0])
    if found is None:
        raise _malformed("a part's Content-Disposition is not form-data with a plain name")
    if found[1] == _MODEL and found[2] is not None:
        raise _malformed("the model is given as a file")
    return found[1]
