"""The texts that wait for the local model: those of several requests are embedded together."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

# About 0.1 s of work: a query is never kept waiting longer by a request with a thousand texts.
FRAME_TEXTS = 16
_SMALL_REQUEST = 4


@dataclass(frozen=True, slots=True)
class Embedded:
    """`vectors` are float32 numbers, one bytes object per text; `tokens` were read of each text."""

    vectors: list[bytes]
    tokens: list[int]


@dataclass(eq=False, slots=True)
class Request:
    """One caller's texts, of which the first `taken` have been handed out."""

    texts: Sequence[str]
    answer: "asyncio.Future[Embedded]"
    taken: int = 0
    vectors: list[bytes] = field(default_factory=list[bytes])
    tokens: list[int] = field(default_factory=list[int])

    @property
    def left(self) -> int:
        return len(self.texts) - self.taken


Frame = list[tuple[Request, str]]


def _left(request: Request) -> int:
    return request.left


class Waiting:
    """Requests in the order of their arrival, served in turns."""

    def __init__(self) -> None:
        self._requests: deque[Request] = deque()
        self._served_small = False

    def __len__(self) -> int:
        """How many texts wait."""
        return sum(request.left for request in self._requests)

    def add(self, request: Request) -> None:
        self._requests.append(request)

    def next_frame(self) -> Frame:
        """The texts to embed now; empty if none waits.

        Every other frame holds small requests alone, if there are any: these are queries.
        """
        self._drop_finished()
        small = [request for request in self._requests if request.left <= _SMALL_REQUEST]
        self._served_small = bool(small) and not self._served_small
        chosen = small if self._served_small else sorted(self._requests, key=_left)
        frame: Frame = []
        for place, request in enumerate(chosen):
            # An even share of the room; what one does not need is for those with more.
            room = FRAME_TEXTS - len(frame)
            share = room if self._served_small else -(-room // (len(chosen) - place))
            taken = request.texts[request.taken : request.taken + share]
            request.taken += len(taken)
            frame += [(request, text) for text in taken]
        return frame

    def take_all(self) -> list[Request]:
        """Everybody who waits, who is told why in another way."""
        waiting = list(self._requests)
        self._requests.clear()
        return waiting

    def _drop_finished(self) -> None:
        """What is wholly handed out, or whose caller has gone."""
        self._requests = deque(
            request for request in self._requests if request.left and not request.answer.done()
        )


def settle(frame: Frame, vectors: Sequence[bytes], tokens: Sequence[int]) -> None:
    """Give each request of the frame its part; those that are complete are answered."""
    for (request, _), vector, count in zip(frame, vectors, tokens, strict=True):
        request.vectors.append(vector)
        request.tokens.append(count)
        if len(request.vectors) == len(request.texts) and not request.answer.done():
            request.answer.set_result(Embedded(request.vectors, request.tokens))


def fail(requests: Sequence[Request], error: Exception) -> None:
    for request in requests:
        if not request.answer.done():
            request.answer.set_exception(error)
