"""Routes that are found once for many calls."""

import time

import pytest

from services.llm_gateway.models.targets import Route
from services.llm_gateway.routing.remembered import RememberedRoutes

ROUTE = Route((), "auto")


class TestRememberedRoutes:
    def test_a_route_is_there_for_a_second(self, monkeypatch: pytest.MonkeyPatch) -> None:
        now = [100.0]
        monkeypatch.setattr(time, "monotonic", lambda: now[0])
        routes = RememberedRoutes(lambda: 1)
        assert routes.get("m") is None
        routes.put("m", ROUTE, found_at=routes.stamp())
        now[0] = 100.9
        assert routes.get("m") is ROUTE
        assert routes.get("other") is None
        now[0] = 101.1
        assert routes.get("m") is None

    def test_a_change_forgets_all(self) -> None:
        stamp = [1]
        routes = RememberedRoutes(lambda: stamp[0])
        routes.put("m", ROUTE, found_at=routes.stamp())
        stamp[0] = 2
        assert routes.get("m") is None
        routes.put("n", ROUTE, found_at=routes.stamp())
        assert routes.get("n") is ROUTE
        assert routes.get("m") is None
        routes.forget()
        assert routes.get("n") is None

    def test_what_changed_during_the_search_is_not_kept_out(self) -> None:
        stamp = [1]
        routes = RememberedRoutes(lambda: stamp[0])
        begun = routes.stamp()
        stamp[0] = 2
        routes.put("m", ROUTE, found_at=begun)
        assert routes.get("m") is None
        begun = routes.stamp()
        routes.forget()
        routes.put("m", ROUTE, found_at=begun)
        assert routes.get("m") is None

    def test_invented_names_do_not_pile_up(self) -> None:
        routes = RememberedRoutes(lambda: 1)
        for number in range(5_000):
            routes.put(number, ROUTE, found_at=routes.stamp())
        assert sum(routes.get(number) is not None for number in range(5_000)) <= 1_000
