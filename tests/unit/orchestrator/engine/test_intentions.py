"""Who may start a call: exactly one of those who could think that they may."""

import os
import time
from pathlib import Path
from uuid import uuid4

import pytest

from services.orchestrator.engine.errors import LeaseLost
from services.orchestrator.engine.intentions import Intention, Intentions
from services.orchestrator.tools.errors import ToolError

TASK = uuid4()


@pytest.fixture
def intentions(tmp_path: Path) -> Intentions:
    return Intentions(tmp_path)


def files(intentions: Intentions) -> list[Path]:
    return list((intentions.state_folder / "intended").iterdir())


class TestStart:
    def test_what_has_started_can_not_be_taken_over(self, intentions: Intentions) -> None:
        intentions.declare(TASK, step=1, attempt=1).start()
        assert intentions.take_over(TASK, step=1, begun_by=1, attempt=2) is None
        assert files(intentions) == []

    def test_what_was_taken_over_can_not_be_started_by_the_first(
        self, intentions: Intentions
    ) -> None:
        """A worker that only stood still comes back when another one has gone on."""
        first = intentions.declare(TASK, step=1, attempt=1)
        second = intentions.take_over(TASK, step=1, begun_by=1, attempt=2)
        assert second is not None
        with pytest.raises(LeaseLost):
            first.start()
        second.start()
        with pytest.raises(LeaseLost):
            second.start()

    def test_only_one_takes_it_over(self, intentions: Intentions) -> None:
        intentions.declare(TASK, step=1, attempt=1)
        taken = [intentions.take_over(TASK, step=1, begun_by=1, attempt=n) for n in (2, 3)]
        assert [one is None for one in taken] == [False, True]

    def test_one_that_can_not_be_noted_starts_and_stays_in_doubt(self, tmp_path: Path) -> None:
        (tmp_path / "intended").write_text("a file where the folder has to be")
        intentions = Intentions(tmp_path)
        declared = intentions.declare(TASK, step=1, attempt=1)
        declared.start()
        assert declared == Intention(None)
        assert intentions.take_over(TASK, step=1, begun_by=1, attempt=2) is None

    def test_where_its_start_can_not_be_noted_it_is_not_made(self, intentions: Intentions) -> None:
        file = intentions.state_folder / "folder"
        file.mkdir()
        with pytest.raises(ToolError, match="not made"):
            Intention(file).start()


class TestTakeOver:
    @pytest.mark.parametrize(("step", "begun_by"), [(2, 1), (1, 2)])
    def test_another_call_s_is_none(self, intentions: Intentions, step: int, begun_by: int) -> None:
        intentions.declare(TASK, step=1, attempt=1)
        assert intentions.take_over(TASK, step=step, begun_by=begun_by, attempt=3) is None

    def test_one_of_another_boot_is_none(self, intentions: Intentions) -> None:
        intentions.declare(TASK, step=1, attempt=1)
        files(intentions)[0].write_text("another boot")
        assert intentions.take_over(TASK, step=1, begun_by=1, attempt=2) is None


class TestTidy:
    def test_it_removes_what_is_old_or_of_another_boot(self, intentions: Intentions) -> None:
        for step in range(3):
            intentions.declare(TASK, step=step, attempt=1)
        boot, old, kept = sorted(files(intentions))
        boot.write_text("another boot")
        moment = time.time() - 8 * 86_400
        os.utime(old, (moment, moment))
        intentions.tidy()
        assert files(intentions) == [kept]

    def test_without_a_folder(self, intentions: Intentions) -> None:
        intentions.tidy()
