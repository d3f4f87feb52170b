"""Words of a phrase that the command language has no meaning for: with them, nothing is done."""

from collections.abc import Sequence

from services.llm_gateway.providers.offline.paths import path_mentions
from services.llm_gateway.providers.offline.scope import NotUnderstoodError
from services.llm_gateway.providers.offline.tokens import Kind, Token
from services.llm_gateway.providers.offline.vocabulary import (
    CONTENT_NOUNS,
    DETERMINERS,
    FILE_ADJECTIVES,
    FILE_NOUNS,
    FILLERS,
    FOLDER_NOUNS,
    HERE,
    LIST_NOUNS,
    METRIC_CUES,
    METRIC_NOUNS,
    PARTICIPLES,
    PRONOUNS,
    SOFT_SEPARATORS,
    SOURCE_PREPOSITIONS,
    STRONG_PREPOSITIONS,
)

# Words that only hold a sentence together, or say again what the command says.
_NEUTRAL = frozenset(
    (
        *("are", "was", "were", "has", "had", "does", "did", "there", "it's", "both", "each"),
        *("every", "all", "any", "how", "what", "which", "who", "at", "say", "says", "said"),
        *("contain", "contains", "containing", "hold", "holds", "with", "for", "on", "by"),
        *("altogether", "combined", "overall", "respectively", "separately", "respective"),
        *("exactly", "currently", "really", "right", "actually", "only", "back", "up", "out"),
        *("times", "time", "occurrences", "occurrence", "instances", "often", "appear"),
        *("appears", "occur", "occurs", "show", "shows", "found", "find", "see", "print"),
        *("word", "string", "phrase", "term", "python", "markdown", "json", "yaml", "csv"),
        *("javascript", "typescript", "html", "txt", "pdf", "consist", "consists", "comprise"),
        *("inside", "within", "about", "called", "named", "titled", "title", "path", "exist"),
        *("exists", "present", "available", "lying", "stored", "located", "lives", "live"),
        *("here's", "what's", "that's", "there's", "us", "my", "him", "her", "them", "screen"),
        *("reading", "counting", "using", "use", "get", "gets", "got", "into", "big", "large"),
        *("display", "shown", "read", "counted", "exact", "precise", "overview", "myself"),
        *("wonder", "wondering", "curious", "interested", "love", "know", "tell", "happy", "glad"),
        *("copy", "stored", "saved", "identical", "got", "quick", "it's", "its", "be", "possible"),
        *("", "?", "!", "\n", ">", ";", ".", "=", "etc", "'", "yet", "still", "down", "over"),
    )
)
_KNOWN = (
    _NEUTRAL
    | CONTENT_NOUNS
    | DETERMINERS
    | FILE_ADJECTIVES
    | FILE_NOUNS
    | FILLERS
    | FOLDER_NOUNS
    | HERE
    | LIST_NOUNS
    | METRIC_CUES
    | METRIC_NOUNS.keys()
    | PARTICIPLES
    | PRONOUNS
    | SOFT_SEPARATORS
    | SOURCE_PREPOSITIONS
    | STRONG_PREPOSITIONS
)
_ORDINALS = frozenset(("first", "second", "third", "fourth", "fifth", "last", "next", "other"))
_ARITHMETIC = frozenset(("plus", "minus", "times", "by", "&"))
_NUMERALS = frozenset(
    ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
)


def require_known(tokens: Sequence[Token], *, also: Sequence[str] = ()) -> None:
    """Raises for a word that would change the meaning and that is not understood."""
    named = {
        index for mention in path_mentions(tokens) for index in range(mention.start, mention.end)
    }
    allowed = {word.lower() for text in also for word in (text, *text.split())}
    for index, token in enumerate(tokens):
        if index in named or token.kind is Kind.QUOTED or token.lower in allowed:
            continue
        ordinal = token.lower in _ORDINALS and index + 1 < len(tokens)
        if ordinal and tokens[index + 1].lower in METRIC_NOUNS:
            raise NotUnderstoodError("it takes a file as a whole")
        reckoned = index > 0 and tokens[index - 1].lower in _ARITHMETIC
        number = token.text.isdigit() or token.lower in _NUMERALS
        after = tokens[index + 1].lower if index + 1 < len(tokens) else ""
        if number and after in LIST_NOUNS:
            continue  # "create two files: …"
        if token.lower not in _KNOWN or (reckoned and number):
            raise NotUnderstoodError(f"it has no meaning for “{token.text}”")
