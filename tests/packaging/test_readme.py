"""What README.md shows exists: its commands parse, its paths and routes are real."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
TEXTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md")]
SHELL = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("block", SHELL)
def test_commands_parse(block: str) -> None:
    done = subprocess.run(["sh", "-n"], input=block, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_links_and_scripts_exist(path: Path) -> None:
    text = path.read_text()
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)\)", text)
    scripts = re.findall(r"\bscripts/[a-z_-]+(?:\.py)?\b", text)
    tests = re.findall(r"\btests/[a-z_/]+(?:\.py)?\b", text)
    assert links or scripts
    missing = [name for name in {*links, *scripts, *tests} if not (ROOT / name).exists()]
    assert missing == []


def test_the_tree_is_there() -> None:
    tree = README.split("## The tree", 1)[1].split("```")[1]
    folders = re.findall(r"^(\S+/)", tree, re.MULTILINE)
    assert len(folders) > 10
    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []


def test_settings_are_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text()
    known = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", example, re.MULTILINE))
    prefixes = ("NOVA_", "OPENAI_", "ANTHROPIC_", "OLLAMA_", "DEFAULT_", "DATABASE_", "BACKUP_")
    used = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", README))
    assert {name for name in used if name.startswith(prefixes)} - known == set()


def test_profiles_are_composes() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    for service in compose["services"].values():
        for profile in service.get("profiles", []):
            assert re.search(rf"`{profile}`|--profile {profile}\b", README), profile
