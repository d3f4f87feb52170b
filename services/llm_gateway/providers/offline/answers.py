"""The words in which the offline model reports what was done, or why nothing was."""

from collections.abc import Iterator, Mapping

from services.llm_gateway.providers.offline.evaluation import UnusableError, counts, text_of
from services.llm_gateway.providers.offline.plan import (
    Appended,
    Counted,
    Found,
    Joined,
    Listing,
    Literal,
    Output,
    Plan,
    Report,
    ReportKind,
    Value,
)
from services.llm_gateway.providers.offline.vocabulary import Metric

NOTICE = "No language model is connected: this is Nova's offline model."
ABILITIES = (
    "It obeys plain commands and chains of them: list, read, write, append, copy, count (words, "
    "lines, characters), search, remember, recall and run. For example: “Read notes.txt and write "
    "its word count to count.txt”. Connect a model (Ollama, or a provider's key) for anything else."
)
LONGEST_SHOWN = 8_000
_LONGEST_QUOTE = 80


def unknown(request: str) -> str:
    if not request:
        return f"{NOTICE} {ABILITIES}"
    return f"{NOTICE} It found no command in the request. {ABILITIES}"


def not_understood(plan: Plan) -> str:
    problems = "\n".join(f"- {problem}" for problem in plan.problems)
    return (
        f"{NOTICE} It did not understand this, and so has done nothing:\n{problems}\n\n{ABILITIES}"
    )


def tools_missing(tools: list[str]) -> str:
    names = ", ".join(tools)
    return f"{NOTICE} The request needs {names}, which was not offered here. Nothing was done."


def out_of_rounds(left: int) -> str:
    steps = "step was" if left == 1 else "steps were"
    return f"{NOTICE} No more tool calls are allowed here: {left} {steps} not done."


def failed(step: str, reason: str, left: int) -> str:
    rest = "" if not left else f" {left} later step{'s were' if left > 1 else ' was'} not done."
    return f"{NOTICE} {step} failed: {reason.strip() or 'no reason was given'}{_stop(reason)}{rest}"


def _stop(text: str) -> str:
    return "" if text.strip().endswith((".", "!", "?")) else "."


def done(plan: Plan, results: Mapping[int, str]) -> str:
    """What every step came to; a text that a later step used is not shown as well."""
    sentences: list[str] = []
    blocks: list[str] = []
    for index, report in enumerate(plan.reports):
        if report.kind is ReportKind.SHOWN:
            if not _used_later(report.value, plan.reports[index + 1 :]):
                blocks.append(_block(report, results))
        else:
            said = any(report.value == earlier.value for earlier in plan.reports[:index])
            sentences.append(_sentence(report, results, already_said=said))
    lead = " ".join([NOTICE, *sentences])
    return "\n\n".join([lead, *blocks])


def _block(report: Report, results: Mapping[int, str]) -> str:
    text = text_of(report.value, results, whole=False).rstrip("\n")
    if len(text) > LONGEST_SHOWN:
        text = f"{text[:LONGEST_SHOWN]}\n[{len(text) - LONGEST_SHOWN:,} more characters]"
    return f"{report.subject}:\n{text or '(empty)'}"


def _sentence(report: Report, results: Mapping[int, str], *, already_said: bool) -> str:
    match report.kind:
        case ReportKind.COUNTED:
            return _counted(report.value, results)
        case ReportKind.WROTE:
            said = _counted(report.value, results) if not already_said else ""
            wrote = f"Wrote {_quote(report.value, results)} to {report.subject}."
            return f"{said} {wrote}".strip()
        case ReportKind.APPENDED:
            return f"Added {_quote(report.value, results)} to {report.subject}."
        case ReportKind.REMEMBERED:
            return f"Remembered {_quote(report.value, results)}."
        case ReportKind.SHOWN:
            return ""


def _counted(value: Value, results: Mapping[int, str]) -> str:
    if not isinstance(value, Counted):
        return ""
    sentences: list[str] = []
    for name, row in counts(value, results).items():
        numbers = [_number(metric, number, value.needle) for metric, number in row.items()]
        subject = {".": "The workspace", "all together": "All together they"}.get(name, name)
        verb = "have" if name == "all together" else "has"
        sentences.append(f"{subject[:1].upper() + subject[1:] if ' ' in subject else subject} {verb} "
                         f"{' and '.join(numbers)}.")  # fmt: skip
    return " ".join(sentences)


def _number(metric: Metric, number: int, needle: str) -> str:
    if metric is Metric.OCCURRENCES:
        return f"“{needle}” {number} time{'' if number == 1 else 's'}"
    noun = "files" if metric is Metric.ENTRIES else str(metric)
    return f"{number} {noun[:-1] if number == 1 else noun}"


def _quote(value: Value, results: Mapping[int, str]) -> str:
    try:
        text = text_of(value, results).strip()
    except UnusableError:
        return "a text"
    if not text:
        return "an empty text"
    if len(text) <= _LONGEST_QUOTE and "\n" not in text:
        return f"“{text}”"
    return f"{len(text):,} characters"


def _used_later(value: Value, later: list[Report]) -> bool:
    return any(value in list(_parts(report.value)) for report in later)


def _parts(value: Value) -> Iterator[Value]:
    yield value
    match value:
        case Counted():
            for source in value.sources:
                yield from _parts(source)
        case Joined():
            for part in value.parts:
                yield from _parts(part)
        case Appended():
            yield from _parts(value.added)
        case Listing() | Found():
            yield value.of
        case Literal() | Output():
            return
