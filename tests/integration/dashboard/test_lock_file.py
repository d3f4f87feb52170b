"""The dashboard's lock file: installable on every platform, and free of any registry's address."""

import json
from pathlib import Path
from typing import Any

_DASHBOARD = Path(__file__).resolve().parents[3] / "dashboard"
_PACKAGES: dict[str, dict[str, Any]] = json.loads((_DASHBOARD / "package-lock.json").read_text())[
    "packages"
]


def test_names_no_address_to_download_from():
    assert [name for name, entry in _PACKAGES.items() if "resolved" in entry] == []


def test_has_every_platforms_binaries():
    # `npm ci` refuses a lock that lacks one; npm writes such a lock when a registry has not got
    # every platform's package of a release yet.
    missing = {
        wanted
        for entry in _PACKAGES.values()
        for wanted in entry.get("optionalDependencies", {})
        if not any(name.endswith(f"node_modules/{wanted}") for name in _PACKAGES)
    }
    assert missing == set()


def test_every_package_has_its_hash():
    unhashed = [
        name
        for name, entry in _PACKAGES.items()
        if name and "integrity" not in entry and not entry.get("inBundle")
    ]
    assert unhashed == []
