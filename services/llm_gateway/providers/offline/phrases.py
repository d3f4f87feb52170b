"""What a phrase says as a whole: its words, the folder and the kind of files it names."""

from collections.abc import Sequence

from services.llm_gateway.providers.offline.paths import path_mentions
from services.llm_gateway.providers.offline.tokens import Token
from services.llm_gateway.providers.offline.vocabulary import (
    DETERMINERS,
    FILE_NOUNS,
    FILLERS,
    FOLDER_NOUNS,
    HERE,
    LIST_NOUNS,
    PRONOUNS,
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


def folder_of(tokens: Sequence[Token]) -> str:
    """The folder that the words speak of; "." if they name none."""
    mentions = [
        m for m in path_mentions(tokens) if not m.path.startswith((".", "*")) or "/" in m.path
    ]
    if mentions:
        return mentions[-1].path
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
