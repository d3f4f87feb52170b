"""Works out values from tool results: the counting is done here."""

import re
from collections.abc import Callable, Mapping
from typing import assert_never

from services.llm_gateway.providers.offline.plan import (
    Appended,
    Counted,
    Found,
    Joined,
    Listing,
    Literal,
    Output,
    Value,
)
from services.llm_gateway.providers.offline.vocabulary import Metric

_CUT = re.compile(r"\n?\[(?:cut|not all of it is UTF-8): [^\]]*\]\s*\Z")


_NOTHING_FOUND = "No line matches."


class UnusableError(Exception):
    """A result can't serve: its text is not whole."""


class PendingError(Exception):
    """A value needs the result of a call that has not been made."""


def text_of(value: Value, results: Mapping[int, str], *, whole: bool = True) -> str:
    """The value as text; with `whole`, a text that was cut is refused."""
    match value:
        case Literal():
            return value.text
        case Output() | Found():
            output = value.of if isinstance(value, Found) else value
            return _output(output, results, whole=whole)
        case Listing():
            return "\n".join(_entries(value, results, whole=whole))
        case Counted():
            return counted_text(value, results)
        case Joined():
            return "\n".join(text_of(part, results, whole=whole) for part in value.parts)
        case Appended():
            old = text_of(value.to, results)
            break_before = "\n" if old and not old.endswith("\n") else ""
            return f"{old}{break_before}{text_of(value.added, results)}\n"
        case _:
            assert_never(value)


def _output(value: Output, results: Mapping[int, str], *, whole: bool) -> str:
    if value.call not in results:
        raise PendingError
    text = results[value.call]
    if whole and _CUT.search(text):
        raise UnusableError("it could not be read whole, and a part would give a wrong result")
    return text


def _entries(value: Listing, results: Mapping[int, str], *, whole: bool) -> list[str]:
    """The names in a folder, folders with a slash at the end."""
    lines = _output(value.of, results, whole=whole).splitlines()
    return [line for line in lines if line.strip() and line.endswith(value.suffix)]


def counts(value: Counted, results: Mapping[int, str]) -> dict[str, dict[Metric, int]]:
    """For each source's name (or "all together") its counts."""
    texts = [
        (name, _countable(source, results))
        for name, source in zip(value.names, value.sources, strict=True)
    ]
    table: dict[str, dict[Metric, int]] = {}
    for name, text in texts:
        key = "all together" if value.together else name
        row = table.setdefault(key, {})
        for metric in value.metrics:
            row[metric] = row.get(metric, 0) + _measure(metric, text, value.needle)
    return table


def _countable(source: Value, results: Mapping[int, str]) -> str:
    text = text_of(source, results)
    return "" if isinstance(source, Found) and text.strip() == _NOTHING_FOUND else text


def counted_text(value: Counted, results: Mapping[int, str]) -> str:
    """A bare number if there is only one, else one line for each."""
    table = counts(value, results)
    lines: list[str] = []
    for name, row in table.items():
        for metric, number in row.items():
            label = [name] if len(table) > 1 else []
            label += [metric] if len(row) > 1 else []
            lines.append(f"{' '.join(label)}: {number}" if label else str(number))
    return "\n".join(lines)


def _measure(metric: Metric, text: str, needle: str) -> int:
    if metric is Metric.OCCURRENCES:
        return text.count(needle) if needle else 0
    return _MEASURES[metric](text)


def _lines(text: str) -> int:
    return text.count("\n") + (bool(text) and not text.endswith("\n"))


_MEASURES: dict[Metric, Callable[[str], int]] = {
    Metric.WORDS: lambda text: len(text.split()),
    Metric.LINES: _lines,
    Metric.CHARACTERS: len,
    Metric.BYTES: lambda text: len(text.encode("utf-8", "surrogatepass")),
    Metric.PARAGRAPHS: lambda text: sum(bool(p.strip()) for p in re.split(r"\n\s*\n", text)),
    Metric.ENTRIES: lambda text: sum(
        bool(line.strip()) and not line.endswith("/") for line in text.splitlines()
    ),
}
