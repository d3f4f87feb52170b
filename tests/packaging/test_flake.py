"""The Nix flake evaluates against a closed list of package names, offline and without a store."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NIX = shutil.which("nix")
LINUX = "x86_64-linux"
DARWIN = "aarch64-darwin"

pytestmark = pytest.mark.skipif(NIX is None, reason="nix is not installed (Debian: nix-bin)")


@dataclass(frozen=True)
class Nix:
    """Nix with store, state, cache and home of its own, so that it leaves nothing behind."""

    home: Path

    @property
    def source(self) -> Path:
        return self.home / "source"

    def plain(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        state = self.home / "nix"
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "NIX_STORE_DIR": str(state / "store"),
            "NIX_STATE_DIR": str(state / "var"),
            "NIX_LOG_DIR": str(state / "log"),
            "NIX_CONF_DIR": str(state / "etc"),
        }
        assert NIX is not None
        features = ["--extra-experimental-features", "nix-command flakes", "--offline"]
        return subprocess.run(
            [NIX, *features, *arguments],
            cwd=self.source,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        stub = ["--override-input", "nixpkgs", f"path:{self.home / 'nixpkgs-stub'}"]
        return self.plain(*arguments, *stub, "--no-write-lock-file")

    def evaluate(self, attribute: str, *options: str) -> str:
        done = self.run("eval", *options, f"path:{self.source}#{attribute}")
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def edit(self, *, old: str, new: str) -> None:
        flake = self.source / "flake.nix"
        text = flake.read_text()
        assert old in text
        flake.write_text(text.replace(old, new))


@pytest.fixture
def nix(tmp_path: Path) -> Nix:
    """A copy of the flake: in a checkout Nix would only see the files that git knows."""
    source = tmp_path / "source"
    source.mkdir()
    for name in ("flake.nix", "flake.lock"):
        shutil.copy(ROOT / name, source / name)
    shutil.copytree(ROOT / "tests" / "nixpkgs-stub", tmp_path / "nixpkgs-stub")
    return Nix(tmp_path)


def procfile_names() -> set[str]:
    lines = (ROOT / "Procfile").read_text().splitlines()
    return {line.partition(":")[0] for line in lines if line and not line.startswith("#")}


class TestEvaluation:
    def test_show_names_the_outputs(self, nix: Nix) -> None:
        done = nix.run("flake", "show", f"path:{nix.source}", "--json")
        assert done.returncode == 0, done.stderr
        outputs = json.loads(done.stdout)
        assert set(outputs) == {"apps", "devShells", "formatter", "packages"}
        assert outputs["apps"][LINUX]["default"]["type"] == "app"

    def test_check(self, nix: Nix) -> None:
        done = nix.run("flake", "check", "--no-build", f"path:{nix.source}")
        assert done.returncode == 0, done.stderr

    @pytest.mark.parametrize("system", [LINUX, "aarch64-linux", DARWIN])
    def test_the_shell_is_a_derivation(self, nix: Nix, system: str) -> None:
        path = nix.evaluate(f"devShells.{system}.default.drvPath", "--raw")
        assert path.endswith("-nix-shell.drv")

    def test_the_shell_can_load_wheels_on_linux_only(self, nix: Nix) -> None:
        variables = nix.evaluate(f"devShells.{LINUX}.default.LD_LIBRARY_PATH", "--raw").split(":")
        assert [Path(entry).parent.name.split("-", 1)[1] for entry in variables] == [
            "gcc-lib",
            "zlib",
        ]
        elsewhere = nix.run("eval", f"path:{nix.source}#devShells.{DARWIN}.default.LD_LIBRARY_PATH")
        assert "does not provide attribute" in elsewhere.stderr

    def test_postgresql_has_pgvector_and_linux_has_bubblewrap(self, nix: Nix) -> None:
        names = "packages: map (p: p.name) packages"
        linux = json.loads(
            nix.evaluate(f"devShells.{LINUX}.default.packages", "--json", "--apply", names)
        )
        darwin = json.loads(
            nix.evaluate(f"devShells.{DARWIN}.default.packages", "--json", "--apply", names)
        )
        assert {"postgresql-and-plugins", "redis", "uv", "ripgrep", "git"} <= set(linux)
        assert set(linux) - set(darwin) == {"bubblewrap", "util-linux"}

    def test_run_starts_the_script(self, nix: Nix) -> None:
        text = nix.evaluate(f"packages.{LINUX}.default.text", "--raw")
        assert 'exec scripts/up "$@"' in text
        assert subprocess.run(["bash", "-n"], input=text, text=True, check=False).returncode == 0

    def test_names_the_processes_of_the_procfile(self, nix: Nix) -> None:
        names = json.loads(nix.evaluate(f"apps.{LINUX}", "--json", "--apply", "builtins.attrNames"))
        assert set(names) - {"default"} == procfile_names()


class TestMistakes:
    """What the closed list is for: each of these must be an error."""

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("pkgs.ripgrep", "pkgs.rigprep"),
            ("extensions.pgvector", "extensions.pg_vector"),
            ("pkgs.bubblewrap", "pkgs.bubble-wrap"),
            ("lib.makeLibraryPath", "lib.makeLibPath"),
            ("runtimeInputs =", "runtimeInput ="),
        ],
    )
    def test_a_misspelled_name_fails(self, nix: Nix, old: str, new: str) -> None:
        nix.edit(old=old, new=new)
        done = nix.run("flake", "check", "--no-build", f"path:{nix.source}")
        assert done.returncode != 0
        assert "error" in done.stderr


class TestLock:
    def test_it_fits_the_flake_and_pins_nixpkgs_alone(self, nix: Nix) -> None:
        arguments = ("flake", "metadata", "--json", "--no-update-lock-file", f"path:{nix.source}")
        done = nix.plain(*arguments)
        assert done.returncode == 0, done.stderr
        nodes = json.loads(done.stdout)["locks"]["nodes"]
        assert set(nodes) == {"root", "nixpkgs"}
        assert nodes["nixpkgs"]["locked"]["narHash"].startswith("sha256-")

        nix.edit(old="nixpkgs/nixos-", new="nixpkgs/other-")
        assert nix.plain(*arguments).returncode != 0


def test_the_flake_is_short() -> None:
    assert len((ROOT / "flake.nix").read_text().splitlines()) < 150
