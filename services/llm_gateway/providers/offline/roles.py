"""What the offline model answers in each role of the pipeline, as JSON for the role's schema."""

import json
from functools import lru_cache
from typing import Any

from services.llm_gateway.providers.offline.filling import (
    Schema,
    UnfillableError,
    Wishes,
    fill,
)
from services.llm_gateway.providers.offline.paths import path_mentions
from services.llm_gateway.providers.offline.tokens import tokenize

WORKING_ROLES = frozenset(("task",))
"""Roles that carry the request out; every other known role only judges or reports."""

_NO_MODEL = "No language model is connected, so that the offline model"
_JUDGING: dict[str, str] = {
    "context": f"{_NO_MODEL} has only named the request and its files.",
    "guardrail": f"{_NO_MODEL} has judged nothing and blocks nothing.",
    "code_review": f"{_NO_MODEL} has reviewed nothing and lets the work pass.",
    "decision": f"{_NO_MODEL} can not decide; a person has to.",
    "documentation": f"{_NO_MODEL} has only noted the request.",
    "diagramming": f"{_NO_MODEL} has only drawn request and result.",
    "security_review": f"{_NO_MODEL} has reviewed nothing; no finding means nothing here.",
    "memory_extraction": f"{_NO_MODEL} has extracted nothing.",
}
_CHOICES: dict[str, tuple[str, ...]] = {
    "guardrail": ("pass", "passed", "allow", "allowed", "safe", "clean", "none", "low"),
    "code_review": ("pass", "passed", "approve", "approved", "none", "low"),
    "decision": ("escalate", "escalated", "ask_human", "human", "needs_human", "medium"),
    "security_review": ("pass", "passed", "none", "info", "low"),
    "context": ("low", "simple", "general"),
    "task": ("complete", "completed", "done", "success", "ok"),
}
_APPROVING = frozenset(
    ("passed", "pass", "approved", "safe", "allowed", "ok", "success", "clean", "is_safe", "valid")
)
_ESCALATING = frozenset(("escalate", "needs_human", "requires_human", "human_review"))
_ANSWER_FIELDS = ("text", "answer", "output", "response", "result", "content", "message", "reply")
_REASON_FIELDS = (
    *("reason", "reasoning", "rationale", "explanation", "comment", "comments", "notes", "note"),
    *("justification", "details", "description", "feedback", "summary", "analysis", "conclusion"),
)
_FILE_FIELDS = ("files", "relevant_files", "paths", "file_paths", "files_mentioned", "sources")
_LONGEST_TITLE = 80


def works(role: str | None) -> bool:
    """Whether this role does what the request says; an unknown schema's name does."""
    return role is None or role in WORKING_ROLES or role not in _JUDGING


def mentioned_files(request: str) -> list[str]:
    return list(dict.fromkeys(mention.path for mention in path_mentions(tokenize(request))))


def answer(schema: Schema, role: str, *, request: str, text: str, ok: bool) -> str:
    """JSON text for the schema; raises UnfillableError when no valid value is found."""
    wishes = _wishes(role, request=request, text=text, ok=ok)
    value = fill(schema, wishes)
    _check(schema, value)
    return json.dumps(value, ensure_ascii=False)


def _wishes(role: str, *, request: str, text: str, ok: bool) -> Wishes:
    judgement = _JUDGING.get(role, "")
    files = mentioned_files(request) if role == "context" else []
    said = text or judgement
    texts = dict.fromkeys(_ANSWER_FIELDS, said) | dict.fromkeys(_REASON_FIELDS, judgement or said)
    texts["title"] = _title(request)
    texts["request"] = texts["goal"] = texts["task"] = request
    if role == "context":
        named = f" Files named: {', '.join(files)}." if files else ""
        texts |= dict.fromkeys(
            ("summary", *_ANSWER_FIELDS), f"Request: {request}{named} {judgement}"
        )
    if role == "documentation":
        page = f"# {_title(request)}\n\nRequest: {request}\n\n{judgement}"
        texts |= dict.fromkeys((*_ANSWER_FIELDS, "markdown", "documentation", "body"), page)
    if role == "diagramming":
        drawing = "flowchart LR\n  request[Request] --> result[Result]"
        texts |= dict.fromkeys((*_ANSWER_FIELDS, "mermaid", "diagram", "source", "code"), drawing)
    flags = frozenset[str]()
    if role in {"guardrail", "code_review", "security_review"} or (role == "task" and ok):
        flags = _APPROVING
    elif role == "decision":
        flags = _ESCALATING
    return Wishes(
        texts=texts,
        choices=_CHOICES.get(role, ()),
        flags=flags,
        lists=dict.fromkeys(_FILE_FIELDS, files) if role == "context" else {},
        otherwise=judgement or said or _NO_MODEL,
    )


def _title(request: str) -> str:
    line = request.strip().split("\n", maxsplit=1)[0]
    return (line if len(line) <= _LONGEST_TITLE else f"{line[: _LONGEST_TITLE - 1]}…") or "Request"


@lru_cache(maxsize=64)
def _validator(schema: str) -> Any:
    """Made once for each schema: checking a schema takes a hundred times as long as a value."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - see _check

    content = json.loads(schema)
    Draft202012Validator.check_schema(content)
    return Draft202012Validator(content)


def _check(schema: Schema, value: Any) -> None:
    # Imported here: only schema-bound replies need it, and it costs 10 MB.
    from jsonschema.exceptions import SchemaError, ValidationError  # noqa: PLC0415 - see above
    from referencing.exceptions import Unresolvable  # noqa: PLC0415 - see above

    try:
        _validator(json.dumps(schema)).validate(value)
    except SchemaError as error:
        raise UnfillableError(f"it is no valid JSON schema: {error.message}") from error
    except (ValidationError, Unresolvable) as error:
        raise UnfillableError(f"no simple value meets it: {error}") from error
