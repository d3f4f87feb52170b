"""The sandbox's own device files."""

import os
import threading
from pathlib import Path

import pytest

from services.orchestrator.tools.sandbox.devices import own_devices


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's tools have devices of their own")
class TestOwnDevices:
    def test_workers_that_start_at_once_all_get_them(self, tmp_path: Path) -> None:
        for turn in range(20):
            together = threading.Barrier(4)
            found: list[list[Path]] = []

            def start(folder: Path, together: threading.Barrier, found: list[list[Path]]) -> None:
                together.wait()
                found.append(own_devices(folder))

            folder = tmp_path / str(turn)
            workers = [
                threading.Thread(target=start, args=(folder, together, found)) for _ in range(4)
            ]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            assert found == [found[0]] * 4
            assert all(path.is_char_device() for path in found[0])
