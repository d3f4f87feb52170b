"""A scanner's finding, as it is journalled, stored and shown."""

from typing import Literal

from pydantic import BaseModel

Severity = Literal["low", "medium", "high", "critical"]


class ScannedFinding(BaseModel):
    """What a scanner has found; `evidence` says where, with secrets masked."""

    category: str
    severity: Severity
    title: str
    evidence: str
    scanner: str
    blocks: bool = False
