"""Splits a shell command into simple commands of unquoted words: enough to judge, not to run."""

import re
from collections.abc import Iterator

_IFS = re.compile(r"\$(?:\{IFS[^}]*\}|IFS\b)")
_CONTINUED = re.compile(r"\\\r?\n")
_BRACES = re.compile(r"\{([^{}\s]*,[^{}\s]*)\}")
_ESCAPE = re.compile(r'\\(["\\$`])')
_TOKEN = re.compile(
    r"""'(?P<single>[^']*)'?
    | "(?P<double>(?:\\.|[^"\\])*)"?
    | \\(?P<escaped>.)
    | (?P<end>[;&|\n(){}`])
    | (?P<space>[^\S\n]+)
    | (?P<plain>[^'"\\;&|\n(){}`\s]+|.)""",
    re.DOTALL | re.VERBOSE,
)


def simple_commands(text: str) -> Iterator[list[str]]:
    """The words of each command between `;`, `|`, `&`, newlines, brackets and backticks.

    Quotes and backslashes are taken off, `$IFS` is a space, `{a,b}` is `a b`. Variables and
    everything else that only a shell knows stay as they are.
    """
    text = _CONTINUED.sub("", text)
    text = _BRACES.sub(lambda match: match[1].replace(",", " "), _IFS.sub(" ", text))
    words: list[str] = []
    word: list[str] = []
    for token in _TOKEN.finditer(text):
        if token.lastgroup not in {"end", "space"}:
            word.append(_unquoted(token))
            continue
        if word:
            words.append("".join(word))
            word = []
        if token.lastgroup == "end" and words:
            yield words
            words = []
    if word:
        words.append("".join(word))
    if words:
        yield words


def _unquoted(token: re.Match[str]) -> str:
    text = token[token.lastgroup or 0]
    return _ESCAPE.sub(r"\1", text) if token.lastgroup == "double" else text
