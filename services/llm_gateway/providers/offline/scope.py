"""What "it", "the result" and "the file" mean while a request is read, and the plan so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.llm_gateway.providers.offline.plan import (
    Appended,
    Call,
    Joined,
    Listing,
    Literal,
    Output,
    Plan,
    Report,
    ReportKind,
    Value,
)
from services.llm_gateway.providers.offline.tokens import Token


class NotUnderstoodError(Exception):
    """A clause says something that the command language has no meaning for."""


@dataclass(slots=True)
class Scope:
    """`subject` is what can be counted next: paths not read yet, or values with their names.

    `within`: the folder that the clause's names are meant in; `placed`: the clause names the
    workspace itself.
    """

    text: str
    plan: Plan = field(default_factory=Plan)
    subject: list[tuple[str, Value | None]] = field(default_factory=list[tuple[str, Value | None]])
    last_value: Value | None = None
    last_path: str | None = None
    pending_destination: str | None = None
    bare_path: str | None = None
    reads: dict[str, Output] = field(default_factory=dict[str, Output])
    seen: list[tuple[str, Value | None]] = field(default_factory=list[tuple[str, Value | None]])
    fresh_subject: bool = True
    last_folder: str | None = None
    within: str | None = None
    placed: bool = False

    def call(
        self,
        tool: str,
        arguments: Mapping[str, Value],
        *,
        missing_ok: bool = False,
        switches: tuple[str, ...] = (),
    ) -> Output:
        self.plan.calls.append(Call(tool, tuple(arguments.items()), missing_ok, switches))
        return Output(len(self.plan.calls) - 1)

    def read(self, path: str) -> Output:
        """The file's content; read once, as long as nothing may have changed it."""
        path = self.located(path)
        if path not in self.reads:
            self.reads[path] = self.call("read_file", {"path": Literal(path)})
        return self.reads[path]

    def mention(self, path: str) -> None:
        """A path was named: it is what "it" and "the file" mean now."""
        self.last_path = self.located(path)
        self._add_subject(self.last_path, None)

    def note(self, name: str, value: Value) -> None:
        """A text came to hand: it can be counted, written, shown."""
        self._add_subject(name, value)
        self.last_value = value

    def _add_subject(self, name: str, value: Value | None) -> None:
        if self.fresh_subject:
            self.subject = []
            self.fresh_subject = False
        self.subject = [entry for entry in self.subject if entry[0] != name]
        self.subject.append((name, value))
        self.seen = [entry for entry in self.seen if entry[0] != name]
        self.seen.append((name, value))

    def sources(self, *, everything: bool = False) -> list[tuple[str, Value]]:
        """What "it" stands for when it is counted or shown; files are read now."""
        return [
            (name, value if value is not None else self.read(name))
            for name, value in (self.seen if everything else self.subject)
        ]

    def subject_text(self) -> Value | None:
        values = [value for _, value in self.sources()]
        if not values:
            return None
        return values[0] if len(values) == 1 else Joined(tuple(values))

    def located(self, path: str) -> str:
        return path if self.within is None or "/" in path else f"{self.within}/{path}"

    def list(self, path: str, suffix: str = "") -> Listing:
        self.last_folder = None if path == "." else path.rstrip("/")
        return Listing(self.call("list_dir", {"path": Literal(path)}), suffix)

    def write(self, path: str, value: Value) -> None:
        path = self.located(path)
        self.call("write_file", {"path": Literal(path), "content": value})
        self.plan.reports.append(Report(ReportKind.WROTE, value, path))
        self._wrote(path)

    def append(self, path: str, value: Value) -> None:
        path = self.located(path)
        old = self.call("read_file", {"path": Literal(path)}, missing_ok=True)
        self.call("write_file", {"path": Literal(path), "content": Appended(old, value)})
        self.plan.reports.append(Report(ReportKind.APPENDED, value, path))
        self._wrote(path)

    def _wrote(self, path: str) -> None:
        self.reads.pop(path, None)
        self.last_path = path
        if not self.subject:
            self.mention(path)

    def forget_reads(self) -> None:
        """A shell command may have changed any file."""
        self.reads.clear()

    def show(self, value: Value, subject: str) -> None:
        self.plan.reports.append(Report(ReportKind.SHOWN, value, subject))

    def raw(self, tokens: Sequence[Token]) -> str:
        """The request's own text from the first token to the last."""
        return self.text[tokens[0].start : tokens[-1].end] if tokens else ""
