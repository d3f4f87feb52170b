"""ARCHITECTURE.md's table of data ownership against the migrations and every service's queries."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EVERYONE = "everyone"

_WRITE = re.compile(
    r"\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE|MERGE\s+INTO)\s+(?:ONLY\s+)?(\w+)",
    re.IGNORECASE,
)
_READ = re.compile(r"\b(?:FROM|JOIN)\s+(?:ONLY\s+)?(\w+)", re.IGNORECASE)
_ROW = re.compile(r"^\| (\w+) \| ([\w-]+) \| ([\w, -]*)\|$", re.MULTILINE)


@dataclass(frozen=True)
class Owner:
    writer: str
    readers: frozenset[str]


def documented() -> dict[str, Owner]:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    return {
        table: Owner(writer, frozenset(name.strip() for name in readers.split(",") if name.strip()))
        for table, writer, readers in _ROW.findall(text)
    }


def created() -> set[str]:
    text = "\n".join(path.read_text() for path in (ROOT / "migrations").glob("*.sql"))
    return set(re.findall(r"^CREATE TABLE (?:IF NOT EXISTS )?(\w+)", text, re.MULTILINE))


def violations(sql: str, service: str, owners: dict[str, Owner]) -> list[str]:
    """What the service's SQL does to tables that are not its own to do."""
    writes = [
        f"{service} writes {table}, which {owners[table].writer} owns"
        for table in set(_WRITE.findall(sql)) & owners.keys()
        if owners[table].writer != service
    ]
    reads = [
        f"{service} reads {table}, and is not among its readers"
        for table in set(_READ.findall(sql)) & owners.keys()
        if not {service, EVERYONE} & {owners[table].writer, *owners[table].readers}
    ]
    return writes + reads


def query_files() -> Iterator[tuple[str, Path]]:
    for path in sorted((ROOT / "services").glob("**/queries.py")):
        service = path.relative_to(ROOT / "services").parts[0].replace("_", "-")
        if service != "kit":
            yield service, path


def test_every_table_has_an_owner() -> None:
    assert set(documented()) == created() | {"schema_migrations"}


@pytest.mark.parametrize(
    ("service", "path"),
    [pytest.param(*one, id=str(one[1].relative_to(ROOT))) for one in query_files()],
)
def test_a_service_keeps_to_its_tables(service: str, path: Path) -> None:
    assert violations(path.read_text(), service, documented()) == []


OWNERS = {
    "tasks": Owner("orchestrator", frozenset({"recovery"})),
    "keys": Owner("orchestrator", frozenset({EVERYONE})),
}


class TestTheCheckItself:
    @pytest.mark.parametrize(
        ("sql", "service"),
        [
            ("UPDATE tasks SET status = 'x'", "orchestrator"),
            ("SELECT 1 FROM tasks", "recovery"),
            ("SELECT 1 FROM memories JOIN keys USING (id)", "chat-api"),
        ],
    )
    def test_passes(self, sql: str, service: str) -> None:
        assert violations(sql, service, OWNERS) == []

    @pytest.mark.parametrize(
        ("sql", "service"),
        [
            ("UPDATE tasks SET status = 'x'", "recovery"),
            ("insert\n into tasks VALUES (1)", "llm-gateway"),
            ("SELECT 1 FROM memories JOIN tasks USING (id)", "chat-api"),
            ("DELETE FROM ONLY keys", "chat-api"),
        ],
    )
    def test_fails(self, sql: str, service: str) -> None:
        assert violations(sql, service, OWNERS)
