"""Reads the part of a clause that stands for a text: a count, a file's content, "it", "…"."""

from collections.abc import Sequence

from services.llm_gateway.providers.offline.counting import CONDITIONS, count_of
from services.llm_gateway.providers.offline.paths import (
    PathMention,
    looks_like_path,
    path_mentions,
)
from services.llm_gateway.providers.offline.phrases import (
    folder_of,
    lowers,
    suffix_of,
    without_tail,
)
from services.llm_gateway.providers.offline.plan import (
    Counted,
    Joined,
    Literal,
    Value,
)
from services.llm_gateway.providers.offline.residue import require_known
from services.llm_gateway.providers.offline.scope import NotUnderstoodError, Scope
from services.llm_gateway.providers.offline.tokens import Kind, Token
from services.llm_gateway.providers.offline.vocabulary import (
    CONTENT_NOUNS,
    DETERMINERS,
    FILE_NOUNS,
    FILLERS,
    FOLDER_NOUNS,
    GENERATIVE_STARTS,
    HERE,
    LIST_NOUNS,
    LITERAL_LABELS,
    PRONOUNS,
)

_LABEL_NOUNS = frozenset(
    ("word", "text", "line", "sentence", "string", "phrase", "message", "value", "number",
     "content", "contents", "body")
)  # fmt: skip
_GENERATED = frozenset(
    (
        *("poem", "story", "code", "essay", "program", "script", "function", "summary", "report"),
        *("tests", "documentation", "docs", "haiku", "joke", "song", "letter", "article", "class"),
    )
)
_AROUND = frozenset(
    (
        *("of", "from", "in", "to", "the", "found", "you", "got", "above", "for", "me", "back"),
        *("which", "was", "were", "is", "there", "down", "out", "up", "as", "well", "too", "then"),
        *("search", "earlier", "just", "read", "counted", "both", "into", "with", "file", "own"),
        *("copy", "identical", "exact", "duplicate", "backup", "two", "three", "four"),
        *("user", "us", "calculated", "computed", "word", "have", "final", "full", "complete"),
    )
)
_FINDING = frozenset(("its", "what", "whatever", "find", "get", "see", "gives", "says", "prints"))


def value_of(tokens: Sequence[Token], scope: Scope) -> Value:
    """The text that the words stand for; raises NotUnderstoodError."""
    plain = without_tail(tokens)
    if not plain:
        return _referred(scope)
    for reader in (_count, _quoted, _listing, _contents, _reference):
        value = reader(plain, scope)
        if value is not None:
            return value
    return _literal(tokens, scope)


def _count(tokens: Sequence[Token], scope: Scope) -> Value | None:
    return count_of(tokens, scope)


def _quoted(tokens: Sequence[Token], _scope: Scope) -> Value | None:
    quoted = [token for token in tokens if token.kind is Kind.QUOTED]
    if len(quoted) > 1 and not path_mentions(tokens):
        others = lowers([token for token in tokens if token.kind is not Kind.QUOTED])
        listed = others <= LITERAL_LABELS | {
            "and",
            ",",
            "both",
            "lines",
            "words",
            "texts",
            ":",
            "\n",
        }
        return Joined(tuple(Literal(token.text) for token in quoted)) if listed else None
    if len(quoted) != 1:
        return None
    governed = {mention.path for mention in path_mentions(tokens) if mention.preposition}
    if quoted[0].text.strip() in governed:
        return None
    others = [token for token in tokens if token.kind is not Kind.QUOTED]
    words = {token.lower for token in others if not token.possessive}
    if words <= LITERAL_LABELS | DETERMINERS | FILLERS | _AROUND | {",", ":", "\n", "that"}:
        return Literal(quoted[0].text)
    return None


