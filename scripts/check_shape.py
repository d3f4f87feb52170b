"""Checks what ruff can not state: lengths, where SQL stands, forbidden names and words.

scripts/check_shape.py [FOLDER]     prints every violation; exit code 1 if there is any
"""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

LONGEST_FILE = 300
LONGEST_FUNCTION = 50
LONGEST_COMPONENT_FILE = 250
PYTHON_FOLDERS = ("contracts", "services", "scripts", "tests")
# Tests may be longer: a class per endpoint, a method per case.
LONGEST_TEST_FILE = 500
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
# Written apart, so that this file does not break its own rule.
FORBIDDEN_WORDS = ("TO" + "DO", "FIX" + "ME", "X" + "XX")
SQL_TEXT = re.compile(
    r"\s*(SELECT\s|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s"
    r"|WITH\s+(RECURSIVE\s+)?\w+\s+AS\s|CREATE\s+TABLE|LISTEN\s+\w+|NOTIFY\s+\w+|TRUNCATE\s)"
)

# The few exceptions, each with its reason. Path -> rule -> reason.
EXCEPTIONS: dict[str, dict[str, str]] = {
    "services/kit/db.py": {"sql": "the one place that speaks to the driver"},
    "services/kit/migrate.py": {"sql": "applies migration files and keeps their table"},
    "services/kit/launch/external.py": {"sql": "asks a foreign server before there is a schema"},
}


def excepted(path: Path, rule: str) -> bool:
    return rule in EXCEPTIONS.get(path.as_posix(), {})


def violations(root: Path) -> Iterator[str]:
    """Yield one line for each violation below root."""
    for folder in PYTHON_FOLDERS:
        for file in sorted((root / folder).rglob("*.py")):
            path = file.relative_to(root)
            source = file.read_text(encoding="utf-8")
            yield from file_violations(path, source)
            yield from tree_violations(path, ast.parse(source))
    for file in sorted((root / "dashboard" / "src").rglob("*.ts*")):
        path = file.relative_to(root)
        if "generated" in path.parts:
            continue
        source = file.read_text(encoding="utf-8")
        yield from word_violations(path, source)
        if source.count("\n") > LONGEST_COMPONENT_FILE:
            yield f"{path}: {source.count(chr(10))} lines, at most {LONGEST_COMPONENT_FILE}"


def file_violations(path: Path, source: str) -> Iterator[str]:
    limit = LONGEST_TEST_FILE if path.parts[0] == "tests" else LONGEST_FILE
    lines = source.count("\n")
    if lines > limit and not excepted(path, "length"):
        yield f"{path}: {lines} lines, at most {limit}"
    if path.stem in VAGUE_NAMES:
        yield f"{path}: a module named {path.stem} says nothing of its job"
    if source and not source.lstrip().startswith(('"""', 'r"""', "#!")):
        yield f"{path}:1: the first line is not a docstring that says the module's job"
    # In a string such a word may be data: a file that an agent is to search, say.
    comments = {
        token.start[0]: token.string
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    for number, comment in comments.items():
        yield from (f"{path}:{number}: {word}" for word in FORBIDDEN_WORDS if word in comment)


def word_violations(path: Path, source: str) -> Iterator[str]:
    for number, line in enumerate(source.splitlines(), 1):
        for word in FORBIDDEN_WORDS:
            if word in line:
                yield f"{path}:{number}: {word}"


def tree_violations(path: Path, tree: ast.Module) -> Iterator[str]:
    is_test = path.parts[0] == "tests"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION and not excepted(path, f"function {node.name}"):
                yield f"{path}:{node.lineno}: {node.name} has {length} lines, at most {LONGEST_FUNCTION}"
        if is_test or path.name == "queries.py" or excepted(path, "sql"):
            continue
        if isinstance(node, ast.Constant) and is_sql(node.value):
            yield f"{path}:{node.lineno}: SQL outside queries.py"


def is_sql(value: object) -> bool:
    return isinstance(value, str) and SQL_TEXT.match(value) is not None


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1]
    found = list(violations(root))
    print("\n".join(found) or "shape: ok")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
