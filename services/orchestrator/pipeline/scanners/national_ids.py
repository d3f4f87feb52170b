"""National numbers of persons whose form tells them apart: the United States' SSN, and a few others."""

from collections.abc import Iterator

from services.orchestrator.pipeline.scanning.scanner import (
    OURS,
    BoundedPattern,
    Hit,
    Piece,
    Scanner,
)

_SSN = BoundedPattern("SSN", r"(?<![\w.-])\d{3}-\d{2}-\d{4}(?![\w-])", ("-",))
_NINO = BoundedPattern(
    "National Insurance number",
    r"(?<![A-Za-z0-9])(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"
    r"(?: ?\d{2}){3} ?[A-D](?![A-Za-z0-9])",
    needs=r"\d\d ?\d\d ?\d\d ?[A-D]",
)
_DNI = BoundedPattern(
    "DNI", r"(?<![A-Za-z0-9])\d{8}-?[A-HJ-NP-TV-Z](?![A-Za-z0-9])", needs=r"\d{8}-?[A-Z]"
)
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def find(piece: Piece) -> Iterator[Hit]:
    # Lazy: see payment_numbers.
    from stdnum.us import ssn  # noqa: PLC0415

    for match in _SSN.matches(piece):
        if ssn.is_valid(match[0]):
            yield Hit(*match.span(), "Social Security number", "medium", secret=True)
    for match in _NINO.matches(piece):
        yield Hit(*match.span(), "National Insurance number", "medium", secret=True)
    for match in _DNI.matches(piece):
        if match[0][-1] == _DNI_LETTERS[int(match[0][:8]) % 23]:
            yield Hit(*match.span(), "Spanish DNI", "medium", secret=True)


SCANNER = Scanner(name="national_ids", category="pii", find=find, sources=OURS)
