"""What a phrase says as a whole: its words, the folder and the kind of files it names."""

from collections.abc import Sequence

from services.llm_gateway.providers.offline.paths import path_mentions
from services.llm_gateway.providers.offline.tokens import Kind, Token
from services.llm_gateway.providers.offline.vocabulary import (
    DETERMINERS,
    FILE_NOUNS,
    FILLERS,
    FOLDER_NOUNS,
    HERE,
    LIST_NOUNS,
    PRONOUNS,
)

_HOLDS = frozenset(("contain", "have", "hold"))
_TAIL = frozenset(
    (
        *("please", "now", "too", "thanks", "afterwards", "immediately", "then", "also", "ok"),
        *("thx", "ty", "cheers", "pls", "plz", "kindly", "afterward", "next", "finally"),
        *("nova", "for", "me", "us", "instead", "there", ",", ":", "-", "well", "as", "again"),
    )
)
_SUFFIXES = {
    "python": ".py",
    "markdown": ".md",
    "json": ".json",
    "javascript": ".js",
    "typescript": ".ts",
    "yaml": ".yaml",
    "csv": ".csv",
    "html": ".html",
    "txt": ".txt",
    "pdf": ".pdf",
}


def lowers(tokens: Sequence[Token]) -> set[str]:
    return {token.lower for token in tokens}


def without_tail(tokens: Sequence[Token]) -> list[Token]:
    """Without "please", "for me", "again" and the like at the end."""
    end = len(tokens)
    while end and tokens[end - 1].kind is not Kind.QUOTED and tokens[end - 1].lower in _TAIL:
        end -= 1
    return list(tokens[:end])


def folder_of(tokens: Sequence[Token]) -> str:
    """The folder that the words speak of; "." if they name none."""
    mentions = [
        m for m in path_mentions(tokens) if not m.path.startswith((".", "*")) or "/" in m.path
    ]
    if mentions:
        return mentions[-1].path
    for index, token in enumerate(tokens[:-2]):
        asked = token.lower in {"does", "do"} and tokens[index + 2].lower in _HOLDS
        if asked and tokens[index + 1].lower not in PRONOUNS | HERE:
            return tokens[index + 1].text
    for index, token in enumerate(tokens[:-1]):
        if token.lower in {"in", "of", "inside", "under", "within", "from"}:
            rest = [
                other
                for other in tokens[index + 1 :]
                if other.lower not in DETERMINERS | FILLERS | FOLDER_NOUNS | {"there"}
            ]
            if len(rest) == 1 and rest[0].lower not in HERE | PRONOUNS | LIST_NOUNS | FILE_NOUNS:
                return rest[0].text
    return "."


def suffix_of(tokens: Sequence[Token]) -> str:
    """The ending that names must have: "*.py", ".md files", "the Python files"."""
    for index, token in enumerate(tokens):
        if token.text.startswith("*.") or (
            token.text.startswith(".") and token.text.strip("./") and "/" not in token.text
        ):
            return token.text.lstrip("*")
        after = tokens[index + 1].lower if index + 1 < len(tokens) else ""
        if token.lower in _SUFFIXES and after in LIST_NOUNS:
            return _SUFFIXES[token.lower]
    return ""
