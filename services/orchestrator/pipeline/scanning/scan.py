"""Runs every scanner over the texts of a task, in pieces and in time; evidence never shows a secret."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from services.orchestrator.pipeline.scanning.finding import ScannedFinding
from services.orchestrator.pipeline.scanning.masking import mask, masked
from services.orchestrator.pipeline.scanning.scanner import (
    Hit,
    Piece,
    Scanner,
    Source,
    load_scanners,
)

_PIECE = 256 * 1024
_OVERLAP = 16 * 1024
_SECONDS = 20.0
_HITS_PER_SCANNER = 50
_MOST_FINDINGS = 200
_EVIDENCE = 160
_ORDER: dict[str, int] = {"critical": 0, "high": 1, "medium": 2, "low": 3}


@dataclass(frozen=True, slots=True)
class Material:
    """A text to be scanned, and how a person finds it."""

    source: Source
    name: str
    text: str


def scan(materials: Sequence[Material], *, left_out: Sequence[str] = ()) -> list[ScannedFinding]:
    """What the scanners find, worst first. `left_out` names what there was no room for.

    What took too long to scan is a finding too. Blocks its thread; at most 20 s.
    """
    deadline = time.monotonic() + _SECONDS
    missing = list(left_out)
    found: dict[tuple[str, str, str, str], _Found] = {}
    for material in materials:
        slow = _scan_one(material, deadline=deadline, found=found)
        missing += [f"{material.name}: {title}" for title in slow]
    findings = [one.finding() for one in found.values()]
    findings.sort(key=lambda one: _ORDER[one.severity])
    if len(findings) > _MOST_FINDINGS:
        missing.append(f"{len(findings) - _MOST_FINDINGS} more findings are not listed")
        findings = findings[:_MOST_FINDINGS]
    return findings + _note(missing)


@dataclass(frozen=True, slots=True)
class _Found:
    """The same thing, found in one or more places."""

    scanner: Scanner
    hit: Hit
    places: list[str]
    shown: str

    def finding(self) -> ScannedFinding:
        more = len(self.places) - 1
        where = self.places[0] + (f" and {more} more places" if more else "")
        return ScannedFinding(
            category=self.scanner.category,
            severity=self.hit.severity,
            title=self.hit.title,
            evidence=f"{where}: {self.shown}",
            scanner=self.scanner.name,
            blocks=self.hit.blocks,
        )


def _scan_one(
    material: Material, *, deadline: float, found: dict[tuple[str, str, str, str], _Found]
) -> list[str]:
    """Add what is found in one text to `found`; the patterns that were too slow."""
    hits: list[tuple[Scanner, Hit]] = []
    slow: list[str] = []
    for scanner in load_scanners():
        if material.source not in scanner.sources:
            continue
        pieces = list(_pieces(material, deadline))
        hits += [(scanner, hit) for hit in islice(_distinct(scanner, pieces), _HITS_PER_SCANNER)]
        slow += [title for _, piece in pieces for title in piece.slow]
    for scanner, hit in _worst_of_each_place(hits):
        value = material.text[hit.start : hit.end]
        place = f"{material.name}, line {material.text.count(chr(10), 0, hit.start) + 1}"
        key = (scanner.name, hit.title, hit.severity, value)
        if key in found:
            found[key].places.append(place)
        else:
            found[key] = _Found(scanner, hit, [place], _shown(hit, value))
    return slow


def _worst_of_each_place(hits: list[tuple[Scanner, Hit]]) -> list[tuple[Scanner, Hit]]:
    """Without those that say less of what another of their category has found in the same place."""
    kept: list[tuple[Scanner, Hit]] = []
    for scanner, hit in sorted(hits, key=lambda one: (_ORDER[one[1].severity], one[1].start)):
        said = any(
            scanner.category == other.category and hit.start < worse.end and worse.start < hit.end
            for other, worse in kept
        )
        if not said:
            kept.append((scanner, hit))
    return kept


def _pieces(material: Material, deadline: float) -> Iterator[tuple[int, Piece]]:
    """The text in pieces that overlap, each with its offset."""
    step = _PIECE - _OVERLAP
    for offset in range(0, max(len(material.text) - _OVERLAP, 1), step):
        yield offset, Piece(material.text[offset : offset + _PIECE], material.source, deadline)


def _distinct(scanner: Scanner, pieces: Sequence[tuple[int, Piece]]) -> Iterator[Hit]:
    """The hits by their place in the whole text, those in an overlap once."""
    covered = -1
    for offset, piece in pieces:
        reached = covered
        for hit in scanner.find(piece):
            start, end = hit.start + offset, hit.end + offset
            if start < covered:
                continue
            reached = max(reached, end)
            yield replace(hit, start=start, end=end)
        covered = reached


def _shown(hit: Hit, value: str) -> str:
    if hit.secret:
        return mask(value)
    text = masked(value[:_EVIDENCE])
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in text)


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode()


def _note(missing: Sequence[str]) -> list[ScannedFinding]:
    if not missing:
        return []
    return [
        ScannedFinding(
            category="scan",
            severity="medium",
            title="Not everything could be scanned",
            evidence="; ".join(dict.fromkeys(missing))[:1000],
            scanner="scan",
        )
    ]
