"""The built-in checks of the shipped rules: what they find, what they leave alone, at what cost."""

import time
from typing import Any

import pytest

from services.orchestrator.rules.detectors import (
    credential,
    outside_workspace,
    recursive_deletion,
)

# Put together here, so that no text of this file looks like a key.
AWS_KEY = "AKIA" + "A1B2C3D4E5F6G7H8"
PROVIDER_KEY = "sk-" + "proj-abc123def456ghi789jkl"


class TestRecursiveDeletion:
    @pytest.mark.parametrize(
        "command",
        [
            "rm -rf /",
            "rm -r -f x",
            "rm  -fr \t x",
            "rm --recursive --force x",
            "rm --recur --f x",
            "rm -v -R --force x",
            "rm x -rf",
            "sudo -u bob rm -rf x",
            "RM=1 env A=1 rm -rf x",
            "timeout 5 nice rm -rf x",
            "ls | xargs rm -rf",
            "r\\m -rf x",
            "r''m \"-rf\" x",
            "/bin/rm -rf x",
            "cd a && rm -rf b",
            "true;rm -rf b",
            "(rm -rf b)",
            "`rm -rf b`",
            'echo "$(rm -rf b)"',
            "bash -c 'rm -rf b'",
            "sh -c \"sh -c 'rm -rf b'\"",
            "eval 'rm -rf b'",
            "bash <<E\nrm -rf b\nE",
            "python3 -c \"import os; os.system('rm -rf b')\"",
            "python -c \"import subprocess; subprocess.run(['rm', '-rf', 'b'])\"",
            "rm${IFS}-rf${IFS}b",
            "{rm,-rf,b}",
            "rm \\\n -rf b",
            "if true; then rm -rf b; fi",
            "find . -delete",
            "find . -name x -exec /bin/rm {} +",
            "echo cm0gLXJmIC8K | base64 -d | sh",
            "rm -r /",
            "rm -r *",
        ],
    )
    def test_it_is_found_however_it_is_spelt(self, command: str) -> None:
        assert recursive_deletion.detect({"command": command}) is not None

    @pytest.mark.parametrize(
        "command",
        [
            "rm file",
            "rm -f file",
            "rm -r folder",
            "rm -- -rf",
            "git rm -rf folder",
            "echo rm -rf x",
            "grep -r 'rm -rf' .",
            "echo 'rm -rf x' >> notes.md",
            "find . -name '*.py'",
            "perform -rf x",
            "rmdir x",
            "",
            "'",
            '"\\',
        ],
    )
    def test_the_rest_is_left_alone(self, command: str) -> None:
        assert recursive_deletion.detect({"command": command}) is None

    def test_only_arguments_that_hold_commands_count(self) -> None:
        assert recursive_deletion.detect({"content": "rm -rf x"}) is None
        assert recursive_deletion.detect({"args": ["rm", "-rf", "a b"]}) is not None
        assert recursive_deletion.detect({"args": ["bash", "-c", "rm -rf b"]}) is not None
        assert recursive_deletion.detect({"command": 5, "args": [None, {}]}) is None

    def test_what_is_too_long_to_be_checked_counts_as_found(self) -> None:
        assert "too long" in (recursive_deletion.detect({"command": "a" * 100_000}) or "")

    @pytest.mark.parametrize("piece", ["'\"\\", "$(`", "sudo ", "{a,", "sh -c 'a b "])
    def test_hostile_commands_cost_little(self, piece: str) -> None:
        command = "sh -c " + piece * (60_000 // len(piece))
        started = time.process_time()
        recursive_deletion.detect({"command": command})
        assert time.process_time() - started < 5


class TestOutsideWorkspace:
    @pytest.mark.parametrize(
        "path",
        ["..", "../x", "a/../../b", "/etc/passwd", "//etc", "/workspace/../etc", "~/x", "~root/x"],
    )
    def test_a_path_that_leads_out(self, path: str) -> None:
        assert outside_workspace.detect({"path": path}) == path

    @pytest.mark.parametrize(
        "path", ["", ".", "a/../b", "/workspace", "/workspace/x", "..x", "ü/😀"]
    )
    def test_a_path_that_stays_inside(self, path: str) -> None:
        assert outside_workspace.detect({"path": path}) is None

    def test_only_arguments_that_are_paths_count(self) -> None:
        assert outside_workspace.detect({"content": "/etc/passwd"}) is None
        assert outside_workspace.detect({"new_path": "/etc/x"}) == "/etc/x"
        assert outside_workspace.detect({"paths": ["a", "../b"]}) == "../b"
        assert outside_workspace.detect({"path": None, "dir": 7}) is None


class TestCredential:
    @pytest.mark.parametrize(
        "text",
        [
            AWS_KEY,
            PROVIDER_KEY,
            "ghp_" + "a1" * 18,
            "-----BEGIN RSA " + "PRIVATE KEY-----",
            "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0In0." + "c2lnbmF0dXJlLW9mLXRoaXM",
            "postgresql://nova:s3cret-word" + "@db/nova",
        ],
    )
    def test_it_is_found_and_never_shown_whole(self, text: str) -> None:
        found = credential.detect({"content": f"the key is {text}."})
        assert found is not None
        assert found != text or text.startswith("-----")
        assert found in credential.mask(text)

    def test_wherever_it_stands(self) -> None:
        assert credential.detect({"a": [{"b": {AWS_KEY: 1}}]}) is not None
        text = "x" * ((1 << 18) - 5) + " " + AWS_KEY + " " + "x" * 1000
        assert credential.detect({"content": text}) is not None

    @pytest.mark.parametrize(
        "text",
        [
            "sk-learn-is-a-library-for-machines",
            "postgresql://nova:$PASSWORD@db",
            "https://example.org/a:b@c",
            "AKIA is a prefix",
            "",
        ],
    )
    def test_words_and_places_for_one_are_none(self, text: str) -> None:
        assert credential.detect({"content": text}) is None

    @pytest.mark.parametrize("piece", ["sk-", "eyJ", "a://", "eyJaaaaaaaaaaaa.eyJ"])
    def test_hostile_texts_cost_little(self, piece: str) -> None:
        arguments: dict[str, Any] = {"content": piece * (4_000_000 // len(piece))}
        started = time.process_time()
        assert credential.detect(arguments) is None
        assert time.process_time() - started < 10
