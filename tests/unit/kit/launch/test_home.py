"""The home and its secrets: made once, kept private, never half written."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from services.kit.launch.configuration import ROOT, read_env_file
from services.kit.launch.home import open_home
from services.kit.launch.problem import LaunchError

NAMES = {
    "NOVA_ADMIN_SECRET",
    "NOVA_SERVICE_SECRET",
    "NOVA_SECRET_KEY",
    "NOVA_POSTGRES_PASSWORD",
    "NOVA_REDIS_PASSWORD",
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in NAMES | {"NOVA_WORKSPACE"}:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NOVA_ENV_FILE", "/dev/null")
    monkeypatch.setenv("NOVA_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


class TestSecrets:
    def test_all_are_made_and_only_we_may_read_them(self, home: Path) -> None:
        open_home()
        assert set(read_env_file(home / "env")) == NAMES
        assert stat.S_IMODE((home / "env").stat().st_mode) == 0o600
        assert stat.S_IMODE(home.stat().st_mode) == 0o700

    def test_they_stay_the_same(self, home: Path) -> None:
        open_home()
        before = (home / "env").read_text()
        open_home()
        assert (home / "env").read_text() == before

    def test_a_given_one_is_used_and_not_stored(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("NOVA_ADMIN_SECRET", "mine")
        assert open_home().values["NOVA_ADMIN_SECRET"] == "mine"
        assert "NOVA_ADMIN_SECRET" not in read_env_file(home / "env")

    def test_what_stands_in_the_file_is_kept(self, home: Path) -> None:
        home.mkdir()
        (home / "env").write_text("# mine\nOPENAI_API_BASE=http://localhost")
        open_home()
        assert (home / "env").read_text().startswith("# mine\nOPENAI_API_BASE=http://localhost\n")

    def test_the_key_is_32_bytes_in_hexadecimal(self, home: Path) -> None:
        assert len(bytes.fromhex(open_home().values["NOVA_SECRET_KEY"])) == 32

    def test_twelve_at_once_agree(self, home: Path) -> None:
        script = (
            "from services.kit.launch.home import open_home; "
            "print(open_home().values['NOVA_ADMIN_SECRET'])"
        )
        racers = [
            subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE)
            for _ in range(12)
        ]
        assert len({racer.communicate()[0] for racer in racers}) == 1


class TestFolder:
    def test_an_unwritable_home_is_a_clear_error(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("NOVA_HOME", str(tmp_path / "file" / "home"))
        with pytest.raises(LaunchError, match="NOVA_HOME"):
            open_home()
