"""Finds shell commands that delete whole trees: `rm -rf` however it is spelt, `find -delete`."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from services.orchestrator.rules.detectors.shell_words import simple_commands

NAME = "recursive_deletion"
_COMMAND_NAMES = frozenset(
    ("command", "commands", "cmd", "script", "code", "shell", "bash", "args", "argv", "input")
)
# What comes before the command that is really run.
_WRAPPERS = frozenset(
    ("sudo", "doas", "env", "xargs", "command", "builtin", "exec", "nohup", "time", "timeout",
     "nice", "ionice", "setsid", "stdbuf", "busybox", "toybox", "parallel", "watch", "then", "do",
     "else", "!", "if", "while", "until")
)  # fmt: skip
# Whose arguments are commands or programs themselves.
_INTERPRETERS = frozenset(
    ("sh", "bash", "dash", "zsh", "ksh", "ash", "fish", "eval", "su", "ssh", "source", "perl",
     "ruby", "node", "php", "os.system", "subprocess.run")
)  # fmt: skip
_DELETERS = frozenset(("rm", "find"))
_ASSIGNMENT = re.compile(r"\w+=")
_PYTHON = re.compile(r"python[\d.]*$")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{8,}={0,2}")
_EVERYTHING = frozenset(("/", "/*", "~", "~/", "~/*", "$HOME", "${HOME}", "*", ".", "./*", ".."))
# As in subprocess.run(["rm", "-rf", …]), once the quotes are off.
_LIST = re.compile(r"[\[\],]")
_DEEPEST = 4
_LONGEST_COMMAND = 64_000


def detect(arguments: Mapping[str, Any]) -> str | None:
    """The first command that deletes a tree, or None; looks at arguments that hold commands."""
    for name, value in arguments.items():
        if name.lower() not in _COMMAND_NAMES:
            continue
        for text in _texts(value):
            if (found := detect_text(text)) is not None:
                return found
    return None


def detect_text(text: str) -> str | None:
    if len(text) > _LONGEST_COMMAND:
        return f"a command of {len(text)} characters is too long to be checked"
    return _search(text, depth=0)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        items = cast("list[object]", value)
        words = [item for item in items if isinstance(item, str)]
        yield from words
        # Taken as words, not as text: a space within one does not part it.
        yield " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)


def _search(text: str, *, depth: int, interpreted: bool = False) -> str | None:
    encoded = "base64" in text
    for words in simple_commands(text):
        if _deletes_tree(words):
            return " ".join(words)
        if depth == _DEEPEST:
            continue
        inside = interpreted or any(_is_interpreter(word) for word in words)
        for inner in _inner_commands(words, interpreted=inside, encoded=encoded):
            found = _search(inner, depth=depth + 1, interpreted=inside)
            if found is not None:
                return found
    return None


def _inner_commands(words: list[str], *, interpreted: bool, encoded: bool) -> Iterator[str]:
    """Words that are commands in turn: what an interpreter is given, substitutions, base64."""
    for word in words:
        spaced = any(letter.isspace() for letter in word)
        if spaced and (interpreted or "$(" in word or "`" in word):
            yield word
        if interpreted and (listed := _LIST.sub(" ", word)) != word:
            yield listed
        if encoded and _BASE64.fullmatch(word):
            try:
                yield base64.b64decode(word, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                continue


def _is_interpreter(word: str) -> bool:
    name = _program(word)
    return name in _INTERPRETERS or _PYTHON.match(name) is not None


def _program(word: str) -> str:
    return word.rpartition("/")[2]


def _deletes_tree(words: list[str]) -> bool:
    start = 0
    while start < len(words) and _ASSIGNMENT.match(words[start]):
        start += 1
    words = words[start:]
    if not words:
        return False
    first = _program(words[0])
    if first in _WRAPPERS:
        programs = (index for index, word in enumerate(words) if _program(word) in _DELETERS)
        words = words[next(programs, len(words)) :]
        first = _program(words[0]) if words else ""
    if first == "rm":
        return _is_forced_recursion(words[1:])
    return first == "find" and _find_deletes(words[1:])


def _find_deletes(words: list[str]) -> bool:
    if "-delete" in words:
        return True
    after = [
        words[index + 1 :] for index, word in enumerate(words) if word.startswith(("-exec", "-ok"))
    ]
    return any(rest and _program(rest[0]) == "rm" for rest in after)


def _is_forced_recursion(words: list[str]) -> bool:
    recursive = forced = False
    targets: list[str] = []
    options = True
    for word in words:
        if options and word == "--":
            options = False
        elif options and word.startswith("--"):
            recursive |= "--recursive".startswith(word)
            forced |= "--force".startswith(word)
        elif options and word.startswith("-") and len(word) > 1:
            recursive |= "r" in word or "R" in word
            forced |= "f" in word
        else:
            targets.append(word)
    # Without a terminal rm asks nobody: forced or not, the whole of a place is gone.
    return recursive and (forced or any(target in _EVERYTHING for target in targets))