def _listing(tokens: Sequence[Token], scope: Scope) -> Value | None:
    words = lowers(tokens)
    listed = words & LIST_NOUNS or (
        words & {"names", "list", "contents"} and words & (FOLDER_NOUNS | HERE)
    )
    if not listed or words & CONDITIONS or words & {"results"}:
        return None
    if any(looks_like_path(token.text) and not token.text.endswith("/") for token in tokens) and (
        not words & FOLDER_NOUNS and not words & LIST_NOUNS
    ):
        return None
    require_known(tokens, also=(folder_of(tokens), suffix_of(tokens)))
    return scope.list(folder_of(tokens), suffix_of(tokens))


def _contents(tokens: Sequence[Token], scope: Scope) -> Value | None:
    mentions = path_mentions(tokens)
    words = lowers(tokens)
    texts = any(t.kind is Kind.QUOTED and not _is_named(t, mentions) for t in tokens)
    if mentions and not texts and words <= _words_around(mentions, tokens):
        values = [(mention, scope.read(mention.path)) for mention in mentions]
        for mention, value in values:
            scope.note(mention.path, value)
        parts = tuple(value for _, value in values)
        return parts[0] if len(parts) == 1 else Joined(parts)
    if words & CONTENT_NOUNS and words <= _AROUND | CONTENT_NOUNS | PRONOUNS | DETERMINERS:
        return scope.subject_text()
    return None


def _is_named(token: Token, mentions: Sequence[PathMention]) -> bool:
    return token.text.strip() in {mention.path for mention in mentions}


def _words_around(mentions: Sequence[PathMention], tokens: Sequence[Token]) -> set[str]:
    inside = {token.lower for mention in mentions for token in tokens[mention.start : mention.end]}
    return (
        inside
        | set(
            _AROUND | CONTENT_NOUNS | DETERMINERS | FILE_NOUNS | PRONOUNS | {"", ",", "and", "what"}
        )
        | {
            "whatever",
            "written",
            "everything",
            "whole",
            "entire",
            "says",
            "contains",
            "everything's",
            "copy",
            "backup",
            "duplicate",
        }
    )


def _reference(tokens: Sequence[Token], scope: Scope) -> Value | None:
    words = lowers(tokens)
    found = words & PRONOUNS or tokens[0].lower in {"what", "whatever"}
    if found and words <= PRONOUNS | DETERMINERS | _AROUND | FILLERS | _FINDING:
        if words & {"count", "counts", "number", "numbers", "total"} and not isinstance(
            scope.last_value, Counted
        ):
            return count_of(tokens, scope, default=True)
        return _referred(scope)
    return None


def _referred(scope: Scope) -> Value:
    if scope.last_value is None:
        text = scope.subject_text()
        if text is None:
            raise NotUnderstoodError("there is no earlier result that it could mean")
        return text
    return scope.last_value


def _literal(tokens: Sequence[Token], scope: Scope) -> Value:
    """Text that stands there without quotes."""
    start = 0
    while start < len(tokens) and tokens[start].lower in LITERAL_LABELS | {":"}:
        start += 1
    label = tokens[start - 1].lower if start else ""
    rest = tokens[start:]
    if any(token.kind is Kind.QUOTED for token in tokens) and len(tokens) > 1:
        raise NotUnderstoodError("only a part of the text stands in quotes")
    if rest and (
        label == ":" or (label in _LABEL_NOUNS and rest[0].lower not in {"of", "about", "in"})
    ):
        while rest and rest[0].lower in {"saying", "that", "says", "reading", ":", "with"}:
            rest = rest[1:]
        if len(rest) == 1:
            return Literal(rest[0].text)
        if rest:
            return Literal(scope.raw(rest))
    first = tokens[0].lower
    if first in GENERATIVE_STARTS or first in _GENERATED or not rest:
        raise NotUnderstoodError("it would have to make up the text: put the exact text in quotes")
    if path_mentions(tokens):
        raise NotUnderstoodError("if that is the text itself, it needs quotes")
    return Literal(scope.raw(tokens))
