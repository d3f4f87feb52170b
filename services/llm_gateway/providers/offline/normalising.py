"""Brings a request's tokens into a simpler form before they are read."""

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches

from services.llm_gateway.providers.offline.tokens import Kind, Token
from services.llm_gateway.providers.offline.vocabulary import METRIC_NOUNS

_ASIDES = frozenset(("and", "only", "no", "not", "without", "just", "nothing", "i.e", "e.g"))
# Several words that say what one says, the longest first.
_PHRASES: dict[tuple[str, ...], str] = {
    ("in", "addition", "to", "that"): "then",
    ("as", "well", "as"): "and",
    ("in", "addition", "to"): "and",
    ("followed", "by"): "then",
    ("together", "with"): "and",
    ("along", "with"): "and",
    ("as", "well"): "also",
    ("after", "that"): "then",
    ("after", "this"): "then",
    ("after", "which"): "then",
    ("when", "done"): "then",
    ("thank", "you"): "thanks",
    ("make", "sure", "that", "you"): "please",
    ("make", "sure", "to"): "please",
    ("make", "sure", "you"): "please",
    ("be", "sure", "to"): "please",
    ("do", "not", "forget", "to"): "please",
    ("don't", "forget", "to"): "please",
    ("feel", "free", "to"): "please",
}
# The same, but only where a sentence or a part of it begins.
_OPENINGS: dict[tuple[str, ...], str] = {
    ("if", "you", "don't", "mind"): "please",
    ("if", "it's", "not", "too", "much", "trouble"): "please",
    ("if", "you", "can"): "please",
    ("if", "you", "could"): "please",
    ("if", "you", "would"): "please",
    ("if", "possible"): "please",
    ("without", "changing", "anything"): "please",
    ("at", "the", "end"): "then",
    ("in", "the", "end"): "then",
    ("to", "finish"): "then",
    ("to", "begin", "with"): "first",
    ("to", "start", "with"): "first",
    ("first", "of", "all"): "first",
    ("last", "of", "all"): "then",
    ("when", "that's", "done"): "then",
    ("when", "finished"): "then",
    ("once", "done"): "then",
}
_CONTENT = frozenset(("content", "contents", "text", "body"))
_MANNERS = ("please", "kindly")
_BEFORE_MANNERS = frozenset(("you", "and", "then", "could", "can", "would"))
_LONGEST = max(len(phrase) for phrase in _PHRASES | _OPENINGS)


def normalised(tokens: Sequence[Token]) -> list[Token]:
    """Without asides, and with one word for a phrase; each token still knows its place."""
    kept: list[Token] = []
    rest = _with_manners(_without_asides(tokens))
    index = 0
    while index < len(rest):
        length, word = _phrase_at(rest, index)
        token = rest[index]
        if length:
            token = replace(token, text=word, end=rest[index + length - 1].end)
        kept.append(token)
        index += length or 1
    return kept


def _with_manners(tokens: list[Token]) -> list[Token]:
    """With "plese" and "kinldy" put right, at the places where such words stand."""
    edges = [None, *tokens, None]
    return [
        replace(token, text=meant)
        if (meant := _manners(token)) and (_is_edge(edges[index]) or _is_edge(edges[index + 2]))
        else token
        for index, token in enumerate(tokens)
    ]


def _manners(token: Token) -> str:
    if token.kind is not Kind.WORD or token.lower[:1] not in {"p", "k"}:
        return ""
    close = get_close_matches(token.lower, _MANNERS, n=1, cutoff=0.8)
    return close[0] if close else ""


def _is_edge(token: Token | None) -> bool:
    return token is None or token.kind in (Kind.BREAK, Kind.PUNCT) or token.lower in _BEFORE_MANNERS


def _phrase_at(tokens: Sequence[Token], index: int) -> tuple[int, str]:
    for length in range(min(_LONGEST, len(tokens) - index), 1, -1):
        words = tuple(token.lower for token in tokens[index : index + length])
        if words in _PHRASES:
            return length, _PHRASES[words]
        opens = index == 0 or _is_edge(tokens[index - 1])
        placed = tokens[index + length : index + length + 1]
        if words in _OPENINGS and opens and not (placed and placed[0].lower == "of"):
            return length, _OPENINGS[words]
    if index and _counts_two(tokens, index):
        return 3, "and"
    if _announces_content(tokens, index):
        return 3, "with"
    return 0, ""


def _counts_two(tokens: Sequence[Token], index: int) -> bool:
    """As in "how many lines AND HOW MANY words"."""
    words = [token.lower for token in tokens[index : index + 3]]
    around = (*tokens[index - 1 : index], *tokens[index + 3 : index + 4])
    measures = [token.lower in METRIC_NOUNS for token in around]
    return words == ["and", "how", "many"] and measures == [True, True]


def _announces_content(tokens: Sequence[Token], index: int) -> bool:
    """As in "create a.txt. Content: …"."""
    words = [token.lower for token in tokens[index : index + 3]]
    return (
        words[:1] in ([","], ["."], [";"])
        and words[1:2] != []
        and (words[1] in _CONTENT and words[2:] == [":"])
    )


def _without_asides(tokens: Sequence[Token]) -> list[Token]:
    """Without "(and nothing else)", "(no other text)"."""
    kept: list[Token] = []
    aside = False
    for index, token in enumerate(tokens):
        after = tokens[index + 1].lower if index + 1 < len(tokens) else ""
        if token.text == "(" and token.kind is Kind.PUNCT and after in _ASIDES:
            aside = True
        if not aside:
            kept.append(token)
        if token.text == ")":
            aside = False
    return kept
