"""What may be imported where the import linter can not see it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Everything but the standard library and what Pydantic itself needs is refused.
BLOCK = """
import sys
ALLOWED = {allowed!r}
class Refuse:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        known = top in sys.stdlib_module_names or top.startswith("_sysconfigdata")
        if not known and top not in ALLOWED:
            raise ImportError("refused: " + name)
sys.meta_path.insert(0, Refuse())
sys.path.insert(0, {root!r})
"""
PYDANTIC = {
    "pydantic",
    "pydantic_core",
    "annotated_types",
    "typing_extensions",
    "typing_inspection",
}


def import_alone(modules: list[str], *, allowed: set[str]) -> subprocess.CompletedProcess[str]:
    script = BLOCK.format(allowed=allowed, root=str(ROOT))
    script += "".join(f"import {module}\n" for module in modules)
    return subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, text=True, check=False
    )


def modules_in(folder: str) -> list[str]:
    files = sorted((ROOT / folder).rglob("*.py"))
    return [
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for file in files
        if file.name != "__main__.py"
    ]


def test_contracts_need_pydantic_alone() -> None:
    done = import_alone(modules_in("contracts"), allowed={"contracts", *PYDANTIC})
    assert done.returncode == 0, done.stderr


def test_the_launcher_needs_the_standard_library_alone() -> None:
    modules = set(modules_in("services/kit/launch")) - {"services.kit.launch.external"}
    done = import_alone(sorted(modules), allowed={"services"})
    assert done.returncode == 0, done.stderr


def test_the_keeper_needs_no_site_packages_and_no_heavy_module() -> None:
    script = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import services.kit.keeper; "
        "print({'pathlib', 'subprocess', 'typing', 're', 'asyncio'} & sys.modules.keys() - "
        "{'re'})"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "set()", done.stdout + done.stderr


@pytest.mark.parametrize("module", ["fastapi", "services.kit.db"])
def test_a_forbidden_import_would_be_noticed(module: str) -> None:
    done = import_alone([module], allowed=PYDANTIC)
    assert "refused" in done.stderr
