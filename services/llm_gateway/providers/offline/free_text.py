"""Clauses whose object is free text: remember, recall, run."""

from collections.abc import Sequence

from services.llm_gateway.providers.offline.clauses import Clause
from services.llm_gateway.providers.offline.counting import metrics_in
from services.llm_gateway.providers.offline.paths import path_mentions
from services.llm_gateway.providers.offline.phrases import lowers
from services.llm_gateway.providers.offline.plan import Literal, Report, ReportKind, Value
from services.llm_gateway.providers.offline.scope import NotUnderstoodError, Scope
from services.llm_gateway.providers.offline.tokens import Kind, Token
from services.llm_gateway.providers.offline.values import value_of
from services.llm_gateway.providers.offline.vocabulary import CONTENT_NOUNS

_LABELS = frozenset(
    ("the", "command", "shell", "script", "this", "following", "program", "line", ":", "a", "in")
)


def recall(clause: Clause, scope: Scope) -> None:
    recall_text(clause.body, scope)


def recall_text(tokens: Sequence[Token], scope: Scope) -> Value:
    rest = list(tokens)
    skipped = {"about", "of", "for", "that", "what", "is", "are", "me", "to", "is:", "was", "the",
               "regarding", "on", "i", "said", "told", "you", "anything", "everything"}  # fmt: skip
    while rest and rest[0].lower in skipped | {","}:
        rest = rest[1:]
    query = rest[0].text if len(rest) == 1 else scope.raw(rest)
    if not query.strip():
        raise NotUnderstoodError("it does not say what to recall")
    found = scope.call("recall", {"query": Literal(query)})
    scope.note("the memories", found)
    scope.show(found, f"Recalled about {query}")
    return found


def remember(clause: Clause, scope: Scope) -> None:
    rest = list(clause.body)
    while rest and rest[0].lower in {"that", ":", "this", ",", "of", "the", "fact", "following"}:
        if rest[0].lower == "this" and len(rest) == 1:
            break
        if (
            rest[0].lower in {"the", "of"}
            and len(rest) > 1
            and rest[1].lower not in {"fact", "following", ":"}
        ):
            break
        rest = rest[1:]
    if not rest or lowers(rest) <= {"it", "this", "result", "the", "these", "them", "answer"}:
        value = value_of([], scope)
    elif _refers(rest):
        value = scope.subject_text() or value_of([], scope)
    elif len(rest) == 1 and rest[0].kind is Kind.QUOTED:
        value = Literal(rest[0].text)
    elif metrics_in(rest, cue=False)[0] and path_mentions(rest):
        value = value_of(rest, scope)
    else:
        value = Literal(scope.raw(rest))
    scope.call("remember", {"content": value})
    scope.plan.reports.append(Report(ReportKind.REMEMBERED, value, ""))


def _refers(tokens: Sequence[Token]) -> bool:
    """As in "what it says", "its contents"."""
    words = lowers(tokens)
    return bool(words & {"it", "its"}) and words <= (
        CONTENT_NOUNS | {"it", "its", "what", "says", "contains", "all", "of", "everything", "the"}
    )


def run(tokens: Sequence[Token], scope: Scope) -> None:
    rest = list(tokens)
    quoted = [index for index, token in enumerate(rest) if token.kind is Kind.QUOTED]
    if quoted and lowers(rest[: quoted[0]]) <= _LABELS:
        command = rest[quoted[0]].text
    else:
        while rest and rest[0].lower in _LABELS - {"a", "in"}:
            rest = rest[1:]
        command = scope.raw(rest)
    if not command.strip() or lowers(rest) <= {"it", "that", "this", "them", "tests", "test"}:
        raise NotUnderstoodError("it does not say which command to run")
    output = scope.call("run_shell", {"command": Literal(command)})
    scope.forget_reads()
    scope.note("the output", output)
    scope.show(output, f"Output of {command}")
