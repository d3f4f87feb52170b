"""Alive, starting, ready, degraded."""

import asyncio

import pytest

from services.kit import health as kit_health
from services.kit.errors import DependencyDown
from services.kit.health import Health
from tests.fixtures.kit_app import build, client


class Dependency:
    """Works or does not, as a test says."""

    def __init__(self, *, works: bool) -> None:
        self.works = works

    async def __call__(self) -> None:
        if not self.works:
            raise DependencyDown("It is away.")


async def never() -> None:
    await asyncio.Event().wait()


async def test_from_starting_to_degraded_and_back() -> None:
    required, optional = Dependency(works=False), Dependency(works=False)
    app = build(health=Health({"database": required}, optional={"gateway": optional}))
    async with client(app) as http:
        for path in ("/health/ready", "/health/startup"):
            answer = await http.get(path)
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) >= 1
            assert answer.json() == {
                "status": "starting",
                "checks": {"database": "It is away.", "gateway": "It is away."},
            }
        seen: list[str] = []
        for required.works, optional.works in [(True, False), (True, True), (False, True)]:
            answer = await http.get("/health/ready")
            assert answer.status_code == 200
            seen.append(answer.json()["status"])
        assert seen == ["degraded", "ready", "degraded"]
        assert answer.json()["checks"] == {"database": "It is away.", "gateway": "ok"}


async def test_alive_asks_nobody() -> None:
    app = build(health=Health({"database": Dependency(works=False), "peer": never}))
    async with client(app) as http:
        answer = await http.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


async def test_a_process_that_needs_nothing_is_ready() -> None:
    assert (await Health().readiness()).status == "ready"


async def test_one_of_optional_things_only_is_never_starting() -> None:
    health = Health(optional={"database": Dependency(works=False)})
    assert (await health.readiness()).status == "degraded"


async def test_a_slow_check_counts_as_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kit_health, "_CHECK_SECONDS", 0.05)
    health = Health({"database": Dependency(works=True)}, optional={"slow": never})
    readiness = await health.readiness()
    assert readiness.status == "degraded"
    assert readiness.checks["slow"].startswith("no answer within")
    assert readiness.checks["database"] == "ok"


async def test_checks_run_beside_each_other() -> None:
    both = asyncio.Barrier(2)

    async def meet() -> None:
        async with both:
            pass

    assert (await Health({"one": meet, "other": meet}).readiness()).status == "ready"


async def test_no_credential_is_asked_for() -> None:
    async with client(build()) as http:
        for path in ("/health/live", "/health/ready", "/health/startup", "/metrics", "/docs"):
            assert (await http.get(path)).status_code == 200
