"""Kinds of calls, and where an answer has come from."""

from typing import Literal

CallKind = Literal["chat", "embedding", "rerank", "transcription", "translation", "speech", "image"]
Source = Literal["provider", "cache", "flight"]

MEDIA: frozenset[CallKind] = frozenset(
    ("rerank", "transcription", "translation", "speech", "image")
)
UNBOUNDED: frozenset[CallKind] = MEDIA - {"rerank"}
"""What such a call may cost at most can't be told from its request."""
