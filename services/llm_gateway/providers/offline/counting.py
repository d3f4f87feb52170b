"""Reads what is to be counted, and in which texts."""

from collections.abc import Sequence

from services.llm_gateway.providers.offline.paths import looks_like_path, path_mentions
from services.llm_gateway.providers.offline.phrases import folder_of, lowers, suffix_of
from services.llm_gateway.providers.offline.plan import Counted, Found, Listing, Literal, Value
from services.llm_gateway.providers.offline.residue import require_known
from services.llm_gateway.providers.offline.scope import NotUnderstoodError, Scope
from services.llm_gateway.providers.offline.tokens import Kind, Token
from services.llm_gateway.providers.offline.vocabulary import (
    FILE_NOUNS,
    LIST_NOUNS,
    METRIC_CUES,
    METRIC_NOUNS,
    Metric,
)

_TOGETHER = frozenset(("total", "sum", "combined", "together", "altogether", "overall", "totals"))
_OCCURRENCES = frozenset(("times", "occurrences", "occurrence", "instances", "often"))
_SIZES = frozenset(("big", "large", "size"))
_QUANTIFIERS = frozenset(("each", "every", "all", "respective"))
CONDITIONS = frozenset(("contain", "containing", "mention", "mentioning", "unique", "distinct"))


def count_of(tokens: Sequence[Token], scope: Scope, *, default: bool = False) -> Value | None:
    """A count, also where only the verb says that something is to be counted."""
    metrics, needle = metrics_in(tokens, cue=default)
    if not metrics and default:
        metrics = (_usual_metric(tokens, scope),)
    if not metrics:
        return None
    words = lowers(tokens)
    folder = folder_of(tokens) if metrics == (Metric.ENTRIES,) else ""
    require_known(tokens, also=(needle, folder, suffix_of(tokens)))
    sources = _sources(tokens, scope, metrics)
    if not sources:
        raise NotUnderstoodError("it does not say what is to be counted")
    together = bool(words & _TOGETHER) and len(sources) > 1
    names = tuple(name for name, _ in sources)
    return Counted(metrics, tuple(value for _, value in sources), names, together, needle)


def metrics_in(tokens: Sequence[Token], *, cue: bool) -> tuple[tuple[Metric, ...], str]:
    """What is counted, in the order named, and the text whose occurrences are counted."""
    words = lowers(tokens)
    if not cue and not words & METRIC_CUES:
        return (), ""
    if words & _OCCURRENCES:
        needle = _needle(tokens)
        return ((Metric.OCCURRENCES,), needle) if needle else ((), "")
    found = dict.fromkeys(
        METRIC_NOUNS[token.lower] for token in tokens if token.lower in METRIC_NOUNS
    )
    if found:
        if words & CONDITIONS - {"contain"}:
            raise NotUnderstoodError("it can only count everything, not what fits a condition")
        return tuple(found), ""
    if words & LIST_NOUNS and not words & CONDITIONS:
        return (Metric.ENTRIES,), ""
    if words & _SIZES and path_mentions(tokens):
        return (Metric.BYTES,), ""
    return (), ""


def _needle(tokens: Sequence[Token]) -> str:
    for token in tokens:
        if token.kind is Kind.QUOTED and not looks_like_path(token.text):
            return token.text
    for index, token in enumerate(tokens[:-1]):
        if token.lower in {"of", "does", "do", "did", "times"} or token.lower in _OCCURRENCES:
            following = tokens[index + 1 :]
            for candidate in following:
                if candidate.lower not in {"of", "the", "word", "text", "does", "do", "string"}:
                    return "" if looks_like_path(candidate.text) else candidate.text
    return ""


def _usual_metric(tokens: Sequence[Token], scope: Scope) -> Metric:
    """What "count it" counts."""
    if _counts_entries(tokens, scope):
        return Metric.ENTRIES
    found = isinstance(scope.last_value, Found) and not path_mentions(tokens)
    return Metric.LINES if found else Metric.WORDS


def _counts_entries(tokens: Sequence[Token], scope: Scope) -> bool:
    if lowers(tokens) & LIST_NOUNS:
        return True
    return (
        bool(scope.subject)
        and isinstance(scope.subject[-1][1], Listing)
        and not path_mentions(tokens)
    )


def _sources(
    tokens: Sequence[Token], scope: Scope, metrics: tuple[Metric, ...]
) -> list[tuple[str, Value]]:
    mentions = path_mentions(tokens)
    words = lowers(tokens)
    if metrics == (Metric.ENTRIES,):
        if words & {"them", "those", "these"} and scope.subject and not mentions:
            return scope.sources()
        here = folder_of(tokens) == "." and not scope.placed and not suffix_of(tokens)
        if here and scope.subject and isinstance(scope.subject[-1][1], Listing):
            return scope.sources()
        return [(folder_of(tokens), scope.list(folder_of(tokens), suffix_of(tokens)))]
    if mentions:
        sources: list[tuple[str, Value]] = []
        for mention in mentions:
            sources.append((mention.path, scope.read(mention.path)))
            scope.mention(mention.path)
        return sources
    quoted = [token.text for token in tokens if token.kind is Kind.QUOTED]
    if quoted and metrics != (Metric.OCCURRENCES,):
        return [("the text", Literal(text)) for text in quoted]
    if words & _QUANTIFIERS and words & (LIST_NOUNS | FILE_NOUNS):
        raise NotUnderstoodError("name each file: it can't go through all files by itself")
    return scope.sources(everything=bool(words & (_TOGETHER | {"both"})))
