"""The shape rules hold here, and each of them notices its violation."""

from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import check_shape

ROOT = Path(__file__).parents[2]
DOC = '"""A module."""\n'

Write = Callable[..., list[str]]


@pytest.fixture
def found(tmp_path: Path) -> Write:
    def check(source: str, *, path: str = "services/x/service.py") -> list[str]:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)
        return list(check_shape.violations(tmp_path))

    return check


def test_the_tree_has_its_shape() -> None:
    assert list(check_shape.violations(ROOT)) == []


def test_every_exception_is_still_needed() -> None:
    for path, rules in check_shape.EXCEPTIONS.items():
        assert (ROOT / path).exists(), path
        assert all(rules.values()), f"{path}: an exception without a reason"


class TestRules:
    def test_a_short_documented_module_passes(self, found: Write) -> None:
        assert found(DOC + "X = 1\n") == []

    def test_a_long_file(self, found: Write) -> None:
        assert "301 lines" in found(DOC + "\n" * 300)[0]

    def test_a_long_function(self, found: Write) -> None:
        body = "    x = 1\n" * 50
        assert "work has 51 lines" in found(f"{DOC}def work():\n{body}")[0]

    def test_a_module_without_docstring(self, found: Write) -> None:
        assert "docstring" in found("X = 1\n")[0]

    def test_a_vague_name(self, found: Write) -> None:
        assert "utils" in found(DOC, path="services/x/utils.py")[0]

    @pytest.mark.parametrize("word", check_shape.FORBIDDEN_WORDS)
    def test_a_forbidden_word(self, found: Write, word: str) -> None:
        assert found(f"{DOC}# {word} later\n")

    @pytest.mark.parametrize(
        "sql", ["SELECT 1", "INSERT INTO t VALUES (1)", "UPDATE t SET a = 1", "DELETE FROM t"]
    )
    def test_sql_outside_queries(self, found: Write, sql: str) -> None:
        assert "SQL" in found(f'{DOC}X = """\n{sql}"""\n')[0]

    def test_sql_in_queries(self, found: Write) -> None:
        assert found(f'{DOC}X = "SELECT 1"\n', path="services/x/queries.py") == []
