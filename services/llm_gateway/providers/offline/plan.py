"""What a request means: tool calls in order, how their arguments come about, what to report."""

from dataclasses import dataclass, field
from enum import StrEnum

from services.llm_gateway.providers.offline.vocabulary import Metric


@dataclass(frozen=True, slots=True)
class Literal:
    text: str


@dataclass(frozen=True, slots=True)
class Output:
    """The result of the plan's n-th call."""

    call: int


@dataclass(frozen=True, slots=True)
class Listing:
    """A folder's entries; `suffix` keeps only the names that end so."""

    of: Output
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts of each source, or of all together; `needle` is what OCCURRENCES looks for."""

    metrics: tuple[Metric, ...]
    sources: tuple["Value", ...]
    names: tuple[str, ...]
    together: bool = False
    needle: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    parts: tuple["Value", ...]


@dataclass(frozen=True, slots=True)
class Appended:
    """The old content of a file with a new last line."""

    to: Output
    added: "Value"


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found; that it found nothing is said in words, which are not counted."""

    of: Output


Value = Literal | Output | Listing | Found | Counted | Joined | Appended


@dataclass(frozen=True, slots=True)
class Call:
    """`missing_ok`: a file that does not exist counts as empty; `switches`: arguments that are on."""

    tool: str
    arguments: tuple[tuple[str, Value], ...]
    missing_ok: bool = False
    switches: tuple[str, ...] = ()

    def argument(self, name: str) -> Value | None:
        return dict(self.arguments).get(name)


class ReportKind(StrEnum):
    SHOWN = "shown"
    COUNTED = "counted"
    WROTE = "wrote"
    APPENDED = "appended"
    REMEMBERED = "remembered"


@dataclass(frozen=True, slots=True)
class Report:
    """A sentence of the final answer; `subject` is the file or the query it is about."""

    kind: ReportKind
    value: Value
    subject: str


@dataclass(slots=True)
class Plan:
    """`problems` quotes what was not understood: then nothing at all is done."""

    calls: list[Call] = field(default_factory=list["Call"])
    reports: list[Report] = field(default_factory=list["Report"])
    problems: list[str] = field(default_factory=list[str])
