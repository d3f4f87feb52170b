"""Telling a person what happens: one line per step, and a sign of life every few seconds."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from services.kit.launch.problem import LaunchError

SIGN_OF_LIFE_SECONDS = 4.0
_SHOWN = 2400  # characters of a failed command's output


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def run_with_progress(
    what: str, command: list[str], *, cwd: Path, environment: Mapping[str, str]
) -> None:
    """Run a command that may take long; show its output only if it fails."""
    say(f"{what} …")
    began = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        while True:
            try:
                code = process.wait(SIGN_OF_LIFE_SECONDS)
                break
            except subprocess.TimeoutExpired:
                say(f"  … {time.monotonic() - began:.0f} s")
            except BaseException:
                process.kill()
                process.wait()
                raise
        if code != 0:
            output.seek(0)
            text = output.read().decode(errors="replace").strip()
            if len(text) > _SHOWN:  # npm says first what is wrong, compilers last
                text = f"{text[: _SHOWN // 2]}\n[…]\n{text[-_SHOWN // 2 :]}"
            raise LaunchError(f"{what} failed ({' '.join(command)}, exit code {code}):\n{text}")
