"""The documents that the dashboard's types are made from are those that the services serve."""

import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]


def test_the_exported_documents_are_up_to_date():
    done = subprocess.run(
        [sys.executable, "scripts/export_openapi.py", "--check"],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
