"""Secrets made unreadable: a few first characters and the length are all that is shown."""

import time

from services.orchestrator.pipeline.scanning.scanner import (
    Hit,
    Piece,
    Scanner,
    Source,
    load_scanners,
)

_SHOWN = 4
_LONG = 16
_SHORTEST_SHOWN = 8
_SECONDS = 5.0


def mask(secret: str) -> str:
    """Its first 2 to 4 characters (none of a short one) and its length."""
    length = len(secret)
    if length < _SHORTEST_SHOWN:
        shown = ""
    else:
        shown = " ".join(secret[: _SHOWN if length >= _LONG else _SHOWN // 2].split())
    return f"{shown}… ({length} characters)"


def masked(text: str) -> str:
    """The text with every credential in it masked; a function of the text alone."""
    spans = [(hit.start, hit.end) for hit in credentials_in(text)]
    return mask_spans(text, spans)


def mask_spans(text: str, spans: list[tuple[int, int]]) -> str:
    parts: list[str] = []
    position = 0
    for start, end in _merged(spans):
        parts += [text[position:start], mask(text[start:end])]
        position = end
    return "".join([*parts, text[position:]])


def credentials_in(text: str) -> list[Hit]:
    piece = Piece(text, Source.RESULT, time.monotonic() + _SECONDS)
    return [hit for scanner in _credential_scanners() for hit in scanner.find(piece)]


def _credential_scanners() -> list[Scanner]:
    return [scanner for scanner in load_scanners() if scanner.category == "credential"]


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """In order, those that overlap as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found
