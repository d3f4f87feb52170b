"""Tells which tokens name a file or a folder."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.llm_gateway.providers.offline.tokens import Kind, Token
from services.llm_gateway.providers.offline.vocabulary import (
    DETERMINERS,
    FILE_ADJECTIVES,
    FILE_NOUNS,
    FILLERS,
    FOLDER_NOUNS,
    HERE,
    LIST_NOUNS,
    METRIC_NOUNS,
    PLAIN_FILE_NAMES,
    PRONOUNS,
    SOURCE_PREPOSITIONS,
    STRONG_PREPOSITIONS,
)

_EXTENSION = re.compile(r"[^\s/]*\.(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9_]{1,10}~?")
_SPACED = re.compile(r"[^\n.!?,;:]*[^\s.!?,;:]\.(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9_]{1,6}")
_LONGEST_NAME = 120
_SLASHED = re.compile(r"(?!.*//)[~\w.@+\-/ ]+")
_NOT_A_PATH = frozenset(
    ("and/or", "he/she", "i/o", "n/a", "w/o", "yes/no", "e.g", "i.e", "a.m", "p.m", "either/or")
)
_NEVER_NAMES = (
    DETERMINERS
    | FILE_ADJECTIVES
    | FILE_NOUNS
    | FOLDER_NOUNS
    | STRONG_PREPOSITIONS
    | SOURCE_PREPOSITIONS
    | LIST_NOUNS
    | HERE
    | PRONOUNS
    | METRIC_NOUNS.keys()
    | {"with", "containing", "and", "then", "has", "have", "is", "are", "contains", "does"}
    | {"i", "you", "exists", "at", "by", "be", "should", "must", "that", "which", "where"}
    | {"tree", "structure", "path", "holding", "saying", "says", "using", "there"}
)
_NAMING = frozenset(("named", "called", "titled"))


@dataclass(frozen=True, slots=True)
class PathMention:
    """A path in a phrase: where its own words begin and end, and the word that governs it."""

    path: str
    start: int
    end: int
    preposition: str
    folder: bool


def looks_like_path(text: str) -> bool:
    """Whether a text standing alone is a file or folder name."""
    if not text or "\n" in text or text.lower() in _NOT_A_PATH or "://" in text:
        return False
    if text.lower() in PLAIN_FILE_NAMES or text in (".", ".."):
        return True
    name = text.rsplit("/", 1)[-1]
    if "/" in text and _SLASHED.fullmatch(text):
        return True
    return _EXTENSION.fullmatch(name) is not None and not text.startswith("*")


def _quoted_path(text: str) -> bool:
    """In quotes a name may hold blanks: "plan v2.md"."""
    return looks_like_path(text) or (
        len(text) <= _LONGEST_NAME and _SPACED.fullmatch(text) is not None and "://" not in text
    )


def path_mentions(tokens: Sequence[Token]) -> list[PathMention]:
    """Every path in the phrase, in order."""
    found: list[PathMention] = []
    for index, token in enumerate(tokens):
        folder = _names_folder(tokens, index)
        if _is_path(tokens, index) or folder:
            start, preposition = _governor(tokens, index)
            end = index + 1
            nouns = FILE_NOUNS | FOLDER_NOUNS
            if end < len(tokens) and tokens[end].lower in nouns and not token.possessive:
                end += 1
            found.append(PathMention(token.text.strip(), start, end, preposition, folder))
    return found


def _is_path(tokens: Sequence[Token], index: int) -> bool:
    token = tokens[index]
    if token.kind not in (Kind.WORD, Kind.QUOTED):
        return False
    before = tokens[index - 1].lower if index else ""
    if token.kind is Kind.QUOTED:
        return _quoted_path(token.text) or (
            bool(token.text.strip())
            and "\n" not in token.text
            and (
                before in FILE_NOUNS | {"to", "into", ">", "onto"}
                or (before in _NAMING and index > 1 and tokens[index - 2].lower in FILE_NOUNS)
            )
        )
    if looks_like_path(token.text):
        return True
    named = before in _NAMING and index > 1
    described = before in FILE_NOUNS and token.lower not in FILLERS
    return (named or described) and _could_be_name(token)


def _names_folder(tokens: Sequence[Token], index: int) -> bool:
    """As in "folder src", "the src folder", "directory called src"."""
    token = tokens[index]
    quoted = token.kind is Kind.QUOTED and bool(token.text.strip())
    if not quoted and not _could_be_name(token):
        return False
    after = tokens[index + 1].lower if index + 1 < len(tokens) else ""
    if after in FOLDER_NOUNS and token.lower not in FILE_ADJECTIVES | HERE:
        return True
    before = tokens[index - 1].lower if index else ""
    if before in _NAMING and index > 1:
        before = tokens[index - 2].lower
    return before in FOLDER_NOUNS


def _could_be_name(token: Token) -> bool:
    return (
        token.kind is Kind.WORD
        and token.lower not in _NEVER_NAMES
        and re.fullmatch(r"[\w.\-/]+", token.text) is not None
    )


def _governor(tokens: Sequence[Token], index: int) -> tuple[int, str]:
    """Where the path's phrase begins ("to a new file called …") and its preposition."""
    skipped = DETERMINERS | FILE_ADJECTIVES | FILE_NOUNS | FOLDER_NOUNS | _NAMING | {"path", "at"}
    start = index
    while start and tokens[start - 1].lower in skipped:
        start -= 1
    before = tokens[start - 1].lower if start else ""
    if before in STRONG_PREPOSITIONS | SOURCE_PREPOSITIONS | {"at", "than", "from", "by"}:
        return start - 1, before
    if any(token.lower == "at" for token in tokens[start:index]):
        return start, "at"
    named = any(token.lower in _NAMING for token in tokens[start:index])
    return start, "called" if named else ""
