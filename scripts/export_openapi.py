"""Writes dashboard/openapi/: each service's interface, as the dashboard's client is made from it.

Nothing is started: a service's app is imported in a process of its own with placeholder secrets
and asked for its document. `--check` writes nothing and fails if a file would change.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[1]
_TARGET = _ROOT / "dashboard" / "openapi"
_SERVICES = ("orchestrator", "llm_gateway", "memory_service", "recovery")
_PRINT_DOCUMENT = (
    "import importlib, json, sys; "
    "app = importlib.import_module(sys.argv[1]).app; "
    "sys.stdout.write(json.dumps(app.openapi()))"
)
_PRINT_EVENTS = (
    "import json, sys; from pydantic import TypeAdapter; from contracts.events import StreamEvent; "
    "schema = TypeAdapter(StreamEvent).json_schema("
    "mode='serialization', ref_template='#/components/schemas/{model}'); "
    "sys.stdout.write(json.dumps(schema))"
)
_PLACEHOLDERS = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1",
    "NOVA_ADMIN_SECRET": "placeholder-for-export-only",
    "NOVA_SERVICE_SECRET": "0" * 64,
    "NOVA_SECRET_KEY": "0" * 64,
    "NOVA_HOME": "/nonexistent",
}


def service_document(package: str) -> dict[str, Any]:
    """A service's own document; raises CalledProcessError if it can't be imported."""
    return _printed(_PRINT_DOCUMENT, f"services.{package}.main")


def events_document() -> dict[str, Any]:
    """The events of a stream: they travel inside SSE, so no route's document has them."""
    schema = _printed(_PRINT_EVENTS)
    schemas: dict[str, Any] = schema.pop("$defs")
    schemas["StreamEvent"] = schema
    return {
        "openapi": "3.1.0",
        "info": {"title": "events", "version": "0.1.0"},
        "paths": {},
        "components": {"schemas": schemas},
    }


def _printed(code: str, *arguments: str) -> dict[str, Any]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(_ROOT), **_PLACEHOLDERS}  # noqa: TID251 - a child needs PATH
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout)


def documents() -> dict[str, str]:
    """File name → text. Sorted and indented, so that a difference reads well."""
    found = {"events.json": events_document()}
    for package in _SERVICES:
        found[f"{package.replace('_', '-')}.json"] = service_document(package)
    return {
        name: json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        for name, document in found.items()
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail if a file is out of date")
    check: bool = parser.parse_args().check
    stale: list[str] = []
    _TARGET.mkdir(parents=True, exist_ok=True)
    for name, text in documents().items():
        path = _TARGET / name
        if path.is_file() and path.read_text() == text:
            continue
        stale.append(name)
        if not check:
            path.write_text(text)
    if check and stale:
        print(f"out of date: {', '.join(stale)}; run scripts/export_openapi.py, npm run generate")
        return 1
    for name in stale:
        print(f"wrote dashboard/openapi/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
