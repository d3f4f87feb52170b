"""A short storm with the same faults each time, and some streams; scripts/chaos has the long ones."""

import random
from collections.abc import Iterator

import pytest

from tests.chaos.faults import AtPoint, Fault, Flush, Kill, Restart
from tests.chaos.field import open_field, running_nova
from tests.chaos.plot import CountingProvider
from tests.chaos.storm import Storm
from tests.chaos.streams import Streams
from tests.chaos.tally import table
from tests.fixtures.nova import Nova

pytestmark = [pytest.mark.e2e, pytest.mark.chaos]

# Each point has a test of its own with a worker that dies softly (tests/integration); here a few
# die for real, and everything else with them.
_FAULTS: list[Fault] = [
    AtPoint("worker", "tool-executed"),
    AtPoint("chat-worker", "model-received"),
    Kill(("redis", "worker")),
    AtPoint("worker", "stage-ended-task"),
    Kill(("llm-gateway", "orchestrator")),
    Flush("chat-worker"),
    Kill(("postgres",)),
    Restart("worker"),
]
_STREAM_FAULTS: list[Fault] = [
    Kill(("orchestrator",)),
    Kill(("redis", "chat-worker")),
    Flush("worker"),
]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Nova, CountingProvider]]:
    with running_nova(tmp_path_factory.mktemp("chaos")) as both:
        yield both


@pytest.mark.timeout(300)
async def test_nothing_is_lost_doubled_or_repeated(
    running: tuple[Nova, CountingProvider],
) -> None:
    nova, provider = running
    storm = Storm(await open_field(nova, provider, "storm"), random.Random(7), in_flight=4)
    findings = await storm.run(_FAULTS)
    print(table(storm.faults, storm.watch, findings))
    assert findings.violations == [], nova.last_logs()
    assert findings.counts["ended complete"] == len(storm.ground.planted)


@pytest.mark.timeout(300)
async def test_cut_streams_give_the_stored_text(running: tuple[Nova, CountingProvider]) -> None:
    nova, provider = running
    streams = Streams(await open_field(nova, provider, "streams"), 60, random.Random(7))
    findings = await streams.run(_STREAM_FAULTS)
    print(table(streams.faults, streams.watch, findings))
    assert findings.violations == [], nova.last_logs()
    assert findings.counts["connections"] > 3 * 60
