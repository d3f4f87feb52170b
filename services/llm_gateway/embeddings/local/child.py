"""The process that holds the local model: `python -m …local.child FOLDER THREADS GATEWAY`.

It reads texts from its standard input and writes vectors to its standard output, one question at a
time, and ends with the gateway, the process number GATEWAY, that has started it.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from services.llm_gateway.embeddings.local.frames import pack, read_question

if TYPE_CHECKING:
    from services.llm_gateway.embeddings.local.model import MiniLM

_PR_SET_PDEATHSIG = 1


def main() -> None:
    folder, threads, gateway = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    _end_with(gateway)
    # Whatever a library prints must not get between the frames.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        model = _load(folder, threads)
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        answers.write(pack({"error": f"{type(error).__name__}: {error}"}))
        answers.flush()
        return
    answers.write(pack({"ready": True}))
    answers.flush()
    while (texts := read_question(sys.stdin.buffer)) is not None:
        vectors, tokens = model.embed(texts)
        answers.write(pack({"tokens": tokens}, vectors.tobytes()))
        answers.flush()


def _end_with(gateway: int) -> None:
    """The end of its input ends this process too, but not while it works."""
    # Ctrl-C reaches all processes of a terminal; the gateway decides when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != gateway:  # it has ended before the signal was asked for
            sys.exit()


def _load(folder: Path, threads: int) -> "MiniLM":
    from services.llm_gateway.embeddings.local.model import (  # noqa: PLC0415 - what fails here is reported
        MiniLM,
    )

    return MiniLM(folder, threads=threads)


if __name__ == "__main__":
    main()
