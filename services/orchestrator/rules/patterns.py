"""A rule's regular expression: what may be written, and how it is tried without harm.

A pattern is an administrator's, what it is tried on is not: the time of each try is bounded, and so
is the memory, by refusing recursion and repetitions that multiply up, and by trying long texts in
windows.
"""

import re
from collections.abc import Sequence

from services.kit.errors import Invalid
from services.kit.log import get_logger
from services.orchestrator.tools.lease import now

_log = get_logger(__name__)
TRY_SECONDS = 1.0
_WINDOW = 1 << 18
_OVERLAP = 1 << 12
_LONGEST_FOUND = 1_000
_MOST_REPEATED = 20_000
_RECURSION = re.compile(r"\(\?(?:R|&|P>|[+-]?\d)")
# An escape, a class, a group's start or end, a counted repetition, or any other letter.
_PART = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(?P<open>\()|(?P<close>\))"
    r"|\{(?P<least>\d*)(?:,(?P<most>\d*))?\}|.",
    re.DOTALL,
)


def check_pattern(pattern: str) -> None:
    """Raises Invalid unless it is a regular expression that can be tried within bounds."""
    if _RECURSION.search(pattern):
        raise Invalid("pattern: one that calls itself is not allowed.", code="bad_pattern")
    if _expanded(pattern) > _MOST_REPEATED:
        raise Invalid(
            f"pattern: its counted repetitions multiply up to more than {_MOST_REPEATED}.",
            code="bad_pattern",
        )
    # Lazy: it costs 11 MB, and the shipped rules have no pattern.
    import regex  # noqa: PLC0415

    try:
        regex.compile(pattern)
    except (regex.error, RecursionError, OverflowError, ValueError) as error:
        raise Invalid(f"pattern: not a regular expression: {error}", code="bad_pattern") from error


def search(pattern: str, texts: Sequence[str]) -> str | None:
    """What the pattern finds first, cut. One that gives no answer in time counts as found."""
    import regex  # noqa: PLC0415

    deadline = now() + TRY_SECONDS
    try:
        compiled = regex.compile(pattern)
        for text in texts:
            for start in range(0, max(len(text), 1), _WINDOW):
                # Without the interpreter's lock, so that the worker's other tasks go on meanwhile.
                match = compiled.search(
                    text,
                    start,
                    start + _WINDOW + _OVERLAP,
                    timeout=max(deadline - now(), 0.001),
                    concurrent=True,
                )
                if match is not None:
                    return match[0][:_LONGEST_FOUND] or "(nothing: the pattern matches anything)"
    except (TimeoutError, RecursionError, MemoryError, regex.error) as error:
        _log.warning("a rule's pattern gave no answer", pattern=pattern, reason=repr(error))
        return f"(the pattern gave no answer within {TRY_SECONDS:g} s)"
    return None


def _expanded(pattern: str) -> int:
    """How many letters the pattern has once its counted repetitions are written out."""
    sums, last = [0], 0
    for part in _PART.finditer(pattern):
        if part["open"]:
            sums.append(0)
            last = 0
        elif part["close"] and len(sums) > 1:
            last = sums.pop()
            sums[-1] += last
        elif part["least"] is not None and (part["least"] or part["most"]):
            times = max(int(part["least"] or 0), int(part["most"] or 0), 1)
            sums[-1] += last * (times - 1)
            last *= times
        else:
            last = 1
            sums[-1] += 1
    return sum(sums)
